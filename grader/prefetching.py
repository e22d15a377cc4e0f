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
            return sorted(each.laid(mirror, Path(place, str(n))) for n, each in enumerate(_packages(packed)))
    except OSError as error:
        raise _useless(mirror, error) from None


def unpack(mirror: Path, platforms: Sequence[str]) -> list[Fetched]:
    """Lay out beside themselves the packages that Terraform's own `providers mirror` left there. Raises UsageError."""
    packed = [one for one in _packages(mirror) if one.platform in platforms and not one.place(mirror).exists()]
    if not packed:
        return []
    try:
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=mirror) as place:
            return sorted(each.laid(mirror, Path(place, str(n))) for n, each in enumerate(packed))
    except (OSError, zipfile.BadZipFile) as error:
        raise _useless(mirror, error) from None


def _useless(mirror: Path, error: Exception) -> UsageError:
    place = str(getattr(error, "filename", None) or mirror)
    return UsageError(say("{place}: {reason}.", place=place, reason=getattr(error, "strerror", None) or str(error)))


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


@dataclass(frozen=True)
class _Package:
    """As `providers mirror` leaves it, in a file of a mirror."""

    file: Path
    provider: Path  # below the mirror
    version: str
    platform: str

    def place(self, mirror: Path) -> Path:
        """Where it lies unpacked."""
        return mirror / self.provider / self.version / self.platform

    def laid(self, mirror: Path, draft: Path) -> Fetched:
        """There now, by way of that folder; what was there has stayed."""
        place = self.place(mirror)
        if not place.exists():
            with zipfile.ZipFile(self.file) as archive:
                archive.extractall(draft)
            for file in draft.iterdir():
                file.chmod(0o755 if file.name.startswith("terraform-provider-") else 0o644)
            place.parent.mkdir(parents=True, exist_ok=True)
            draft.replace(place)
        size = sum(file.stat().st_size for file in place.iterdir())
        return Fetched("/".join(self.provider.parts[1:]), self.version, self.platform, -(-size // (1 << 20)))


def _packages(mirror: Path) -> Iterator[_Package]:
    for file in mirror.glob("*/*/*/*.zip"):
        if match := mirrors.PACKED.fullmatch(file.name):
            yield _Package(file, file.parent.relative_to(mirror), match["version"], match["platform"])


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
