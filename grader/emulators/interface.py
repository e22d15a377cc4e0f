"""An emulator of AWS that is running, as the rest of labgrade sees it."""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from grader.access import ACCOUNT, REGION, Access, ForkUnsupported
from grader.errors import EmulatorError
from grader.texts import Text, say

__all__ = ["ACCOUNT", "REGION", "Access", "Emulator", "ForkUnsupported", "filled"]


def filled(mib: int) -> Text:
    """The limit that one met which was to hold more."""
    return say("it was asked to hold more than {mib} MiB", mib=mib)


class Emulator(ABC):
    """One running instance. Close it, or use it as a context manager."""

    name: str
    version: str
    access: Access
    fresh: bool = True  # started by labgrade for this grading, empty
    boxed: bool = False  # kept from this machine's files and network
    mends: str = ""  # a fingerprint of what labgrade mends in it; part of the key of cached capabilities

    @abstractmethod
    def alive(self) -> bool:
        """Does it answer?"""

    @abstractmethod
    def close(self) -> None:
        """Stop it and free what it holds; again does nothing."""

    def settle(self) -> None:  # noqa: B027  (most start nothing for anybody)
        """The submission has ended: so does what the emulator runs for it, such as code that it was given."""

    def ended_by(self) -> Text | None:
        """The limit that it met, where that is how it ended."""
        return None

    def calls(self) -> int | None:
        """How many API calls it has had, None where nobody counts."""
        return None

    def fork(self) -> Emulator:
        """A copy of this moment on an endpoint of its own. Raises ForkUnsupported."""
        raise ForkUnsupported(self.name)

    @contextmanager
    def serving(self, listener: socket.socket) -> Iterator[None]:
        """Answers there, too, meanwhile: in a box's own network, say. Raises EmulatorError.

        What was asked there has been answered when it ends, and nothing that comes later is.
        """
        raise EmulatorError(say("{name} cannot answer in a box", name=self.name))
        yield

    def to_json(self) -> Mapping[str, Any]:
        """The report's `emulator` object."""
        return {
            "name": self.name,
            "version": self.version,
            "endpoint": self.access.endpoint,
            "fresh": self.fresh,
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Starting(ABC):
    """An emulator that is on its way up, so that the caller can do something else meanwhile."""

    @abstractmethod
    def ready(self, timeout_seconds: float = 60.0) -> Emulator:
        """Wait until it serves. Raises EmulatorError that says why it does not; what was begun is ended then."""

    @abstractmethod
    def close(self) -> None:
        """Give it up, whether it came up or not; again does nothing."""
