"""`labgrade.toml` inside a submission: `entry` and `order`, and nothing else."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import NotGradable
from grader.submissions.files import read_bytes, shown
from grader.texts import say

NAME = "labgrade.toml"
WHOSE = ("student", "course")  # `labgrade login` writes them beside the work: no say of the submission's, so unheard


@dataclass(frozen=True)
class Settings:
    """The entries that it names, in their order; none where it is silent."""

    entries: tuple[str, ...] = ()


def read(root: Path, files: Sequence[str]) -> Settings:
    """The settings of a submission with these files. Raises NotGradable naming the key or the line."""
    if NAME not in files:
        return Settings()
    path = shown(root / NAME)
    said = _parsed(path, read_bytes(root, NAME))
    for key in WHOSE:
        said.pop(key, None)
    for key in said:
        if key not in ("entry", "order"):
            raise NotGradable(
                say(
                    "{path}: {key} has no meaning inside a submission, only entry and order do; take it out, or move "
                    "the file to the folder above.",
                    path=path,
                    key=repr(shown(key)),
                )
            )
    if len(said) == 2:
        raise NotGradable(say("{path}: it says both entry and order; keep one.", path=path))
    return Settings(_entry(path, said) or _order(path, said))


def _entry(path: str, said: dict[str, Any]) -> tuple[str, ...]:
    entry = said.get("entry")
    if entry is None:
        return ()
    if not isinstance(entry, str) or not entry:
        raise NotGradable(say('{path}: entry is the name of a file, as in entry = "main.py".', path=path))
    return (entry,)


def _order(path: str, said: dict[str, Any]) -> tuple[str, ...]:
    order = said.get("order")
    if order is None:
        return ()
    named = isinstance(order, list) and order and all(isinstance(name, str) and name for name in order)
    if not named or len(set(order)) < len(order):
        raise NotGradable(
            say('{path}: order lists different files, as in order = ["template.yaml", "main.sh"].', path=path)
        )
    return tuple(order)


def _parsed(path: str, content: bytes) -> dict[str, Any]:
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise NotGradable(say("{path}: is not UTF-8 text; save it as UTF-8.", path=path)) from None
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise NotGradable(say("{path}: is nested too deeply.", path=path)) from None
    except tomllib.TOMLDecodeError as error:
        last = text.rstrip().count("\n") + 1
        reason = str(error).replace("at end of document", f"at line {last}, the last")
        raise NotGradable(say("{path}: is not TOML: {reason}.", path=path, reason=reason)) from None
