"""`aws`, run by the server that an earlier call left: what it prints, and how it ends, is a fork of that one's.

Run by path, as `python -I -S ask.py AWS [ARGUMENT]...`, in a submission's surroundings, where labgrade is not seen.
It imports what costs nothing. Whatever is not as in most calls, or not as the server wants it, is left to the plain
program.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import _socket
import os
import sys

MOST_DESCRIPTORS = 256
MOST_SIGNALS = 32
BEGUN = b"+"
PYTHONS_OWN = (_signal.SIGPIPE, _signal.SIGXFSZ)  # ignored by every Python
FORWARDED = (_signal.SIGINT, _signal.SIGTERM, _signal.SIGHUP, _signal.SIGQUIT, _signal.SIGUSR1, _signal.SIGUSR2)


def main() -> None:
    here, (place, _, _), words = os.open(".", os.O_PATH), sys.argv[0].rpartition("/"), sys.argv[1:]
    status = None
    if usual():
        try:
            os.chdir(place)  # a socket's whole path may be too long
            connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
            connection.connect("socket")
            os.fchdir(here)
            status = asked(connection, here, words)
        except OSError:  # the server has gone, before it began with this
            os.fchdir(here)
            os.execv(sys.executable, [sys.executable, place + "/serve.py", *words])
    if status is None:
        os.execv(words[0], words)
    end(status)


def usual() -> bool:
    """Are there the three descriptors that every program has, no terminal among them, no others, no held signals?"""
    try:
        if any(os.isatty(number) or not os.fstat(number) for number in range(3)):
            return False
    except OSError:
        return False
    if _signal.pthread_sigmask(_signal.SIG_BLOCK, ()):
        return False
    for number in range(4, MOST_DESCRIPTORS):  # 3 is `here`, or one of those that are not there
        try:
            os.fstat(number)
        except OSError:
            continue
        return False
    return True


def asked(connection: _socket.socket, here: int, words: list[str]) -> int | None:
    """How it ended, as `wait` has it; None where the server does not take it. Raises OSError where it did not begin."""
    ignored = [number for number in range(1, MOST_SIGNALS) if _signal.getsignal(number) == _signal.SIG_IGN]
    descriptors = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2, here))
    body = packed(ignored, words)
    sent = connection.sendmsg([body], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, descriptors)])
    connection.sendall(body[sent:])
    answer = connection.recv(1)  # what is neither: a refusal, or how the fork ended before it could begin
    if not answer:
        raise OSError

    def forward(number: int, _frame: object) -> None:
        try:
            connection.send(bytes([number]))
        except OSError:
            return  # it has ended

    if answer != BEGUN:
        return None
    for number in FORWARDED:  # until now they end this process, and with it what it began
        if number not in ignored:
            _signal.signal(number, forward)
    return outcome(connection)


def packed(ignored: list[int], words: list[str]) -> bytes:
    """The call, but for its descriptors."""
    mask = os.umask(0)
    os.umask(mask)
    fields = [
        b"%d" % mask,
        b" ".join(b"%d" % number for number in ignored if number not in PYTHONS_OWN),
        b"%d" % len(words),
        *map(os.fsencode, words),
        *(name + b"=" + value for name, value in os.environb.items()),
    ]
    body = b"".join(field + b"\0" for field in fields)
    return b"%016d" % len(body) + body


def outcome(connection: _socket.socket) -> int:
    """As `wait` has it; that of one who was killed where the server was, which alone knows better."""
    try:
        said = connection.recv(4, _socket.MSG_WAITALL)
    except OSError:
        said = b""
    return int.from_bytes(said, sys.byteorder) if len(said) == 4 else _signal.SIGKILL


def end(status: int) -> None:
    """In the same way."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        if -code not in (_signal.SIGKILL, _signal.SIGSTOP):
            _signal.signal(-code, _signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code)


main()
