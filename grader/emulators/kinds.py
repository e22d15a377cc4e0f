"""Which emulator answers at an endpoint: asked unsigned, on routes that AWS does not have."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from grader.emulators.asking import Door

MARK = "X-Labgrade-Emulator"  # labgrade's own gates name what stands behind them when they close a control route
TITLES = {
    "moto": "moto",
    "localstack": "LocalStack",
    "ministack": "MiniStack",
    "aws-emulator": "AWS Emulator",
    "endpoint": "an emulator of AWS",
}


@dataclass(frozen=True)
class Kind:
    """An emulator's name (`endpoint` where nobody knows it) and version (empty where it does not say)."""

    name: str
    version: str = ""

    def __str__(self) -> str:
        return f"{TITLES.get(self.name, self.name)} {self.version}".rstrip()


UNKNOWN = Kind("endpoint")


def recognised(door: Door) -> Kind:
    """UNKNOWN where it is none of those that labgrade knows. Raises OSError where nothing answers."""
    for name in ("ministack", "localstack"):  # MiniStack answers on LocalStack's route, too
        if kind := health(door, name):
            return kind
    if door.ask("/moto-api/config").headers.get("server", "").startswith("Werkzeug"):
        return Kind("moto")
    return UNKNOWN


def health(door: Door, name: str) -> Kind | None:
    """What the health route of that emulator tells, None where there is none. Raises OSError where nothing answers."""
    answer = door.ask(f"/_{name}/health")
    if mark := answer.headers.get(MARK.lower()):
        return Kind(*mark.split(" ", 1))
    told = answer.json()
    if answer.status == HTTPStatus.OK and isinstance(told.get("services"), dict):
        return Kind(name, str(told.get("version") or ""))
    return None
