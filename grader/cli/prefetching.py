"""`labgrade prefetch`: fetches what submissions need and cannot fetch themselves."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli import option
from grader.cli.places import labs_option
from grader.languages import spoken

if TYPE_CHECKING:
    from grader.prefetching import Fetched

CONSTRAINT = re.compile(r"[0-9A-Za-z.~<>=!, +-]{1,200}")
PLATFORM = re.compile(r"[a-z0-9]{1,20}_[a-z0-9]{1,20}")


class _Pattern(click.ParamType):  # type: ignore[type-arg]  # click 8.1 has no arguments for it
    """A word of a shape. Several in a variable are told apart by semicolons: constraints hold blanks and commas."""

    envvar_list_splitter = ";"

    def __init__(self, name: str, pattern: re.Pattern[str]) -> None:
        self.name = name
        self._pattern = pattern

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value).strip()
        if not self._pattern.fullmatch(text):
            self.fail(repr(text), param, ctx)
        return text


@click.command("prefetch")
@click.argument("what", type=click.Choice(["terraform"]), metavar="terraform")
@option(
    "--provider-version",
    "--version",
    "versions",
    type=_Pattern("constraint", CONSTRAINT),
    multiple=True,
    metavar="VERSION",
    help="Of AWS's provider, as 5.100.0 or '~> 6.0'; repeatable. Else what the labs' answers need.",
)
@option(
    "--terraform-mirror",
    "--mirror",
    "mirror",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder to fill; else one in labgrade's cache, which counts by itself.",
)
@option(
    "--platform",
    "platforms",
    type=_Pattern("platform", PLATFORM),
    multiple=True,
    metavar="OS_ARCH",
    help="For machines like this, as linux_amd64; repeatable. Else for this one.",
)
@labs_option
def prefetch_command(
    what: str,  # noqa: ARG001  (there is but one)
    versions: tuple[str, ...],
    mirror: Path | None,
    platforms: tuple[str, ...],
    labs: tuple[Path, ...],
) -> None:
    """Fetch Terraform's providers into a mirror, once and outside of any box: submissions that use Terraform then need
    no network.

    \b
    labgrade prefetch terraform
    labgrade prefetch terraform --version 5.100.0 --version '~> 6.0'
    labgrade prefetch terraform --mirror /srv/providers
    """
    from grader import prefetching
    from grader.lab import folders
    from grader.submissions.mirrors import own, this_system

    os.umask(0o022)  # whoever a box's programs run as must be able to read it
    place, systems = (mirror or own()).absolute(), platforms or (this_system(),)
    for got in prefetching.unpack(place, systems):
        _tell(got, place)
    for one in prefetching.wanted(versions, folders(labs)):
        if one.is_in(place, systems):
            click.echo(spoken("{wanted} is in {place} already.", wanted=str(one), place=str(place)))
            continue
        click.echo(spoken("Fetching {wanted}; of AWS's it is hundreds of MB.", wanted=str(one)), err=True)
        for got in prefetching.fetch(one, place, systems):
            _tell(got, place)
    if place != own().absolute():
        click.echo(spoken("Name it with --terraform-mirror or LABGRADE_TERRAFORM_MIRROR."), err=True)


def _tell(got: Fetched, place: Path) -> None:
    package = f"{got.provider} {got.version} ({got.platform}, {got.mib} MiB)"
    click.echo(spoken("{package} is in {place}.", package=package, place=str(place)))
