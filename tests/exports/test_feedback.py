"""The folder of feedback: whose it is, under which name, and what is not in it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

import pytest
from exports.classes import HIDDEN, NASTY, NOW, PEOPLE, SECRET, small

from grader.classroom import Adjustment, Person, Roster
from grader.exports.feedback import Sheet, sheets

HIDDEN_WORDS = ("Nothing outside logs/", "with the slash", *HIDDEN)


def made(kind: str = "plain", **assignment: object) -> dict[str, str]:
    book = small(**assignment)
    return {sheet.path: sheet.text for sheet in sheets(replace(book, roster=replace(book.roster, kind=kind)), now=NOW)}


def test_everybody_has_a_page_and_a_text_for_each_lab() -> None:
    found = made()
    folders = {path.split("/")[0] for path in found if "/" in path}
    assert len(folders) == 7
    for folder in folders:
        assert {f"{folder}/s3-lifecycle.html", f"{folder}/s3-lifecycle.md"} <= set(found)
    assert "index.csv" in found


def test_no_hidden_word_no_secret_and_nobody_else_is_in_any_of_them() -> None:
    for path, text in made().items():
        if path == "index.csv":
            continue
        assert SECRET not in text, path
        assert not [words for words in HIDDEN_WORDS if words in text], path
        whose = path.split("/")[0]
        others = [one for one in PEOPLE if one.email.split("@")[0] not in whose]
        assert not [one.email for one in others if one.email in text], path
        assert "port taken" not in text


def test_what_is_hidden_until_a_date_is_told_after_it() -> None:
    book = small()
    (lab,) = book.assignment.labs
    labs = (replace(lab, hidden_until=NOW),)
    told = list(sheets(replace(book, assignment=replace(book.assignment, labs=labs)), now=NOW))
    assert any("with the slash" in sheet.text for sheet in told)


def test_the_feedback_level_is_the_assignments() -> None:
    found = made(feedback="names")
    assert "deleted for good on day 30" not in found["bo/s3-lifecycle.md"]
    assert "deleted for good on day 30" in made()["bo/s3-lifecycle.md"]


def test_what_late_work_cost_is_said_at_the_head() -> None:
    found = made()
    for suffix in ("md", "html"):
        text = re.sub("<[^>]+>", "", found[f"bo/s3-lifecycle.{suffix}"])
        for sentence in (
            "58.5 of 100. The work itself earned 65.",
            "It came 1 d late.",
            "So it keeps 90% of its score.",
        ):
            assert text.index(sentence) < text.index("Logs are in Standard-IA"), suffix
    assert "Adjusted: =copied from a friend" in found["cy/s3-lifecycle.md"]


def test_a_mark_that_the_instructor_gave_by_hand_is_told() -> None:
    book = small()
    oral = Adjustment("eve", points=40, reason="oral exam")
    by_hand = [
        replace(one, adjustment=oral) if one.status in ("missing", "not_gradable") else one for one in book.results
    ]
    found = {sheet.path: sheet.text for sheet in sheets(replace(book, results=by_hand), now=NOW)}
    assert "40 of 100.\n\nNothing was handed in.\n\nAdjusted: oral exam." in found["di/s3-lifecycle.md"]
    (eve,) = [text for path, text in found.items() if "it has two entries." in text and path.endswith(".md")]
    assert eve.endswith("\n\n40 of 100.\n\nit has two entries.\n\nAdjusted: oral exam.\n")


def test_who_has_no_mark_is_told_why() -> None:
    found = made()
    assert "Nothing was handed in." in found["di/s3-lifecycle.md"]
    assert found["di/s3-lifecycle.md"].count("Nothing was handed in") == 1
    assert "it has two entries." in next(
        text for path, text in found.items() if path.startswith("eve") and "md" in path
    )
    assert "The fault is not yours." in found["fay/s3-lifecycle.html"]


@pytest.mark.parametrize("kind", ["plain", "moodle", "canvas"])
def test_a_path_leads_nowhere_else(kind: str) -> None:
    for path in made(kind):
        parts = PurePosixPath(path).parts
        assert len(parts) <= 2
        for part in parts:
            assert not re.search(r'[\\/:*?"<>|\x00-\x1f\u202e]', part)
            assert not part.startswith((".", "~", " ", "-"))
            assert not part.endswith((".", " "))
            assert len(part.encode()) < 255


def test_ids_that_differ_in_capitals_or_signs_alone_have_folders_of_their_own() -> None:
    names = ("ada", "Ada", "ADA", "a/b", "a\\b", "a-b", "con", "..", "", " ", "é", "e\u0301", "x" * 300, "x" * 301)
    people = tuple(Person(name) for name in names)
    book = replace(small(), roster=Roster(people), results=[])
    index = next(sheet for sheet in sheets(book, now=NOW) if sheet.path == "index.csv")
    folders = [line.rsplit(",", 1)[1].casefold() for line in index.text.splitlines()[1:]]
    assert len(set(folders)) == len(folders) == len(names)


def moodle_finds(sheet: Sheet, participants: set[str]) -> str | None:
    """Whose it is to mod/assign/feedback/file/importziplib.php."""
    parts = sheet.path.split("/")
    if parts[-1].startswith((".", "~")):
        return None
    for part in parts:
        info = part.split("_", 4)
        if (
            len(info) >= 4
            and info[1].isdecimal()
            and info[1] in participants
            and info[2:4] == ["assignfeedback", "file"]
        ):
            return info[1]
    return None


def test_moodle_finds_whose_every_file_is() -> None:
    book = small()
    book = replace(book, roster=replace(book.roster, kind="moodle"))
    numbers = {person.lms_id for person in PEOPLE}
    found: dict[str, list[str]] = {}
    for sheet in sheets(book, now=NOW):
        if sheet.path != "index.csv" and not sheet.path.startswith("stranger/"):
            found.setdefault(str(moodle_finds(sheet, numbers)), []).append(sheet.path)
    assert {number: len(paths) for number, paths in found.items()} == dict.fromkeys(sorted(numbers), 2)
    assert found["102"][0].startswith("Bo Bo Åström_102_")


def test_a_hostile_name_is_nothing_but_a_name() -> None:
    index = made()["index.csv"]
    assert NASTY not in index
    assert "'=HYPERLINK" in index
