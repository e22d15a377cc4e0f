"""JSON: the object, whole."""

from __future__ import annotations

import datetime
import json
import unicodedata
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from grader.formats import render
from grader.report import ReportJson

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates too


def test_it_reads_back_as_the_report(graded: ReportJson) -> None:
    assert json.loads(render("json", graded)) == graded


def test_it_is_indented_by_two_and_ends_with_one_newline(graded: ReportJson) -> None:
    text = render("json", graded)
    assert text.startswith('{\n  "schema": "labgrade/report/v1",\n')
    assert text.endswith("}\n")


def test_letters_of_any_language_stand_as_they_are() -> None:
    assert render("json", {"title": "버킷 \U0001f600"}) == '{\n  "title": "버킷 \U0001f600"\n}\n'


@given(key=ANY_TEXT, value=ANY_TEXT)
def test_any_text_survives_utf8_and_none_acts_on_a_terminal(key: str, value: str) -> None:
    text = render("json", {"x" + key: value})
    # Two halves of a pair that stood apart are one character once read: JSON knows no difference.
    joined = {("x" + key): value}
    read = json.loads(text.encode("utf-8"))
    assert _utf16(read) == _utf16(joined)
    assert not [c for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


def _utf16(report: dict[str, Any]) -> list[bytes]:
    return [text.encode("utf-16-le", "surrogatepass") for pair in report.items() for text in pair]


def test_a_command_to_a_log_reader_is_taken_apart_and_reads_back() -> None:
    text = render("json", {"stdout": "##[error]x ##vso[task.complete]y"})
    assert "##" not in text
    assert json.loads(text) == {"stdout": "##[error]x ##vso[task.complete]y"}


def test_a_date_in_a_model_is_no_reason_to_lose_a_report() -> None:
    model = {"created": datetime.datetime(2026, 8, 2, tzinfo=datetime.UTC)}
    assert json.loads(render("json", {"model": model})) == {"model": {"created": "2026-08-02 00:00:00+00:00"}}
