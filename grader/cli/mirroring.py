"""`--terraform-mirror`: where a submission's Terraform finds its providers."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import option
from grader.errors import UsageError
from grader.texts import say


def _mirror(_ctx: click.Context, _parameter: click.Parameter, folder: Path | None) -> Path | None:
    """A misspelt one would be no mirror at all: that is an error."""
    if folder is None:
        return None
    from grader.submissions.mirrors import is_one

    if not is_one(folder):
        text = "--terraform-mirror {folder}: is no mirror of providers; `labgrade prefetch terraform` makes one."
        raise UsageError(say(text, folder=str(folder)))
    return folder


mirror_option = option(
    "--terraform-mirror",
    type=click.Path(path_type=Path),
    metavar="DIR",
    callback=_mirror,
    help="Take Terraform's providers from this mirror; else from the one that `labgrade prefetch` made.",
)
