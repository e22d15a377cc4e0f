"""The command without its start: a process that has imported it, and moto, forks for each call.

What runs is `grader.cli.main` with the arguments, environment, folder and pipes of the call, in a process of its own;
so do the moto and the keeper that it starts. Only the import is spared, which is most of a short test's time. Tests of
starting itself, of signals and of the interpreter's own settings start the real thing (LABGRADE), and with
LABGRADE_TESTS_WHOLE=1 all do.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import random
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

# How an interpreter is set is decided before it imports anything.
SETTINGS = ("PYTHON", "LC_", "LANGUAGE")
SERVICES = ("s3", "sqs", "sns", "ec2", "cloudformation", "iam", "kms", "sts")


def usable(environment: Mapping[str, str]) -> bool:
    """Can a fork stand for the real thing here?"""
    usual = environment.get("LANG") == os.environ.get("LANG")
    special = any(name.startswith(SETTINGS) for name in environment)
    return hasattr(os, "fork") and usual and not special and not os.environ.get("LABGRADE_TESTS_WHOLE")


class Warm:
    """The process that forks, as a test sees it."""

    def __init__(self) -> None:
        self._ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import warm_command"
        with theirs:
            self._process = subprocess.Popen(
                # It counts as one of the emulators for who looks for them by their command lines.
                [sys.executable, "-X", "utf8", "-c", f"{code}; warm_command.serve({theirs.fileno()})  # emulators"],
                pass_fds=[theirs.fileno()],
                env={**_environment_of_moto(), "LANG": os.environ.get("LANG", "")},
            )

    def run(
        self, words: Sequence[str], environment: Mapping[str, str], folder: Path, typed: bytes, seconds: float
    ) -> tuple[int, bytes, bytes]:
        """Exit code, standard output and standard error of that call."""
        (stdin, type_it), (out, stdout), (err, stderr), (told, status) = (os.pipe() for _ in range(4))
        call = {"words": list(words), "environment": dict(environment), "folder": str(folder)}
        theirs = [stdin, stdout, stderr, status]
        socket.send_fds(self._ours, [json.dumps(call).encode()], theirs)
        for one in theirs:
            os.close(one)
        with suppress(BrokenPipeError), open(type_it, "wb") as pipe:  # noqa: PTH123
            pipe.write(typed)
        read = _read((out, err, told), seconds)
        return int(read[told].split()[-1]), read[out], read[err]


@cache
def warm() -> Warm:
    """One for each process of pytest, which it ends with."""
    return Warm()


def _read(pipes: Sequence[int], seconds: float) -> dict[int, bytes]:
    """All that comes through them. Raises TimeoutExpired, and then what ran is dead."""
    read = dict.fromkeys(pipes, b"")
    deadline = time.monotonic() + seconds
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(max(0, deadline - time.monotonic())):
                piece = os.read(key.fd, 1 << 16)
                read[key.fd] += piece
                if not piece:
                    selector.unregister(key.fd)
            if time.monotonic() > deadline:
                with suppress(ProcessLookupError, IndexError):
                    os.kill(int(read[pipes[-1]].split()[0]), signal.SIGKILL)
                raise subprocess.TimeoutExpired("labgrade", seconds, read[pipes[0]], read[pipes[1]])
    for pipe in pipes:
        os.close(pipe)
    return read


# In the process that forks.


def serve(descriptor: int) -> NoReturn:
    """Until pytest is gone."""
    asked = socket.socket(fileno=descriptor)
    _import_all()
    _fork_our_own_programs()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        text, descriptors, _, _ = socket.recv_fds(asked, 1 << 17, 4)
        if not text:
            os._exit(0)
        call = json.loads(text)
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _watch(call, *descriptors)
        for one in descriptors:
            os.close(one)


def _watch(call: dict[str, Any], stdin: int, stdout: int, stderr: int, status: int) -> NoReturn:
    """Between the two: waits for the command, and tells how it ended."""
    pid = os.fork()
    if not pid:
        _become((stdin, stdout, stderr), {}, _unboxed(call), call["folder"])
        from grader.cli import main

        _run(main, ["labgrade", *call["words"]])
    os.closerange(0, status)
    os.write(status, f"{pid} ".encode())
    _, ended = os.waitpid(pid, 0)
    os.write(status, f"{os.waitstatus_to_exitcode(ended)}".encode())
    os._exit(0)


def _unboxed(call: Mapping[str, Any]) -> dict[str, str]:
    """The level `none` where none is said: in a box every moto would be a program that starts, which takes a second.

    A class is told otherwise: there the level has to be written out. The box has tests of its own (tests/sandbox,
    tests/attacks), and the README's first command is run as it stands.
    """
    said = {} if "grade" in call["words"] else {"LABGRADE_SANDBOX": "none"}
    return {**said, **call["environment"]}


def _become(streams: Sequence[int], kept: Mapping[int, int], environment: Mapping[str, str], folder: str) -> None:
    """Another program: with these streams, these other descriptors, this environment, in this folder."""
    for number, stream in enumerate(streams):
        if stream >= 0:
            os.dup2(stream, number)
    top = max([2, *kept])
    for number in set(range(3, top + 1)) - set(kept):
        with suppress(OSError):
            os.close(number)
    os.closerange(top + 1, 4096)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    time.tzset()
    random.seed()
    tempfile.tempdir = None
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115


def _run(main: Callable[[], object], words: list[str]) -> NoReturn:
    code: object = 0
    sys.argv = words
    try:
        main()
    except SystemExit as leaving:
        code = leaving.code
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code if isinstance(code, int) else bool(code))


def _environment_of_moto() -> dict[str, str]:
    from grader.emulators.moto.child import _environment

    return _environment()


def _import_all() -> None:
    import boto3  # noqa: F401
    from moto.backends import get_backend

    import grader.cli
    import grader.cli.run
    import grader.cli.workspaces
    import grader.emulators.moto.instance
    import grader.grading
    import grader.standing
    import grader.workspace.keeper  # noqa: F401

    for service in SERVICES:
        get_backend(service)
    gc.collect()
    gc.freeze()


def _fork_our_own_programs() -> None:
    """moto and the keeper are the same modules, begun elsewhere."""
    import grader.emulators.moto.process
    import grader.workspace.keeper
    from grader.emulators.moto.child import COMMAND
    from grader.workspace.opening import COMMAND as KEEPER

    ours = {COMMAND: grader.emulators.moto.process.main, KEEPER: grader.workspace.keeper.main}
    execute: Callable[..., int] = subprocess._fork_exec  # type: ignore[attr-defined]

    def fork_or_execute(args: Sequence[bytes], *how: Any) -> int:
        begins = os.fsdecode(args[0]) == sys.executable  # and not a box around it
        at = next((n for n, word in enumerate(args) if begins and os.fsdecode(word) in ours), None)
        if at is None:
            return execute(args, *how)
        pid = os.fork()
        if not pid:
            _begin(ours[os.fsdecode(args[at])], ["-c", *map(os.fsdecode, args[at + 1 :])], how)
        return pid

    subprocess._fork_exec = fork_or_execute  # type: ignore[attr-defined]


def _begin(main: Callable[[], object], words: list[str], how: Sequence[Any]) -> NoReturn:
    """What subprocess asks of the system, in its order of arguments."""
    _, _, keep, folder, entries, stdin, _, _, stdout, _, stderr, _, failed, _, new_session, *_ = how
    os.close(failed)  # which says that it did not
    if new_session:
        os.setsid()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    environment = dict(os.fsdecode(entry).split("=", 1) for entry in entries)
    kept = {number: number for number in keep if number != failed}
    _become((stdin, stdout, stderr), kept, environment, os.fsdecode(folder or "."))
    _run(main, words)
