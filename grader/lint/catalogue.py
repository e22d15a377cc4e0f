"""Catalogues of translations as files: `.po`, which people edit, and `.mo`, which programs read."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
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
    entries: dict[str, Entry] = {}
    entry, key = Entry(""), ""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        word, _, rest = line.partition(" ")
        try:
            if word == "msgid":
                entry, key = replace(entry, template=json.loads(rest), line=number), word
            elif word == "msgstr":
                entry, key = replace(entry, translation=json.loads(rest)), word
            elif line.startswith('"'):
                more: str = json.loads(line)
                if key == "msgid":
                    entry = replace(entry, template=entry.template + more)
                else:
                    entry = replace(entry, translation=entry.translation + more)
            elif line.startswith("#,"):
                entry = replace(entry, fuzzy="fuzzy" in line)
            elif line.startswith("#:"):
                entry = replace(entry, place=rest.strip())
            elif line and not line.startswith("#"):
                raise ValueError("neither msgid nor msgstr")
        except ValueError as error:
            raise ValueError(f"{path}:{number}: {error}") from None
        if not line and key:
            entries[entry.template] = entry
            entry, key = Entry(""), ""
    if key:
        entries[entry.template] = entry
    entries.pop("", None)
    return entries


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
