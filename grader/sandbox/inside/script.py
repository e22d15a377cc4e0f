"""A script, run by the interpreter that is here already as `python -u -B -s SCRIPT` would run it.

A fork of the template becomes the student: what differs from a new interpreter is what was imported before.
"""

from __future__ import annotations

import atexit
import builtins
import ctypes
import gc
import io
import os
import signal
import stat
import sys
import threading
from types import ModuleType
from typing import Any, TextIO

from . import confinement

Job = dict[str, Any]
MOST_OPEN = 4096
ZIPPED = b"PK\5\6"  # of a zip archive, which Python runs, too
# What boto3 uses where it is installed, and looks for when it is imported.
OPTIONAL = ("awscrt", "brotli", "brotlicffi", "certifi", "simplejson", "socks", "zstandard")


class Begun(BaseException):
    """This process is the student's now: nothing of the launcher goes on in it."""

    def __init__(self, job: Job) -> None:
        super().__init__()
        self.job = job


def can_run(path: str) -> bool:
    """Is it one that a new interpreter would read as a script, and with these modules and no others?

    Nothing lies beside it, then, that would be imported in the place of what was imported here.
    """
    beside = os.listdir(os.path.dirname(os.path.realpath(path)))  # noqa: PTH120, PTH208
    imported = {name.partition(".")[0] for name in (*sys.modules, *OPTIONAL)}
    if not imported.isdisjoint(name.partition(".")[0] for name in beside):
        return False
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            return stat.S_ISREG(os.fstat(file.fileno()).st_mode) and ZIPPED not in file.read()
    except OSError:
        return False


def run(job: Job) -> None:
    """To be called at the top of `__main__`, by whose end the process ends as an interpreter does."""
    gc.collect()  # what the launcher held closes what it had open, and not later what the student opens
    os.closerange(3, max(MOST_OPEN, os.sysconf("SC_OPEN_MAX")))
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_IGN)  # as Python begins
    signal.signal(signal.SIGINT, signal.default_int_handler)
    confinement.prctl(confinement.PR_SET_DUMPABLE, 1)
    script: str = job["script"]
    path = os.path.abspath(script)  # noqa: PTH100
    os.environ.clear()
    os.environ.update(job["environment"])
    sys.orig_argv[:] = job["command"]
    sys.argv = [script]
    sys.path[:2] = [os.path.dirname(os.path.realpath(script))]  # noqa: PTH120
    for name in [name for name in sys.modules if name.partition(".")[0] == "inside"]:
        del sys.modules[name]
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        stream = unbuffered(descriptor, f"<{name}>", getattr(sys, name))
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    sys.modules["__main__"] = new_main()
    file = ctypes.CDLL(None).fopen
    file.restype = ctypes.c_void_p
    execute = ctypes.pythonapi.PyRun_AnyFileExFlags
    execute.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p]
    failed = execute(file(os.fsencode(path), b"rb"), os.fsencode(path), 1, None)
    if failed and sys.last_type is KeyboardInterrupt:
        end_as_interrupted()
    if failed:
        sys.exit(1)


def unbuffered(number: int, name: str, like: TextIO) -> Any:
    """A stream as `python -u` has it; the old one knows of another file."""
    raw: Any = open(number, "wb", 0, closefd=False)  # noqa: SIM115
    raw.name = name
    text: Any = io.TextIOWrapper(raw, like.encoding, like.errors, "\n", write_through=True)
    text.mode = "w"
    return text


def new_main() -> ModuleType:
    """As an interpreter begins with it; the old one is frozen, and what a script leaves in that would never end."""
    main = ModuleType("__main__")
    main.__dict__.update(__builtins__=builtins, __annotations__={})
    return main


def end_as_interrupted() -> None:
    """By the signal, when all that goes on has ended, as an interpreter does."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGINT)
