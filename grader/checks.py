"""The lab author's vocabulary. A checker is a module of `@check` functions, read top-down as a specification.

    @check(weight=10, needs=bucket_exists, doc="https://docs.aws.amazon.com/…", why="…", fix="…")
    def logs_reach_infrequent_access(aws: Aws, given: Given) -> None:
        \"\"\"Objects under `logs/` are in Standard-IA from day {ia_days}.\"\"\"
        require(timeline(aws, given).storage_on(given.ia_days) == "STANDARD_IA", found=say("…"))

Only `Failure` (which `require` raises) blames the student; `Inconclusive` says that this emulator cannot show it;
anything else that a check raises is the lab's own fault and ends as an `error`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from grader.aws import Aws, CannotProbe, Capability, Inconclusive, absent, capability
from grader.places import Place
from grader.texts import Text, say, sentences

__all__ = [
    "Aws",
    "CannotProbe",
    "Capability",
    "Check",
    "Failure",
    "Given",
    "Inconclusive",
    "Place",
    "Text",
    "absent",
    "capability",
    "check",
    "require",
    "say",
    "sentences",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Failure(Exception):
    """The student's work does not hold. Give the evidence; what is left out is the check's own text.

    `found` says what is there, `wanted` what should be (the requirement, if None), `why` what comes of it on AWS,
    `fix` a nudge, never the finished call, `doc` the page to read.
    """

    def __init__(
        self,
        found: Text | str,
        *,
        wanted: Text | str | None = None,
        why: Text | str | None = None,
        fix: Text | str | None = None,
        doc: str | None = None,
    ) -> None:
        super().__init__(str(found))
        self.found, self.wanted, self.why, self.fix, self.doc = found, wanted, why, fix, doc


def require(
    holds: object,
    found: Text | str,
    *,
    wanted: Text | str | None = None,
    why: Text | str | None = None,
    fix: Text | str | None = None,
    doc: str | None = None,
) -> None:
    """Raise `Failure` with this evidence unless it holds."""
    if not holds:
        raise Failure(found, wanted=wanted, why=why, fix=fix, doc=doc)


@dataclass
class Given:
    """What a check is given beside the emulator: parameters as attributes, the scenario's facts, other checks' finds.

    `given.bucket` is the parameter `bucket`; `given.facts` is what the scenario's `prepare` returned; `given.found(c)`
    is what the check `c` returned, for one of its `needs`.
    """

    parameters: Mapping[str, Any]
    facts: Mapping[str, Any] = field(default_factory=dict)
    _values: dict[str, Any] = field(default_factory=dict)
    _notes: list[tuple[str, Text]] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["parameters"][name]
        except KeyError:
            raise AttributeError(f"lab.toml declares no parameter {name!r}") from None

    def found(self, check: Check[T]) -> T:
        """What `check` returned when it passed; a check may only ask for one that it `needs`."""
        return self._values[check.id]  # type: ignore[no-any-return]

    def note(self, message: Text, about: str = "lab") -> None:
        """Say something beside the verdict, once: what AWS takes but charges for, say."""
        if (about, message) not in self._notes:
            self._notes.append((about, message))


@dataclass(frozen=True)
class Check(Generic[T_co]):
    """One requirement and the function that judges it. Made by `@check`; its id is the function's name."""

    function: Callable[[Aws, Given], T_co]
    weight: int
    doc: str
    why: str
    fix: str
    needs: tuple[Check[Any], ...]
    scenario: bool

    @property
    def id(self) -> str:
        return self.function.__name__

    @property
    def requirement(self) -> str:
        """The template that the student reads: the first paragraph of the docstring, less its full stop."""
        paragraph = (inspect.getdoc(self.function) or "").split("\n\n")[0]
        return " ".join(paragraph.split()).removesuffix(".")

    @property
    def line(self) -> int:
        line: int = inspect.unwrap(self.function).__code__.co_firstlineno  # a decorator below @check may wrap it
        return line

    def __call__(self, aws: Aws, given: Given) -> T_co:
        return self.function(aws, given)


def check(
    *,
    weight: int,
    doc: str,
    why: str,
    fix: str,
    needs: Check[Any] | tuple[Check[Any], ...] = (),
    scenario: bool = False,
) -> Callable[[Callable[[Aws, Given], T]], Check[T]]:
    """Make a function a check.

    `weight` is its share of the lab's 100 points. `needs` are the checks without which its question is meaningless
    (never merely another requirement): where one did not pass, this one is skipped. `scenario=True` where it judges
    what the lab's scenario prepared. `why` and `fix` are what the student reads when a Failure brings none of its
    own; they, and the docstring, may name parameters in braces.
    """

    def decorate(function: Callable[[Aws, Given], T]) -> Check[T]:
        wanted = needs if isinstance(needs, tuple) else (needs,)
        return Check(function, weight, doc, why, fix, wanted, scenario)

    return decorate
