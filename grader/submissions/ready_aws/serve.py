"""`aws` as the plain program, which leaves a fork of itself: one that has imported all of it, for the calls to come.

Run by path, as `python serve.py AWS [ARGUMENT]...`, in a submission's surroundings, where labgrade is not seen. The
fork is the student's own process. It listens in the folder that this file is in, to the same user (ask.py), and for
each call forks the plain program, in the caller's surroundings. What it is told is believed: it can do nothing that
the one who tells it cannot.
"""

from __future__ import annotations

import sys

PLACE = __file__.rpartition("/")[0]
if not sys.flags.safe_path:
    sys.path[0] = sys.argv[1].rpartition("/")[0]  # the program's own folder: nothing is to be imported from this one

import atexit  # noqa: E402
import fcntl  # noqa: E402
import gc  # noqa: E402
import importlib.util  # noqa: E402
import io  # noqa: E402
import os  # noqa: E402
import select  # noqa: E402
import signal  # noqa: E402
import socket  # noqa: E402
import threading  # noqa: E402
from contextlib import suppress  # noqa: E402
from types import ModuleType, TracebackType  # noqa: E402
from typing import Any, NoReturn  # noqa: E402

IDLE_SECONDS = 60.0
BACKLOG = 512
PIECE_BYTES = 1 << 16
BEGUN, REFUSED = b"+", b"-"
UNTOUCHABLE = (signal.SIGKILL, signal.SIGSTOP)
PYTHONS_OWN = (signal.SIGPIPE, signal.SIGXFSZ)  # ignored by every Python
MOST_SIGNALS = 32
# What libraries, or Python before its first line, have read by now. What Python has read since then is noted.
READ_EARLY = (b"PYTHON", b"LD_", b"LC_", b"LANG", b"GLIBC_", b"MALLOC_", b"OPENSSL_", b"SSL", b"TZ", b"HOME")


class Noted(dict[bytes, bytes]):
    """An environment that knows what it was asked for."""

    def __init__(self, plain: dict[bytes, bytes]) -> None:
        super().__init__(plain)
        self.names: set[bytes] = set()

    def __getitem__(self, name: bytes) -> bytes:
        self.names.add(name)
        return super().__getitem__(name)


class Program:
    """The AWS CLI's modules, here now; with what they have read of the environment, and changed in it."""

    def __init__(self) -> None:
        environment: Any = os.environ
        plain = environment._data
        self._before = dict(plain)
        noted = environment._data = Noted(plain)
        import awscli.clidriver  # type: ignore[import-untyped]
        import awscli.handlers  # type: ignore[import-untyped]  # noqa: F401  (what it imports when it begins)

        plain.clear()
        plain.update(noted)
        environment._data = plain
        self._names = noted.names
        self._changed = {name: value for name, value in noted.items() if self._before.get(name) != value}

    def suits(self, environment: dict[bytes, bytes]) -> bool:
        """Would all that was read by now be the same there?"""
        names = {name for name in (*self._before, *environment) if name.startswith(READ_EARLY)} | self._names
        return all(self._before.get(name) == environment.get(name) for name in names)

    def surround(self, environment: dict[bytes, bytes]) -> None:
        """Let that be its environment."""
        os.environb.clear()
        os.environb.update({**environment, **self._changed})


class Begun(Exception):
    """This process is the called program from now on."""


class Server:
    """Takes calls, with a fork for each, until there has been none for a while."""

    def __init__(self, program: Program, lock: int) -> None:
        self._program, self._lock = program, lock
        self._running: dict[int, socket.socket] = {}  # by the pid
        self._deaf: set[int] = set()  # those whose caller has gone

    def serve(self) -> NoReturn:
        """Raises Begun in each fork."""
        detach(self._lock)
        with suppress(FileNotFoundError):
            os.unlink("socket")  # noqa: PTH108
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind("socket")
        self._listener.listen(BACKLOG)
        self._children = hear_children()
        self._ahead = beside("ahead").Ahead()
        self._call = beside("call").Call
        gc.freeze()
        while True:
            callers = {one: pid for pid, one in self._running.items() if pid not in self._deaf}
            ways: list[Any] = [self._listener, self._children[0], *callers]
            heard, _, _ = select.select(ways, [], [], IDLE_SECONDS)
            if not heard and not self._running:
                os.unlink("socket")  # noqa: PTH108
                os._exit(0)
            if self._children[0] in heard:
                os.read(self._children[0], PIECE_BYTES)
            for connection, pid in callers.items():
                if connection in heard:
                    self._pass_on(pid, connection)
            self._bury()
            if self._listener in heard:
                self._take(self._listener.accept()[0])

    def _take(self, connection: socket.socket) -> None:
        try:
            call = self._call(connection)
            taken = call.like_ours() and self._program.suits(call.environment)
        except (OSError, ValueError):
            connection.close()  # who has called will not have begun
            return
        if not taken:
            connection.send(REFUSED)
            connection.close()
        else:
            self._ahead.load(call.words[1:])
            pid = os.fork()
            if not pid:
                self._leave(call)
                raise Begun
            self._running[pid] = connection
        call.close()

    def _leave(self, call: Any) -> None:
        """Be the plain program, in the caller's surroundings, and have nothing of the server's."""
        signal.set_wakeup_fd(-1)
        for number in (self._lock, *self._children):
            os.close(number)
        for other in (self._listener, *self._running.values()):
            other.close()
        os.fchdir(call.descriptors[3])
        os.umask(call.umask)
        for number in range(3):
            os.dup2(call.descriptors[number], number)
        call.close()
        renew_streams()
        self._program.surround(call.environment)
        sys.argv[:] = call.words
        restore_signals(call.ignored)
        call.connection.send(BEGUN)
        call.connection.detach()  # open to the end: should the server be killed, that is what the caller waits for

    def _pass_on(self, pid: int, connection: socket.socket) -> None:
        try:
            numbers = connection.recv(PIECE_BYTES)
        except OSError:
            numbers = b""
        if not numbers:
            self._deaf.add(pid)
        for number in numbers or (signal.SIGKILL,):
            os.kill(pid, number)

    def _bury(self) -> None:
        while self._running:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            self._deaf.discard(pid)
            connection = self._running.pop(pid)
            with suppress(OSError):
                connection.send(status.to_bytes(4, sys.byteorder))
            connection.close()


def beside(name: str) -> ModuleType:
    """What lies beside this file, which nobody else is to import from there."""
    spec = importlib.util.spec_from_file_location(f"labgrade_{name}", f"{PLACE}/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def detach(lock: int) -> None:
    """From all that belongs to the one who called first."""
    os.setsid()
    os.chdir(PLACE)
    null = os.open(os.devnull, os.O_RDWR)
    for number in range(3):
        os.dup2(null, number)
    most = os.sysconf("SC_OPEN_MAX")
    os.closerange(3, lock)
    os.closerange(lock + 1, most)


def hear_children() -> tuple[int, int]:
    """A pipe that gets a byte whenever a child ends."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return reader, writer


def restore_signals(ignored: set[int]) -> None:
    """As a new interpreter has them."""
    for number in range(1, MOST_SIGNALS):
        if number in UNTOUCHABLE:
            continue
        how = signal.SIG_IGN if number in ignored or number in PYTHONS_OWN else signal.SIG_DFL
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT and not how else how)


def renew_streams() -> None:
    """The same objects, for modules know them, as they are made for the files that they lead to now."""
    for number, stream in enumerate((sys.stdin, sys.stdout, sys.stderr)):
        text: Any = stream
        raw: Any = io.FileIO(number, text.buffer.raw.mode, closefd=False)
        raw.name = text.name
        text.buffer.__init__(raw, os.fstat(number).st_blksize)
        text.__init__(text.buffer, text.encoding, text.errors, "\n", text.line_buffering)


def fit() -> bool:
    """Could calls to come be like this one?"""
    odd = [name for name in os.environ if name.startswith("PYTHON")]
    streams = (sys.stdin, sys.stdout, sys.stderr)
    usual = all(stream is not None and not stream.isatty() for stream in streams)
    return usual and not odd and os.environ.get("LC_CTYPE") != "UTF-8"


def locked() -> int | None:
    """A lock that the server has for as long as it lives; None where there is one."""
    try:
        lock = os.open(f"{PLACE}/lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        return None
    return lock


def leave_server() -> bool:
    """Returns in processes that are to be the plain program: False in the caller's, True in forks of the server."""
    lock = locked() if fit() else None
    if lock is None:
        return False
    program = Program()
    try:
        server = os.fork()
    except OSError:
        server = -1
    if not server:
        try:
            Server(program, lock).serve()
        except Begun:
            return True
        except BaseException:
            os._exit(1)
    os.close(lock)
    return False


def run(path: str) -> None:
    """The program, in a `__main__` of its own."""
    main = sys.modules["__main__"] = ModuleType("__main__")
    main.__file__ = path
    with open(path, "rb") as file:  # noqa: PTH123
        code = compile(file.read(), path, "exec")
    exec(code, vars(main))


def end(status: object) -> None:
    """As an interpreter ends, but for the burial of what nobody will ask for: that takes a while."""
    if status is not None and not isinstance(status, int):
        return
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return  # the interpreter says so
    gc.collect()  # what was written to a file that nobody has closed is written then
    os._exit((status or 0) & 0xFF)


def plain_traceback(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    """Without what is above the program here."""
    sys.__excepthook__(kind, error, traceback and traceback.tb_next and traceback.tb_next.tb_next)


del sys.argv[0]
forked = leave_server()
del sys.orig_argv[1]
sys.orig_argv[1:] = sys.argv
sys.excepthook = plain_traceback
try:
    run(sys.argv[0])
except SystemExit as ended:
    if forked:
        end(ended.code)
    raise
