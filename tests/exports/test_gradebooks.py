"""Gradebooks, read back by the rules of the programs that import them."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exports.classes import ADA, BO, CY, NASTY, PEOPLE, SECRET, small

from grader.classroom import Adjustment, AssignedLab, Gradebook, Person, Roster
from grader.errors import UsageError
from grader.exports import canvas, jsonl, moodle, table
from grader.exports.interface import Choices

GOLDEN = Path(__file__).parent / "golden"
FULL = Choices()
FORMULA = re.compile(r"[=+\-@\t\r]")


def approved(name: str, text: str) -> None:
    path = GOLDEN / name
    if os.environ.get("LABGRADE_APPROVE"):
        path.write_bytes(text.encode())
    assert text.encode() == path.read_bytes(), f"{name} has changed: LABGRADE_APPROVE=1 pytest tests/exports"


def rows(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize(("name", "module"), [("canvas.csv", canvas), ("moodle.csv", moodle), ("table.csv", table)])
def test_the_file_is_what_was_approved(name: str, module: Any) -> None:
    approved(name, module.export(small(), FULL).text)


def test_the_json_lines_are_what_was_approved() -> None:
    lines = [json.loads(line) for line in jsonl.export(small(), FULL).text.splitlines()]
    approved("lines.json", json.dumps([{**one, "report": bool(one["report"])} for one in lines], indent=1) + "\n")
    assert [one["report"]["score"] for one in lines if one["report"]] == [100, 65, 90, 100]


# -- Canvas, as lib/gradebook_importer.rb reads it


def imported_by_canvas(text: str) -> tuple[str, dict[str, str]]:
    """The assignment's column, and the grade that each student gets by their id. Fails where the importer would."""
    header, points, *students = rows(text)
    assert len(header) > 3
    assert "Student" in header[0]
    assert "ID" in header[1]
    columns = 3
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        columns += 1
    elif re.search(r"SIS\s+User\s+ID", header[2]) and re.search(r"SIS\s+Login\s+ID", header[3]):
        columns += 2 + bool(re.search(r"Integration\s+ID", header[4]))
        columns += bool(re.search(r"Root\s+Account", header[columns - 1]))
    assert "Section" in header[columns - 1]
    dropped = re.compile("Current Score|Current Points|Current Grade|Final Score|Final Points|Final Grade|Override")
    (title,) = [name for name in header[columns:] if not dropped.search(name)]
    assert "Points Possible" in points[0]
    assert float(points[header.index(title)]) > 0
    assert not any("Points Possible" in student[0] for student in students)
    return title, {student[1]: student[header.index(title)].strip() for student in students}


def test_canvas_gives_everybody_their_mark() -> None:
    title, marks = imported_by_canvas(canvas.export(small(), FULL).text)
    assert title == "Week 1"
    assert marks == {"101": "100", "102": "58.5", "103": "85", "104": "0", "105": "", "106": ""}


def test_canvas_finds_the_assignment_by_its_number() -> None:
    title, marks = imported_by_canvas(canvas.export(small(), Choices(title="S3", assignment_id="123", points=20)).text)
    assert title == "S3 (123)"
    assert marks["102"] == "11.7"


def test_canvas_excuses_whoever_is_excused() -> None:
    book = small()
    excused = [replace(one, status="excused", adjustment=Adjustment("ada", excused=True)) for one in book.results[:1]]
    _, marks = imported_by_canvas(canvas.export(replace(book, results=[*excused, *book.results[1:]]), FULL).text)
    assert marks["101"] == "EX"


@pytest.mark.parametrize(
    "title",
    ["My Final Score", "Current Grade of week 1", "Override Status", "Student", "Section", "Notes", "Lab (2)", " "],
)
def test_a_title_that_canvas_would_drop_is_refused(title: str) -> None:
    book = small()
    with pytest.raises(UsageError, match="--title"):
        canvas.export(replace(book, assignment=replace(book.assignment, title=title)), FULL)


def test_a_number_of_an_assignment_is_a_number() -> None:
    with pytest.raises(UsageError, match="--assignment-id 12x"):
        canvas.export(small(), Choices(assignment_id="12x"))


def test_whom_canvas_could_not_tell_apart_is_left_out_and_said() -> None:
    twins = (
        Person("a", "Kim"),
        Person("b", "Kim"),
        Person("c", "Lee"),
        Person("d", ""),
        Person("e", "Points Possible"),
    )
    made = canvas.export(Gradebook(small().assignment, Roster(twins), ()), FULL)
    assert [row[0] for row in rows(made.text)[2:]] == ["Lee"]
    assert len(made.remarks) == 5, "and one that Canvas has only names to go by"
    assert canvas.export(small(), FULL).remarks == ("Not Listed is not in the roster, and is left out.",)


def test_it_is_said_where_canvas_has_only_names_to_match_by() -> None:
    nameless = Roster((Person("a", "Kim"), Person("b", "Lee")))
    (said,) = canvas.export(Gradebook(small().assignment, nameless, ()), FULL).remarks
    assert said.startswith("Canvas matches students by its ID, SIS User ID or SIS Login ID, and the roster has none")
    assert "\n" not in said
    for one in (Person("b", lms_id="1"), Person("b", sis_id="s1"), Person("b", login="lee")):
        assert canvas.export(Gradebook(small().assignment, Roster((Person("a", "Kim"), one)), ()), FULL).remarks == ()


def test_moodles_numbers_are_none_of_canvass() -> None:
    listed = (Person("a", "Kim", lms_id="7001"), Person("b", "Lee", lms_id="7002"))
    made = canvas.export(Gradebook(small().assignment, Roster(listed, kind="moodle"), ()), FULL)
    assert [row[:2] for row in rows(made.text)[2:]] == [["Kim", ""], ["Lee", ""]]
    (said,) = made.remarks
    assert "the roster has none of them" in said


def test_no_name_is_a_formula_for_canvas_even_where_it_has_only_names() -> None:
    roster = Roster((Person("a", "=1+1"), Person("b", "Lee"), Person("c", "@x", login="c"), Person("d", " +1")))
    made = canvas.export(Gradebook(small().assignment, roster, ()), FULL)
    assert [row[0] for row in rows(made.text)[2:]] == ["Lee", "'@x"]
    assert [said.partition(" has no id")[0] for said in made.remarks] == ["=1+1", "+1"]


def test_canvas_finds_a_student_of_another_roster_by_their_login() -> None:
    book = replace(small(), roster=Roster(PEOPLE))
    header, _, first, *_ = rows(canvas.export(book, FULL).text)
    assert header[:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert first[:5] == ["Lovelace, Ada", "101", "s101", "ada", "Sec 1"]


# -- Moodle, as grade/import/csv/classes/load_data.php reads it


def imported_by_moodle(text: str, known: set[str]) -> dict[str, tuple[str, str]]:
    """Mark and feedback by identity. Fails where the importer would give up, or give a mark to somebody else."""
    (_, *_), *students = rows(text)
    student = ""
    found: dict[str, tuple[str, str]] = {}
    for identity, score, feedback in students:
        if identity and identity != "0":  # PHP: !empty
            assert identity in known, "one unknown user ends the whole import"
            student = identity
        assert student not in found, "a row goes to the student of the row before"
        assert score == "-" or 0 <= float(score) <= 100
        found[student] = (score, feedback)
    return found


def test_moodle_gives_everybody_their_mark() -> None:
    made = moodle.export(small(), FULL)
    found = imported_by_moodle(made.text, {person.login for person in PEOPLE})
    assert {who: score for who, (score, _) in found.items()} == {
        **{"ada": "100", "bo": "58.5", "cy": "85", "di": "0", "eve": "-", "fay": "-"},
    }
    assert found["bo"][1] == "58.5 of 100. The work itself earned 65. It came 1 d late. So it keeps 90% of its score."
    assert made.remarks == ("Not Listed is not in the roster, and is left out.",)


def test_no_row_of_moodles_file_is_anybody_elses() -> None:
    people = (
        *(ADA, replace(BO, login=""), replace(CY, login="0"), Person("x", login="TWIN"), Person("y", login="twin")),
        Person("z", login="last"),
    )
    made = moodle.export(replace(small(), roster=Roster(people)), Choices(identity="username"))
    assert set(imported_by_moodle(made.text, {"ada", "last"})) == {"ada", "last"}
    assert sum("left out" in remark for remark in made.remarks) == 8


def test_moodle_is_given_the_identity_that_most_have() -> None:
    people = tuple(replace(person, login="", sis_id="") for person in PEOPLE)
    made = moodle.export(replace(small(), roster=Roster(people)), FULL)
    assert rows(made.text)[0][0] == "email"
    assert len(imported_by_moodle(made.text, {person.email for person in PEOPLE})) == 6


def test_moodle_refuses_more_than_a_hundred_points_so_we_do() -> None:
    with pytest.raises(UsageError, match="--points 100 or less"):
        moodle.export(small(), Choices(points=101))
    with pytest.raises(UsageError, match="--identity name: there are username, email, idnumber"):
        moodle.export(small(), Choices(identity="name"))


def test_feedback_that_moodle_shows_as_a_page_is_no_markup() -> None:
    book = small()
    said = replace(book.results[0], adjustment=Adjustment("ada", points=-1, reason="<script>x</script>"))
    made = moodle.export(replace(book, results=[said]), FULL)
    assert "<script" not in made.text
    assert "&lt;script&gt;" in made.text


# -- a spreadsheet


@pytest.mark.parametrize("module", [canvas, moodle, table])
def test_no_cell_is_a_formula_and_no_name_shifts_a_column(module: Any) -> None:
    cells = rows(module.export(small(), FULL).text)
    assert len({len(row) for row in cells}) == 1
    for cell in (cell for row in cells for cell in row):
        assert not FORMULA.match(cell) or re.fullmatch(r"-|-?\d+(\.\d+)?", cell), cell
        assert "\n" not in cell


def test_what_the_instructor_said_is_in_the_table() -> None:
    text = table.export(small(), FULL).text
    head, *found = rows(text)
    cy = dict(zip(head, next(row for row in found if row[0] == "cy"), strict=True))
    assert cy["reason"] == "'=copied from a friend"
    assert (cy["score"], cy["adjustment"], cy["final_score"]) == ("90", "-5", "85")
    assert cy["name"].startswith("'=HYPERLINK")
    assert NASTY not in text
    assert "EmulatorError" in text


def test_a_table_of_two_labs_has_a_row_for_each(tmp_path: Path) -> None:
    del tmp_path
    book = small()
    two = replace(book, assignment=replace(book.assignment, labs=(*book.assignment.labs, AssignedLab("hello"))))
    assert len(rows(table.export(two, FULL).text)) == 1 + 7 * 2


def test_json_lines_are_one_object_a_line_and_safe_to_print() -> None:
    text = jsonl.export(small(), FULL).text
    assert len(text.splitlines()) == text.count("\n") == 7
    assert "\u202e" not in text
    assert json.loads(text.splitlines()[2])["person"]["name"] == NASTY
    assert SECRET in text  # an instructor's file: it has everything
