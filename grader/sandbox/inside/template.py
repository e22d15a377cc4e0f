"""The process that boxes are forked from: it has imported boto3, or an emulator, and sees what those in them may see.

bubblewrap has made it a box of its own, without anybody's work in it. It is told to make another one by a message with
three descriptors: the new box's control socket, an end of a pair that closes with the box, and a file for what its
launcher has to say; a message without them says what to load. Nothing that belongs to a submission comes to this
process, so that nothing of one is in the next.
"""

from __future__ import annotations

import gc
import json
import os
import runpy
import signal
import socket
import traceback
from typing import Any

from . import confinement, launcher, namespaces, script

Order = dict[str, Any]
LONGEST = 1 << 16
DESCRIPTORS = 3
READY = b"ready"


def main(descriptor: int, loader: str = "") -> script.Job:
    """Returns in no process but one that is a script from then on, a student's or that of an emulator.

    `loader` is a file whose `Loader` imports what they are to have; boto3 where none is named.
    """
    gc.disable()  # nothing of what the imports make is garbage, now or later
    ahead = _loader(loader)
    gc.freeze()
    gc.enable()
    confinement.stay_private()
    confinement.prctl(confinement.PR_SET_PDEATHSIG, signal.SIGKILL)  # of bubblewrap
    control = socket.socket(fileno=descriptor)
    control.set_inheritable(False)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody here waits for the boxes
    control.send(READY)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, LONGEST, DESCRIPTORS)
        if not message:
            os._exit(0)
        order = json.loads(message)
        ahead.load(order["services"])
        if descriptors and not os.fork():
            control.close()
            return box(order, *descriptors)
        for one in descriptors:
            os.close(one)


def _loader(path: str) -> Any:
    if path:
        return runpy.run_path(path)["Loader"]()
    from .ahead import Ahead  # boto3 with it, which labgrade's side of this has no use for

    return Ahead()


def box(order: Order, control: int, life: int, said: int) -> script.Job:
    """Make it, and be its launcher; this process waits for that one, whose end is the end of all in the box."""
    try:
        os.dup2(said, 2)
        os.close(said)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        namespaces.part()
        for folder, mib in order["writable"].items():
            namespaces.empty(folder, mib)
        pid = os.fork()
        if pid:
            os.close(control)
            os.waitpid(pid, 0)
            os._exit(0)
        os.close(life)
        namespaces.processes()
        namespaces.loopback()
        if not order["capabilities"]:  # nobody in this box will be anybody else
            confinement.count_alone()
        confinement.forgo_capabilities(order["capabilities"])
        launcher.main(control)
    except script.Begun as begun:
        return begun.job
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(1)  # a launcher does not return
