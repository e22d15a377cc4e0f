"""What can go wrong outside a check, and whose fault it is: each error knows its exit code."""

from __future__ import annotations


class LabgradeError(Exception):
    """Shown as one line, never as a traceback. The message names the culprit and the cure."""

    exit_code = 3


class UsageError(LabgradeError):
    """Wrong usage, or nothing to grade: the caller's to mend."""

    exit_code = 2


class NotGradable(UsageError):
    """The submission is missing, empty, unreadable, or has two entries: no attempt, and no zero."""


class NothingToGrade(UsageError):
    """No submission was given, and no emulator is found whose state could be graded. The message says what to do."""


class LabError(LabgradeError):
    """A lab's own files are broken: its author's to mend. The message begins with the file (and line)."""


class EmulatorError(LabgradeError):
    """The emulator could not be started, died, or does not answer."""


class SandboxError(LabgradeError):
    """A sandbox level that was asked for is not to be had here."""
