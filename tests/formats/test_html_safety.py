"""Whatever stands in a report is shown, and does nothing: not to the browser, not to who reads the source."""

from __future__ import annotations

import copy
import unicodedata
from typing import Any

import pytest
from formats.hostile import PAYLOADS, hostile
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from grader.formats import render
from grader.formats.page.address import address
from grader.formats.page.document import prose
from grader.report import ReportJson

WANTED = [[0, "Standard"], [30, "IA"], [365, "marker"], [425, "gone"]]


def rich(samples: dict[str, ReportJson]) -> ReportJson:
    """One with everything: failures, a run with output, notes, guarantees, a drawing with what was asked."""
    report = copy.deepcopy(samples["crashed"])
    report["checks"][3:6] = copy.deepcopy(samples["mixed"]["checks"][3:6])
    report["notes"] = [{"about": about, "message": "m"} for about in ("submission", "cost")]
    report["sandbox"] = {"level": "bwrap", "version": "1", "guarantees": ["no network", "no home"]}
    rows = [
        {"label": "logs/a", "cells": ["Standard", "IA"], "wanted": WANTED},
        {"label": "u", "text": "t", "wanted": "w"},
    ]
    report["model"] = {"drawing": "timeline", "title": "t", "days": [0, 30], "rows": rows, "lines": ["one"]}
    return report


def shape(source: str) -> list[tuple[str, tuple[str, ...]]]:
    """Every element with the names of its attributes: what there is besides text."""
    tree = html.document_fromstring(source.encode())
    return [(element.tag, tuple(sorted(element.keys()))) for element in tree.iter() if isinstance(element.tag, str)]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_an_element_or_an_attribute(payload: str, samples: dict[str, ReportJson]) -> None:
    # Of other texts some sentences and links are missing or there: compared is a payload as harmless as may be.
    tags = {tag for tag, _ in shape(render("html", rich(samples)))}
    attributes = {name for _, names in shape(render("html", rich(samples))) for name in names}
    shown = shape(render("html", hostile(rich(samples), payload)))
    assert {tag for tag, _ in shown} <= tags | {"code"}
    assert {name for _, names in shown for name in names} <= attributes
    assert (
        shown == shape(render("html", hostile(rich(samples), "y" * len(payload))))
        or "`" in payload
        or len(payload) > 90
    )


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_in_the_file_acts_or_hides(payload: str, samples: dict[str, ReportJson]) -> None:
    source = render("html", hostile(rich(samples), payload))
    assert source.encode()  # no lone surrogate
    left = {c for c in source if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} - {"\n", "\t"}
    assert not left


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_link_leads_where_a_text_says_but_one_to_read(payload: str, samples: dict[str, ReportJson]) -> None:
    tree = html.document_fromstring(render("html", hostile(rich(samples), payload)).encode())
    assert all(link.startswith("#") for link in tree.xpath("//a/@href"))


def test_a_text_of_any_length_leaves_the_page_small(samples: dict[str, ReportJson]) -> None:
    assert len(render("html", hostile(rich(samples), "<&" * 200_000))) < 400_000


def test_what_a_stranger_wrote_can_be_read_as_it_was(samples: dict[str, ReportJson]) -> None:
    payload = "<b>&amp; {{ 7 * 7 }} \x1b[0m"
    text = html.document_fromstring(render("html", hostile(rich(samples), payload)).encode()).text_content()
    assert text.count("<b>&amp; {{ 7 * 7 }} \\x1b[0m") > 40


@given(text=st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_is_one_text_and_some_code(text: str) -> None:
    shown = html.fragment_fromstring(str(prose(text)), create_parent="p")
    assert {element.tag for element in shown.iter()} <= {"p", "code"}


@pytest.mark.parametrize(
    ("text", "link"),
    [
        (" https://docs.aws.amazon.com/x.html?a=1&b=2#c ", "https://docs.aws.amazon.com/x.html?a=1&b=2#c"),
        ("https://a.example/\u202egnp", ""),
        ("https://a.example/ b", ""),
        ("https://a.example/" + "y" * 3000, ""),
        ("file:///etc/passwd", ""),
        (None, ""),
    ],
)
def test_an_address_is_one_that_a_browser_may_open(text: Any, link: str) -> None:
    assert address(text) == link
