"""Rules about lab.toml and task.md: the task tells every requirement once, and every name and number."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.errors import LabError
from grader.lab import Lab, line_of
from grader.lint.finding import Finding
from grader.selftest import sampled
from grader.texts import fields, filled

STUDENTS = 3


def rules(lab: Lab) -> Iterator[Finding]:
    """Findings about the task as it is written, and as some students read it."""
    path = lab.folder / "task.md"
    try:
        source = path.read_text("utf-8")
    except OSError as error:
        raise LabError(f"{path}: {error.strerror}") from None
    named = _named(source)
    if "requirements" not in named:
        message = "the list of requirements comes from the checker: write {% for requirement in requirements %}"
        yield Finding(path, 1, message)
    yield from _unfaithful(lab)
    yield from _untold(lab, source, named)


def _unfaithful(lab: Lab) -> Iterator[Finding]:
    """Each requirement stands in the rendered task once, whoever reads it."""
    path = lab.folder / "task.md"
    for student in (None, *sampled(STUDENTS)):
        values = lab.values(student)
        text = " ".join(lab.task(values).split())
        for check in lab.checks:
            requirement = str(filled(check.requirement, values))
            if (times := text.count(requirement)) != 1:
                yield Finding(path, 1, f"the requirement of {check.id} stands in it {times} times, and not once")


def _untold(lab: Lab, source: str, named: set[str]) -> Iterator[Finding]:
    """A parameter that no student hears of: neither in the task, nor in a requirement, nor inside a name."""
    told = named | {name.lower() for name in re.findall(r"\bLAB_([A-Z0-9_]+)", source)}
    told |= {name for check in lab.checks for name in fields(check.requirement)}
    for parameter in lab.parameters.declared:
        if parameter.kind == "name":
            told |= fields(parameter.options["format"])
    toml = lab.folder / "lab.toml"
    for parameter in lab.parameters.declared:
        if parameter.name not in told:
            line = line_of(toml.read_text("utf-8"), parameter.name)
            message = f"the student never hears of the parameter {parameter.name}: name it in the task, or leave it out"
            yield Finding(toml, line, message)


def _named(source: str) -> set[str]:
    """The variables that a template uses. What does not parse is told when it is rendered."""
    import jinja2
    from jinja2 import meta

    try:
        return meta.find_undeclared_variables(jinja2.Environment().parse(source))
    except jinja2.TemplateError:
        return {"requirements"}
