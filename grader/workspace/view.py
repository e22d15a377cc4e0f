"""A workspace as the grader sees it: a copy of this moment, or where there is no copying, the workspace itself."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.access import Access, ForkUnsupported
from grader.emulators.interface import Emulator
from grader.errors import EmulatorError, NothingToGrade
from grader.texts import Text, say
from grader.workspace import memory, record
from grader.workspace.control import CONNECT_SECONDS, Line, Silent
from grader.workspace.folder import StateError
from grader.workspace.memory import Memory
from grader.workspace.record import Workspace


class View(Emulator):
    """Reads only: what the grader calls is neither counted as the student's nor journaled."""

    fresh = False

    def __init__(self, workspace: Workspace) -> None:
        """Raises NothingToGrade where its emulator does not run."""
        self.workspace = workspace
        self.name, self.version, self.mends = workspace.emulator, workspace.version, workspace.mends
        self._lines: list[Line] = []
        try:
            told = self._lent()
        except Silent:
            raise NothingToGrade(_not_running(workspace)) from None
        self._calls: int | None = told.get("calls")
        self.access = self._access(told)

    def alive(self) -> bool:
        """Does the workspace's emulator answer?"""
        return self.workspace.standing().running

    def calls(self) -> int | None:
        """Of the student, until this grading began."""
        return self._calls

    def close(self) -> None:
        """Give the copies back; the workspace goes on."""
        for line in self._lines:
            line.close()
        self._lines.clear()

    def fork(self) -> Emulator:
        """One more copy, to try things on."""
        try:
            return Fork(self.workspace)
        except Silent as error:
            raise EmulatorError(say("the workspace does not answer: {error}", error=error.text)) from None

    def to_json(self) -> Mapping[str, Any]:
        """With the address that the student knows."""
        told = {**super().to_json(), "endpoint": self.workspace.endpoint, "workspace": True}
        return told if self._calls is None else {**told, "calls": self._calls}

    def _access(self, told: Mapping[str, Any]) -> Access:
        if endpoint := told.get("endpoint"):
            return Access(endpoint, region=self.workspace.region, account=self.workspace.account)
        # No copy is to be had (Windows; a call that does not end): the grader's own key keeps its calls apart.
        key = self.workspace.keys["grader"]
        return Access(self.workspace.endpoint, key, region=self.workspace.region, account=self.workspace.account)

    def _lent(self) -> dict[str, Any]:
        line = self.workspace.line()
        self._lines.append(line)
        told = line.ask("fork")
        if "error" in told:
            return line.ask("status", CONNECT_SECONDS)
        return told


class Fork(View):
    """A copy that may be written to."""

    def _access(self, told: Mapping[str, Any]) -> Access:
        if "endpoint" not in told:
            self.close()
            raise ForkUnsupported("this system has no fork")
        return super()._access(told)


@dataclass(frozen=True)
class Target:
    """What live state is graded in, and what is known of it."""

    workspace: Workspace
    emulator: Emulator
    reason: Text | None = None

    @property
    def previous(self) -> int | None:
        """The score of last time."""
        known = memory.recall(self.workspace.lab)
        return known.last if known.workspace == self.workspace.id else None

    def remember(self, score: int, most: int) -> None:
        """This score, for next time and for `labgrade list`."""
        space = self.workspace
        known: Memory = memory.recall(space.lab)
        scored = known.scored(student=space.student, course=space.course, workspace=space.id, score=score, most=most)
        memory.keep(space.lab, scored)


def target(lab: str, *, endpoint_url: str | None, emulator: str | None, allow_host: bool = False) -> Target | None:
    """The workspace of a lab, opened for grading; None where it has none, or the caller names another emulator.

    Raises NothingToGrade where it has one whose emulator does not run.
    """
    try:
        workspace = record.find(lab)
    except StateError:
        if endpoint_url or emulator:
            return None
        raise
    if workspace is None or not workspace.prepared or emulator not in (None, workspace.emulator):
        return None
    if endpoint_url is not None and endpoint_url.rstrip("/").replace("//localhost:", "//127.0.0.1:") not in (
        workspace.endpoint,
        workspace.endpoint.replace("//localhost:", "//127.0.0.1:"),
    ):
        return None
    if workspace.ours:
        view = View(workspace)
        return Target(workspace, view, _uncalled(workspace) if view.calls() == 0 else None)
    return _remembered(workspace, allow_host)


def _remembered(workspace: Workspace, allow_host: bool) -> Target:
    from grader.emulators import live

    environ = {**os.environ, "AWS_ACCESS_KEY_ID": workspace.access_key, "AWS_REGION": workspace.region}
    found = live.find(endpoint_url=workspace.endpoint, allow_host=allow_host, environ=environ, remembered=workspace.lab)
    return Target(workspace, found.emulator, found.reason)


def _not_running(workspace: Workspace) -> Text:
    stopped = workspace.standing().kept
    return say(
        "the workspace of {lab} was stopped. `labgrade start {lab}` brings it back as it was; "
        "`labgrade run {lab} SUBMISSION` grades a file."
        if stopped
        else "the workspace of {lab} has ended unexpectedly. `labgrade start {lab}` brings it back as it was; "
        "`labgrade run {lab} SUBMISSION` grades a file.",
        lab=workspace.lab,
    )


def _uncalled(workspace: Workspace) -> Text:
    """Why a student's work may not be there: this shell calls somebody else."""
    named = os.environ.get("AWS_ENDPOINT_URL", "").strip().rstrip("/")
    since = workspace.since
    if not named:
        return say(
            "It has had none since it started at {since}. Is your shell pointed at it? "
            "This one is not: AWS_ENDPOINT_URL is not set. `labgrade shell {lab}` opens one that is.",
            since=since,
            lab=workspace.lab,
        )
    if named.replace("//localhost:", "//127.0.0.1:") != workspace.endpoint:
        return say(
            "It has had none since it started at {since}. Is your shell pointed at it? "
            "This one is not: AWS_ENDPOINT_URL is {named}. `labgrade shell {lab}` opens one that is.",
            since=since,
            named=named,
            lab=workspace.lab,
        )
    return say("It has had none since it started at {since}. This shell is pointed at it.", since=since)
