"""A report says the same in either language, whichever it was made in, and stays in its columns."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from grader import answers
from grader.formats import FORMATS, LEVELS, render, schema
from grader.grading import grade
from grader.lab import find
from grader.report import ReportJson, canonical

WORK = {
    "right": ("hello", "solutions", "boto3"),
    "no tag": ("hello", "mistakes", "no_tag"),
    "a name that is wrong": ("hello", "mistakes", "name_without_the_token"),
    "rules that are right": ("s3-lifecycle", "solutions", "one_rule_each"),
    "a prefix without its slash": ("s3-lifecycle", "mistakes", "prefix_without_slash"),
    "a configuration that AWS refuses": ("s3-lifecycle", "mistakes", "uploads_filtered_by_tag"),
    "reports that were lost": ("s3-lifecycle", "mistakes", "rubbish_deleted"),
}
HANGUL = re.compile(r"[가-힣]")


@cache
def made(name: str, lang: str) -> ReportJson:
    """The report on that work, made in that language."""
    lab_id, kind, answer = WORK[name]
    lab = find(lab_id)
    with answers.read(lab, lab.folder / kind / answer, kind).work() as work:  # type: ignore[arg-type]
        return grade(lab, work, lang=lang).to_json()


@pytest.fixture(params=sorted(WORK))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def steady(report: ReportJson) -> ReportJson:
    return canonical(json.loads(json.dumps(report)))


def test_made_in_one_language_and_told_in_the_other_is_made_in_the_other(name: str) -> None:
    english, korean = made(name, "en"), made(name, "ko")
    assert steady(json.loads(render("json", english, lang="ko"))) == steady(korean)
    assert steady(json.loads(render("json", korean, lang="en"))) == steady(english)


def test_a_report_fits_the_schema_in_either_language(name: str) -> None:
    import jsonschema

    for lang in ("en", "ko"):
        report = made(name, lang)
        assert report["lang"] == lang
        jsonschema.validate(json.loads(render("json", report)), schema())


def test_all_that_is_said_of_the_checks_is_korean(name: str) -> None:
    report = made(name, "ko")
    assert HANGUL.search(report["lab"]["title"])
    for check in report["checks"]:
        said = [check[key] for key in ("requirement", "message", "found", "wanted", "why", "fix") if check[key]]
        assert all(map(HANGUL.search, said)), said
    assert all(HANGUL.search(note["message"]) for note in report["notes"])


# What stays as it is in Korean: names of AWS, of files, of commands and of what students wrote.
LATIN = re.compile(r"(?<![\w./\"'`=-])[a-z]{2,}(?: [a-z]{2,}){2,}")  # three words of English in a row


@pytest.mark.parametrize("shape", [shape for shape in FORMATS if shape in ("terminal", "junit")])
def test_no_fixed_sentence_is_left_in_english(name: str, shape: str) -> None:
    lines = render(shape, made(name, "en"), lang="ko", width=80).splitlines()
    kept = [line for line in lines if "labgrade run" not in line and "cannot be specified" not in line]
    assert [line for line in kept if LATIN.search(line)] == []


def test_the_page_is_korean_from_its_first_line(name: str) -> None:
    page = render("html", made(name, "en"), lang="ko")
    assert '<html lang="ko">' in page
    for words in ("요구 사항", "에뮬레이터", "내 이름과 숫자"):
        assert words in page
    for words in ("Requirements", "Your names", "About this report", "As you configured"):
        assert words not in page


def test_a_tasks_page_is_korean() -> None:
    from grader.formats.page.task import Task, page

    lab = find("hello").said_in("ko")
    made_page = page(Task(lab.id, lab.title, lab.minutes, lab.task(lab.values(), "ko")), lang="ko")
    assert '<html lang="ko">' in made_page
    assert "복사" in made_page
    assert "Copy" not in made_page


@pytest.mark.parametrize("level", LEVELS)
def test_what_feedback_hides_stays_hidden(level: str) -> None:
    report = made("no tag", "en")
    told = render("terminal", report, lang="ko", feedback=level)
    assert ("버킷에 태그가 하나도 없습니다" in told) == (level in ("full", "found"))
    assert ("버킷 자체에 태그를 다세요" in told) == (level == "full")
    counted = json.loads(render("json", report, lang="ko", feedback=level))
    assert ("버킷" in json.dumps(counted["checks"], ensure_ascii=False)) == (level != "count")


def test_english_is_as_it_was_made(name: str) -> None:
    report = made(name, "en")
    for shape in FORMATS:
        assert render(shape, report, lang="en", token="t") == render(shape, report, token="t")


def test_a_lab_that_is_not_here_is_told_in_english_and_all_else_in_korean() -> None:
    report = {**made("no tag", "en"), "lab": {**made("no tag", "en")["lab"], "id": "nobody-has-it"}}
    told = render("terminal", report, lang="ko")
    assert "the bucket has no tags." in told
    assert "100점 중 40점" in told


def test_a_lab_in_a_folder_of_its_own_brings_its_catalogue(tmp_path: Path) -> None:
    import shutil

    report = made("no tag", "en")
    shutil.copytree(find("hello").folder, tmp_path / "my_hello", ignore=shutil.ignore_patterns("__pycache__"))
    mine = {**report, "lab": {**report["lab"], "id": "my-hello"}}
    assert "태그가 하나도 없습니다" in render("terminal", mine, lang="ko", labs=[tmp_path])


ADDRESS = re.compile(r"https?://\S+")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_the_terminal_but_an_address(name: str, width: int) -> None:
    lines = render("terminal", made(name, "ko"), width=width).splitlines()
    assert [line for line in lines if cell_len(line) > width and not ADDRESS.search(line)] == []


def columns(lines: list[str], pattern: str, group: int) -> Iterator[int]:
    """In which cell that group of the pattern begins, of each line that matches."""
    for line in lines:
        if match := re.match(pattern, line):
            yield cell_len(line[: match.start(group)])


def test_what_stands_below_one_another_begins_in_one_column(name: str) -> None:
    lines = render("terminal", made(name, "ko"), width=80).splitlines()
    checks = set(columns(lines, r" +\d+  (?:통과|실패|건너뜀) +-?\d*/\d+  (\S)", 1))
    evidence = set(columns(lines, r" {5}(?:현재|기대|이유|해결|문서) +(\S)", 1))
    assert len(checks) == 1
    assert evidence in (set(), {13})


def test_the_picture_keeps_its_columns() -> None:
    lines = render("terminal", made("rules that are right", "ko"), width=80).splitlines()
    head = next(n for n, line in enumerate(lines) if "내 규칙이 AWS에서" in line)
    days, *rows = lines[head + 1 : head + 4]
    places = [cell_len(days[: match.start()]) for match in re.finditer(r"\S+", days)]
    for row in rows:
        words = [cell_len(row[: match.start()]) for match in re.finditer(r"(?<=   )\S+(?: \S+)*", row)][-len(places) :]
        assert words == places, row


def test_a_drawings_words_are_korean_and_its_looks_are_the_same() -> None:
    page: Callable[..., Any] = lambda lang: render("html", made("rules that are right", "en"), lang=lang)  # noqa: E731
    english, korean = page("en"), page("ko")
    assert "삭제 마커" in korean
    for looks in ("bar marker", "bar ia", "bar glacier"):
        assert english.count(looks) == korean.count(looks) > 0
