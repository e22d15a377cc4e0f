"""Strangers' text, made safe to show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.formats import encodable
from grader.formats.escaping import bounded, one_line, paragraphs, visible

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\x1b", r"\x1b"),
        ("\x00", r"\x00"),
        ("\x07", r"\x07"),
        ("\x08", r"\x08"),
        ("\x7f", r"\x7f"),
        ("\x9b", r"\x9b"),
        ("\u202e", r"\u202e"),
        ("\u2066", r"\u2066"),
        ("\u200b", r"\u200b"),
        ("\u2060", r"\u2060"),
        ("\ufeff", r"\ufeff"),
        ("\u2028", r"\u2028"),
        ("\u3164", r"\u3164"),
        ("\uffff", r"\uffff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("\U000e0101", r"\U000e0101"),
        ("\U0001fffe", r"\U0001fffe"),
    ],
)
def test_what_acts_or_hides_is_shown_as_its_escape(character: str, shown: str) -> None:
    assert visible(f"a{character}b") == f"a{shown}b"


@pytest.mark.parametrize(
    "text", ["버킷", "naïve", "\U0001f600", "a\tb\nc", "", "\u0627\u0644", "arn:aws:s3:::b", "C:\\x"]
)
def test_what_merely_shows_stays(text: str) -> None:
    assert visible(text) == text


def test_every_kind_of_line_end_is_a_line_end() -> None:
    assert visible("a\r\nb\rc\nd") == "a\nb\nc\nd"


def test_nothing_at_all_is_empty() -> None:
    assert visible(None) == one_line(None) == paragraphs(None) == ""


@given(ANY_TEXT)
def test_nothing_that_acts_is_left_and_again_changes_nothing(text: str) -> None:
    shown = visible(text)
    assert not [c for c in shown if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    assert visible(shown) == shown


@given(ANY_TEXT)
def test_one_line_is_one(text: str) -> None:
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize("command", ["##[error]x", "##vso[task.complete]", "##teamcity[x]", "a ##[debug]b"])
def test_commands_to_log_readers_are_taken_apart(command: str) -> None:
    assert visible(command) == command.replace("##", r"#\x23")


def test_a_markdown_heading_is_no_command() -> None:
    assert visible("## Rules") == "## Rules"


def test_too_long_a_text_keeps_its_head_and_its_tail() -> None:
    text = bounded("a" * 600 + "b" * 600, 300)
    assert text == "a" * 200 + " ... (900 characters left out) ... " + "b" * 100


def test_a_text_that_is_hardly_too_long_is_left_alone() -> None:
    assert bounded("a" * 310, 300) == "a" * 310


def test_too_many_lines_are_counted() -> None:
    assert paragraphs("x\n\n" * 40, lines=3) == "x\nx\nx\n... (37 more lines)"


@given(ANY_TEXT, st.sampled_from(["ascii", "latin-1", "cp1252", "euc-kr", "utf-8", "no-such-encoding", None]))
def test_what_is_encodable_can_be_written(text: str, encoding: str | None) -> None:
    known = encoding if encoding not in (None, "no-such-encoding") else "ascii"
    encodable(text, encoding).encode(known)


def test_what_an_encoding_knows_it_keeps() -> None:
    assert encodable("café → 버킷", "latin-1") == r"café \u2192 \ubc84\ud0b7"
