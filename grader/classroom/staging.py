"""Hand-ins made ready to be read: archives unpacked, files called as they were; each once, whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.classroom.intake import HandIn
from grader.contents import digest
from grader.errors import NotGradable, UsageError
from grader.submissions.archives import DOWNLOAD, is_archive, unpack
from grader.submissions.files import read_bytes, shown, special
from grader.texts import Argument, Text, say


@dataclass(frozen=True)
class Staging:
    """A folder with one for each content that had to be unpacked, named by what it was made of."""

    folder: Path

    def download(self, path: Path) -> Path:
        """The class's submissions, if they came as one archive. Raises UsageError."""
        if not is_archive(path):
            return path
        try:
            return self._once(_digest_of(path), lambda into: unpack(path, into, DOWNLOAD))
        except NotGradable as error:
            raise UsageError(f"{error} (Or unpack it yourself, and name the folder.)") from None

    def ready(self, handin: HandIn) -> Path:
        """Where the work can be read. Raises NotGradable."""
        for name, path in (handin.files or {handin.path.name: handin.path}).items():
            if what := special(path):
                raise NotGradable(say("{name}: is {special}; hand in plain files.", name=shown(name), special=what))
        if handin.files:
            contents = {name: read_bytes(path.parent, path.name) for name, path in handin.files.items()}
            return self._once(digest(contents.items()), lambda into: _compose(contents, into))
        if is_archive(handin.path):
            return self._once(_digest_of(handin.path), lambda into: unpack(handin.path, into))
        return handin.path

    def _once(self, name: str, make: Callable[[Path], None]) -> Path:
        """The folder of that name, made if it is not there; a kill half-way leaves none."""
        made = self.folder / name[:32]
        if made.is_dir():
            return made
        draft = self.folder / f".{made.name}"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            make(draft)
            draft.rename(made)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return made


def said_of(text: Text | str, staged: Path, name: str) -> Text | str:
    """The sentence with the student's own name for the work where ours stands."""
    if isinstance(text, str):
        return text.replace(str(staged / name), name).replace(str(staged), name)
    return Text(text.template, {key: _renamed(value, staged, name) for key, value in text.args.items()})


def _renamed(value: Argument, staged: Path, name: str) -> Argument:
    if isinstance(value, Text | str):
        return said_of(value, staged, name)
    if isinstance(value, list | tuple):
        return [_renamed(one, staged, name) for one in value]
    return value


def _compose(contents: Mapping[str, bytes], into: Path) -> None:
    into.mkdir(parents=True)
    for name, content in contents.items():
        (into / name).write_bytes(content)


def _digest_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}.") from None
