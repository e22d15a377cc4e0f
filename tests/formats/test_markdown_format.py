"""Markdown, read by a parser: what a stranger wrote is text in it, and nothing else."""

from __future__ import annotations

import re

import pytest
from formats.hostile import PAYLOADS, hostile
from formats.test_html_safety import rich
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from grader.formats import render
from grader.formats.markup import block, fenced, inline
from grader.report import ReportJson

PARSER = MarkdownIt("commonmark", {"html": True}).enable("table")
OURS = {"paragraph", "heading", "table", "thead", "tbody", "tr", "th", "td", "bullet_list", "list_item"}
TEXT = {"text", "text_special", "code_inline", "strong_open", "strong_close", "softbreak", "hardbreak", "fence"}
MORE = (
    *("# heading", "--- \n===", "1. one", "- item", "+ item", "> quote", "    code", "![x](y) [a](b) [c]: d", "<!-- x"),
    *("www.evil.example", "http://evil.example", "a@b.example", "@somebody #12", ":smile:", "$x$", "~~x~~", "a\\"),
    *("`", "``", "```\n# x\n```", "`a` `b", "\\`a`", "| a | b |", "`a|b`", "`<b>`", "_x_ __x__ *x* a_b_c", "  \n  # x"),
)


def tokens(source: str) -> list[Token]:
    return [one for token in PARSER.parse(source) for one in (token, *(token.children or []))]


def kinds(source: str) -> set[str]:
    return {re.sub("_(open|close)$", "", one.type) for one in tokens(source) if one.type not in TEXT} - {"inline"}


@pytest.mark.parametrize("payload", [*PAYLOADS, *MORE])
def test_no_text_becomes_markup(payload: str, samples: dict[str, ReportJson]) -> None:
    report = hostile(rich(samples), payload)
    for check in report["checks"]:
        check["doc"] = None  # the lab's own, and a link on purpose
    source = render("markdown", report)
    assert kinds(source) <= OURS
    assert not re.search(r"(?m)^\s*::", source)
    # What GitHub and GitLab make links and mentions of, where it is not in code.
    outside = re.sub(r"```.*?```|`[^`\n]*`", "", source, flags=re.DOTALL)
    assert not re.search(r"(?i)\bwww\.|(?<!\\)://|@|(?<!\\)~|\$", outside)


@given(text=st.text(alphabet="`*_[]()<>#+-.!|~&@:$^=\"'\\ \n1aㅏ", max_size=60))
def test_whatever_is_shown_reads_as_it_was_written(text: str) -> None:
    shown = tokens(f"a {inline(text)}")
    words = "".join(one.content for one in shown if one.type in ("text", "text_special", "code_inline"))
    assert {one.type for one in shown} <= {"paragraph_open", "paragraph_close", "inline", *TEXT}
    assert re.sub(r"[`\s]", "", words) == "a" + re.sub(r"[`\s]", "", text)


@given(text=st.text(alphabet="`*_[]<>#+-.!|~&:=\\ \n1a", max_size=60))
def test_at_the_beginning_of_a_line_too(text: str) -> None:
    assert kinds(block(text)) <= {"paragraph"}
    assert kinds(f"| {inline(text, cell=True)} | x |\n| -- | -- |\n") <= {"table", "thead", "tr", "th"}


@given(text=st.text(alphabet="`~:\n a", max_size=60))
def test_nothing_leaves_a_fence(text: str) -> None:
    shown = tokens(fenced(text))
    assert [one.type for one in shown] == ["fence"]


def test_the_page_to_read_is_a_link(samples: dict[str, ReportJson]) -> None:
    links = [one.attrGet("href") for one in tokens(render("markdown", samples["mixed"])) if one.type == "link_open"]
    assert links == [check["doc"] for check in samples["mixed"]["checks"] if check["outcome"] == "failed"]


def test_a_bar_in_code_does_not_split_a_row(samples: dict[str, ReportJson]) -> None:
    report = {**samples["passed"], "checks": [{**samples["passed"]["checks"][0], "requirement": "say `a|b`"}]}
    cells = [one for one in tokens(render("markdown", report)) if one.type == "td_open"]
    assert len(cells) == 4


def test_it_is_small_however_long_the_texts_are(samples: dict[str, ReportJson]) -> None:
    assert len(render("markdown", hostile(rich(samples), "<&" * 200_000)).encode()) < 400_000
