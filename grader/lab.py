"""Labs: finding their folders, reading lab.toml, loading checker and scenario, rendering the task."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import os
import sys
import tomllib
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from grader.access import ACCOUNT, REGION, Access
from grader.contents import digest, tree
from grader.errors import LabError, UsageError
from grader.languages import ENGLISH, translator
from grader.parameters import ParameterError, Parameters, Value
from grader.texts import filled, plain, say

if TYPE_CHECKING:
    from grader.checks import Check, Given

_KEYS = {
    "title": str,
    "summary": str,
    "services": list,
    "minutes": int,
    "parameters": dict,
    "relations": list,
    "region": str,
}
_OPTIONAL = {"parameters", "relations", "region"}
NOT_SHIPPED = frozenset({"solutions", "mistakes"})  # a wheel leaves them out, so a lab's version does too


@dataclass(frozen=True)
class Lab:
    """A lab's folder, read. Its checker is Python of the lab's author and loaded only when asked for."""

    folder: Path
    title: str
    summary: str
    services: tuple[str, ...]
    minutes: int
    parameters: Parameters
    region: str = REGION

    @property
    def id(self) -> str:
        return self.folder.name.replace("_", "-")

    @cached_property
    def version(self) -> str:
        """A number over what decides a grade: 16 hex digits of the folder's digest."""
        return digest(tree(self.folder, NOT_SHIPPED))[:16]

    @property
    def texts(self) -> dict[str, Any]:
        """Its title, as a report keeps it: to be said in another language later."""
        return {"title": plain(self.title).to_json()}

    def said_in(self, lang: str) -> Lab:
        """The same, with what lab.toml says in that language, where the lab has it."""
        say_it = translator(lang, self.folder)

        def said(text: str) -> str:
            return plain(text).render(say_it)

        declared = tuple(replace(one, about=said(one.about)) for one in self.parameters.declared)
        parameters = replace(self.parameters, declared=declared)
        return replace(self, title=said(self.title), summary=said(self.summary), parameters=parameters)

    def values(self, student: str | None = None, course: str | None = None) -> dict[str, Value]:
        """The parameters of a student, or the defaults without one."""
        if not student or not student.strip():
            return self.parameters.defaults()
        return self.parameters.drawn(self.id, student, course or "")

    @cached_property
    def checks(self) -> tuple[Check[Any], ...]:
        """The checks, in the order in which the checker defines them. Raises LabError."""
        from grader.checks import Check

        found = {id(value): value for value in vars(self.checker).values() if isinstance(value, Check)}
        checks = tuple(sorted(found.values(), key=lambda check: check.line))
        if not checks:
            raise LabError(f"{self.folder / 'checker.py'}: no function of it is a @check")
        for check in checks:
            self._try_texts(check)
        return checks

    def _try_texts(self, check: Check[Any]) -> None:
        """Raise LabError for a text of the check's own that cannot be filled: told now, and not to a student."""
        for name, text in (("docstring", check.requirement), ("why", check.why), ("fix", check.fix)):
            try:
                filled(text, self.values()).render()
            except (ValueError, LookupError, AttributeError) as error:
                place = f"{self.folder / 'checker.py'}:{check.line}"
                raise LabError(f"{place}: {check.id}: its {name} names {error}, and lab.toml does not") from None

    @cached_property
    def checker(self) -> ModuleType:
        return self._module("checker")

    @cached_property
    def prepare(self) -> Callable[[Access, Given], Mapping[str, Any] | None] | None:
        """The scenario's `prepare(access, given)`, which may return facts for the checks; None without a scenario."""
        if not (self.folder / "scenario.py").is_file():
            return None
        prepare = getattr(self._module("scenario"), "prepare", None)
        if not callable(prepare):
            raise LabError(f"{self.folder / 'scenario.py'}: no function prepare(access, given)")
        return prepare  # type: ignore[no-any-return]

    @property
    def model(self) -> Callable[..., Mapping[str, Any]] | None:
        """The checker's `model(aws, given)`: the student's architecture as it was read; None without one."""
        return getattr(self.checker, "model", None)

    def task(self, values: Mapping[str, Value], lang: str = ENGLISH) -> str:
        """The task in Markdown, for these parameters; in English where the lab has it in no other language.

        Raises LabError naming the line.
        """
        import jinja2

        from grader.report import shares

        path = self.folder / lang / "task.md"
        if not path.is_file():
            path, lang = self.folder / "task.md", ENGLISH
        points = shares([check.weight for check in self.checks])
        say_it = translator(lang, self.folder)
        requirements = [
            {"number": n, "text": filled(check.requirement, values).render(say_it), "points": worth}
            for n, (check, worth) in enumerate(zip(self.checks, points, strict=True), 1)
        ]
        try:
            template = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True).from_string(
                path.read_text("utf-8")
            )
            lab = self.said_in(lang)
            return template.render(values, lab=lab, requirements=requirements, account=ACCOUNT, region=self.region)
        except OSError as error:
            raise LabError(f"{path}: {error.strerror}") from None
        except jinja2.TemplateError as error:
            raise LabError(f"{path}:{getattr(error, 'lineno', None) or 1}: {error.message}") from None

    def _module(self, name: str) -> ModuleType:
        """A module of the lab's folder, which is a package: it may bring others and import them with a dot."""
        package = f"labgrade_lab_{self.folder.name}_{digest([(str(self.folder), b'')])[:8]}"
        if package not in sys.modules:
            spec = importlib.util.spec_from_loader(package, None, is_package=True)
            if spec is None:
                raise LabError(f"{self.folder}: cannot be loaded")
            spec.submodule_search_locations = [str(self.folder)]
            sys.modules[package] = importlib.util.module_from_spec(spec)
        path = self.folder / f"{name}.py"
        if not path.is_file():
            raise LabError(f"{path}: is not there")
        try:
            return importlib.import_module(f"{package}.{name}")
        except Exception as error:
            raise LabError(f"{_culprit(error, path)}: {type(error).__name__}: {error}") from error


def read(folder: Path) -> Lab:
    """The lab in a folder. Raises LabError that names file and line."""
    path = folder / "lab.toml"
    try:
        text = path.read_text("utf-8")
        table = tomllib.loads(text)
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LabError(f"{path}: {error}") from None
    _validate(path, text, table)
    try:
        parameters = Parameters.parse(table.get("parameters", {}), table.get("relations"))
    except ParameterError as error:
        raise LabError(f"{path}:{line_of(text, str(error))}: {error}") from None
    return Lab(
        folder=folder,
        title=table["title"],
        summary=table["summary"],
        services=tuple(table["services"]),
        minutes=table["minutes"],
        parameters=parameters,
        region=table.get("region", REGION),
    )


def folders(extra: Sequence[Path] = ()) -> list[Path]:
    """Every lab's folder, by name: `extra` (--labs), LABGRADE_LABS, installed packages' entry points, and our own.

    Where two have one id, the earlier of these counts.
    """
    named = [Path(part) for part in os.environ.get("LABGRADE_LABS", "").split(os.pathsep) if part]
    found: dict[str, Path] = {}
    for place in [*extra, *named, *_installed(), _own()]:
        candidates = [place] if (place / "lab.toml").is_file() else sorted(place.iterdir()) if place.is_dir() else []
        for folder in candidates:
            if (folder / "lab.toml").is_file():
                found.setdefault(folder.resolve().name.replace("_", "-"), folder.resolve())
    return [found[name] for name in sorted(found)]


def find(name: str, extra: Sequence[Path] = ()) -> Lab:
    """The lab of that id (or in the folder of that path). Raises UsageError with the nearest name."""
    given = Path(name)
    if (given / "lab.toml").is_file() and (os.sep in name or name.startswith(".")):
        return read(given.resolve())
    for place in extra:
        if not place.is_dir():
            raise UsageError(say("--labs {place}: no such folder", place=str(place)))
    by_id = {folder.name.replace("_", "-"): folder for folder in folders(extra)}
    wanted = name.replace("_", "-").lower()
    if wanted in by_id:
        return read(by_id[wanted])
    near = difflib.get_close_matches(wanted, by_id, 1, 0.5)
    if near:
        hint = say("did you mean {name}?", name=near[0])
    else:
        hint = say("there are {names}.", names=list(by_id)) if by_id else say("there are no labs.")
    raise UsageError(say("no lab is called {name}: {hint} (labgrade list)", name=repr(name), hint=hint))


def _own() -> Path:
    packaged = Path(__file__).parent / "labs"
    return packaged if packaged.is_dir() else Path(__file__).parent.parent / "labs"


def _installed() -> Iterator[Path]:
    from importlib.metadata import entry_points

    for entry in entry_points(group="labgrade.labs"):
        try:
            spec = importlib.util.find_spec(entry.module)
        except ImportError as error:
            raise LabError(f"entry point labgrade.labs {entry.name}: {error}") from None
        if spec is None:
            raise LabError(f"entry point labgrade.labs {entry.name}: no module {entry.module}")
        yield from (Path(place) for place in spec.submodule_search_locations or ())


def _validate(path: Path, text: str, table: Mapping[str, Any]) -> None:
    for key, value in table.items():
        if key not in _KEYS:
            near = difflib.get_close_matches(key, _KEYS, 1)
            hint = f" (did you mean {near[0]}?)" if near else ""
            raise LabError(f"{path}:{line_of(text, key)}: unknown key {key!r}{hint}")
        if not isinstance(value, _KEYS[key]) or isinstance(value, bool):
            raise LabError(f"{path}:{line_of(text, key)}: {key} is a {_KEYS[key].__name__}")
    for key in _KEYS:
        if key not in table and key not in _OPTIONAL:
            raise LabError(f"{path}:1: {key} is missing")
    for name, parameter in table.get("parameters", {}).items():
        if not isinstance(parameter, dict):
            raise LabError(f"{path}:{line_of(text, name)}: parameter {name} is a table, [parameters.{name}]")


def line_of(text: str, mention: str) -> int:
    """The first line that begins with a key or table that `mention` names: the error's place, as near as TOML tells."""
    words = {word.strip("':,") for word in mention.split()}
    for number, line in enumerate(text.splitlines(), 1):
        key = line.split("=")[0].strip().strip("[]").removeprefix("parameters.")
        if key and key in words:
            return number
    return 1


def _culprit(error: BaseException, path: Path) -> str:
    """`file:line` of the lab's own code that raised it."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if Path(f.filename).parent == path.parent]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(path)
