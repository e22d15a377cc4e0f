"""Archives from strangers: what is in them is unpacked, and nothing else happens."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.errors import NotGradable
from grader.submissions import archives
from grader.submissions.archives import bare, is_archive, unpack, unpack_tar

Packed = Callable[[Path], None]


def zipped(path: Path, files: dict[str, bytes], modes: dict[str, int] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (modes or {}).get(name, stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)
    return path


def tarred(members: dict[str, bytes | tarfile.TarInfo]) -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w") as archive:
        for name, content in members.items():
            if isinstance(content, tarfile.TarInfo):
                content.name = name
                archive.addfile(content)
            else:
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    return kept.getvalue()


def special(kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo("x")
    info.type, info.linkname = kind, target
    return info


def found(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(path: Path, tmp_path: Path, bounds: archives.Bounds = archives.SUBMISSION) -> str:
    with pytest.raises(NotGradable) as told:
        unpack(path, tmp_path / "into", bounds)
    return str(told.value)


WORK = {"work/main.py": b"print(1)", "work/lib/a.py": b"", "work\\b.py": b"2"}
WANTED = {"work/main.py": b"print(1)", "work/lib/a.py": b"", "work/b.py": b"2"}


def test_a_zip_is_unpacked(tmp_path: Path) -> None:
    unpack(zipped(tmp_path / "a.zip", WORK), tmp_path / "into")
    assert found(tmp_path / "into") == WANTED


@pytest.mark.parametrize(
    ("name", "pressed"),
    [("a.tar", bytes), ("a.tgz", gzip.compress), ("a.tar.bz2", bz2.compress), ("a.tar.xz", lzma.compress)],
)
def test_a_tar_is_unpacked_however_it_is_compressed(
    tmp_path: Path, name: str, pressed: Callable[[bytes], bytes]
) -> None:
    (tmp_path / name).write_bytes(pressed(tarred(dict(WORK))))
    unpack(tmp_path / name, tmp_path / "into")
    assert found(tmp_path / "into") == WANTED
    with io.BytesIO((tmp_path / name).read_bytes()) as stream:
        unpack_tar(stream, "standard input", tmp_path / "streamed")
    assert found(tmp_path / "streamed") == WANTED


@pytest.mark.parametrize(("raw", "name"), [("김.py".encode(), "김.py"), (b"\x8e.py", "Ä.py"), (b"a.py", "a.py")])
def test_a_name_in_a_zip_without_the_flag_is_utf_8_where_its_bytes_are(tmp_path: Path, raw: bytes, name: str) -> None:
    path = zipped(tmp_path / "a.zip", {"x" * len(raw): b"1"})
    path.write_bytes(path.read_bytes().replace(b"x" * len(raw), raw))
    unpack(path, tmp_path / "into")
    assert found(tmp_path / "into") == {name: b"1"}


def test_a_name_in_a_zip_with_the_flag_is_as_it_says(tmp_path: Path) -> None:
    unpack(zipped(tmp_path / "a.zip", {"├ñ.py": b"1"}), tmp_path / "into")
    assert found(tmp_path / "into") == {"├ñ.py": b"1"}


def test_the_content_counts_and_not_the_name(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(tarred({"main.py": b"1"}))
    unpack(tmp_path / "a.zip", tmp_path / "into")
    assert found(tmp_path / "into") == {"main.py": b"1"}


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/x", "..\\x", "C:\\x", "\\x"])
def test_a_member_that_would_leave_the_folder_refuses_the_archive(tmp_path: Path, name: str) -> None:
    assert "would leave the folder" in refused(zipped(tmp_path / "a.zip", {"main.py": b"", name: b"x"}), tmp_path)
    (tmp_path / "a.tar").write_bytes(tarred({name: b"x"}))
    assert "would leave the folder" in refused(tmp_path / "a.tar", tmp_path)
    assert [path.name for path in tmp_path.rglob("x")] == []


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (tarfile.SYMTYPE, "x is a link"),
        (tarfile.LNKTYPE, "x is a link"),
        (tarfile.CHRTYPE, "x is a device or a pipe"),
        (tarfile.BLKTYPE, "x is a device or a pipe"),
        (tarfile.FIFOTYPE, "x is a device or a pipe"),
    ],
)
def test_links_and_devices_refuse_a_tar(tmp_path: Path, kind: bytes, told: str) -> None:
    (tmp_path / "a.tar").write_bytes(tarred({"main.py": b"1", "x": special(kind, "/etc/passwd")}))
    assert told in refused(tmp_path / "a.tar", tmp_path)
    assert not (tmp_path / "into" / "x").exists()


@pytest.mark.parametrize(
    ("mode", "told"),
    [(stat.S_IFLNK, "is a link"), (stat.S_IFIFO, "a device or a pipe"), (stat.S_IFCHR, "a device or a pipe")],
)
def test_links_and_devices_refuse_a_zip(tmp_path: Path, mode: int, told: str) -> None:
    path = zipped(tmp_path / "a.zip", {"x": b"/etc/passwd"}, {"x": mode | 0o777})
    assert told in refused(path, tmp_path)
    assert not (tmp_path / "into" / "x").exists()


def test_a_link_is_never_written_through(tmp_path: Path) -> None:
    link = special(tarfile.SYMTYPE, str(tmp_path))
    (tmp_path / "a.tar").write_bytes(tarred({"node_modules": link, "node_modules/x": b"x"}))
    unpack_or_not = refused(tmp_path / "a.tar", tmp_path)
    assert "is a link" in unpack_or_not
    assert not (tmp_path / "x").exists()


def test_a_zip_bomb_stops_where_a_submission_ends(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"main.py": b"0" * (archives.MAX_BYTES + 1)})
    assert "more than 20 MiB" in refused(path, tmp_path)
    assert path.stat().st_size < 100_000
    other = zipped(tmp_path / "b.zip", {"node_modules/x": b"0" * 2000})
    assert "more than 20 MiB" in refused(other, tmp_path, archives.Bounds(unpacked=1000))


def test_a_header_that_promises_less_than_comes_is_not_believed(tmp_path: Path) -> None:
    """The size in a zip's directory is the packer's word; what comes out is counted."""
    path = zipped(tmp_path / "a.zip", {"main.py": b"0" * 4000})
    packed = path.read_bytes().replace((4000).to_bytes(4, "little"), (4).to_bytes(4, "little"))
    path.write_bytes(packed)
    assert "cannot be unpacked" in refused(path, tmp_path)


def test_a_tar_bomb_stops_even_in_what_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "a.tgz").write_bytes(gzip.compress(tarred({"main.py": b"0" * (archives.MAX_BYTES + 1)})))
    assert "more than 20 MiB" in refused(tmp_path / "a.tgz", tmp_path)
    (tmp_path / "b.tgz").write_bytes(gzip.compress(tarred({".git/x": b"0" * 60_000})))
    assert "more than 20 MiB" in refused(tmp_path / "b.tgz", tmp_path, archives.Bounds(unpacked=50_000))


@pytest.mark.parametrize("kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK])
def test_a_tar_header_of_any_size_takes_no_memory(tmp_path: Path, kind: bytes) -> None:
    long = tarfile.TarInfo("x")
    long.type, long.size = kind, 10**9
    (tmp_path / "a.tar").write_bytes(long.tobuf(tarfile.USTAR_FORMAT) + b"0" * 512)
    assert "(a header of 1000000000 bytes)" in refused(tmp_path / "a.tar", tmp_path)


def test_too_many_members_refuse_the_archive(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {f"{n}.txt": b"" for n in range(11)})
    assert "more than 10 names" in refused(path, tmp_path, archives.Bounds(names=10))


def test_what_tools_leave_behind_is_passed_over_however_large(tmp_path: Path) -> None:
    big = b"0" * (archives.MAX_BYTES + 1)
    unpack(zipped(tmp_path / "a.zip", {"main.py": b"1", "node_modules/x": big, "__MACOSX/._main.py": b""}), tmp_path)
    assert found(tmp_path) == {"main.py": b"1", "a.zip": (tmp_path / "a.zip").read_bytes()}


def test_a_locked_zip_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"main.py": b"1"})
    packed = bytearray(path.read_bytes())
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(packed)
    assert "locked with a password" in refused(path, tmp_path)


def test_one_name_twice_refuses_the_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("main.py", "1")
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("main.py", "2")
    assert "holds main.py twice" in refused(tmp_path / "a.zip", tmp_path)


CUT = gzip.compress(tarred({"a": b"1" * 9999}), mtime=0)[:40]


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04 cut", CUT], ids=["empty", "text", "zip", "gzip"])
def test_what_is_no_archive_is_told_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.tar.gz").write_bytes(content)
    told = refused(tmp_path / "a.tar.gz", tmp_path)
    assert "a.tar.gz: cannot be unpacked (" in told
    assert "\n" not in told


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    assert "cannot be unpacked" in refused(zipped(tmp_path / "a.zip", {"a": b"1", "a/b": b"2"}), tmp_path)


def test_an_archive_is_known_by_its_name(tmp_path: Path) -> None:
    for name in ("a.ZIP", "b.tar.gz", "main.py"):
        (tmp_path / name).touch()
    (tmp_path / "link.zip").symlink_to(tmp_path / "a.ZIP")
    assert [path.name for path in sorted(tmp_path.iterdir()) if is_archive(path)] == ["a.ZIP", "b.tar.gz"]
    assert [bare("ada.tar.gz"), bare("ada.ZIP"), bare("ada.x")] == ["ada", "ada", "ada.x"]
