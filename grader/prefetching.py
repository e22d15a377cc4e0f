"""Fetches Terraform's providers into a mirror, outside of any box: in a box they come from there alone."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import LabgradeError, MachineError, UsageError
from grader.submissions import mirrors, tools
from grader.texts import say

AWS = "hashicorp/aws"
PROVEN = "5.100.0"  # of AWS's provider: the version with which the labs' answers are proven
EXACT = re.compile(r"=? *([0-9]+\.[0-9]+\.[0-9]+[\w.+-]*)")
BLOCK = re.compile(r"\brequired_providers\s*\{")
ENTRY = re.compile(r"(\w[\w-]*)\s*=\s*\{([^}]*)\}")
SETTING = re.compile(r'\b(source|version)\s*=\s*"([^"]*)"')
NO_RELEASE = re.compile(r"no available releases match the given constraints", re.IGNORECASE)
UNREACHED = re.compile(r"could not connect to ([\w.-]+)")
COLOURS = re.compile(r"\x1b\[[0-9;]*m|[╷│╵]")


@dataclass(frozen=True, order=True)
class Wanted:
    """A provider, and the versions that will do, as Terraform writes them; empty for any."""

    provider: str
    constraint: str = ""

    def __str__(self) -> str:
        return f"{self.provider} {self.constraint}".rstrip()

    def is_in(self, mirror: Path, platforms: Sequence[str]) -> bool:
        """Is it known to be there without asking anybody? Only one version can be."""
        exact = EXACT.fullmatch(self.constraint.strip())
        return exact is not None and all(exact[1] in mirrors.held(mirror, self.provider, each) for each in platforms)


@dataclass(frozen=True, order=True)
class Fetched:
    """A package that is in the mirror now."""

    provider: str
    version: str
    platform: str
    mib: int


def wanted(versions: Sequence[str], labs: Iterable[Path]) -> list[Wanted]:
    """Those versions of AWS's provider; where none is said, the proven one and what the labs' answers ask for."""
    if versions:
        return [Wanted(AWS, version) for version in dict.fromkeys(versions)]
    asked = {each for folder in labs for each in _asked(folder)}
    return [Wanted(AWS, PROVEN), *sorted(asked - {Wanted(AWS, PROVEN), Wanted(AWS)})]


def fetch(one: Wanted, mirror: Path, platforms: Sequence[str]) -> list[Fetched]:
    """Have Terraform or OpenTofu fetch it, and lay it into the mirror; what is there stays.

    Unpacked: Terraform then links to a package, where it would unpack hundreds of MB for every submission.
    Raises UsageError where there is no such version, MachineError where it could not be had.
    """
    program = tools.find("terraform") or tools.find("tofu")
    if program is None:
        raise LabgradeError(say("neither terraform nor tofu is on this machine; install one of them."))
    try:
        mirror.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=mirror) as place:
            packed = Path(place, "packed")
            packed.mkdir()
            _run(program, one, Path(place), packed, platforms)
            return sorted(_laid(packed, mirror))
    except OSError as error:
        place = str(error.filename or mirror)
        raise UsageError(say("{place}: {reason}.", place=place, reason=error.strerror or str(error))) from None


def _run(program: str, one: Wanted, folder: Path, packed: Path, platforms: Sequence[str]) -> None:
    provider = {"source": one.provider, **({"version": one.constraint} if one.constraint else {})}
    configuration = {"terraform": {"required_providers": {"wanted": provider}}}
    (folder / "main.tf.json").write_text(json.dumps(configuration), "utf-8")
    options = [f"-platform={each}" for each in platforms]
    done = subprocess.run(
        [program, "providers", "mirror", *options, str(packed)],
        cwd=folder,
        env={**os.environ, "CHECKPOINT_DISABLE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    if done.returncode == 0:
        return
    said = " ".join(COLOURS.sub("", (done.stderr + done.stdout).decode("utf-8", "replace")).split())
    if NO_RELEASE.search(said):
        raise UsageError(say("there is no version of {wanted}.", wanted=str(one)))
    if match := UNREACHED.search(said):
        text = "{wanted} could not be fetched: no connection to {host}. Is there a network?"
        raise MachineError(say(text, wanted=str(one), host=match[1]))
    raise MachineError(say("{wanted} could not be fetched: {reason}", wanted=str(one), reason=said[:400]))


def _laid(packed: Path, mirror: Path) -> Iterator[Fetched]:
    """Every package of a packed mirror, unpacked into that one."""
    for package in packed.rglob("*.zip"):
        match = mirrors.PACKED.fullmatch(package.name)
        if match is None:
            continue
        provider = package.parent.relative_to(packed)
        place = mirror / provider / match["version"] / match["platform"]
        if not place.exists():
            draft = package.with_suffix("")
            with zipfile.ZipFile(package) as archive:
                archive.extractall(draft)
            for file in draft.iterdir():
                file.chmod(0o755 if file.name.startswith("terraform-provider-") else 0o644)
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(place)
        size = sum(file.stat().st_size for file in place.iterdir())
        name = "/".join(provider.parts[1:])
        yield Fetched(name, match["version"], match["platform"], -(-size // (1 << 20)))


def _asked(lab: Path) -> Iterator[Wanted]:
    """What the answers of a lab require; an installed labgrade has none."""
    for kind in ("solutions", "mistakes"):
        for file in (lab / kind).rglob("*.tf"):
            yield from _required(file.read_text("utf-8", "replace"))


def _required(text: str) -> Iterator[Wanted]:
    for block in BLOCK.finditer(text):
        for entry in ENTRY.finditer(text, block.end()):
            settings = dict(SETTING.findall(entry[2]))
            if settings:
                yield Wanted(settings.get("source", f"hashicorp/{entry[1]}"), settings.get("version", ""))
