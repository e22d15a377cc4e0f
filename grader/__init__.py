"""labgrade: grades hands-on AWS labs on an emulator, by what the work does on AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.grading import grade

__version__ = "0.1.0"
__all__ = ["__version__", "grade"]


def __getattr__(name: str) -> object:
    # `import grader` stays light: the command's start-up is part of its speed.
    if name == "grade":
        from grader.grading import grade

        return grade
    raise AttributeError(name)
