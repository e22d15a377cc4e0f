"""Where fresh emulators and boxes come from: each with a lab's starting state, and nobody else's."""

from __future__ import annotations

import copy
import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from grader import emulators
from grader.emulators.interface import Emulator, Starting
from grader.errors import LabgradeError
from grader.sandbox import Level, Sandbox, open_sandbox
from grader.shelf import Shelf

if TYPE_CHECKING:
    from grader.emulators.moto.launching import MotoLoading
    from grader.lab import Lab
    from grader.sandbox.bwrap.forking import Templates


@dataclass(frozen=True)
class Begun:
    """An emulator in a lab's starting state, with the scenario's facts; None where the lab has no scenario."""

    emulator: Emulator
    facts: dict[str, Any] | None

    def close(self) -> None:
        self.emulator.close()


class Supply:
    """Each emulator is started when it is asked for: what a single run wants. Close it."""

    warm = False  # is there more to come, so that whatever runs is worth a template?

    def __init__(self) -> None:
        self._templates: Templates | None = None
        self._lock = threading.Lock()
        self._sandboxes: dict[Level, Sandbox] = {}  # as they are opened: to find the best one takes a trial
        self._loading: MotoLoading | None = None
        self._ending: list[threading.Thread] = []

    def expect(self, level: Level, name: str | None = None) -> None:
        """A submission will be graded so, by that emulator: what takes longest is begun before the grader itself has
        loaded.
        """
        if name not in (None, "moto"):
            return
        from grader.emulators.moto.launching import begin

        with suppress(LabgradeError, OSError):  # told by whom it fails again
            self._loading = begin(boxed=self._opened(level).level == "bwrap")

    def sandbox(self, level: Level, services: Sequence[str] = ()) -> Sandbox:
        """Of that level, for work with those services. Raises SandboxError."""
        opened = self._opened(level)
        if opened.level != "bwrap":
            return opened
        from grader.sandbox.bwrap import Bwrap
        from grader.sandbox.bwrap.forking import Forking

        assert isinstance(opened, Bwrap)
        return Forking(opened, self._kept(), services, always=self.warm)

    @contextmanager
    def begun(
        self,
        lab: Lab,
        values: Mapping[str, Any],
        name: str = "moto",
        services: Sequence[str] = (),
        boxed: bool = False,
    ) -> Iterator[Begun]:
        """One for a submission, quick in the lab's services and in those besides; it ends with the `with`.

        Where `boxed`, it cannot reach this machine's files or network either.

        Raises LabError for the scenario's faults, and EmulatorError.
        """
        begun = self._begin(lab, values, name, services, boxed)
        try:
            yield begun
        finally:
            self._end(begun)

    def close(self) -> None:
        """End what is kept, and wait for the end of what was lent; again does nothing."""
        if self._loading:
            self._loading.close()
        if self._templates:
            self._templates.close()
        while self._ending:
            self._ending.pop().join()

    def _kept(self) -> Templates:
        from grader.sandbox.bwrap.forking import Templates

        with self._lock:
            self._templates = self._templates or Templates()
            return self._templates

    def _opened(self, level: Level) -> Sandbox:
        if level not in self._sandboxes:
            self._sandboxes[level] = open_sandbox(level)
        return self._sandboxes[level]

    def _end(self, begun: Begun) -> None:
        """While the report is made: it takes as long."""
        ending = threading.Thread(target=begun.close)
        ending.start()
        self._ending.append(ending)

    def _launch(self, name: str, region: str, services: Sequence[str], boxed: bool) -> Starting:
        loading, self._loading = self._loading, None
        if loading and name == "moto" and loading.boxed == boxed:
            return loading.to_serve(region, services)
        if loading:
            loading.close()
        templates = self._kept() if self.warm and boxed else None
        return emulators.launch(name, region=region, services=services, boxed=boxed, templates=templates)

    def _begin(self, lab: Lab, values: Mapping[str, Any], name: str, services: Sequence[str], boxed: bool) -> Begun:
        from grader.judging import prepared

        starting = self._launch(name, lab.region, (*lab.services, *services), boxed)
        try:
            lab.checks  # noqa: B018  (a broken checker is told before anything runs)
            import boto3  # noqa: F401  (side by side with the emulator, which takes as long)

            emulator = starting.ready()
            return Begun(emulator, prepared(lab, emulator, values))
        except BaseException:
            starting.close()
            raise


class WarmSupply(Supply):
    """For many gradings, from several threads: forks of one moto or LocalStack, of one box, and of the starting states
    that come again.

    Where the system cannot fork, and for MiniStack, each is started when it is asked for.
    """

    warm = True

    def __init__(self) -> None:
        super().__init__()
        from grader.emulators.moto.nursery import Nursery, can_fork

        self._can_fork = can_fork()
        self._nurseries = {boxed: Nursery(boxed) for boxed in (False, True)}
        self._prepared: Shelf[_Prepared] = Shelf()

    def close(self) -> None:
        super().close()
        self._prepared.close()
        for nursery in self._nurseries.values():
            nursery.close()

    def _end(self, begun: Begun) -> None:
        """At once: what comes next needs the room."""
        begun.close()

    def _launch(self, name: str, region: str, services: Sequence[str], boxed: bool) -> Starting:
        if name == "moto":
            return self._nurseries[boxed].launch(region=region, services=services)
        return super()._launch(name, region, services, boxed)

    @contextmanager
    def begun(
        self,
        lab: Lab,
        values: Mapping[str, Any],
        name: str = "moto",
        services: Sequence[str] = (),
        boxed: bool = False,
    ) -> Iterator[Begun]:
        if name != "moto" or lab.prepare is None or not self._can_fork:
            with super().begun(lab, values, name, services, boxed) as begun:
                yield begun
            return

        def made() -> _Prepared:
            return _Prepared(self._begin(lab, values, name, services, boxed))

        with (
            self._prepared.lent(_state(lab, values, services, boxed), made) as kept,
            closing(kept.copy() if kept else self._begin(lab, values, name, services, boxed)) as begun,
        ):
            yield begun


class _Prepared:
    """A starting state out of everybody's reach, to be copied."""

    def __init__(self, begun: Begun) -> None:
        from grader.emulators.moto import Moto

        assert isinstance(begun.emulator, Moto)
        self._moto, self._facts = begun.emulator, begun.facts
        try:
            self._moto.withdraw()
        except BaseException:
            self.close()
            raise

    def copy(self) -> Begun:
        """Raises EmulatorError."""
        return Begun(self._moto.fork(anew=True), copy.deepcopy(self._facts))

    def usable(self) -> bool:
        return self._moto.alive()

    def close(self) -> None:
        self._moto.close()


def _state(lab: Lab, values: Mapping[str, Any], services: Sequence[str], boxed: bool) -> str:
    """What a starting state depends on; a scenario of yesterday has another date."""
    today = datetime.now(UTC).date().isoformat()
    return json.dumps([str(lab.folder), lab.version, today, values, boxed, *services], sort_keys=True, default=str)
