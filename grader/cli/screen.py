"""Where a command shows a page: as wide as the terminal, in colour only there, in letters that it has."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from grader.formats.layout import Page

NARROWEST, WIDEST, ELSEWHERE = 60, 100, 80


def page() -> Page:
    """An empty one, for standard output."""
    from grader.formats.layout import Page

    columns = shutil.get_terminal_size((ELSEWHERE, 24)).columns if sys.stdout.isatty() else ELSEWHERE
    return Page(max(NARROWEST, min(columns, WIDEST)))


def show(made: Page, *, err: bool = False) -> None:
    """Print it at once, also into a pipe; with `err` on standard error."""
    from grader.formats.escaping import encodable

    stream = sys.stderr if err else sys.stdout
    colour = stream.isatty() and not os.environ.get("NO_COLOR")
    click.echo(encodable(made.text(colour), stream.encoding), nl=False, color=colour, err=err)
    stream.flush()
