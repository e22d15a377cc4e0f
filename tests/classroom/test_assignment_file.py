"""`assignment.toml`: what it says, and what is said where it is wrong."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from grader.classroom import assignment_file, assignment_template
from grader.classroom.assignment_file import Opened, opened, parsed, warnings
from grader.errors import UsageError
from grader.lab import find
from grader.sandbox import Limits
from grader.version import VERSION

WHOLE = """\
title = "Week 1"
course = "clouds-2027"
time_zone = "Europe/Berlin"
attempts = "last"
feedback = "found"
secret = "CLOUDS_SECRET"
student = "SIS Login ID"

[[labs]]
lab = "hello"
weight = 2
due = 2027-03-01T23:59:00
hidden = ["bucket_exists"]
hidden_until = 2027-03-08T00:00:00Z

[[labs]]
lab = "s3_lifecycle"
due = 2027-03-28T12:00:00

[late]
grace_minutes = 15
percent_per_day = 10
floor_percent = 50
reject_after_days = 7

[limits]
timeout_seconds = 30
memory_mib = 1024
output_mib = 1

[[extensions]]
student = "ada"
lab = "hello"
days = 2
"""


def read(text: str) -> Opened:
    return parsed(Path("assignment.toml"), text.encode())


def problems(text: str) -> list[str]:
    with pytest.raises(UsageError) as told:
        read(text)
    return str(told.value).splitlines()


def test_everything_that_it_says_is_read() -> None:
    assignment = read(WHOLE).assignment
    hello, lifecycle = assignment.labs
    assert (assignment.title, assignment.course, assignment.attempts) == ("Week 1", "clouds-2027", "last")
    assert (assignment.feedback, assignment.secret_variable, assignment.timeout_seconds) == (
        "found",
        "CLOUDS_SECRET",
        30,
    )
    assert assignment.limits == {"memory_mib": 1024, "output_mib": 1}
    assert (hello.weight, lifecycle.weight, lifecycle.id) == (2, 1, "s3-lifecycle")
    assert hello.due == datetime(2027, 3, 1, 22, 59, tzinfo=UTC)
    assert lifecycle.due == datetime(2027, 3, 28, 10, 0, tzinfo=UTC), "summer time has begun that night"
    assert hello.hidden_until == datetime(2027, 3, 8, tzinfo=UTC)
    assert assignment.late.reject_after_days == 7
    assert assignment.due(hello, "ada") == hello.due + timedelta(days=2)


def test_a_labs_id_stands_for_an_assignment_of_that_lab_alone() -> None:
    alone = opened("hello")
    assert [lab.id for lab in alone.assignment.labs] == ["hello"]
    assert alone.source == ""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('title = "Week 1"', "", 'assignment.toml:1: title: is missing, as in title = "…"'),
        ('title = "Week 1"', 'title = " "', 'assignment.toml:1: title: is empty: fill it in, as in title = "…"'),
        ("weight = 2", "weight = 0", "assignment.toml:11: labs.weight: is a whole number of 1 or more, and not 0"),
        ("weight = 2", "wieght = 2", "assignment.toml:11: labs.wieght: there is no such key; did you mean weight?"),
        ('lab = "s3_lifecycle"', 'lab = "s3-lifecycel"', "assignment.toml:17: labs.lab: no lab is called"),
        ('lab = "s3_lifecycle"', 'lab = "hello"', "assignment.toml:17: labs.lab: hello stands here twice"),
        ('["bucket_exists"]', '["bukket"]', "assignment.toml:13: labs.hidden: hello has no check 'bukket'; it has "),
        ("2027-03-28T12:00:00", "2027-03-28", "assignment.toml:18: labs.due: is a date with a time, as in due = 2027-"),
        ("2027-03-28T12:00:00", "2027-03-28T02:30:00", "assignment.toml:18: labs.due: clocks in Europe/Berlin jump"),
        ('"Europe/Berlin"', '"Europe/Berlim"', "assignment.toml:3: time_zone: no time zone is called 'Europe/Berlim'"),
        ('attempts = "last"', 'attempts = "worst"', "assignment.toml:4: attempts: is one of best, last, first, and no"),
        ("CLOUDS_SECRET", "hunter2 is it", "assignment.toml:6: secret: names an environment variable"),
        ("percent_per_day = 10", "percent_per_day = 101", "assignment.toml:22: late.percent_per_day: is a number from"),
        ("timeout_seconds = 30", "timeout_seconds = 0", "assignment.toml:27: limits.timeout_seconds: is a number abov"),
        ("memory_mib = 1024", "memory_mib = 0", "assignment.toml:28: limits.memory_mib: is a whole number of 1"),
        ("memory_mib = 1024", "memory_mib = 1.5", "assignment.toml:28: limits.memory_mib: is a whole number of 1"),
        ("output_mib = 1", "output_mib = 9999999999", "assignment.toml:29: limits.output_mib: is a whole number of 1"),
        ("memory_mib = 1024", "memory = 1024", "assignment.toml:28: limits.memory: there is no such key; did you mean"),
        ("days = 2", "", "assignment.toml:31: extensions: says either due or days"),
        ('lab = "hello"\ndays', 'lab = "sns"\ndays', "assignment.toml:33: extensions.lab: 'sns' is none of this"),
        ("[late]", "[lated]", "assignment.toml:20: lated: there is no such key; did you mean late?"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_key(old: str, new: str, told: str) -> None:
    assert old in WHOLE
    assert any(one.startswith(told) for one in problems(WHOLE.replace(old, new, 1))), problems(
        WHOLE.replace(old, new, 1)
    )


def test_all_that_is_wrong_is_told_at_once() -> None:
    told = problems(WHOLE.replace("weight = 2", "weight = 0").replace("= 15", '= "much"'))
    assert [one.split(": ")[1] for one in told] == ["labs.weight", "late.grace_minutes"]


def test_a_number_that_is_too_large_is_told_how_large_it_may_be() -> None:
    assert "at most 1000000000, and not 9999999999" in problems(WHOLE.replace("1024", "9999999999"))[0]


def test_what_is_no_table_is_told_once() -> None:
    text = WHOLE.replace("[limits]", "[[limits]]")
    assert problems(text) == ["assignment.toml:26: limits: is a table, [limits]"]


def test_a_time_without_a_zone_is_asked_for_one() -> None:
    assert "in which time zone?" in problems(WHOLE.replace('time_zone = "Europe/Berlin"\n', ""))[0]


def test_a_time_that_clocks_show_twice_is_the_later() -> None:
    lab = read(WHOLE.replace("2027-03-28T12:00:00", "2027-10-31T02:30:00")).assignment.labs[1]
    assert lab.due is not None
    assert lab.due.astimezone(UTC) == datetime(2027, 10, 31, 1, 30, tzinfo=UTC)


def test_another_labgrade_than_the_assignments_is_told() -> None:
    assert read(f'labgrade = "{VERSION}"\n{WHOLE}').assignment.labgrade == VERSION
    assert problems(f'labgrade = "9.9.9"\n{WHOLE}')[0].startswith("assignment.toml:1: labgrade: this is labgrade")


@pytest.mark.parametrize("content", [b"title = ", b"\xff\xfet\x00", b"a = " + b"[" * 9999])
def test_what_is_no_toml_is_told(content: bytes) -> None:
    with pytest.raises(UsageError, match=r"^assignment\.toml: "):
        parsed(Path("assignment.toml"), content)


def test_hidden_checks_of_a_lab_that_students_have_are_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLOUDS_SECRET", raising=False)
    read_now = read(WHOLE)
    told = list(warnings(read_now, datetime(2027, 3, 1, tzinfo=UTC)))
    assert told[0].startswith("hello: bucket_exists: hidden in reports alone. Whoever has this lab's checker on disk")
    assert told[1].startswith("CLOUDS_SECRET is not set here")
    assert not any("bucket_exists" in one for one in warnings(read_now, datetime(2027, 3, 9, tzinfo=UTC)))


def test_what_init_writes_is_read_as_it_stands_and_with_every_comment_taken_in() -> None:
    text = assignment_template.written('The "first" week', "clouds-2027", [find("hello"), find("s3-lifecycle")])
    assert read(text).assignment.title == 'The "first" week'
    lines = [line.removeprefix("# ") if " = " in line or "[" in line[:4] else line for line in text.splitlines()]
    whole = "\n".join(lines).replace('"a_check"', '"bucket_exists"')
    assignment = read(whole).assignment
    assert assignment.late.grace_minutes == 15
    assert Limits(**assignment.limits) == Limits(), "what is left out is what the comments say"
    assert len(assignment.limits) + 1 == len(fields(Limits)), "and they name every limit"


def test_an_assignment_is_found_in_its_folder(tmp_path: Path) -> None:
    assignment_template.begin(tmp_path / assignment_file.NAME, WHOLE)
    assert opened(str(tmp_path)).assignment.title == "Week 1"
    with pytest.raises(UsageError, match="is there already"):
        assignment_template.begin(tmp_path / assignment_file.NAME, WHOLE)


@pytest.mark.parametrize(("line", "lacks"), [('course = ""', "empty"), ("", "missing")])
def test_a_course_that_is_left_empty_is_not_called_missing(line: str, lacks: str) -> None:
    (told,) = warnings(read(f'title = "Week 1"\n{line}\n[[labs]]\nlab = "hello"\n'), datetime(2027, 3, 1, tzinfo=UTC))
    assert told.startswith(f'course = "…" is {lacks}: names and numbers')
