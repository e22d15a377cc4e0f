"""JUnit XML, as Jenkins and GitLab read it."""

from __future__ import annotations

import copy
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree  # type: ignore[import-untyped]

from grader.formats import LEVELS, render
from grader.report import ReportJson

SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "junit-10.xsd"))
ANY_TEXT = st.text(st.characters(exclude_categories=()))
TAGS = {"failed": "failure", "error": "error", "skipped": "skipped", "inconclusive": "skipped"}


def document(report: ReportJson, **options: Any) -> ElementTree.Element:
    """The report as JUnit, valid for Jenkins, read by two parsers."""
    data = render("junit", report, **options).encode()
    SCHEMA.assertValid(etree.fromstring(data))
    return ElementTree.fromstring(data)


def suite(report: ReportJson) -> ElementTree.Element:
    found = document(report).find("testsuite")
    assert found is not None
    return found


@pytest.mark.parametrize("feedback", LEVELS)
def test_jenkins_own_schema_accepts_every_sample(feedback: str, graded: ReportJson) -> None:
    assert document(graded, feedback=feedback).tag == "testsuites"


def test_each_check_is_a_case_that_ends_as_the_check_did(graded: ReportJson) -> None:
    cases = suite(graded).findall("testcase")
    assert [case.get("name") for case in cases] == [check["id"] for check in graded["checks"]]
    for case, check in zip(cases, graded["checks"], strict=True):
        tag = TAGS.get(check["outcome"])
        assert [child.tag for child in case] == ([tag] if tag else [])
        assert case.get("time") == f"{check['seconds']:.3f}"


def test_the_counts_are_those_of_the_cases(graded: ReportJson) -> None:
    found = document(graded)
    tags = Counter(child.tag for case in found.iter("testcase") for child in case)
    for counted in (found, suite(graded)):
        assert counted.get("tests") == str(len(graded["checks"]))
        assert (counted.get("failures"), counted.get("errors")) == (str(tags["failure"]), str(tags["error"]))
    assert suite(graded).get("skipped") == str(tags["skipped"])


def test_the_suite_is_the_lab_and_carries_score_time_and_moment(samples: dict[str, ReportJson]) -> None:
    found = suite(samples["mixed"])
    assert found.get("name") == "s3-lifecycle"
    assert found.get("time") == "0.213"
    assert found.get("timestamp") == "2026-08-02T19:02:11"
    values = {p.get("name"): p.get("value") for p in found.iter("property")}
    assert values == {
        "score": "65",
        "max_score": "100",
        "percent": "65.0",
        "outcome": "failed",
        "emulator": "moto 5.2.5",
    }


@pytest.mark.parametrize(
    ("started_at", "timestamp"),
    [
        ("2026-08-02T19:02:11Z", "2026-08-02T19:02:11"),
        ("2026-08-02T19:02:11.99+09:00", "2026-08-02T10:02:11"),
        ("yesterday", None),
    ],
)
def test_the_moment_is_in_utc_and_has_no_zone(
    started_at: str, timestamp: str | None, samples: dict[str, ReportJson]
) -> None:
    assert suite({**samples["mixed"], "started_at": started_at}).get("timestamp") == timestamp


@pytest.mark.parametrize(
    ("student", "path", "classname"),
    [
        ("ada.l", "hw/main.py", "s3-lifecycle.ada.l"),
        (None, "./hw/ada/main.py", "s3-lifecycle.hw/ada/main.py"),
        (None, "main.py", "s3-lifecycle.main.py"),
        (None, "C:\\homework\\ada\\", "s3-lifecycle.homework/ada"),
        (None, "/builds/7/ada/main.py", "s3-lifecycle.ada/main.py"),
        (None, "x" * 300 + "/main.py", "s3-lifecycle." + ("x" * 300 + "/main.py")[-200:]),
        (None, ".", "s3-lifecycle.submission-9f86d081884c"),
    ],
)
def test_a_case_belongs_to_a_student_or_else_to_the_submission(
    student: str | None, path: str, classname: str, samples: dict[str, ReportJson]
) -> None:
    submission = {"path": path, "kind": "python", "sha256": "9f86d081884c7d65"}
    found = document({**samples["crashed"], "student": student, "submission": submission})
    assert {case.get("classname") for case in found.iter("testcase")} == {classname}


def test_what_was_graded_on_a_running_emulator_is_nobodys(samples: dict[str, ReportJson]) -> None:
    found = document({**samples["crashed"], "student": None, "submission": None})
    assert {case.get("classname") for case in found.iter("testcase")} == {"s3-lifecycle.live"}


def test_a_failure_has_what_was_found_in_one_line_and_everything_in_its_body(
    samples: dict[str, ReportJson],
) -> None:
    failure = suite(samples["mixed"]).findall("testcase")[4].find("failure")
    assert failure is not None
    assert failure.get("type") == "CheckFailed"
    assert str(failure.get("message")).startswith("photos/cat.jpg, overwritten on day 0: the old version is")
    labels = [line.split(":")[0] for line in str(failure.text).splitlines()[2:]]
    assert labels == ["found", "wanted", "why", "mend", "read"]


def test_what_was_not_judged_says_why(samples: dict[str, ReportJson]) -> None:
    skipped = suite(samples["skipped"]).findall("testcase")[1].find("skipped")
    unseen = suite(samples["inconclusive"]).findall("testcase")[3].find("skipped")
    ours = suite(samples["error"]).findall("testcase")[1].find("error")
    assert skipped is not None
    assert unseen is not None
    assert ours is not None
    assert skipped.get("message", "").startswith("Skipped until 1 passes (The bucket keeps")
    assert unseen.get("message", "").startswith("moto forgets the size filters of rules. The points")
    assert "The fault is not yours" in ours.get("message", "")


def test_no_two_cases_have_one_name(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["mixed"])
    for check in report["checks"][:3]:
        check["id"] = "same"
    report["checks"][3]["id"] = " "
    names = [case.get("name") for case in suite(report).findall("testcase")]
    assert names[:4] == ["same", "same (2)", "same (3)", "check 4"]


def test_the_output_of_the_submission_is_there_and_bounded(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["crashed"])
    report["run"]["stdout"] = "begin" + "x" * 99_999 + "end"
    text = suite(report).findtext("system-out", "")
    assert text.startswith("begin")
    assert text.endswith("end")
    assert len(text) < 17_000
    assert "Unknown parameter" in suite(report).findtext("system-err", "")


def test_a_printed_attachment_is_no_attachment(samples: dict[str, ReportJson]) -> None:
    assert "[[ATTACHMENT" not in render("junit", samples["hostile"])
    assert "ATTACHMENT|/etc/passwd" in render("junit", samples["hostile"])


@given(text=ANY_TEXT)
def test_any_text_anywhere_makes_a_valid_document(text: str, samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["crashed"])
    report["student"] = report["lab"]["id"] = report["submission"]["path"] = text
    report["run"] |= {"stdout": text, "stderr": text}
    report["checks"][1] |= dict.fromkeys(("id", "requirement", "found", "wanted", "why", "fix", "doc"), text)
    report["checks"][2] |= {"outcome": "skipped", "message": text, "needs": [text]}
    assert len(list(document(report).iter("testcase"))) == 9
