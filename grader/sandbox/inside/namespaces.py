"""Namespaces of a process's own, and what is seen in them: as bubblewrap makes them, without a program to start.

For one that bubblewrap has given a read-only system and the right to make them (CAP_SYS_ADMIN, CAP_NET_ADMIN). Flags
are the kernel's: include/uapi/linux/sched.h, mount.h and sockios.h.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import stat
import struct

CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
ALL = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC = 1, 2, 4, 8, 32, 4096, 16384
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
# What root of all may write to, though nobody in a box is: bubblewrap closes the same.
KERNELS_OWN = ("sys", "sysrq-trigger", "irq", "bus")

libc = ctypes.CDLL(None, use_errno=True)


def part() -> None:
    """From all others; the next child is number 1 of its own. Raises OSError."""
    done(libc.unshare(ALL), "unshare")


def empty(folder: str, mib: int) -> None:
    """In place of that folder an empty one that takes so much, in memory; what is shown below it stays, read-only."""
    shown = [(name, os.open(f"{folder}/{name}", os.O_PATH | os.O_NOFOLLOW)) for name in os.listdir(folder)]  # noqa: PTH208
    mount("tmpfs", folder, "tmpfs", MS_NOSUID | MS_NODEV, f"mode=1777,size={mib << 20}")
    for name, descriptor in shown:
        show(descriptor, f"{folder}/{name}")
        os.close(descriptor)


def show(descriptor: int, path: str) -> None:
    """What is open there, at that path."""
    source = f"/proc/self/fd/{descriptor}"
    kind = os.fstat(descriptor).st_mode
    if stat.S_ISLNK(kind):
        os.symlink(os.readlink("", dir_fd=descriptor), path)  # noqa: PTH211
        return
    if stat.S_ISDIR(kind):
        os.mkdir(path, 0o755)  # noqa: PTH102
    else:
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o444))
    mount(source, path, "", MS_BIND | MS_REC)
    mount("", path, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV)


def processes() -> None:
    """/proc of this process's own namespace."""
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    for name in KERNELS_OWN:
        path = f"/proc/{name}"
        if os.path.exists(path):  # noqa: PTH110
            mount(path, path, "", MS_BIND | MS_REC)
            mount("", path, "", MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def loopback() -> None:
    """Up, as the only interface."""
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP | IFF_RUNNING))


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    words = [os.fsencode(word) for word in (source, target, kind)]
    done(libc.mount(*words, ctypes.c_ulong(flags), os.fsencode(data) if data else None), f"mount {target}")


def done(result: int, what: str) -> None:
    if result:
        raise OSError(ctypes.get_errno(), f"{what}: {os.strerror(ctypes.get_errno())}")
