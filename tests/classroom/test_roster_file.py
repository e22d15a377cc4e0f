"""Rosters as Canvas, Moodle, Excel and people write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.classroom import roster_file
from grader.classroom.roster import Roster
from grader.errors import UsageError

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,S3 Lifecycle (12345)
    Points Possible,,,,,10
"Lovelace, Ada",101,s101,ada,Sec 1,7.5
"Hopper, Grace",102,s102,grace,"Sec 1, Sec 2",
"Student, Test",9,,abcdef,Sec 1,
"""
MOODLE = """\
First name,Last name,ID number,Email address,Groups
Ada,Lovelace,s101,ada@example.org,Team 1
Grace,Hopper,,grace@example.org,Team 1
"""
WORKSHEET = """\
Identifier,Full name,Email address,Status,Grade
Participant 7001,Ada Lovelace,ada@example.org,Submitted,-
"""


def read(tmp_path: Path, content: str | bytes, column: str | None = None) -> roster_file.RosterFile:
    path = tmp_path / "roster.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return roster_file.read(path, column)


def ids(roster: Roster) -> list[str]:
    return [person.id for person in roster]


def test_canvass_export_is_known_with_all_that_it_had(tmp_path: Path) -> None:
    roster = read(tmp_path, CANVAS).roster
    assert (roster.kind, ids(roster)) == ("canvas", ["ada", "grace"])
    ada = roster.people[0]
    assert (ada.name, ada.lms_id, ada.sis_id, ada.login) == ("Lovelace, Ada", "101", "s101", "ada")
    assert [row[0].strip() for row in roster.heading] == ["Points Possible", "Student, Test"]
    assert roster.columns[-1] == "S3 Lifecycle (12345)"
    assert roster.cell(ada, "S3 Lifecycle (12345)") == "7.5"


def test_moodles_list_is_known_with_its_teams(tmp_path: Path) -> None:
    roster = read(tmp_path, MOODLE).roster
    assert (roster.kind, ids(roster)) == ("moodle", ["ada@example.org", "grace@example.org"])
    assert roster.people[1].name == "Grace Hopper"
    assert [one.id for one in roster.members(roster.people[0])] == ["ada@example.org", "grace@example.org"]


def test_moodles_worksheet_gives_the_number_that_its_downloads_have(tmp_path: Path) -> None:
    assert read(tmp_path, WORKSHEET).roster.people[0].lms_id == "7001"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("student\nada\n", ["ada"]),
        ("student,name\nada,Ada Lovelace\n", ["ada"]),
        ("name,email\nAda Lovelace,ada@example.org\n", ["ada@example.org"]),
        ("id,student\n7,Ada Lovelace\n", ["7"]),
        ("Student ID;Team\nada;t1\n", ["ada"]),
        ("학번,이름\n2027001,김철수\n", ["2027001"]),
    ],
)
def test_a_plain_file_needs_no_more_than_a_column_that_says_who(tmp_path: Path, text: str, wanted: list[str]) -> None:
    assert ids(read(tmp_path, text).roster) == wanted


def test_the_assignment_says_which_column_students_know_themselves_by(tmp_path: Path) -> None:
    assert ids(read(tmp_path, CANVAS, "SIS User ID").roster) == ["s101", "s102"]
    with pytest.raises(UsageError, match="has no column 'Matrikel', which `student` names; it has Student, ID,"):
        read(tmp_path, CANVAS, "Matrikel")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters_are_seen(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = f"student{delimiter}name\r\nada{delimiter}Ada Lovelace\r\n김철수{delimiter}김 철수\r\n"
    read_in = read(tmp_path, text.encode(encoding)).roster
    assert ids(read_in) == ["ada", "김철수"]
    assert read_in.people[1].name == "김 철수"
    assert read_in.delimiter == delimiter


def test_an_unknown_encoding_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="neither UTF-8 nor UTF-16"):
        read(tmp_path, "student\nJosé\n".encode("latin-1"))


def test_names_with_commas_quotes_newlines_and_right_to_left_script_are_kept(tmp_path: Path) -> None:
    text = 'student,name\na,"Lovelace, ""Ada"""\nb,"Grace\nHopper"\nc,عبد الله\nd,=HYPERLINK("x")\n'
    roster = read(tmp_path, text).roster
    assert [one.name for one in roster] == ['Lovelace, "Ada"', "Grace Hopper", "عبد الله", '=HYPERLINK("x")']
    assert roster.people[1].row[1] == "Grace\nHopper"


def test_two_students_of_one_name_are_told_apart_by_id_and_remarked(tmp_path: Path) -> None:
    read_in = read(tmp_path, "student,name\nada1,Ada Lovelace\nada2,ada lovelace\n")
    assert ids(read_in.roster) == ["ada1", "ada2"]
    assert read_in.remarks == ("2 students are called Ada Lovelace (ada1, ada2): name their work by something else.",)


def test_one_student_twice_is_taken_once_and_remarked(tmp_path: Path) -> None:
    read_in = read(tmp_path, "student,name\nada,Ada\nADA,ada\n")
    assert ids(read_in.roster) == ["ada"]
    assert read_in.remarks[0].endswith("roster.csv:3: ADA stands in line 2 too; this line was left out.")


def test_two_students_with_one_id_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"csv:3: Ada \(line 2\) and Grace have one id, 'x'; name a column"):
        read(tmp_path, "student,name\nx,Ada\nx,Grace\n")


def test_a_blank_id_gives_way_to_what_else_is_known(tmp_path: Path) -> None:
    read_in = read(tmp_path, "student,email\n,ada@example.org\n , \nb,\n")
    assert ids(read_in.roster) == ["ada@example.org", "b"]
    assert read_in.remarks[0].endswith("csv:2: student is blank; ada@example.org is taken instead.")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "is empty; its first line names the columns"),
        ("colour,size\nred,3\n", "none of its columns says who somebody is"),
        ("student,name\nada,Ada,Lovelace\n", "csv:2: has 3 cells, and there are 2 columns"),
        ('student,name\nada,"Ada\n', "csv:2: is no CSV"),
    ],
)
def test_what_is_no_roster_is_told(tmp_path: Path, content: str, told: str) -> None:
    with pytest.raises(UsageError, match=told):
        read(tmp_path, content)


def test_a_roster_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        roster_file.read(tmp_path / "nobody.csv")


def test_a_class_of_nobody_is_read_as_one(tmp_path: Path) -> None:
    assert len(read(tmp_path, "student,name\n").roster) == 0
