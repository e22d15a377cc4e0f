"""Boxes that are forked from one, wherever this machine lets that be: for scripts, and for many submissions."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.sandbox.bwrap import Bwrap, mounts_of, writable
from grader.sandbox.bwrap.box import Box
from grader.sandbox.bwrap.template import Template
from grader.sandbox.interface import PYTHON, Ended, Room, Sandbox
from grader.sandbox.limits import Limits

MOST = 3  # of different views of this machine: with Terraform, without


class Templates:
    """Those that are kept, by what is shown in them; one that died is replaced. Thread-safe. Close it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[Path, ...], Template] = {}
        self._none_here = False

    def of(self, bwrap: str, shown: tuple[Path, ...], begin: bool = True) -> Template | None:
        """None where this machine cannot have one, or too many are kept already, or none is to be begun."""
        with self._lock:
            kept = self._kept.get(shown)
            if kept and kept.alive():
                return kept
            if kept:
                kept.close()
                del self._kept[shown]
            if self._none_here or not begin or len(self._kept) == MOST:
                return None
            template = Template(bwrap, mounts_of(Limits(), shown))
            self._kept[shown] = template
            return template

    def give_up(self, template: Template) -> None:
        """It made no box. Where it lives all the same, none can be forked here: where AppArmor is strict, say."""
        with self._lock:
            self._none_here |= template.alive()
            self._kept = {shown: kept for shown, kept in self._kept.items() if kept is not template}
        template.close()

    def close(self) -> None:
        """End them; again does nothing."""
        with self._lock:
            while self._kept:
                self._kept.popitem()[1].close()


class Forking(Sandbox):
    """The level `bwrap`, with a template. `services` are those that boto3 is ready for."""

    def __init__(self, plain: Bwrap, templates: Templates, services: Sequence[str] = (), always: bool = True) -> None:
        """`always`: for whatever is run; else for those alone that a script was expected in."""
        self._plain, self._templates, self._services = plain, templates, services
        self._always = always
        self.level, self.version, self.guarantees = plain.level, plain.version, plain.guarantees

    @contextmanager
    def room(self, private: Path, limits: Limits | None = None, shown: Sequence[Path] = ()) -> Iterator[Room]:
        """A box of its own."""
        box = self._forked(private, limits or Limits(), tuple(shown))
        if box is None:
            with self._plain.room(private, limits, shown) as room:
                yield room
            return
        try:
            yield box
        finally:
            box.close()

    def expect_script(self, shown: Sequence[Path] = ()) -> None:
        """Its interpreter is on its way."""
        with suppress(SandboxError):  # told when there is to be a room
            if template := self._templates.of(self._plain.program, tuple(shown)):
                template.load(self._services)

    def run(self, command: Sequence[str], **how: Any) -> Ended:
        """In a box for this command alone."""
        return self._plain.run(command, **how)

    def _forked(self, private: Path, limits: Limits, shown: tuple[Path, ...]) -> Box | None:
        template = self._templates.of(self._plain.program, shown, begin=self._always)
        if template is None:
            return None
        self._plain.require(shown)
        box = None
        try:
            box = ForkedBox(template.start(writable(limits), self._services), template.mounts, private)
            box.listen()
        except SandboxError:
            if box:
                box.close()
            self._templates.give_up(template)
            return None
        except BaseException:
            if box:
                box.close()
            raise
        return box


class ForkedBox(Box):
    """Has an interpreter with boto3 in it already, which runs a script at once."""

    def _order(
        self, command: Sequence[str], environment: Mapping[str, str], folder: Path, bounds: Limits
    ) -> dict[str, Any]:
        order = super()._order(command, environment, folder, bounds)
        if tuple(command[:-1]) == PYTHON:
            order["script"] = order["command"][-1]
        return order
