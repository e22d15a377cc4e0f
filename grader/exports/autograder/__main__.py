"""What runs at Gradescope: grades /autograder/submission and leaves /autograder/results/results.json.

A first file is there before anything runs, and is replaced whole, so that whoever is killed half-way still leaves one.
Where no mark can be given fairly there is none in the end: Gradescope then says that the autograder failed, the
instructor sees why, and nobody has a zero.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from grader.classroom.marks import late_reasons
from grader.errors import LabgradeError, NotGradable
from grader.exports.autograder.bundle import SETTINGS
from grader.exports.autograder.metadata import Metadata, read
from grader.exports.autograder.settings import Settings
from grader.exports.files import replace_file
from grader.formats import render
from grader.formats.jsontext import written
from grader.formats.markup import inline
from grader.languages import speak, spoken, told

_FAULT = 3


def main(root: Path) -> int:
    """0 with results, 3 without."""
    settings = Settings.from_text((root / "source" / SETTINGS).read_text("utf-8"))
    speak(settings.lang)
    results, metadata = root / "results" / "results.json", read(root)
    results.parent.mkdir(parents=True, exist_ok=True)
    stopped = spoken("The grading was stopped before it had ended. This is no mark: ask for it to be run again.")
    _put(results, _message(stopped, metadata))
    try:
        text = _graded(root, settings, metadata)
    except NotGradable as error:
        no_mark = spoken("This is no mark, and what was scored before stays.")
        text = _message(f"{told(error.text)} {no_mark}", metadata)
    except LabgradeError as error:
        results.unlink(missing_ok=True)
        print(f"labgrade: {error}", file=sys.stderr)  # noqa: T201  (Gradescope shows it to instructors)
        return _FAULT
    if text is None:
        results.unlink(missing_ok=True)
        return _FAULT
    _put(results, text)
    return 0


def _graded(root: Path, settings: Settings, metadata: Metadata) -> str | None:
    """The results; None where there is no mark."""
    from grader.grading import Options, grade
    from grader.submissions.interface import Limits

    how: dict[str, Any] = {"sandbox": settings.sandbox, "limits": Limits(settings.timeout_seconds, **settings.limits)}
    options = Options(student=metadata.student, course=settings.course or None, lang=settings.lang, **how)
    report = grade(settings.lab, root / "submission", options=options).to_json()
    if report["outcome"] == "error":
        wrong = [check for check in report["checks"] if check["outcome"] == "error"]
        print(json.dumps(wrong, indent=1, default=str), file=sys.stderr)  # noqa: T201
        return None
    report["grading"] = {**report["grading"], **_lateness(report["score"], settings, metadata)}
    return render(
        "gradescope",
        report,
        audience="instructor",  # Gradescope itself keeps from students what is hidden
        feedback=settings.feedback,
        hidden=settings.hidden,
        hidden_visibility=settings.hidden_visibility,
        points=settings.points,
    )


def _lateness(score: int, settings: Settings, metadata: Metadata) -> dict[str, Any]:
    late = metadata.late_minutes
    reasons = [told(reason) for reason in late_reasons(settings.late, late)]
    penalised = round(score * settings.late.keeps(late), 2)
    return {"late_minutes": late, "penalised_score": penalised, "reasons": reasons}


def _message(text: str, metadata: Metadata) -> str:
    """Results without a new mark: what was scored before stays."""
    kept = metadata.previous or 0
    return written({"score": kept, "output": inline(text), "output_format": "md", "visibility": "visible", "tests": []})


def _put(path: Path, text: str) -> None:
    replace_file(path, text.encode("utf-8"))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
