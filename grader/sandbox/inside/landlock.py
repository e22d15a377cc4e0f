"""Landlock: files and ports that a process, and all that comes of it, can reach from now on.

Rights, structures and what each version of the interface brought:
https://docs.kernel.org/userspace-api/landlock.html and include/uapi/linux/landlock.h, 2026-11-25.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from typing import Any

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # of every architecture
ASK_VERSION = 1
PATH_BENEATH, NET_PORT = 1, 2
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
MAKE_CHAR, MAKE_BLOCK, REFER, TRUNCATE, IOCTL_DEV = 1 << 6, 1 << 11, 1 << 13, 1 << 14, 1 << 15
CONNECT_TCP = 1 << 1
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR
ALL_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}
BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS = 0b11, 0b11
TRUNCATES, NETWORK, SCOPES = 3, 4, 6  # the versions that brought them


def version() -> int:
    """The kernel's; 0 where there is none, or it is switched off."""
    return max(0, _call(CREATE_RULESET, None, 0, ASK_VERSION))


def restrict(walls: dict[str, Any], abi: int) -> None:
    """Let in what `walls` names, and nothing else that this version can keep out. Raises OSError."""
    rights = ALL_RIGHTS[min(abi, 5)]
    handled = struct.pack("QQQ", rights, BIND_AND_CONNECT, ABSTRACT_SOCKETS_AND_SIGNALS)[: _size(abi)]
    ruleset = _done(_call(CREATE_RULESET, handled, len(handled), 0))
    try:
        _beneath(ruleset, walls["read"], READ & rights)
        _beneath(ruleset, walls["list"], READ_DIR)
        _beneath(ruleset, walls["use"], (READ_FILE | WRITE_FILE | TRUNCATE) & rights)
        _beneath(ruleset, walls["write"], rights & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV))
        if abi >= NETWORK:
            _done(_call(ADD_RULE, ruleset, NET_PORT, struct.pack("QQ", CONNECT_TCP, walls["port"]), 0))
        _done(_call(RESTRICT_SELF, ruleset, 0))
    finally:
        os.close(ruleset)


def _size(abi: int) -> int:
    """Of what this version reads: a longer one is refused where it is not all zeros."""
    return 24 if abi >= SCOPES else 16 if abi >= NETWORK else 8


def _beneath(ruleset: int, paths: Iterable[str], rights: int) -> None:
    for path in paths:
        try:
            descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            continue  # not on this machine, or not for this user, who then has no use for a rule
        try:
            allowed = rights if os.path.isdir(f"/proc/self/fd/{descriptor}") else rights & OF_FILES  # noqa: PTH112
            _done(_call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", allowed, descriptor), 0))
        finally:
            os.close(descriptor)


def _call(number: int, *arguments: Any) -> int:
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return int(ctypes.CDLL(None, use_errno=True).syscall(ctypes.c_long(number), *words))


def _done(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result
