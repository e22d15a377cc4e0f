"""Archives that students hand in, unpacked without trusting them: nothing of one lands anywhere but in its folder.

What was neither written by the student nor of use (`node_modules`, `.git`) is passed over, however large. A member that
would leave the folder, a link, a device, or more than a submission may hold refuses the whole archive.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Self, cast

from grader.contents import is_junk
from grader.errors import NotGradable
from grader.submissions.files import DEVICE, LINK, MAX_BYTES, MAX_DEPTH, MAX_FILES, MAX_LOOKED_AT, shown
from grader.texts import Text, say

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_PIECE = 64 * 1024
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, NotImplementedError, ValueError)


@dataclass(frozen=True)
class Bounds:
    """How much an archive may hold: `kept` bytes are written, `unpacked` ones come out, passed over or not."""

    names: int = MAX_LOOKED_AT
    files: int = MAX_FILES  # that are written
    kept: int = MAX_BYTES
    packed: int = 256 * 1024 * 1024  # of the archive itself
    unpacked: int = 1024 * 1024 * 1024


SUBMISSION = Bounds()
# A whole class, as its platform packs it.
DOWNLOAD = Bounds(1_000_000, 1_000_000, 16 * 1024**3, 16 * 1024**3, 64 * 1024**3)


@dataclass(frozen=True)
class _Member:
    name: str
    folder: bool
    special: Text | None  # what it is, where it is neither file nor folder
    content: IO[bytes] | None


def is_archive(path: Path) -> bool:
    """Is it a file with the name of an archive?"""
    return path.name.lower().endswith(SUFFIXES) and path.is_file() and not path.is_symlink()


def bare(name: str) -> str:
    """The name of an archive without what makes it one."""
    suffix = next((one for one in sorted(SUFFIXES, key=len, reverse=True) if name.lower().endswith(one)), "")
    return name[: len(name) - len(suffix)]


def unpack(path: Path, into: Path, bounds: Bounds = SUBMISSION) -> None:
    """Unpack the archive at `path` into a folder of its own. Raises NotGradable, and leaves what was unpacked."""
    try:
        with path.open("rb") as file:
            if path.stat().st_size > bounds.packed:
                raise NotGradable(_too_much(path.name, bounds.packed))
            zipped = zipfile.is_zipfile(file)
            file.seek(0)
            members = _zip(path.name, file, bounds) if zipped else _tar(path.name, file, bounds)
            _write(path.name, members, into, bounds)
    except OSError as error:
        raise NotGradable(_broken(path.name, error)) from None


def unpack_tar(stream: IO[bytes], name: str, into: Path) -> None:
    """The same of a tar that comes as a stream. Raises NotGradable."""
    try:
        ahead = cast(IO[bytes], io.BufferedReader(_Peekable(stream)))
        _write(name, _tar(name, ahead, SUBMISSION), into, SUBMISSION)
    except OSError as error:
        raise NotGradable(_broken(name, error)) from None


def _write(archive: str, members: Iterator[_Member], into: Path, bounds: Bounds) -> None:
    into.mkdir(parents=True, exist_ok=True)
    left, files = bounds.kept, 0
    try:
        for count, member in enumerate(members):
            if count >= bounds.names:
                names = "{archive}: more than {most} names; hand in only the work itself."
                raise NotGradable(say(names, archive=shown(archive), most=bounds.names))
            path = _inside(archive, member.name)
            if path is None or _junk(path, member.folder):
                continue
            if member.special is not None:
                refused = "{archive}: {name} is {special}; hand in plain files."
                raise NotGradable(say(refused, archive=shown(archive), name=shown(member.name), special=member.special))
            files += not member.folder
            if files > bounds.files:
                most = "{archive}: more than {max_files} files; hand in only the work itself."
                raise NotGradable(say(most, archive=shown(archive), max_files=bounds.files))
            left = _put(archive, member, into / path, left)
    except _BROKEN as error:
        raise NotGradable(_broken(archive, error)) from None


def _put(archive: str, member: _Member, path: Path, left: int) -> int:
    """Write one member; how many bytes may still follow."""
    if member.folder or member.content is None:
        path.mkdir(parents=True, exist_ok=True)
        return left
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            while piece := member.content.read(_PIECE):
                left -= len(piece)
                if left < 0:
                    raise NotGradable(_too_much(archive, MAX_BYTES))
                file.write(piece)
    except FileExistsError:
        twice = "{archive}: holds {name} twice; pack it anew."
        raise NotGradable(say(twice, archive=shown(archive), name=shown(member.name))) from None
    return left


def _inside(archive: str, name: str) -> PurePosixPath | None:
    """Where in the folder a member belongs; None for the folder itself. Raises NotGradable for what leaves it."""
    path = PurePosixPath(name.replace("\\", "/"))
    drive = len(name) > 1 and name[1] == ":"
    if path.is_absolute() or drive or ".." in path.parts or "\0" in name:
        leaves = "{archive}: {name} would leave the folder that it is unpacked in; pack the work by its folder's name."
        raise NotGradable(say(leaves, archive=shown(archive), name=shown(name.replace("\0", "\\0"))))
    if len(path.parts) > MAX_DEPTH:
        deep = "{archive}: folders lie more than {max_depth} deep."
        raise NotGradable(say(deep, archive=shown(archive), max_depth=MAX_DEPTH))
    return path if path.parts else None


def _junk(path: PurePosixPath, folder: bool) -> bool:
    above = any(is_junk(part, folder=True) for part in path.parts[:-1])
    return above or is_junk(path.name, folder=folder)


def _zip(archive: str, file: IO[bytes], bounds: Bounds) -> Iterator[_Member]:
    with zipfile.ZipFile(file) as opened:
        infos = opened.infolist()
        if sum(info.file_size for info in infos) > bounds.unpacked:
            raise NotGradable(_too_much(archive, MAX_BYTES))
        for info in infos:
            if info.flag_bits & 0x1:
                raise NotGradable(say("{archive}: is locked with a password; pack it without.", archive=shown(archive)))
            kind = info.external_attr >> 28  # the type in a Unix mode, where a Unix has packed it
            special, name = _SPECIAL_MODES.get(kind), _named(info)
            if info.is_dir() or special is not None:
                yield _Member(name, info.is_dir(), special, None)
                continue
            with opened.open(info) as content:
                yield _Member(name, False, None, content)


def _named(info: zipfile.ZipInfo) -> str:
    """The member's name. Many packers write UTF-8 and do not flag it, and zipfile reads what has no flag as cp437."""
    if info.flag_bits & _IS_UTF8:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.filename


_IS_UTF8 = 0x800


_SPECIAL_MODES = {0o12: LINK, 0o2: DEVICE, 0o6: DEVICE, 0o1: DEVICE, 0o14: DEVICE}


def _tar(archive: str, file: IO[bytes], bounds: Bounds) -> Iterator[_Member]:
    plain = cast(IO[bytes], _Bounded(_unpressed(file), archive, bounds))
    with tarfile.open(fileobj=plain, mode="r|", errorlevel=1, tarinfo=_TarInfo) as opened:
        for info in opened:
            if info.issym() or info.islnk():
                yield _Member(info.name, False, LINK, None)
            elif info.isdir():
                yield _Member(info.name, True, None, None)
            elif info.isreg():
                yield _Member(info.name, False, None, opened.extractfile(info))
            else:
                yield _Member(info.name, False, DEVICE, None)


class _TarInfo(tarfile.TarInfo):
    """Reads no header into memory that is longer than any name."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        info = super().frombuf(buf, encoding, errors)
        if info.type in _EXTENDED and info.size > _LONGEST_HEADER:
            raise ValueError(f"a header of {info.size} bytes")
        return info


_EXTENDED = (*(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE), *(tarfile.GNUTYPE_LONGNAME, b"K"))
_LONGEST_HEADER = 64 * 1024


def _unpressed(file: IO[bytes]) -> Any:
    """The stream behind the compression that its first bytes tell of."""
    head = cast(Any, file).peek(6)[:6]
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if head.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if head.startswith(b"\xfd7zXZ\0"):
        return lzma.LZMAFile(file)
    return file


class _Bounded:
    """A stream that ends in an error where more comes out of it than anybody hands in."""

    def __init__(self, stream: IO[bytes], archive: str, bounds: Bounds) -> None:
        self._stream, self._archive, self._left = stream, archive, bounds.unpacked

    def read(self, size: int = -1) -> bytes:
        piece = self._stream.read(size)
        self._left -= len(piece)
        if self._left < 0:
            raise NotGradable(_too_much(self._archive, MAX_BYTES))
        return piece


class _Peekable(io.RawIOBase):
    """A stream that need not be seekable, under a buffer that can look ahead."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._stream.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _too_much(archive: str, most: int) -> Text:
    return say(
        "{archive}: more than {max_bytes} MiB; hand in only the work itself.",
        archive=shown(archive),
        max_bytes=most >> 20,
    )


def _broken(archive: str, error: BaseException) -> Text:
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return say(
        "{archive}: cannot be unpacked ({reason}); pack it anew, as .zip or .tar.gz.",
        archive=shown(archive),
        reason=" ".join(reason.split())[:200],
    )
