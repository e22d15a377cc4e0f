"""The AWS CLI without its start: an `aws` that asks a process which has imported it, and which forks for each command.

What runs is the real AWS CLI with the words, environment, folder and streams of the call, in a process of its own; only
its imports and its models are spared, which are most of a script's time. For tests of what scripts do, outside any box.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NoReturn

# Without site-packages, Python is there in a hundredth of a second.
CLIENT = """#!{python} -IS
import json, os, socket, sys
asked = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
asked.connect({address!r})
call = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()])
socket.send_fds(asked, [call.encode()], [0, 1, 2])
sys.exit(int(asked.recv(16) or 255))
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
    if not os.fork():
        while True:
            asked, _ = listening.accept()
            if not os.fork():
                if not os.fork():
                    _answer(asked)
                os._exit(0)
            asked.close()
            os.wait()
    sys.stdin.read()
    os.killpg(0, 9)
    os._exit(0)


def _load() -> None:
    """What each command would load again: the program, and what it knows of the services."""
    import awscli.clidriver

    session = awscli.clidriver.create_clidriver().session
    reader = type(session.get_component("data_loader").file_loader)
    reader.load_file = staticmethod(cache(reader().load_file))  # each fork has a copy, which it may change
    for service in MODELS:
        session.get_service_model(service)
        session.create_client(service, "us-east-1", aws_access_key_id="a", aws_secret_access_key="b")


def _answer(asked: socket.socket) -> NoReturn:
    """Run one command as its caller, and tell the caller how it ended."""
    text, streams, _, _ = socket.recv_fds(asked, LONGEST, 3)
    words, environment, folder = json.loads(text)
    pid = os.fork()
    if not pid:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        _run(words, environment, folder)
    _, ended = os.waitpid(pid, 0)
    asked.send(b"%d" % (os.waitstatus_to_exitcode(ended) % 256))
    os._exit(0)


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
