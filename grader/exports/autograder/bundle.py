"""The archive: labgrade itself and the lab, as they are here, with the two scripts that Gradescope calls.

https://gradescope-autograders.readthedocs.io/en/latest/specs/ (2026-11-25): `setup.sh` runs once, when the image is
built, and `run_autograder` for every submission; the archive is unpacked into /autograder/source. Nothing of labgrade
is fetched from anywhere, so the grading there is the grading here; what it depends on is pinned to what is here.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version
from importlib.resources import files
from pathlib import Path

import grader
from grader.contents import tree
from grader.exports.autograder.settings import Settings
from grader.lab import NOT_SHIPPED, Lab

SETTINGS = "settings.json"
_SCRIPTS = ("setup.sh", "run_autograder")
_WHEN = (2020, 1, 1, 0, 0, 0)  # the same content is the same archive
_NAME = re.compile(r"([A-Za-z0-9._-]+)(\[[^]]*\])?")
_BESIDE = ("awscli",)  # for submissions that are shell scripts


def bundle(lab: Lab, settings: Settings) -> bytes:
    """The zip file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content, executable in _members(lab, settings):
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if executable else 0o644) << 16
            archive.writestr(entry, content)
    return held.getvalue()


def requirements() -> str:
    """What labgrade needs, in the versions that are installed here."""
    listed = [one for one in requires("labgrade") or [] if "extra ==" not in one]
    pinned = [_pinned(match[1], match[2] or "") for one in [*listed, *_BESIDE] if (match := _NAME.match(one))]
    return "".join(f"{line}\n" for line in sorted(pinned))


def _members(lab: Lab, settings: Settings) -> Iterator[tuple[str, bytes, bool]]:
    scripts = files("grader.exports.autograder")
    for name in _SCRIPTS:
        yield name, scripts.joinpath(name).read_bytes(), True
    yield SETTINGS, settings.to_text().encode(), False
    yield "requirements.txt", requirements().encode(), False
    package = Path(grader.__file__).parent
    for name, content in tree(package, {"labs"}):
        yield f"labgrade/grader/{name}", content, False
    for name, content in tree(lab.folder, NOT_SHIPPED):
        yield f"labgrade/grader/labs/{lab.folder.name}/{name}", content, False


def _pinned(name: str, extras: str) -> str:
    try:
        return f"{name}{extras}=={version(name)}"
    except PackageNotFoundError:
        return f"{name}{extras}"
