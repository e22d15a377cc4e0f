"""What can go wrong outside a check, and whose fault it is: each error knows its exit code."""

from __future__ import annotations

from grader.texts import Text


class LabgradeError(Exception):
    """Shown as one line, never as a traceback. The message names the culprit and the cure.

    What students read is a Text, which can be said in their language; `str()` of the error is English.
    """

    exit_code = 3

    def __init__(self, message: Text | str = "") -> None:
        super().__init__(str(message))
        self.text = message


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


class CannotDeploy(EmulatorError):
    """The emulator lacks what a template asks for and AWS has: nobody's marks hang on it."""


class SandboxError(LabgradeError):
    """A sandbox level that was asked for is not to be had here."""


class MachineError(LabgradeError):
    """This machine has no more of something: disk, memory, files that may be open, a temporary folder."""
