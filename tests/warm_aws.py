"""The AWS CLI without its start: an `aws` that asks a process which has imported it, and which forks for each command.

What runs is the real AWS CLI with the words, environment, folder and streams of the call, in a process of its own; only
its imports and its models are spared, which are most of a script's time. For tests of what scripts do, outside any box.
"""

from __future__ import annotations

import gc
import marshal
import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import NoReturn

# With what Python has in it, and without site-packages, it is there in a hundredth of a second.
CLIENT = """#!{python} -IS
import _socket, marshal, posix, sys
asked = _socket.socket(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
asked.connect({address!r})
call = marshal.dumps([sys.argv[1:], posix.environ, posix.getcwd()])
streams = b"".join(number.to_bytes(4, sys.byteorder) for number in range(3))
asked.sendmsg([call], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, streams)])
posix._exit(int(asked.recv(16) or 255))
"""
MODELS = ("cloudformation", "ec2", "iam", "kms", "s3", "sns", "sqs", "sts")
LONGEST = 1 << 18  # of a call: Linux takes no longer a command line


@contextmanager
def warm_aws(folder: Path) -> Iterator[Path]:
    """Such an `aws`, in that folder; what answers it ends with the `with`, and with this process."""
    address, program = str(folder / "asked"), folder / "aws"
    program.write_text(CLIENT.format(python=os.path.realpath(sys.executable), address=address), "utf-8")
    program.chmod(0o755)
    code = f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r}); import warm_aws; warm_aws.serve"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listening:
        listening.bind(address)
        listening.listen(16)
        told = [sys.executable, "-c", f"{code}({listening.fileno()})"]
        # Its standard input ends with the `with`, and that is its sign to end.
        with subprocess.Popen(told, pass_fds=[listening.fileno()], stdin=subprocess.PIPE, process_group=0):
            yield program


def serve(descriptor: int) -> NoReturn:
    """Until whoever began it is gone."""
    listening = socket.socket(fileno=descriptor)
    _load()
    gc.freeze()
    running: dict[int, tuple[int, socket.socket]] = {}  # by what tells that it has ended
    while True:
        heard, _, _ = select.select([sys.stdin, listening, *running], [], [])
        if sys.stdin in heard:
            os.killpg(0, 9)
        for ended in running.keys() & set(heard):
            pid, asked = running.pop(ended)
            os.close(ended)
            with asked:
                _answer(asked, os.waitpid(pid, 0)[1])
        if listening in heard:
            asked, _ = listening.accept()
            if not (pid := os.fork()):
                _run(*_call(asked))
            running[os.pidfd_open(pid)] = pid, asked


def _load() -> None:
    """What each command would load again: the program, and what it knows of the services."""
    import awscli.clidriver

    session = awscli.clidriver.create_clidriver().session
    loader = session.get_component("data_loader")
    reader = type(loader.file_loader)
    reader.load_file = staticmethod(cache(reader().load_file))  # each fork has a copy, which it may change
    type(loader).list_available_services = staticmethod(cache(loader.list_available_services))
    for service in MODELS:
        session.get_service_model(service)
        session.create_client(service, "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def _answer(asked: socket.socket, ended: int) -> None:
    with suppress(OSError):  # who asked may be gone
        asked.send(b"%d" % (os.waitstatus_to_exitcode(ended) % 256))


def _call(asked: socket.socket) -> tuple[list[str], dict[str, str], str]:
    """Words, environment and folder; from here on with the caller's streams."""
    text, streams, _, _ = socket.recv_fds(asked, LONGEST, 3)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    words, environment, folder = marshal.loads(text)
    return words, {os.fsdecode(name): os.fsdecode(value) for name, value in environment.items()}, folder


def _run(words: list[str], environment: dict[str, str], folder: str) -> NoReturn:
    import awscli.clidriver

    own = {"AWS_DATA_PATH": os.environ["AWS_DATA_PATH"]}  # set by its import
    os.environ.clear()
    os.environ.update({**own, **environment})
    os.chdir(folder)
    sys.argv = ["aws", *words]
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", 1, encoding="utf-8", closefd=False)  # noqa: SIM115
    try:
        code = awscli.clidriver.main()
        sys.stdout.flush()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:
        import traceback

        traceback.print_exc()
        code = 255
    sys.stderr.flush()
    os._exit(code or 0)
