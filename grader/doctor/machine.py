"""Letters, folders and room."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from grader.doctor.bench import Bench
from grader.doctor.finding import Finding, Mark
from grader.texts import joined, say

MIB = 1 << 20
NEEDED_BYTES = 100 * MIB  # a submission, and what it writes
COMFORTABLE_BYTES = 2048 * MIB  # LocalStack, or a provider of Terraform's


def letters(_bench: Bench) -> Iterator[Finding]:
    """Can what is written be shown in every language?"""
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower()
    if encoding.replace("-", "").replace("_", "") in ("utf8", "utf8sig", "cp65001"):
        yield Finding("letters", Mark.OK, say("{encoding}: every letter there is", encoding=encoding))
        return
    why = say("What it has no letter for is shown as \\u2026; files are in UTF-8 all the same.")
    mend = "chcp 65001; $env:PYTHONUTF8 = 1" if os.name == "nt" else "export LANG=C.UTF-8"
    yield Finding("letters", Mark.NOTE, say("{encoding}, which is not UTF-8", encoding=encoding), why, mend)


def folders(bench: Bench) -> Iterator[Finding]:
    """A file is written, and taken away again, in each that labgrade keeps something in."""
    from grader.capabilities import Capabilities
    from grader.workspace import folder

    cache = Capabilities(bench.moto()).memory.parent
    home, state, here = say("home"), say("state"), say("this folder")
    places = [(home, _home()), (say("cache"), cache), (state, folder.root()), (here, Path.cwd())]
    wrong = []
    for what, place in places:
        if trouble := _unwritable(place):
            wrong.append(say("{what} ({place}): {trouble}", what=what, place=str(place), trouble=trouble))
    if wrong:
        why = say("Without a cache labgrade is slower; `login` and `start` want to write in the others.")
        yield Finding("folders", Mark.BROKEN, joined(wrong), why, 'Make them yours: sudo chown -R "$USER" FOLDER')
    else:
        yield Finding(
            "folders",
            Mark.OK,
            say(
                "{places} ({cache}, {state}) can be written",
                places=[what for what, _ in places],
                cache=str(cache),
                state=str(folder.root()),
            ),
        )


def disk(_bench: Bench) -> Iterator[Finding]:
    place = tempfile.gettempdir()
    free = shutil.disk_usage(place).free
    found = say("{size} free in {place}", size=_size(free), place=str(place))
    if free < NEEDED_BYTES:
        mend = say("Make room, or name a place with more of it: export TMPDIR=/another/place")
        yield Finding("disk", Mark.LOW, found, "A submission runs in a copy there.", mend, needed=True)
    elif free < COMFORTABLE_BYTES:
        why = say("Enough to grade; LocalStack or a provider of Terraform's may want more.")
        yield Finding("disk", Mark.LOW, found, why)
    else:
        yield Finding("disk", Mark.OK, found, needed=True)


def _home() -> Path:
    return Path(os.path.expanduser("~"))  # noqa: PTH111  (where there is no home it is `~`, and no error)


def _unwritable(place: Path) -> str:
    """What keeps us from writing there, or where it would be made; empty where nothing does."""
    there = next((folder for folder in (place, *place.absolute().parents) if folder.is_dir()), place)
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"labgrade")
    except OSError as error:
        return str(error.strerror or error)
    return ""


def _size(count: int) -> str:
    return f"{count / (1024 * MIB):.1f} GiB" if count >= 1024 * MIB else f"{count // MIB} MiB"
