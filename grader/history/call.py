"""One call as the journal tells it, in the words of AWS's own service models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from botocore.model import OperationModel


@dataclass(frozen=True)
class Call:
    """What was asked, and what was answered. `service` is botocore's name for it, `operation` is `CreateVpc`."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    model: OperationModel
    reply: Mapping[str, Any] = field(default_factory=dict)
    region: str = ""
    reads: bool = False
    command: str = ""  # what the AWS CLI calls it, where that is not the operation's own name

    def said(self) -> Iterator[str]:
        """Every string among its parameters."""
        for _, value in strings(self.parameters):
            yield value


Path = tuple[str | int, ...]


def strings(value: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Every string in it, with the way there."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from strings(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for n, item in enumerate(value):
            yield from strings(item, (*path, n))
