"""Help in the language that is spoken: click's own words, each command's text, and that of its options."""

from __future__ import annotations

import inspect

import click

from grader.languages import current, translator
from grader.texts import plain, say

# What click says by itself, by its own words for it.
OF_CLICK = {
    "Usage:": "Usage:",
    "Options": "Options",
    "Commands": "Commands",
    "Arguments": "Arguments",
    "Show this message and exit.": "Show this message and exit.",
    "Show the version and exit.": "Show the version and exit.",
    "required": "required",
    "default: {default}": "default: {default}",
}


def spoken_by_click() -> None:
    """From now on click says what is its own in that language, too: it takes its words from `_` of each module."""
    for module in (click.core, click.formatting, click.decorators):
        if hasattr(module, "_"):
            setattr(module, "_", _said)  # noqa: B010  (it is no attribute that a type checker knows)


def retold(command: click.Command, *, alone: bool = False) -> click.Command:
    """With its help in that language, and unless `alone` those of its group. Once is enough: a process speaks one."""
    command.help = _paragraphs(command.help or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.help:
            parameter.help = _whole(parameter.help)
    if isinstance(command, click.Group) and not alone:
        for part in command.commands.values():
            retold(part)
    return command


def _paragraphs(text: str) -> str:
    blocks = inspect.cleandoc(text).split("\n\n")
    return "\n\n".join(
        block if block.lstrip(" ").startswith("\b") else _whole(" ".join(block.split())) for block in blocks
    )


def _whole(text: str) -> str:
    return plain(text).render(translator(current())) if text.strip() else ""


def _said(words: str) -> str:
    """A template, which click fills itself."""
    return translator(current())(say(OF_CLICK[words]).template) if words in OF_CLICK else words
