"""Whether a report is ours, and unchanged."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from classroom.classes import report

from grader.classroom.signing import NoReport, holds, secret, signed
from grader.errors import UsageError
from grader.report import ReportJson

KEY, OTHER = b"0123456789abcdef0123", b"another secret of a kind"


def made() -> ReportJson:
    return {**report(80, student="ada").to_json(), "grading": {"person": "ada", "penalised_score": 72.0}}


def test_a_signed_report_holds_with_its_secret_alone() -> None:
    assert holds(signed(made(), KEY), KEY) is True
    assert holds(signed(made(), KEY), OTHER) is False
    assert holds(made(), KEY) is None


def test_the_secret_stands_nowhere_in_it() -> None:
    assert KEY.decode() not in str(signed(made(), KEY))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["score"], 100),
        (["student"], "grace"),
        (["lab", "version"], "2"),
        (["parameters", "bucket"], "x"),
        (["submission", "sha256"], "cd"),
        (["checks", 1, "outcome"], "passed"),
        (["checks", 1, "message"], "It is."),
        (["grading", "penalised_score"], 80.0),
        (["grading", "person"], "grace"),
        (["grading", "signature", "algorithm"], "none"),
        (["grading", "signature", "value"], "00"),
    ],
)
def test_no_part_of_it_can_be_changed(path: list[Any], value: Any) -> None:
    forged = copy.deepcopy(signed(made(), KEY))
    place: Any = forged
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert holds(forged, KEY) is False


def test_times_may_differ() -> None:
    later = {**signed(made(), KEY), "started_at": "2028-01-01T00:00:00+00:00", "seconds": 9.0}
    assert holds(later, KEY) is True


@pytest.mark.parametrize("value", [None, [], "x", {}, {"schema": "other"}, {"schema": "labgrade/report/v1"}])
def test_what_is_no_report_is_told(value: Any) -> None:
    with pytest.raises(NoReport):
        holds(value, KEY)


def test_signing_again_signs_anew() -> None:
    assert signed(signed(made(), OTHER), KEY) == signed(made(), KEY)


def test_a_secret_that_is_soon_guessed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_SECRET", "hunter2")
    with pytest.raises(UsageError, match="A_SECRET: a secret of 7 characters is soon guessed"):
        secret("A_SECRET")
    monkeypatch.setenv("A_SECRET", KEY.decode())
    assert secret("A_SECRET") == KEY
    monkeypatch.delenv("A_SECRET")
    assert secret("A_SECRET") is None
