"""Rules about a lab's other languages: each says everything, as the lab says it now. A lab may have none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from grader.errors import LabError
from grader.lab import Lab
from grader.languages import COMPILED, ENGLISH, LANGUAGES, translator
from grader.lint import catalogue, sentences
from grader.lint.catalogue import Entry
from grader.lint.finding import Finding
from grader.lint.templates import unrendered
from grader.texts import fields, filled

UPDATE = "python -m grader.translating {lab} brings the catalogue up to date"


def rules(lab: Lab) -> Iterator[Finding]:
    """Findings about each language that the lab has a folder for."""
    for lang in LANGUAGES:
        if lang != ENGLISH and (lab.folder / lang).is_dir():
            yield from _of_catalogue(lab, lang)
            yield from _of_task(lab, lang)


def missing(entry: Entry) -> Iterator[str]:
    """What is wrong with one translation."""
    if entry.fuzzy:
        yield f"this was another sentence's translation: look at it, and take `fuzzy` away: {entry.template!r}"
        return
    if not entry.translation:
        yield f"not translated: {entry.template!r}"
        return
    try:
        differ = fields(entry.translation) ^ fields(entry.template)
    except ValueError as error:
        yield f"cannot be rendered ({error}): {entry.translation!r}"
        return
    if differ:
        yield f"one of the two names {', '.join(f'{{{name}}}' for name in sorted(differ))}: {entry.translation!r}"
    else:
        yield from unrendered(entry.translation, fields(entry.template))


def _of_catalogue(lab: Lab, lang: str) -> Iterator[Finding]:
    compiled = lab.folder / lang / COMPILED
    path = compiled.with_suffix(".po")
    entries = _read(path)
    try:
        said = sentences.of_lab(lab)
    except sentences.Unread:
        return  # the messages' own rules tell
    for sentence in said:
        entry = entries.pop(sentence.template, None)
        problems = missing(entry) if entry else [f"not in the catalogue: {sentence.template!r}"]
        yield from (Finding(path, entry.line if entry else 1, problem) for problem in problems)
    for entry in entries.values():
        yield Finding(path, entry.line, f"the lab does not say this any more: {entry.template!r}")
    fresh = catalogue.compiled(_read(path).values(), lang)
    if not compiled.is_file() or compiled.read_bytes() != fresh:
        yield Finding(compiled, 1, f"not made of messages.po as it is: {UPDATE.format(lab=lab.id)}")


def _of_task(lab: Lab, lang: str) -> Iterator[Finding]:
    path = lab.folder / lang / "task.md"
    if not path.is_file():
        yield Finding(path, 1, "the task is not there in this language")
        return
    values = lab.values()
    text = " ".join(lab.task(values, lang).split())
    say_it = translator(lang, lab.folder)
    for check in lab.checks:
        requirement = filled(check.requirement, values).render(say_it)
        if (times := text.count(requirement)) != 1:
            yield Finding(path, 1, f"the requirement of {check.id} stands in it {times} times, and not once")


def _read(path: Path) -> dict[str, Entry]:
    try:
        return catalogue.read(path)
    except ValueError as error:
        raise LabError(str(error)) from None
