"""What the programs of a submission need of this machine: the system's libraries, an interpreter with boto3, tools."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from grader.sandbox.bwrap.mounts import Mounts

SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/usr/bin", "/usr/lib", "/usr/lib64", "/nix/store")
FILES = (
    "/usr/share/zoneinfo",
    "/usr/share/ca-certificates",
    "/usr/local/share/ca-certificates",
    "/etc/ssl/certs",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust/extracted",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/etc/localtime",
)
ETC = Path(__file__).with_name("etc")
# boto3 and the AWS CLI with what they import; labgrade, moto and the labs may lie beside them and are not among these.
PACKAGES = (
    *("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six.py", "urllib3", "awscrt", "_awscrt.abi3.so"),
    *("awscli", "docutils", "colorama", "rsa", "pyasn1", "yaml", "_yaml"),
)


def system(mounts: Mounts) -> None:
    """Shell, coreutils, libraries, certificates, and an /etc of our own."""
    for name in SYSTEM:
        mounts.like(Path(name))
    for name in FILES:
        mounts.bind(Path(name))
    for file in ETC.iterdir():
        mounts.bind(Path("/etc") / file.name, file)
    for folder in _site_folders(Path("/usr")):
        mounts.only(folder, ())


def interpreter(mounts: Mounts, python: Path, everything: bool = False) -> None:
    """A Python, of a virtual environment or not, with nothing installed but PACKAGES, or with everything."""
    python = Path(os.path.normpath(python))
    prefix, real = python.parents[1], python.resolve()
    base = real.parents[1]
    if prefix in mounts.interpreters:
        return
    mounts.interpreters.add(prefix)
    for name in ("bin", "lib", "lib64"):
        if not mounts.shows(base / name):
            mounts.like(base / name)
    for folder in dict.fromkeys((*_site_folders(base), *_site_folders(prefix))):
        if everything and folder.is_relative_to(prefix):
            mounts.bind(folder)
        elif folder.is_dir():
            mounts.only(folder, PACKAGES)
    if prefix != base:
        mounts.bind(prefix / "pyvenv.cfg")
        for program in (prefix / "bin").glob("python*"):
            mounts.link(program, str(program.resolve()))


def program(mounts: Mounts, given: Path) -> None:
    """Show a program, or a folder, at its place; with the interpreter that it cannot do without."""
    given = Path(os.path.normpath(given))
    real = given.resolve()
    if real.is_file() and (shebang := _shebang(real)):
        interpreter(mounts, shebang)
    if mounts.shows(given) and mounts.shows(real):
        return
    mounts.bind(real.parent if real.parent.name == "dist" else real)  # version 2 of the AWS CLI brings its own Python
    if given != real and not mounts.shows(given):
        mounts.link(given, str(real))


def server(mounts: Mounts, given: Path) -> None:
    """A Python, or a program with one, and all that is installed for it but labgrade, should that be."""
    python = given if given.name.startswith("python") else _shebang(given.resolve())
    if python is None:
        program(mounts, given)
        return
    prefix = Path(os.path.normpath(python)).parents[1]
    mounts.interpreters.discard(prefix)
    interpreter(mounts, python, everything=True)
    for folder in _site_folders(prefix):
        if (folder / "grader").is_dir():
            mounts.only(folder / "grader", ())
    program(mounts, given)


def own_interpreter() -> Path:
    """The Python that runs labgrade and submissions, by the name that it is called by."""
    return Path(os.path.normpath(sys.executable))  # no link is followed: a virtual environment's is one


def _site_folders(prefix: Path) -> Iterator[Path]:
    for pattern in ("lib/python3*/site-packages", "lib/python3*/dist-packages"):
        yield from sorted(prefix.glob(pattern))


def _shebang(path: Path) -> Path | None:
    """The Python of a script's first line."""
    with path.open("rb") as file:
        line = file.readline(400)
    words = line.removeprefix(b"#!").split()
    if not line.startswith(b"#!") or not words:
        return None
    named = Path(words[0].decode("utf-8", "replace"))
    return named if named.name.startswith("python") and named.exists() else None
