"""`pytest --labgrade LAB=PATH`: each check of a grading as a test, for those who already have a pytest CI.

This module is loaded by every pytest on a machine with labgrade: it imports nothing of labgrade before it is asked to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from grader.report import ReportJson

_GROUP = "labgrade"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup(_GROUP, "labgrade: hands-on AWS labs, graded on an emulator")
    group.addoption(
        "--labgrade",
        action="append",
        default=[],
        metavar="LAB=PATH",
        help="Grade the submission at PATH; each check of the lab is a test. Repeatable.",
    )
    group.addoption("--labgrade-student", metavar="ID", help="The student's id: names and numbers vary by it.")
    group.addoption("--labgrade-course", metavar="CODE", help="The public code of the course.")
    group.addoption("--labgrade-emulator", metavar="NAME", help="moto (built in), localstack or ministack.")
    group.addoption("--labgrade-sandbox", default="auto", metavar="LEVEL", help="auto, bwrap, user or none.")
    group.addoption("--labgrade-labs", action="append", default=[], metavar="DIR", help="A folder with labs besides.")


def pytest_collection(session: pytest.Session) -> None:
    """Told early, before anything is collected or run: what is wrong with the option."""
    for word in session.config.getoption("--labgrade"):
        lab, equals, path = word.partition("=")
        if not lab or not equals or not path:
            raise pytest.UsageError(f"--labgrade {word}: give it as LAB=PATH")


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Beside whatever tests there are; `-k` and `-m` of pytest choose among them as among others."""
    wanted = [word.partition("=")[::2] for word in config.getoption("--labgrade")]
    labs = [lab for lab, _ in wanted]
    for lab, path in wanted:
        called = lab if labs.count(lab) == 1 else f"{lab}={path}"  # what reads tests by name drops the second of two
        items.extend(Graded.from_parent(session, name=_GROUP, lab=lab, work=Path(path), called=called).collect())
    yield


class Graded(pytest.Collector):
    """One submission. It is graded when the first of its checks is run."""

    def __init__(self, *, lab: str, work: Path, called: str, **more: Any) -> None:
        super().__init__(**more)
        self.lab, self.work, self.called = lab, work, called
        self._report: ReportJson | Exception | None = None

    def collect(self) -> Iterator[Check]:
        from grader.errors import LabgradeError
        from grader.lab import find

        try:
            checks = find(self.lab, self._labs()).checks
        except LabgradeError as error:
            raise pytest.UsageError(f"--labgrade {self.lab}: {error}") from None
        for check in checks:
            yield Check.from_parent(self, name=f"{self.called}/{check.id}", check=check.id)

    def graded(self) -> ReportJson:
        """The report. Raises whatever kept it from being made, each time."""
        if self._report is None:
            try:
                self._report = self._grade()
            except Exception as error:  # to be told at each check
                self._report = error
        if isinstance(self._report, Exception):
            raise self._report
        return self._report

    def _grade(self) -> ReportJson:
        from grader.grading import Options, grade

        chosen = {name: self.config.getoption(f"--labgrade-{name}") for name in ("student", "course", "emulator")}
        options = Options(sandbox=self.config.getoption("--labgrade-sandbox"), **chosen)
        return grade(self.lab, self.work, labs=self._labs(), options=options).to_json()

    def _labs(self) -> list[Path]:
        return [Path(place) for place in self.config.getoption("--labgrade-labs")]


class NotHeld(Exception):
    """The check did not pass, and the student is to know why."""


class Check(pytest.Item):
    """One check of a report, as a test."""

    parent: Graded

    def __init__(self, *, check: str, **more: Any) -> None:
        super().__init__(**more)
        self.check = check

    def setup(self) -> None:
        """The grading, and what is no failure of the student's: pytest calls what happens here an error."""
        from grader.errors import LabgradeError, NotGradable
        from grader.formats import story
        from grader.report import Outcome

        try:
            report = self.parent.graded()
        except NotGradable as error:
            self._refused: str | None = str(error)
            return
        except LabgradeError as error:
            pytest.fail(str(error), pytrace=False)
        self._refused = None
        self.found = next(check for check in report["checks"] if check["id"] == self.check)
        why = story.explained(self.found, report)
        if self.found["outcome"] in (Outcome.SKIPPED, Outcome.INCONCLUSIVE):
            pytest.skip(why or story.mark(self.found))
        if self.found["outcome"] == Outcome.ERROR:
            pytest.fail(why, pytrace=False)

    def runtest(self) -> None:
        if self._refused is not None:
            raise NotHeld(self._refused)
        self.user_properties += [("points", self.found["points"]), ("max_points", self.found["max_points"])]
        if self.found["outcome"] == "failed":
            raise NotHeld(_told(self.found))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """What the student reads, without a traceback of ours."""
        return str(excinfo.value) if isinstance(excinfo.value, NotHeld) else super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        return self.parent.work, None, self.name


def _told(check: Mapping[str, Any]) -> str:
    from grader.formats import story
    from grader.formats.escaping import one_line

    lines = [f"  {label:<7} {text}" for label, text in story.evidence(check)]
    return "\n".join([one_line(check["requirement"], 300), "", *lines])
