"""What a process gives up before it becomes the student's: user id, resources, system calls."""

from __future__ import annotations

import ctypes
import os
import resource
import struct
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
LAST_CAPABILITY = 63
CAPABILITY_VERSION_3 = 0x20080522  # include/uapi/linux/capability.h
INSIDE_UID = 1000  # what the student's programs are told; outside it is a number that nobody else has
MIB = 1 << 20


def prctl(option: int, argument: int) -> int:
    return int(ctypes.CDLL(None, use_errno=True).prctl(option, argument, 0, 0, 0))


def stay_private() -> None:
    """No other process, of this user or not, may look into this one."""
    prctl(PR_SET_DUMPABLE, 0)


def limit(limits: dict[str, Any]) -> None:
    """The limits that the kernel keeps for us, each process by itself."""
    bounds = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: limits["open_files"],
        resource.RLIMIT_FSIZE: limits["file_mib"] * MIB,
        resource.RLIMIT_AS: limits["address_mib"] * MIB,
        resource.RLIMIT_NPROC: limits["processes"] + limits.get("others", 0),
        resource.RLIMIT_CPU: limits["cpu_seconds"] + 1,  # that of all together is watched
    }
    for which, most in bounds.items():
        hard = resource.getrlimit(which)[1]
        bound = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (bound, bound))


def die_first() -> None:
    """Where the machine runs out of memory, this is what it ends."""
    with suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123  (pathlib costs 8 ms)
        file.write("1000")


def become(outside: int, mapped: Callable[[bool], None]) -> None:
    """From root to a user whom nobody is, in a user namespace where the kernel gives one.

    There the kernel counts processes for this box alone. `mapped` is told whether there is one, and returns when
    the parent has written its map.
    """
    own_namespace = ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER) == 0
    mapped(own_namespace)
    uid = INSIDE_UID if own_namespace else outside
    become_user(uid)


def count_alone() -> None:
    """In a user namespace of one's own, as the same user: the kernel counts processes by user and namespace.

    Raises OSError.
    """
    ids = {"uid_map": os.getuid(), "gid_map": os.getgid()}
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "unshare")
    prctl(PR_SET_DUMPABLE, 1)  # else these files are root's
    for name, text in {"setgroups": "deny", **{name: f"{one} {one} 1" for name, one in ids.items()}}.items():
        with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123
            file.write(text)
    stay_private()


def become_user(uid: int) -> None:
    """For good, with its group alone."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def forgo_capabilities(kept: Sequence[int] = ()) -> None:
    """All but these, for this process and for what it starts. Raises OSError.

    In a user namespace that it has just made it has them all.
    """
    for capability in range(LAST_CAPABILITY + 1):
        if capability not in kept:
            prctl(PR_CAPBSET_DROP, capability)
    bits = sum(1 << capability for capability in kept)
    words = (bits & 0xFFFFFFFF, bits >> 32)
    data = struct.pack("6I", *(word for word in words for _ in range(3)))  # effective, permitted, inheritable
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capset(struct.pack("Ii", CAPABILITY_VERSION_3, 0), data):
        raise OSError(ctypes.get_errno(), "capset")


def map_ids(pid: int, outside: int) -> None:
    """Tell a child's new user namespace who it is outside."""
    for name in ("gid_map", "uid_map"):
        with open(f"/proc/{pid}/{name}", "w") as file:  # noqa: PTH123
            file.write(f"{INSIDE_UID} {outside} 1")
