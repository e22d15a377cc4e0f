"""Keeps catalogues up to date: what is new is added to each `.po`, and each `.mo` is made of its `.po`.

python -m grader.translating          labgrade's own, and those of every lab that has one
python -m grader.translating LAB …    those of labs alone; a lab without one gets one begun
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import languages
from grader.contents import JUNK_FOLDERS
from grader.errors import LabgradeError
from grader.lab import Lab, find, folders, read
from grader.lint import catalogue, sentences
from grader.lint.sentences import Sentence

PACKAGE = Path(__file__).parent
TRANSLATED = tuple(lang for lang in languages.LANGUAGES if lang != languages.ENGLISH)
_NOT_SAID = frozenset({"templates", "labs"}) | JUNK_FOLDERS  # a lab's own stand in the lab's catalogue


@dataclass(frozen=True)
class Catalogue:
    """A `.po`, the `.mo` that is made of it, and the sentences that belong in both."""

    po: Path
    mo: Path
    lang: str
    sentences: tuple[Sentence, ...]
    root: Path

    def merged(self) -> list[catalogue.Entry]:
        """The entries as they should be. Raises ValueError for a broken `.po`."""
        places = [(one.template, one.path.relative_to(self.root).as_posix()) for one in self.sentences]
        return catalogue.merged(catalogue.read(self.po), places)

    def update(self) -> list[catalogue.Entry]:
        """Write both; what is not translated yet."""
        entries = self.merged()
        self.po.parent.mkdir(parents=True, exist_ok=True)
        self.po.write_text(catalogue.written(entries, self.lang), "utf-8", newline="\n")
        self.mo.write_bytes(catalogue.compiled(entries, self.lang))
        return [entry for entry in entries if not entry.is_translated]


def own(lang: str) -> Catalogue:
    """labgrade's. Raises Unread."""
    paths = [p for p in sorted(PACKAGE.rglob("*.py")) if not set(p.relative_to(PACKAGE).parts) & _NOT_SAID]
    said = sentences.unique(sentences.of_modules(paths, PACKAGE))
    mo = languages.own(lang)
    return Catalogue(mo.with_suffix(".po"), mo, lang, tuple(said), PACKAGE)


def of_lab(lab: Lab, lang: str) -> Catalogue:
    """A lab's. Raises Unread."""
    mo = lab.folder / lang / languages.COMPILED
    return Catalogue(mo.with_suffix(".po"), mo, lang, tuple(sentences.of_lab(lab)), lab.folder)


def catalogues(names: Sequence[str] = ()) -> list[Catalogue]:
    """Of the labs that are named; else labgrade's own and those of every lab that has some."""
    if names:
        return [of_lab(find(name), lang) for name in names for lang in TRANSLATED]
    labs = [read(folder) for folder in folders()]
    begun = [(lab, lang) for lab in labs for lang in TRANSLATED if (lab.folder / lang).is_dir()]
    return [*map(own, TRANSLATED), *(of_lab(lab, lang) for lab, lang in begun)]


def main(names: Sequence[str]) -> int:
    """1 where something is left to translate."""
    lacking = 0
    for one in catalogues(names):
        left = one.update()
        lacking += len(left)
        print(f"{one.po}: {len(one.sentences)} sentences, {len(left)} to translate")  # noqa: T201
    return 1 if lacking else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except sentences.Unread as error:
        sys.exit(f"{error.path}:{error.line}: this template cannot be read: write it out")
    except (LabgradeError, ValueError) as error:
        sys.exit(str(error))
