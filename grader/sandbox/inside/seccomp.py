"""A filter of system calls: what no lab needs, and what would reach past the other walls.

A denied call fails with an error and kills nothing. Numbers are the kernel's: arch/x86/entry/syscalls/syscall_64.tbl
and include/uapi/asm-generic/unistd.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct

PR_SET_NO_NEW_PRIVS = 38
PR_SET_SECCOMP = 22
MODE_FILTER = 2
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT, SECOND_ARGUMENT_AT = 0, 4, 16, 24
X32 = 0x40000000  # the numbers of another way to call the same kernel
NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW… flag of clone(2)
FAMILIES = (1, 2, 10, 16)  # UNIX, INET, INET6, NETLINK: a vsock, say, belongs to no network namespace
TYPE_MASK = 0xF
STREAM = 1
TIOCSTI = 0x5412  # types into the terminal

# name: (x86_64, aarch64); -1 where there is no such call
DENIED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "move_mount": (429, 429),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "setns": (308, 268),
    "unshare": (272, 97),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "syslog": (103, 116),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "iopl": (172, -1),
    "ioperm": (173, -1),
    "vhangup": (153, 58),
    # memory that no process is seen to hold
    "memfd_create": (319, 279),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
}
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
CLONE, SOCKET, IOCTL, CLONE3 = (56, 220), (41, 198), (16, 29), 435


def install(streams_only: bool = False) -> bool:
    """Filter this process and all that comes of it, for ever; False where the machine has no such filter.

    `streams_only` leaves no internet socket but TCP's: where no network namespace keeps datagrams in.
    """
    program = filter_for(os.uname().machine, streams_only)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if not program:
        return False
    buffer = ctypes.create_string_buffer(program)
    description = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))
    return bool(libc.prctl(PR_SET_SECCOMP, MODE_FILTER, ctypes.create_string_buffer(description), 0, 0) == 0)


def filter_for(machine: str, streams_only: bool = False) -> bytes:
    """The program for the kernel; empty for a machine whose numbers are not known here."""
    if machine not in ARCHITECTURES:
        return b""
    architecture, column = ARCHITECTURES[machine]
    deny = ERRNO | errno.EPERM
    program = [
        *load(ARCHITECTURE_AT), *unless(EQUAL, architecture, KILL_PROCESS),
        *load(NUMBER_AT), *when(AT_LEAST, X32, deny),
        *when(EQUAL, CLONE3, ERRNO | errno.ENOSYS),  # its flags lie in memory: libc falls back to clone
    ]  # fmt: skip
    for numbers in DENIED.values():
        program += when(EQUAL, numbers[column], deny) if numbers[column] >= 0 else []
    program += called(CLONE[column], [*load(FIRST_ARGUMENT_AT), *when(ANY_BIT, NEW_NAMESPACES, deny)])
    program += called(IOCTL[column], [*load(SECOND_ARGUMENT_AT), *when(EQUAL, TIOCSTI, deny)])
    program += called(SOCKET[column], sockets(streams_only))
    program += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *instruction) for instruction in program)


Instruction = tuple[int, int, int, int]


def sockets(streams_only: bool) -> list[Instruction]:
    allowed: list[Instruction] = load(FIRST_ARGUMENT_AT)
    if streams_only:
        datagram = [
            *load(SECOND_ARGUMENT_AT), (0x54, 0, 0, TYPE_MASK),
            *unless(EQUAL, STREAM, ERRNO | errno.EACCES), *load(FIRST_ARGUMENT_AT),
        ]  # fmt: skip
        for family in (2, 10):
            allowed += called(family, datagram, end=False)
    for family in FAMILIES:
        allowed += when(EQUAL, family, ALLOW)
    return [*allowed, (RETURN, 0, 0, ERRNO | errno.EAFNOSUPPORT)]


def load(offset: int) -> list[Instruction]:
    return [(LOAD, 0, 0, offset)]


def when(test: int, value: int, verdict: int) -> list[Instruction]:
    return [(test, 0, 1, value), (RETURN, 0, 0, verdict)]


def unless(test: int, value: int, verdict: int) -> list[Instruction]:
    return [(test, 1, 0, value), (RETURN, 0, 0, verdict)]


def called(number: int, then: list[Instruction], end: bool = True) -> list[Instruction]:
    """`then`, where what is loaded is that number; and the verdict `allow` where it gives none, unless it goes on."""
    block = [*then, (RETURN, 0, 0, ALLOW)] if end else then
    return [(EQUAL, 0, len(block), number), *block]
