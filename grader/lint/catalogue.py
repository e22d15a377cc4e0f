"""Catalogues of translations as files: `.po`, which people edit, and `.mo`, which programs read."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import groupby
from pathlib import Path

HEADER = "Content-Type: text/plain; charset=UTF-8\nContent-Transfer-Encoding: 8bit\nLanguage: {lang}\n"
_NEAR = 0.8
_WIDTH = 96


@dataclass(frozen=True)
class Entry:
    """A sentence and its translation, empty where it has none; `fuzzy` where it is that of another sentence."""

    template: str
    translation: str = ""
    place: str = ""
    fuzzy: bool = False
    line: int = 1

    @property
    def is_translated(self) -> bool:
        return bool(self.translation) and not self.fuzzy


def read(path: Path) -> dict[str, Entry]:
    """The entries of a `.po` file by template, without its header; none where there is no file.

    Raises ValueError naming the line.
    """
    if not path.is_file():
        return {}
    lines = list(enumerate(path.read_text("utf-8").splitlines(), 1))
    blocks = (list(block) for full, block in groupby(lines, lambda each: bool(each[1].strip())) if full)
    entries = (_read(path, block) for block in blocks)
    return {entry.template: entry for entry in entries if entry.template}


def _read(path: Path, block: list[tuple[int, str]]) -> Entry:
    texts, key, entry = {"msgid": "", "msgstr": ""}, "", Entry("", line=block[0][0])
    for number, line in block:
        word, _, rest = line.partition(" ")
        if word == "#,":
            entry = replace(entry, fuzzy="fuzzy" in rest)
        elif word == "#:":
            entry = replace(entry, place=rest.strip())
        elif not line.startswith("#"):
            key = word if word in texts else key
            texts[key] = texts.get(key, "") + _unquoted(rest if word in texts else line, f"{path}:{number}")
    return replace(entry, template=texts["msgid"], translation=texts["msgstr"])


def _unquoted(text: str, place: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if not isinstance(value, str):
        raise ValueError(f"{place}: this is no text in quotes")  # noqa: TRY004  (the file's fault, no type's)
    return value


def merged(before: Mapping[str, Entry], templates: Iterable[tuple[str, str]]) -> list[Entry]:
    """An entry for each (template, place), in their order.

    A new sentence that is close to one that went has its translation, marked fuzzy until somebody has looked at it.
    """
    wanted = dict(templates)
    gone = {template: entry for template, entry in before.items() if template not in wanted and entry.translation}
    entries = []
    for template, place in wanted.items():
        entry = before.get(template)
        if entry is None:
            near = get_close_matches(template, gone, 1, _NEAR)
            entry = Entry(template, gone[near[0]].translation, fuzzy=True) if near else Entry(template)
        entries.append(replace(entry, place=place))
    return entries


def written(entries: Iterable[Entry], lang: str) -> str:
    """The text of a `.po` file."""
    head = [f'msgid ""\nmsgstr ""\n{_quoted_lines(HEADER.format(lang=lang))}\n']
    return "\n".join([*head, *map(_written, entries)])


def compiled(entries: Iterable[Entry], lang: str) -> bytes:
    """The bytes of a `.mo` file: what is translated, sorted. https://www.gnu.org/software/gettext/manual (2026-11)"""
    pairs = {entry.template: entry.translation for entry in entries if entry.is_translated}
    pairs[""] = HEADER.format(lang=lang)
    ids, texts, table = b"", b"", []
    for template in sorted(pairs, key=str.encode):
        key, text = template.encode(), pairs[template].encode()
        table.append((len(key), len(ids), len(text), len(texts)))
        ids, texts = ids + key + b"\0", texts + text + b"\0"
    start = 7 * 4 + 16 * len(table)
    of_ids = b"".join(struct.pack("<II", size, start + at) for size, at, _, _ in table)
    of_texts = b"".join(struct.pack("<II", size, start + len(ids) + at) for _, _, size, at in table)
    head = struct.pack("<7I", 0x950412DE, 0, len(table), 28, 28 + 8 * len(table), 0, 28 + 16 * len(table))
    return head + of_ids + of_texts + ids + texts


def _written(entry: Entry) -> str:
    lines = [f"#: {entry.place}"] if entry.place else []
    lines += ["#, fuzzy"] if entry.fuzzy else []
    return "\n".join([*lines, f"msgid {_quoted(entry.template)}", f"msgstr {_quoted(entry.translation)}", ""])


def _quoted(text: str) -> str:
    whole = json.dumps(text, ensure_ascii=False)
    return whole if "\n" not in text and len(whole) <= _WIDTH else f'""\n{_quoted_lines(text)}'


def _quoted_lines(text: str) -> str:
    pieces = [""]
    for word in re.findall(r"\S+[^\S\n]*\n?|\s+", text):
        if pieces[-1].endswith("\n") or (pieces[-1] and len(pieces[-1]) + len(word) > _WIDTH):
            pieces.append("")
        pieces[-1] += word
    return "\n".join(json.dumps(piece, ensure_ascii=False) for piece in pieces)
