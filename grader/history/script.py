"""The script: each call as a command, and what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from botocore import xform_name

from grader.history.call import Call
from grader.history.files import Files
from grader.history.ids import Returned, Uses, uses
from grader.history.options import SERVICES, options
from grader.history.reading import understood
from grader.history.waits import waits
from grader.history.words import Names, quoted

STUDENT = "student"
LONGEST_LINE = 100
SHORTEST_NAME = 6


@dataclass(frozen=True)
class History:
    """`script` is bash; `files` lie beside it. The rest says what is not in it."""

    script: str = ""
    files: Mapping[str, bytes] = field(default_factory=dict)
    commands: int = 0
    reads: int = 0
    failed: int = 0
    untold: tuple[str, ...] = ()  # calls that no command of the AWS CLI is known for
    unknown: tuple[str, ...] = ()  # ids that no reply explains: another emulator has others


def written(
    lines: Iterable[Mapping[str, Any]],
    *,
    parameters: Mapping[str, Any],
    endpoint: str,
    region: str,
    beside: str = "",
    head: Iterable[str] = (),
) -> History:
    """Of a journal. `parameters` are the lab's, by whose names its values are said; `head` are lines of comment."""
    heard = _Heard.of(lines)
    given = _given(parameters, endpoint)
    calls = list(waits(heard.calls))
    found = uses(calls, given)
    files = Files(beside)
    home = _Home(given, region, files)
    body = [_command(n, calls[n], found, home) for n in found.kept]
    script = "\n".join([*_top(head, files), "", *body]) + "\n"
    changes = sum(not call.reads for call in heard.calls)
    reads = sum(call.reads for call in calls) - sum(calls[n].reads for n in found.kept)
    return History(script, files.large, changes, reads, heard.failed, tuple(heard.untold), tuple(found.unknown))


@dataclass
class _Heard:
    calls: list[Call] = field(default_factory=list)
    failed: int = 0
    untold: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, lines: Iterable[Mapping[str, Any]]) -> _Heard:
        """What the student said, as far as it is understood."""
        heard = cls()
        for line in lines:
            if line.get("by") != STUDENT or not isinstance(line.get("status"), int):
                continue
            if line["status"] >= HTTPStatus.MULTIPLE_CHOICES:
                heard.failed += 1
            else:
                heard.add(line)
        return heard

    def add(self, line: Mapping[str, Any]) -> None:
        """One that was answered well."""
        call = understood(line)
        if call is not None and "\0" not in "".join(call.said()):
            self.calls.append(call)
        elif "read" not in line:
            self.untold.append(line.get("operation") or f"{line.get('method')} {line.get('path')}")


@dataclass(frozen=True)
class _Home:
    """Where the script runs: what has a name there, and the region that need not be said."""

    given: Mapping[str, str]
    region: str
    files: Files


def _given(parameters: Mapping[str, Any], endpoint: str) -> dict[str, str]:
    """A lab's names, and not its numbers: a 30 may be any 30."""
    named = {
        value: f"LAB_{name.upper().replace('-', '_')}"
        for name, value in parameters.items()
        if isinstance(value, str) and len(value) >= SHORTEST_NAME and name != "token"
    }
    return {**named, endpoint: "AWS_ENDPOINT_URL"}


def _top(head: Iterable[str], files: Files) -> Iterator[str]:
    yield "#!/usr/bin/env bash"
    yield from (f"# {line}" for line in head)
    yield "set -eu"
    if files.temporary:
        yield "FILES=$(mktemp -d)"
        yield "trap 'rm -rf \"$FILES\"' EXIT"


def _command(n: int, call: Call, found: Uses, home: _Home) -> str:
    names = Names({one.value: one.name for one in found.before(n)}, home.given)
    caught = found.of(n)
    files = home.files
    files.made.clear()
    words = [f"aws {SERVICES.get(call.service, call.service)} {call.command or xform_name(call.operation, '-')}"]
    if call.region not in ("", home.region):
        words.append(f"--region {quoted(call.region)}")
    words += options(call, names, files)
    words += _asked(caught, names)
    line = " ".join(words)
    if len(line) > LONGEST_LINE:
        line = " \\\n    ".join(words)
    return "\n".join([*files.made, *_catching(line, caught)])


def _asked(caught: Sequence[Returned], names: Names) -> Iterator[str]:
    if caught:
        queries = [one.way.query for one in caught]
        query = queries[0] if len(queries) == 1 else "[" + ", ".join(queries) + "]"
        yield f"--query {names.word(query)} --output text"


def _catching(line: str, caught: Sequence[Returned]) -> Iterator[str]:
    if not caught:
        yield line
    elif len(caught) == 1:
        yield f"{caught[0].name}=$({line})"
    else:
        yield f"ANSWER=$({line})"
        yield f'read -r {" ".join(one.name for one in caught)} <<< "$ANSWER"'
