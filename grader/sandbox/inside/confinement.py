"""What a process gives up before it becomes the student's: user id, resources, system calls."""

from __future__ import annotations

import ctypes
import os
import resource
from collections.abc import Callable
from contextlib import suppress
from typing import Any

CLONE_NEWUSER = 0x10000000
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
LAST_CAPABILITY = 63
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


def become_user(uid: int) -> None:
    """For good, with its group alone."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)


def forgo_capabilities() -> None:
    """What the next program could ever have, beside what its user has: nothing."""
    for capability in range(LAST_CAPABILITY + 1):
        prctl(PR_CAPBSET_DROP, capability)


def map_ids(pid: int, outside: int) -> None:
    """Tell a child's new user namespace who it is outside."""
    for name in ("gid_map", "uid_map"):
        with open(f"/proc/{pid}/{name}", "w") as file:  # noqa: PTH123
            file.write(f"{INSIDE_UID} {outside} 1")
