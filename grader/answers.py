"""A lab's answers: the right ones in `solutions/`, the wrong ones in `mistakes/`, and what each says of itself."""

from __future__ import annotations

import difflib
import os
import shutil
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeAlias

from grader import submissions
from grader.contents import JUNK_FOLDERS
from grader.emulators import NAMES as EMULATORS
from grader.errors import LabError
from grader.lab import Lab, line_of
from grader.report import Outcome
from grader.submissions import tools

Kind: TypeAlias = Literal["solutions", "mistakes"]
Sort: TypeAlias = Literal["solutions", "mistakes", "nothing"]

CHANGE, APPROVED = "change.diff", "report.txt"
DECLARED: Mapping[Kind, str] = {"solutions": "solution.toml", "mistakes": "mistake.toml"}
OWN = frozenset({*DECLARED.values(), CHANGE, APPROVED})  # no part of the submission that is run
_KEYS: Mapping[Kind, frozenset[str]] = {
    "solutions": frozenset({"summary", "needs", "emulators"}),
    "mistakes": frozenset({"fails", "skips", "why", "solution", "needs", "emulators"}),
}
_EMULATOR_KEYS = frozenset({"refuses", "cannot_show", "checks"})


@dataclass(frozen=True)
class Declaration:
    """What an answer says of one emulator: that it refuses the answer, or cannot show some of the lab's checks.

    `evidence` names the row of evidence; `checks` are just those that end there otherwise than on AWS, where said.
    """

    refuses: bool
    evidence: str
    checks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Answer:
    """One folder of `solutions/` or `mistakes/`. A solution fails no check; a mistake just those that it names.

    Of the sort `nothing` it stands for an account that nobody has touched.
    """

    sort: Sort
    folder: Path
    about: str = ""
    fails: frozenset[str] = frozenset()
    skips: frozenset[str] = frozenset()
    needs: tuple[str, ...] = ()  # what the machine must have
    changes: Path | None = None  # the solution that change.diff is against
    declarations: Mapping[str, Declaration] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def title(self) -> str:
        """`mistakes/no_tag`, as it is named in what is printed."""
        return "an untouched account" if self.sort == "nothing" else f"{self.sort}/{self.name}"

    @property
    def kind(self) -> str:
        """What it is written in: `python`, or `cloudformation+shell` where two belong together."""
        return "nothing" if self.sort == "nothing" else submissions.read(self.changes or self.folder).kind

    @property
    def waits(self) -> bool:
        """Does it mostly wait? Providers of Terraform ask for a minute whether what they made is there."""
        return any(file.suffix == ".tf" for file in (self.changes or self.folder).iterdir())

    def expected(self, check: str) -> Outcome:
        """What AWS would have of this check, whatever an emulator shows."""
        if check in self.fails:
            return Outcome.FAILED
        return Outcome.SKIPPED if check in self.skips else Outcome.PASSED

    @contextmanager
    def work(self) -> Iterator[Path]:
        """The submission that it is, as a folder of its own for the moment. Raises LabError."""
        with tempfile.TemporaryDirectory(prefix="labgrade-answer-") as place:
            folder = Path(place, self.name)
            if self.sort == "nothing":
                folder.mkdir()
                (folder / "main.py").write_text("# Nothing is done.\n", "utf-8")
                yield folder
                return
            source = self.changes or self.folder

            def ignored(parent: str, names: list[str]) -> set[str]:
                return set(names) & (JUNK_FOLDERS | OWN if Path(parent) == source else JUNK_FOLDERS)

            shutil.copytree(source, folder, ignore=ignored)
            if self.changes is not None:
                _apply(self.folder / CHANGE, folder)
            yield folder


def folders(lab: Lab, kind: Kind) -> list[Path]:
    """The folders of a lab's solutions or mistakes, by name; none where it has none."""
    place = lab.folder / kind
    found = sorted(place.iterdir()) if place.is_dir() else []
    return [folder for folder in found if folder.is_dir() and folder.name not in JUNK_FOLDERS]


def answers(lab: Lab, kind: Kind) -> list[Answer]:
    """All of a lab's solutions or mistakes. Raises LabError with file and line."""
    return [read(lab, folder, kind) for folder in folders(lab, kind)]


def read(lab: Lab, folder: Path, kind: Kind) -> Answer:
    """The answer in that folder. Raises LabError with file and line."""
    said = _Said.read(folder / DECLARED[kind], required=kind == "mistakes")
    said.only(_KEYS[kind])
    checks = {check.id for check in lab.checks}
    changes = _changed(lab, folder, said) if kind == "mistakes" else None
    fails, skips = said.names("fails", checks), said.names("skips", checks)
    if kind == "mistakes" and not fails:
        raise said.wrong("fails", "fails names the checks that this mistake fails, at least one")
    if both := fails & skips:
        raise said.wrong("skips", f"{', '.join(sorted(both))} cannot be failed and skipped at once")
    about = said.text("summary" if kind == "solutions" else "why")
    if kind == "mistakes" and not about:
        raise said.wrong("why", "why says what AWS would do")
    needs = said.strings("needs")
    if changes is not None:
        needs = (*needs, *read(lab, changes, "solutions").needs)
    return Answer(kind, folder, about, fails, skips, needs, changes, _declarations(said, checks))


def lacking(answer: Answer) -> str:
    """What this machine lacks to run it, in words; empty where it has everything."""
    return "; ".join(f"no {need}" for need in dict.fromkeys(answer.needs) if not _has(need))


def _has(need: str) -> bool:
    """Is that program here? `terraform` may be OpenTofu; `terraform-provider-NAME` wants a mirror that holds it."""
    if need == "aws":
        return tools.real_aws() is not None
    if not need.startswith("terraform"):
        return tools.find(need) is not None
    provider = need.removeprefix("terraform").removeprefix("-provider-")
    terraform = tools.find("terraform") or tools.find("tofu")
    return terraform is not None and (not provider or _mirrored(provider))


def _mirrored(provider: str) -> bool:
    from grader.submissions.mirrors import mirrors

    return any(any(mirror.glob(f"registry.*/*/{provider}")) for mirror in mirrors())


def _changed(lab: Lab, folder: Path, said: _Said) -> Path | None:
    """The solution that a mistake's change.diff is against; None where the mistake is a submission of its own."""
    name, change = said.text("solution"), folder / CHANGE
    if not name:
        if change.is_file():
            raise LabError(f'{change}:1: which solution does it change? say solution = "…" in {said.path.name}')
        if not any(path.name not in OWN for path in folder.iterdir()):
            raise said.wrong("solution", f"there is no submission here, and no solution with a {CHANGE}")
        return None
    if not change.is_file():
        raise said.wrong("solution", f"a mistake against {name} comes with a {CHANGE}")
    known = {path.name: path for path in folders(lab, "solutions")}
    if name not in known:
        raise said.wrong("solution", f"no solution is called {name!r}{_near(name, known)}")
    return known[name]


def _declarations(said: _Said, checks: set[str]) -> dict[str, Declaration]:
    found: dict[str, Declaration] = {}
    for name, table in said.table.get("emulators", {}).items():
        if name not in EMULATORS or not isinstance(table, dict):
            raise said.wrong(name, f"[emulators.{name}]: no emulator is called so{_near(name, EMULATORS)}")
        about = _Said(said.path, said.source, table)
        about.only(_EMULATOR_KEYS, name)
        refuses, cannot_show = about.text("refuses"), about.text("cannot_show")
        if bool(refuses) == bool(cannot_show):
            raise said.wrong(name, f"[emulators.{name}] says refuses or cannot_show, and with what evidence")
        declared = Declaration(bool(refuses), refuses or cannot_show, about.names("checks", checks))
        found[name] = declared
    return found


@dataclass(frozen=True)
class _Said:
    """A TOML file of an answer, and where in it things stand."""

    path: Path
    source: str
    table: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path, required: bool) -> _Said:
        if not path.is_file() and not required:
            return cls(path, "", {})
        try:
            source = path.read_text("utf-8")
            return cls(path, source, tomllib.loads(source))
        except OSError as error:
            raise LabError(f"{path}: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise LabError(f"{path}: {error}") from None

    def wrong(self, key: str, message: str) -> LabError:
        return LabError(f"{self.path}:{line_of(self.source.replace('emulators.', ''), key)}: {message}")

    def only(self, known: frozenset[str], within: str | None = None) -> None:
        for key in self.table:
            if key not in known:
                raise self.wrong(key, f"unknown key {key!r}{' of ' + within if within else ''}{_near(key, known)}")

    def text(self, key: str) -> str:
        value = self.table.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(key, f'{key} is a string, as in {key} = "…"')
        return value

    def strings(self, key: str) -> tuple[str, ...]:
        value = self.table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.wrong(key, f'{key} is a list of strings, as in {key} = ["…"]')
        return tuple(value)

    def names(self, key: str, checks: set[str]) -> frozenset[str]:
        """Check ids that there are."""
        for name in self.strings(key):
            if name not in checks:
                raise self.wrong(key, f"no check is called {name!r}{_near(name, checks)}")
        return frozenset(self.strings(key))


def _near(name: str, known: Mapping[str, Any] | set[str] | frozenset[str] | tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean {near[0]}?)" if near else f" (there are {', '.join(sorted(known))})"


def _apply(change: Path, folder: Path) -> None:
    """Apply the change to the copy; to nothing else, even should the copy lie inside some repository."""
    environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(folder.parent), "LC_ALL": "C"}
    try:
        done = subprocess.run(
            ["git", "apply", str(change.resolve())],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except FileNotFoundError:
        raise LabError(f"{change}: git is not on this machine, and is wanted to apply it") from None
    if done.returncode:
        raise LabError(f"{change}:1: does not apply: {' '.join(done.stderr.split())}")
