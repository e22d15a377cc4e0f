"""Boxes that are forked from one, wherever this machine lets that be: for scripts, and for many submissions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from grader.errors import SandboxError
from grader.sandbox.bwrap import Bwrap, mounts_of, writable
from grader.sandbox.bwrap.box import Box
from grader.sandbox.bwrap.template import Template
from grader.sandbox.interface import PYTHON, Ended, Room, Sandbox
from grader.sandbox.limits import Limits

MOST = 4  # of different views of this machine, with Terraform and without, and of an emulator


class Templates:
    """Those that are kept, by what is in them; one that died is replaced. Thread-safe. Close it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[Hashable, Template] = {}
        self._hopeless: set[Hashable] = set()

    def of(self, key: Hashable, made: Callable[[], Template]) -> Template | None:
        """The one that is kept, else a new one; None where this machine cannot have one, or too many are kept already.

        Raises SandboxError.
        """
        with self._lock:
            if (kept := self._living(key)) or key in self._hopeless or len(self._kept) == MOST:
                return kept
            template = self._kept[key] = made()
            return template

    def kept(self, key: Hashable) -> Template | None:
        """The one that is, if there is."""
        with self._lock:
            return self._living(key)

    def _living(self, key: Hashable) -> Template | None:
        kept = self._kept.get(key)
        if kept and not kept.alive():
            kept.close()
            del self._kept[key]
            return None
        return kept

    def give_up(self, template: Template) -> None:
        """It made no box. Where it lives all the same, none can be forked here: where AppArmor is strict, say."""
        with self._lock:
            for key in [key for key, kept in self._kept.items() if kept is template]:
                del self._kept[key]
                if template.alive():
                    self._hopeless.add(key)
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
            if template := self._template(tuple(shown)):
                template.load(self._services)

    def run(self, command: Sequence[str], **how: Any) -> Ended:
        """In a box for this command alone."""
        return self._plain.run(command, **how)

    def _template(self, shown: tuple[Path, ...]) -> Template | None:
        return self._templates.of(shown, lambda: Template(self._plain.program, mounts_of(Limits(), shown)))

    def _forked(self, private: Path, limits: Limits, shown: tuple[Path, ...]) -> Box | None:
        template = self._template(shown) if self._always else self._templates.kept(shown)
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
