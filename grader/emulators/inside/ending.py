"""Runs in an emulator's own Python, in a box (LABGRADE_BOXED). There it is seen to that

* programs which the emulator starts, a student's Lambda functions, may not look into it or change it;
* it starts none any more when the box says so: the submission has ended then, and so has what runs for it;
* what it does by itself for a student, a state machine that waits or a schedule that comes due, ends then, too.
"""

from __future__ import annotations

import ctypes
import os
import re
import signal
import sys
from types import FrameType
from typing import Any

SETTLED = "/lab/.settled"  # the box's, sandbox/inside/doors.py
ENDED = "/lab/.ended"
STARTING = ("subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.exec", "os.system")
PR_SET_DUMPABLE = 4
# A stack that is being made is what was handed in, and what tidies up in queues brings a check its own messages back.
FOR_OTHERS = re.compile(r"/(ministack|localstack)/services/(?!edge|internal|plugins|cloudformation|s3|sqs|sns|kms|ec2)")


def start_nothing(event: str, arguments: tuple[Any, ...]) -> None:  # noqa: ARG001  (as audit hooks are called)
    """An audit hook: nothing in Python gets past it, and nothing takes it off."""
    if event in STARTING and os.path.exists(SETTLED):  # noqa: PTH110  (pathlib costs 8 ms)
        raise PermissionError("labgrade: the submission has ended, and nothing is run for it any more")


def end_what_runs(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  (as signal handlers are called)
    """End the threads that work for a student, also those that sleep: they do not wake."""
    for thread, where in sys._current_frames().items():
        if where is not frame and _works_for_others(where):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(SystemExit))
    os.close(os.open(ENDED, os.O_CREAT | os.O_WRONLY, 0o644))


def _works_for_others(frame: FrameType | None) -> bool:
    while frame is not None:
        if FOR_OTHERS.search(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


os.environ.pop("LABGRADE_BOXED", None)  # not of what the emulator starts
ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
sys.addaudithook(start_nothing)
signal.signal(signal.SIGUSR1, end_what_runs)
