"""Rules about solutions and mistakes: there are some, they are declared well, and each check is failed by a mistake."""

from __future__ import annotations

from collections.abc import Iterator

from grader.answers import APPROVED, DECLARED, Kind, folders, read
from grader.errors import LabError, UsageError
from grader.lab import Lab
from grader.lint.finding import Finding
from grader.selftest import shipped, without_answers


def rules(lab: Lab) -> Iterator[Finding]:
    """Findings about each answer, and about what they prove together."""
    if shipped(lab):
        raise UsageError(without_answers(lab))
    failed: set[str] = set()
    for kind in DECLARED:
        if not folders(lab, kind):
            yield Finding(lab.folder / kind, 1, f"there is no answer in {kind}/: a lab has one at least")
        yield from _of(lab, kind, failed)
    for check in lab.checks:
        if check.id not in failed:
            path = lab.folder / "checker.py"
            yield Finding(path, check.line, f"{check.id}: no mistake fails it, so nobody knows that it can fail")


def _of(lab: Lab, kind: Kind, failed: set[str]) -> Iterator[Finding]:
    for folder in folders(lab, kind):
        try:
            answer = read(lab, folder, kind)
        except LabError as error:
            yield Finding.of(error)
            continue
        failed |= answer.fails
        if kind == "mistakes" and not (folder / APPROVED).is_file():
            message = f"no approved report: labgrade selftest {lab.id} --only {answer.name} --approve"
            yield Finding(folder / DECLARED[kind], 1, message)
