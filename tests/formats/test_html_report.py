"""The page: what stands in it, in which order, and that it needs nothing else."""

from __future__ import annotations

import copy
import re
from base64 import b64encode
from hashlib import sha256
from itertools import pairwise
from typing import Any

import pytest
from lxml import html

from grader.formats import LEVELS, ending, render, story
from grader.formats.words import WORDS, say
from grader.report import ReportJson


def source(report: ReportJson, **options: Any) -> str:
    return render("html", report, **options)


def page(report: ReportJson, **options: Any) -> Any:
    return html.document_fromstring(source(report, **options).encode())


def flat(element: Any) -> str:
    """Its text, as one line."""
    return " ".join(element.text_content().split())


def texts(parent: Any, path: str) -> list[str]:
    return [flat(element) for element in parent.xpath(path)]


def test_one_main_heading_names_the_lab_and_headings_descend_one_by_one(graded: ReportJson) -> None:
    tree = page(graded)
    levels = [int(heading.tag[1]) for heading in tree.xpath("//h1|//h2|//h3|//h4|//h5|//h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert flat(tree.xpath("//h1")[0]) == graded["lab"]["title"]


def test_landmarks_language_and_title_are_there(graded: ReportJson) -> None:
    tree = page(graded)
    assert [len(tree.xpath(f"//body/{tag}")) for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert tree.get("lang") == "en"
    assert tree.findtext(".//title") == f"{graded['lab']['title']}: {story.score(graded)}"
    named = {element.get("aria-labelledby") for element in tree.xpath("//section")}
    assert named <= {heading.get("id") for heading in tree.xpath("//h2")}


def test_ids_are_given_once_and_every_inner_link_leads_somewhere(graded: ReportJson) -> None:
    tree = page(graded)
    ids = tree.xpath("//@id")
    assert len(ids) == len(set(ids))
    assert {link[1:] for link in tree.xpath("//@href") if link.startswith("#")} <= set(ids)
    assert {id_ for ids_ in tree.xpath("//@aria-labelledby") for id_ in ids_.split()} <= set(ids)
    assert set(re.findall(r"url\(#([\w-]+)\)", source(graded))) <= set(ids)


def test_the_score_and_what_was_graded_come_first(graded: ReportJson) -> None:
    header = flat(page(graded).xpath("//body/header")[0])
    assert story.score(graded) in header
    assert " ".join(story.graded(graded).split()) in header
    assert story.left_out(graded) in header


def test_every_check_has_its_number_its_mark_as_a_word_and_its_points(graded: ReportJson) -> None:
    shown = page(graded).xpath("//ol/li")
    for number, (item, check) in enumerate(zip(shown, graded["checks"], strict=True), 1):
        assert texts(item, ".//h3/span") == [str(number), story.mark(check), check["requirement"]]
        assert texts(item, "./p[@class='points']/span") == [story.points([check]), f"{story.points([check])} points"]


def test_evidence_is_found_wanted_why_mend_and_a_link_to_read(samples: dict[str, ReportJson]) -> None:
    fourth = page(samples["mixed"]).xpath("//li[@id='check-4']")[0]
    assert texts(fourth, ".//dt") == ["found", "wanted", "why", "mend", "read"]
    assert texts(fourth, ".//dd") == [text for _, text in story.evidence(samples["mixed"]["checks"][3])]
    link = fourth.xpath(".//a")[0]
    assert link.get("href") == link.text == samples["mixed"]["checks"][3]["doc"]
    assert link.get("rel") == "noopener noreferrer"


@pytest.mark.parametrize("which", ["skipped", "unprepared", "error", "inconclusive", "nothing_judged"])
def test_what_was_not_judged_is_told_plainly(which: str, samples: dict[str, ReportJson]) -> None:
    report = samples[which]
    tree = page(report)
    told = {n: story.explained(check, report) for n, check in enumerate(report["checks"], 1)}
    first = {reason: n for n, reason in reversed(told.items())}
    for number, reason in told.items():
        if reason:
            wanted = reason if first[reason] == number else say("as at", number=first[reason])
            assert texts(tree, f"//li[@id='check-{number}']/p[@class='reason']") == [
                " ".join(wanted.replace("`", "").split())
            ]


def test_evidence_that_was_told_already_is_a_link_to_it(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["crashed"])
    gone = {"outcome": "failed", "points": 0, "found": "The emulator is gone.", "wanted": None}
    report["checks"] = [check | gone | dict.fromkeys(("why", "fix", "doc")) for check in report["checks"]]
    tree = page(report)
    assert flat(tree).count("The emulator is gone.") == 1
    assert tree.xpath("//li[@id='check-5']//a/@href") == ["#check-1"]


def test_the_run_is_told_with_its_stages_and_its_output(samples: dict[str, ReportJson]) -> None:
    tree = page(samples["timed_out"])
    section = tree.xpath("//section[@aria-labelledby='run']")[0]
    assert texts(section, ".//li") == [*story.ran(samples["timed_out"]["run"]), say("truncated")]
    assert "waiting for the stack, 39 ..." in flat(section.xpath(".//pre")[0])
    assert section.xpath(".//pre/@tabindex") == ["0"]


def test_a_submission_that_broke_off_is_told_of_before_its_requirements(samples: dict[str, ReportJson]) -> None:
    crashed = samples["crashed"]
    assert page(crashed).xpath("//h2/@id")[:2] == ["run", "requirements"]
    assert page(crashed).xpath("//details[summary='Printed to standard error']/@open")
    assert "ParamValidationError" in flat(page(crashed))
    assert story.broken_off(crashed) in flat(page(crashed).xpath("//body/header")[0])
    handed_in = page(samples["handed_in"]).xpath("//h2/@id")
    assert handed_in.index("requirements") < handed_in.index("run")


def test_output_is_bounded(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["crashed"])
    report["run"] |= {"stdout": "<" * 65536, "stderr": "&\n" * 32768}
    assert len(source(report)) < 150_000
    assert "characters left out" in source(report)


def test_notes_on_what_was_graded_come_first_and_others_last(samples: dict[str, ReportJson]) -> None:
    tree = page(samples["mixed"])
    about = {note["about"]: note["message"] for note in samples["mixed"]["notes"]}
    assert about["emulator"].replace("`", "") in flat(tree.xpath("//body/header")[0])
    assert texts(tree, "//ul[@class='notes']/li") == [about["cost"]]


def test_parameters_stand_under_the_names_that_a_submission_sees(graded: ReportJson) -> None:
    section = page(graded).xpath("//section[@aria-labelledby='parameters']")[0]
    pairs = dict(zip(texts(section, ".//dt"), texts(section, ".//dd"), strict=True))
    assert pairs == {f"LAB_{name.upper()}": str(value) for name, value in graded["parameters"].items()}


def test_the_end_says_what_the_terminal_says(graded: ReportJson) -> None:
    footer = flat(page(graded).xpath("//body/footer")[0]).replace("`", "")
    said = [ending.verdict(graded), ending.took(graded), *(text for pair in ending.advice(graded) for text in pair)]
    assert [text for text in said if text.replace("`", "") not in footer] == []
    assert (ending.holds(graded) in footer) == (graded["outcome"] == "passed")


def test_facts_of_the_grading_stand_at_the_end_and_empty_ones_nowhere(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["handed_in"])
    report["sandbox"] = {"level": "bwrap", "version": "0.8", "guarantees": ["no network", "no home"]}
    facts = page(report).xpath("//footer//dl")[0]
    pairs = dict(zip(texts(facts, ".//dt"), facts.xpath(".//dd"), strict=True))
    assert flat(pairs["Graded at"]) == "2026-08-02 19:02 UTC"
    assert texts(pairs["What held while it ran"], "./span") == ["no network", "no home"]
    assert "Endpoint" in pairs
    assert "Feedback" not in pairs
    assert all(flat(value) for value in pairs.values())


# It needs nothing else, and lets nothing else in.


def test_nothing_is_fetched_and_no_script_is_there(graded: ReportJson) -> None:
    tree = page(graded)
    assert not tree.xpath("//script|//iframe|//object|//embed|//img|//form|//base|//@style|//@srcset|//@src")
    assert [link.get("rel") for link in tree.xpath("//link")] == ["icon"]
    assert tree.xpath("//link/@href")[0].startswith("data:image/svg+xml,")
    assert not re.search(r"@import|@font-face|url\(", tree.findtext(".//style"))


def test_the_policy_allows_just_the_pages_own_style(graded: ReportJson) -> None:
    tree = page(graded)
    digest = b64encode(sha256(tree.findtext(".//style").encode()).digest()).decode()
    policy = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    allowed = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    assert policy == allowed


def test_the_policy_comes_before_all_that_it_governs(graded: ReportJson) -> None:
    head = [element.get("http-equiv") or element.tag for element in page(graded).find("head")]
    assert head.index("Content-Security-Policy") < min(head.index("link"), head.index("style"))


def test_a_page_is_small(graded: ReportJson) -> None:
    assert len(source(graded).encode()) < 60_000


@pytest.mark.parametrize("lang", ["ko", "en", "pt-BR"])
def test_the_language_is_the_reports(lang: str, samples: dict[str, ReportJson]) -> None:
    assert page({**samples["mixed"], "lang": lang}).get("lang") == lang


@pytest.mark.parametrize("lang", ['en" onload="x', "", "english please", "e", None, 7, "en\n"])
def test_what_is_no_language_is_english(lang: Any, samples: dict[str, ReportJson]) -> None:
    assert page({**samples["mixed"], "lang": lang}).get("lang") == "en"


@pytest.mark.parametrize(
    "doc", ["javascript:alert(1)", "//evil.example/x", "data:text/html,x", "see the book", "https://", "http://[x"]
)
def test_what_is_no_address_is_no_link(doc: str, samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["mixed"])
    report["checks"][3]["doc"] = doc
    fourth = page(report).xpath("//li[@id='check-4']")[0]
    assert not fourth.xpath(".//a")
    assert texts(fourth, ".//dd")[-1] == doc


# Feedback: what is hidden is nowhere in the file.


def marked(report: ReportJson) -> ReportJson:
    """The report with a text of its own in every place that some level hides."""
    report = copy.deepcopy(report)
    for check in report["checks"]:
        check |= {key: f"hidden-{key}" for key in ("message", "found", "wanted", "why", "fix")}
        check |= {"outcome": "failed", "points": 0}
        check["doc"] = "https://hidden-doc.example/"
        check["requirement"] = "hidden-requirement"
        check["texts"] = {}
    report["run"] |= {"stdout": "hidden-stdout", "stderr": "hidden-stderr"}
    row = {"label": "hidden-row", "cells": ["hidden-cell"]}
    report["model"] = {"drawing": "timeline", "title": "hidden-model", "days": [0], "rows": [row]}
    report["notes"] = [{"about": about, "message": f"hidden-{about}"} for about in ("submission", "emulator", "cost")]
    return report


NAMES = {"requirement", "submission", "emulator"}
FOUND = NAMES | {"found", "wanted", "stdout", "stderr", "model", "row", "cell", "cost"}


@pytest.mark.parametrize(
    ("level", "told"),
    [("full", FOUND | {"why", "fix", "doc"}), ("found", FOUND), ("names", NAMES), ("count", {"submission"})],
)
def test_what_feedback_hides_is_nowhere_in_the_file(level: str, told: set[str], samples: dict[str, ReportJson]) -> None:
    report = marked(samples["crashed"])
    assert set(re.findall(r"hidden-([a-z]+)", source(report, feedback=level))) == told


@pytest.mark.parametrize("level", LEVELS)
def test_a_page_with_less_feedback_says_so(level: str, samples: dict[str, ReportJson]) -> None:
    said = [WORDS[f"feedback {other}"] in flat(page(samples["mixed"], feedback=level)) for other in LEVELS[1:]]
    assert said == [level == other for other in LEVELS[1:]]


def test_a_count_is_told_as_the_terminal_tells_it(samples: dict[str, ReportJson]) -> None:
    tree = page(samples["mixed"], feedback="count")
    assert "6 of 9 checks passed, 3 failed." in flat(tree)
    assert not tree.xpath("//ol/li|//figure")


def test_every_fixed_word_is_used_by_a_page() -> None:
    from importlib.resources import files

    folder = files("grader.formats")
    written = [folder.joinpath(place) for place in ("html.py", "words.py")]
    written += [path for sub in ("page", "drawings") for path in folder.joinpath(sub).iterdir() if path.is_file()]
    everything = "".join(path.read_text("utf-8") for path in written if not path.name.endswith(".pyc"))
    apart = ("meaning of ", "word ", "kind ", "tier ", "feedback ", "printed to ")
    stems = {key for key in WORDS if not key.startswith(apart)}
    assert (
        sorted(key for key in stems if not re.search(f"""["']{key}["']""", everything.replace(f'"{key}":', ""))) == []
    )
