"""`--labs`: where labs lie besides those that are installed."""

from __future__ import annotations

from pathlib import Path

import click

from grader.cli import option

labs_option = option(
    "--labs",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A folder with labs, besides those that are installed; repeatable.",
)
