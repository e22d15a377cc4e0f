"""Mirrors of Terraform's providers: where they are, what they hold, and what a configuration wanted of them in vain.

Their layouts: https://developer.hashicorp.com/terraform/cli/config/config-file#filesystem_mirror, 2026-11-26.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from grader import cache
from grader.texts import Text, say

VARIABLE = "LABGRADE_TERRAFORM_MIRROR"
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386"}
PACKED = re.compile(r"terraform-provider-[^_]+_(?P<version>[^_]+)_(?P<platform>[^_]+_[^_.]+)\.zip")

# What `init` says of a provider that it does not get; Terraform 1.11 and OpenTofu say it in the same words.
OF = r"list of available versions for provider (?P<provider>[\w./-]{1,200}): "
ASKED = r"(?P<asked>[0-9][\w.+-]{0,80}|[\w.~<>=!, +-]{1,200}?)"
NO_SUCH_VERSION = re.compile(OF + f"no available releases match the given constraints {ASKED}(?: To see| Error:|$)")
NOT_HELD = re.compile(OF + r"provider [\w./-]{1,200} was not found in any of the search locations")
NOT_REACHED = re.compile(OF + r"could not connect to ")
NOT_UNPACKED = re.compile(r"Error while installing (?P<provider>[\w./-]{1,200}) v(?P<version>[\w.+-]{1,80}): ")
SHORT = re.compile(r"(?:registry\.[\w.-]+/)?(?P<name>[\w-]+/[\w-]+)")


def own() -> Path:
    """The one that `labgrade prefetch terraform` fills, and that counts by itself."""
    return cache.folder() / "terraform"


def mirrors(named: Path | None = None) -> Iterator[Path]:
    """The folders from which providers can be had without a network: the named one, labgrade's, Terraform's own.

    https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories, 2026-11-25.
    """
    home = Path.home() / ".terraform.d"
    data = [os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local/share")]
    data += (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    implied = [home / "plugins", home / "plugin-cache", *(Path(place) / "terraform/plugins" for place in data)]
    places = [named or os.environ.get(VARIABLE), own(), os.environ.get("TF_PLUGIN_CACHE_DIR"), *implied]
    yield from dict.fromkeys(Path(place).absolute() for place in places if place and is_one(Path(place)))


def is_one(folder: Path) -> bool:
    """Does it hold anything by the name of a registry?"""
    return any(folder.absolute().glob("registry.*"))


def held(folder: Path, provider: str = "hashicorp/aws", system: str | None = None) -> list[str]:
    """The versions of a provider that lie there for such a system, or for this one; the oldest first."""
    wanted = system or this_system()
    return sorted(_unpacked(folder, provider, wanted) | _packed(folder, provider, wanted), key=_order)


def _unpacked(folder: Path, provider: str, system: str) -> set[str]:
    return {each.name for place in _places(folder, provider) for each in place.iterdir() if (each / system).is_dir()}


def _packed(folder: Path, provider: str, system: str) -> set[str]:
    names = (PACKED.fullmatch(file.name) for place in _places(folder, provider) for file in place.glob("*.zip"))
    return {match["version"] for match in names if match and match["platform"] == system}


def _places(folder: Path, provider: str) -> Iterator[Path]:
    return folder.glob(provider if provider.count("/") > 1 else f"registry.*/{provider}")


def this_system() -> str:
    """As Terraform calls it: `linux_amd64`."""
    machine = platform.machine().lower()
    return f"{'windows' if sys.platform == 'win32' else sys.platform}_{ARCHITECTURES.get(machine, machine)}"


def unmet(stdout: str, stderr: str, places: Sequence[Path], *, offline: bool) -> Text | None:
    """What was asked for and what there is, where `init` failed for a provider. `offline`: nothing else can be had."""
    said = " ".join(stderr.split())
    if match := NO_SUCH_VERSION.search(said):
        name, asked = match["provider"], match["asked"]
    elif match := NOT_HELD.search(said) or (NOT_REACHED.search(said) if offline else None):
        name = match["provider"]
        asked = _asked(name, stdout)
    else:
        return None
    wanted = f"{name} {asked}".rstrip()
    if not places and not offline:
        return None
    if not places:
        text = (
            "It asks for Terraform's provider {wanted}, and there is no mirror of providers on this machine: "
            "`labgrade prefetch terraform` makes one."
        )
        return say(text, wanted=wanted)
    there = sorted({version for place in places for version in held(place, name)}, key=_order)
    if not there:
        text = "It asks for Terraform's provider {wanted}, and the mirror on this machine has no version of it."
        return say(text, wanted=wanted)
    text = (
        "It asks for Terraform's provider {wanted}, and the mirror on this machine has {held}: ask for that, or have "
        "another one fetched with `labgrade prefetch terraform --version`."
    )
    return say(text, wanted=wanted, held=", ".join(there))


def left_packed(stderr: str, places: Sequence[Path]) -> Text | None:
    """Which package of those mirrors, packed as it lies there, was one that a box has no room to unpack."""
    match = NOT_UNPACKED.search(" ".join(stderr.split()))
    if match is None:
        return None
    wanted = match["provider"], this_system()
    for place in places:
        if match["version"] in _packed(place, *wanted) - _unpacked(place, *wanted):
            text = (
                "Terraform's provider {provider} {version} lies packed in {mirror}, and there is no room to unpack it "
                "for each submission: `labgrade prefetch terraform --mirror {mirror}` unpacks it once."
            )
            return say(text, provider=match["provider"], version=match["version"], mirror=str(place))
    return None


def _asked(provider: str, stdout: str) -> str:
    """The constraint that `init` told of before it failed; empty where there is none."""
    match = SHORT.fullmatch(provider)
    name = re.escape(match["name"] if match else provider)
    told = re.search(rf'- Finding (?:[\w.-]+/)?{name} versions matching "([\w.~<>=!, +-]{{1,200}})"', stdout)
    return told[1] if told else ""


def _order(version: str) -> list[tuple[int, str]]:
    return [(int(part) if part.isdecimal() else 0, part) for part in re.split(r"[.+-]", version)]
