"""Reads a submission: what it holds, what of it is applied, and in which order."""

from __future__ import annotations

import difflib
import stat
from dataclasses import replace
from pathlib import Path, PurePosixPath

from grader.errors import NotGradable
from grader.submissions import entries, settings
from grader.submissions.files import Inventory, fingerprint, read_bytes, shown, take_stock
from grader.submissions.interface import Stage, Submission
from grader.texts import Text, say


def read(path: Path | str, *, entry: str | None = None) -> Submission:
    """The submission at that path, a file or a folder. Raises NotGradable, naming what was found and the cure.

    `entry` says which file of a folder is the entry, alone; it goes before `labgrade.toml`. The path itself may
    be a link, for it is the caller's; a link inside is left out.
    """
    given = Path(path)
    try:
        mode = given.stat().st_mode
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or say("its name cannot be one")
        raise NotGradable(
            say(
                "{given}: cannot be read ({reason}){nearest}.",
                given=shown(given),
                reason=reason,
                nearest=_nearest(given),
            )
        ) from None
    if stat.S_ISDIR(mode):
        return _folder(given, entry)
    if not stat.S_ISREG(mode):
        raise NotGradable(say("{given}: not a file or a folder; hand in a plain file.", given=shown(given)))
    if entry is not None:
        raise NotGradable(say("{given}: is one file, so it is the entry; leave out --entry.", given=shown(given)))
    return _file(given)


def _file(given: Path) -> Submission:
    known = entries.by_suffix(given.name)
    if known is None:
        suffixes = " ".join(entries.SUFFIXES)
        raise NotGradable(
            say(
                "{given}: labgrade cannot tell what this is; hand in a folder, or a file that ends in one of "
                "{suffixes} (unpack an archive first).",
                given=shown(given),
                suffixes=suffixes,
            )
        )
    real = given.resolve()
    _check_text(real.parent, real.name)
    stage = type(known)(real.name)
    return Submission(given, real.parent, (real.name,), (stage,), fingerprint(real.parent, [real.name]))


def _folder(given: Path, entry: str | None) -> Submission:
    inventory, notes = _entered(take_stock(given))
    if not inventory.files:
        raise NotGradable(
            say(
                "{given}: nothing to grade in it{left_out}. {wanted}",
                given=shown(given),
                left_out=_left_out(inventory),
                wanted=entries.WANTED,
            )
        )
    said = settings.read(inventory.root, inventory.files)
    wanted = (entry,) if entry is not None else said.entries
    if wanted:
        stages = tuple(_named(inventory, given, name) for name in wanted)
    else:
        stages, chosen = entries.choose(inventory)
        notes += chosen
    for stage in stages:
        _check_text(inventory.root, stage.entry)
    sha256 = fingerprint(inventory.root, inventory.files)
    return Submission(given, inventory.root, tuple(inventory.files), stages, sha256, tuple(notes))


def _entered(inventory: Inventory) -> tuple[Inventory, list[Text]]:
    """The stock of the lone folder that an archive tends to wrap the work in, and what to say about it."""
    folders = {name.partition("/")[0] for name in inventory.files}
    if inventory.top() or len(folders) != 1:
        return inventory, inventory.notes()
    folder = folders.pop()
    files = [name.removeprefix(f"{folder}/") for name in inventory.files]
    inner, notes = _entered(replace(inventory, root=inventory.root / folder, files=files))
    return inner, [say("The work was found in the folder {folder}.", folder=shown(folder)), *notes]


def _named(inventory: Inventory, given: Path, name: str) -> Stage:
    """The stage of an entry that was named, by `--entry` or `labgrade.toml`."""
    path = PurePosixPath(name.replace("\\", "/"))
    if path.is_absolute() or ".." in path.parts:
        raise NotGradable(
            say("{given}: the entry {name} must lie inside the submission.", given=shown(given), name=shown(name))
        )
    prefix = inventory.root.relative_to(given).as_posix()
    inside = path.relative_to(prefix) if path.is_relative_to(prefix) else path
    if inside.as_posix() not in inventory.files:
        found = ", ".join(shown(file) for file in inventory.files[:10])
        raise NotGradable(
            say(
                "{given}: there is no entry {name} in it; it holds {found}.",
                given=shown(given),
                name=shown(name),
                found=found,
            )
        )
    stage = entries.by_suffix(inside.as_posix())
    if stage is None:
        raise NotGradable(
            say(
                "{given}: {name} cannot be an entry. {wanted}",
                given=shown(given),
                name=shown(name),
                wanted=entries.WANTED,
            )
        )
    return stage


def _check_text(root: Path, name: str) -> None:
    content = read_bytes(root, name)
    if not content.strip():
        raise NotGradable(say("{name}: is empty; nothing to grade.", name=shown(root / name)))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise NotGradable(say("{name}: is UTF-16 text; save it as UTF-8.", name=shown(root / name)))
    if b"\0" in content:
        raise NotGradable(say("{name}: is not text; hand in the source itself.", name=shown(root / name)))


def _left_out(inventory: Inventory) -> Text | str:
    names = [shown(name) for name in (*inventory.junk, *inventory.odd)][:6]
    return say(" (left out: {names})", names=names) if names else ""


def _nearest(path: Path) -> Text | str:
    """`; did you mean NAME` where a name beside it is close."""
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except (OSError, ValueError):
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return say("; did you mean {name}", name=shown(path.parent / near[0])) if near else ""
