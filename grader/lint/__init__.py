"""What a lab's author has forgotten, told by file and line. Nothing is graded here: that is the self-test's work."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from grader.errors import LabError
from grader.lab import Lab
from grader.lint import answers, checks, messages, task, translation
from grader.lint.finding import Finding

__all__ = ["Finding", "lint"]

_RULES: tuple[Callable[[Lab], Iterator[Finding]], ...] = (
    checks.rules,
    messages.rules,
    task.rules,
    translation.rules,
    answers.rules,
)


def lint(lab: Lab) -> list[Finding]:
    """Everything that does not hold of this lab's folder, in the order of its files."""
    found: list[Finding] = []
    for rules in _RULES:
        try:
            found += rules(lab)
        except LabError as error:  # what cannot be read cannot be looked at, and is a finding itself
            found.append(Finding.of(error))
    return sorted(dict.fromkeys(found), key=lambda finding: (str(finding.path), finding.line, finding.message))
