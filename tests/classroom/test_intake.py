"""What a class handed in is found, in whatever shape, and its platform's renaming undone."""

from __future__ import annotations

import dataclasses
import shutil
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from classroom.handed import ONE, TWO, put, unzipped

from grader.classroom import intake
from grader.classroom.intake import Expected, HandIn, times
from grader.errors import UsageError

TEN = datetime(2027, 3, 1, 10, 0, tzinfo=UTC)


def told(handins: tuple[HandIn, ...], root: Path) -> list[tuple[str, str, str | None]]:
    return [(one.whose, one.path.relative_to(root).as_posix(), one.lab) for one in handins]


def read(root: Path, expected: Expected = ONE) -> intake.Intake:
    return intake.read(root, expected, lambda packed: unzipped(packed, root.parent / f"unpacked of {packed.name}"))


def test_a_folder_for_each_student(tmp_path: Path) -> None:
    put(tmp_path, "ada/main.py", "grace/work/main.sh", "linus.zip", "dennis.py", "notes.txt", ".DS_Store")
    found = read(tmp_path)
    assert told(found.handins, tmp_path) == [
        ("ada", "ada", None),
        ("dennis", "dennis.py", None),
        ("grace", "grace", None),
        ("linus", "linus.zip", None),
    ]
    assert found.remarks == ("notes.txt: is neither a folder, an archive nor a submission, and was passed over.",)


def test_attempts_are_folders_or_archives_named_by_time(tmp_path: Path) -> None:
    put(tmp_path, "ada/2027-03-01T10-00-00Z/main.py", "ada/2027-03-01T11-00-00+0100.zip", "grace/only.zip")
    put(tmp_path, "linus_2027-03-01T10-00Z.zip", "ken/attempt-1/main.py", "ken/attempt-2/main.py")
    found = read(tmp_path).handins
    assert [(one.whose, one.name, one.submitted_at) for one in found] == [
        ("ada", "2027-03-01T10-00-00Z", TEN),
        ("ada", "2027-03-01T11-00-00+0100", TEN),
        ("grace", "only", None),
        ("ken", "attempt-1", None),
        ("ken", "attempt-2", None),
        ("linus", "linus_2027-03-01T10-00Z.zip", TEN),
    ]


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("2027-03-01T10:00:00Z", TEN),
        ("20270301T100000Z", TEN),
        ("2027-03-01_10-00-00", TEN - timedelta(hours=9)),
        ("2027-03-01 10.00", TEN - timedelta(hours=9)),
        ("2027-03-01T19:00:00.123+09:00", TEN),
        ("submit/2027-03-01T10-00-00Z-a1b2c3d", TEN),
        ("2027-03-01", None),
        ("2027-13-01T10:00Z", None),
        ("version 2", None),
    ],
)
def test_a_time_in_a_name_is_read_in_the_zone_that_it_names_or_the_assignments(
    name: str, moment: datetime | None
) -> None:
    assert times.moment(name, timezone(timedelta(hours=9))) == moment


def test_a_repository_of_each_student_has_a_folder_for_each_lab(tmp_path: Path) -> None:
    put(tmp_path, "ada/hello/main.py", "ada/s3_lifecycle/2027-03-01T10-00-00Z/main.py", "ada/README.md")
    assert told(read(tmp_path, TWO).handins, tmp_path) == [
        ("ada", "ada/hello", "hello"),
        ("ada", "ada/s3_lifecycle/2027-03-01T10-00-00Z", "s3-lifecycle"),
    ]


def test_a_folder_for_each_lab_has_one_for_each_student(tmp_path: Path) -> None:
    put(tmp_path, "hello/ada/main.py", "s3-lifecycle/ada/main.py", "s3-lifecycle/grace.zip")
    assert told(read(tmp_path, TWO).handins, tmp_path) == [
        ("ada", "hello/ada", "hello"),
        ("ada", "s3-lifecycle/ada", "s3-lifecycle"),
        ("grace", "s3-lifecycle/grace.zip", "s3-lifecycle"),
    ]


def test_a_folder_or_archive_for_each_lab_may_be_a_platforms_download(tmp_path: Path) -> None:
    root = tmp_path / "downloads"
    put(root, *(f"hello/assignment_1_export/{name}" for name in ("submission_1/main.py", "submission_2/main.py")))
    export = "submission_1:\n  :submitters:\n  - :email: ada@x\nsubmission_2:\n  :submitters:\n  - :email: bo@x\n"
    (root / "hello/assignment_1_export/submission_metadata.yml").write_text(export)
    put(tmp_path / "canvas", "lovelaceada_101_5551_main.py", "hoppergrace_102_5552_main.py")
    shutil.make_archive(str(root / "s3_lifecycle"), "zip", tmp_path / "canvas")
    found = read(root, TWO)
    assert [(one.whose, one.lab) for one in found.handins] == [
        *(("ada@x", "hello"), ("bo@x", "hello")),
        *(("102", "s3-lifecycle"), ("101", "s3-lifecycle")),
    ]
    assert found.shape == (
        "a folder for each lab, and in it an export of Gradescope's and a download of Canvas's, with its names undone"
    )
    put(root, "s3-lifecycle/ada/main.py")
    assert ("ada", "s3-lifecycle") in [(one.whose, one.lab) for one in read(root, TWO).handins], "or a class's folders"


def test_an_archive_that_is_called_like_a_lab_and_is_one_hand_in_is_one(tmp_path: Path) -> None:
    put(tmp_path / "class", "hello.zip", "s3-lifecycle.zip")
    assert [one.whose for one in read(tmp_path / "class", TWO).handins] == ["hello", "s3-lifecycle"]


def test_one_repository_is_its_students(tmp_path: Path) -> None:
    put(tmp_path, "hello/main.py", "s3-lifecycle/main.py", "README.md")
    with pytest.raises(UsageError, match="nobody says whose"):
        read(tmp_path, TWO)
    named = read(tmp_path, dataclasses.replace(TWO, student="ada"))
    assert told(named.handins, tmp_path) == [("ada", "hello", "hello"), ("ada", "s3-lifecycle", "s3-lifecycle")]
    (tmp_path / "labgrade.toml").write_text('student = "grace"\n')
    assert {one.whose for one in read(tmp_path, TWO).handins} == {"grace"}


def test_one_submission_is_no_class(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"is one submission itself \(main.py lies in it\)"):
        read(put(tmp_path, "main.py", "ada/main.py"))


@pytest.mark.parametrize(
    "names",
    [
        ("ada/main.py", "grace/main.sh"),
        ("ada.py", "grace.py"),
        ("ada.zip", "grace.zip", "notes.txt"),
        ("ada/hello/main.py", "grace/hello/main.py"),
        ("ada/2027-03-01T10-00Z/main.py", "grace/wrapped/main.py", "ken/nothing.txt"),
        ("hello/ada/main.py", "hello/grace/main.py"),
        ("lovelaceada_101_5551_main.py", "hoppergrace_102_5552_main.py"),
        ("Ada_7001_assignsubmission_file/main.py", "Grace_7002_assignsubmission_file/main.py"),
    ],
)
def test_a_class_in_a_lone_folder_is_a_class(tmp_path: Path, names: tuple[str, ...]) -> None:
    put(tmp_path, *(f"Week 1/{name}" for name in names), "__MACOSX/Week 1/._ada")
    found = [one.whose for one in read(tmp_path, TWO).handins]
    assert found == [one.whose for one in read(tmp_path / "Week 1", TWO).handins]
    assert len(found) > 1


@pytest.mark.parametrize(
    "names",
    [
        ("main.py", "other.py", "lib/a.py", "tests/b.py"),
        ("bucket.sh", "rules.json", "tags.json"),
        ("only.zip",),
        ("2027-03-01T10-00Z/main.py", "2027-03-02T10-00Z/main.py"),
        ("attempt-1.zip", "attempt-2.zip"),
        ("hello/main.py", "s3-lifecycle/main.py"),
        ("hello/2027-03-01T10-00Z/main.py", "hello/2027-03-02T10-00Z/main.py"),
        ("wrapped/main.py",),
        ("readme.txt",),
        ("bin/run.sh", "src/a.py", "docs/a.txt", "data/b.txt", "notes/c.txt"),
    ],
)
def test_one_students_lone_folder_is_one_students(tmp_path: Path, names: tuple[str, ...]) -> None:
    put(tmp_path, *(f"ada/{name}" for name in names))
    assert {one.whose for one in read(tmp_path, TWO).handins} == {"ada"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "main.py")
    put(tmp_path / "class", "ada/main.py")
    (tmp_path / "class" / "grace").symlink_to(tmp_path / "elsewhere")
    found = read(tmp_path / "class").handins
    assert [(one.whose, one.path.name, one.lab) for one in found] == [("ada", "ada", None), ("grace", "grace", None)]


def test_a_link_in_the_place_of_a_hand_in_is_one_in_every_shape(tmp_path: Path) -> None:
    put(tmp_path / "elsewhere", "main.py")
    put(tmp_path, "own/ada/main.py", "canvas/lovelaceada_101_5_main.py", "own/linus/hello/main.py")
    put(tmp_path, "moodle/Ada Lovelace_7001_assignsubmission_file/main.py")
    links = (
        "own/grace.sh",
        "own/ken.tar.gz",
        "own/dennis/2027-03-01T10-00Z",
        "own/linus/s3-lifecycle",
        "own/notes.txt",
    )
    more = ("canvas/hoppergrace_102_6_main.py", "moodle/Grace_7002_assignsubmission_file")
    for name in (*links, *more):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).symlink_to(tmp_path / "elsewhere" / ("main.py" if "." in name else ""))
    found = read(tmp_path / "own", TWO)
    assert told(found.handins, tmp_path / "own") == [
        ("ada", "ada", None),
        ("dennis", "dennis/2027-03-01T10-00Z", None),
        ("grace", "grace.sh", None),
        ("ken", "ken.tar.gz", None),
        ("linus", "linus/hello", "hello"),
        ("linus", "linus/s3-lifecycle", "s3-lifecycle"),
    ]
    assert found.remarks == ("notes.txt: is neither a folder, an archive nor a submission, and was passed over.",)
    assert [one.whose for one in read(tmp_path / "canvas").handins] == ["102", "101"]
    assert [one.whose for one in read(tmp_path / "moodle").handins] == ["7001", "7002"]


def manifest(root: Path, text: str) -> Path:
    put(root, "a/main.py", "b.zip")
    (root / "manifest.csv").write_text(text)
    return root


def test_a_manifest_says_whose_where_and_when(tmp_path: Path) -> None:
    text = "Student,Path,Lab,Submitted_at,Attempt\nada,a,hello,2027-03-01T10:00:00Z,first\nada,b.zip,s3_lifecycle,,\n"
    found = read(manifest(tmp_path, text), TWO)
    assert told(found.handins, tmp_path) == [("ada", "a", "hello"), ("ada", "b.zip", "s3-lifecycle")]
    assert [(one.name, one.submitted_at) for one in found.handins] == [("first", TEN), ("", None)]
    assert read(tmp_path / "manifest.csv", TWO) == found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("student,lab\nada,hello\n", "csv:1: a manifest has the columns student,path,submitted_at"),
        ("student,path\nada,../b\n", "csv:2: '../b' leads out of the manifest's folder"),
        ("student,path\nada,/etc\n", "csv:2: '/etc' leads out of"),
        ("student,path\nada,c\n", "csv:2: 'c' is not there"),
        ("student,path,lab\nada,a,sns\n", "csv:2: 'sns' is none of the labs"),
        ("student,path,time\nada,a,yesterday\n", "csv:2: 'yesterday' is no time; write it as"),
        ("student,path\nada,a\n,a\n", "csv:3: says of nobody whose this is"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_told_by_line(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read(manifest(tmp_path, text), TWO)


CANVAS = (
    "lovelaceada_101_5551_main.py",
    "hoppergrace_LATE_102_5552_main-2.py",
    "hoppergrace_LATE_102_5553_rules-1.json",
    "torvaldslinus_103_5554_work.zip",
    "ritchiedennis_104_5555_step-1.sh",
    "ritchiedennis_104_5556_main-1.sh",
    "anon_x7Yz1_5557_main.py",
    "thompsonken_105_text.html",
)


def test_canvass_names_are_undone(tmp_path: Path) -> None:
    found = read(put(tmp_path, *CANVAS))
    assert found.shape.startswith("a download of Canvas's")
    by_id = {one.whose: (dict(one.claims[0]).get("squeezed"), sorted(one.files)) for one in found.handins}
    assert by_id == {
        "101": ("lovelaceada", ["main.py"]),
        "102": ("hoppergrace", ["main.py", "rules.json"]),
        "103": ("torvaldslinus", []),
        "104": ("ritchiedennis", ["main.sh", "step.sh"]),
        "anon_x7Yz1": (None, ["main.py"]),
    }
    assert "Canvas calls 1 of these late" in found.remarks[0]
    assert found.remarks[1].startswith("1 typed an answer into Canvas")


def test_a_number_that_canvas_did_not_put_there_stays(tmp_path: Path) -> None:
    put(tmp_path, "lovelaceada_101_1_main.sh", "lovelaceada_101_2_step-1.sh", "lovelaceada_101_3_step-2.sh")
    assert sorted(read(tmp_path).handins[0].files) == ["main.sh", "step-1.sh", "step-2.sh"]


def test_an_upload_that_canvas_numbered_takes_no_others_place(tmp_path: Path) -> None:
    put(tmp_path, "lovelaceada_101_1_main.py", "lovelaceada_101_2_main-1.py", "hoppergrace_102_3_a.py")
    put(tmp_path, "hoppergrace_102_4_main-1.py", "hoppergrace_102_5_main-2.py")
    ada, grace = sorted(read(tmp_path).handins, key=lambda one: one.whose)
    assert sorted(ada.files) == ["main-1.py", "main.py"]
    assert sorted(grace.files) == ["a.py", "main-2.py", "main.py"]


def test_moodles_folders_are_undone(tmp_path: Path) -> None:
    put(tmp_path, "Ada Lovelace_7001_assignsubmission_file/main.py")
    put(tmp_path, "Grace Hopper_7002_assignsubmission_file_/work.zip")
    put(tmp_path, "김 철수_7003_assignsubmission_file_/hello/main.py")
    put(tmp_path, "Linus Torvalds_7004_assignsubmission_onlinetext/onlinetext.html")
    found = read(tmp_path, TWO)
    assert found.shape.startswith("a download of Moodle's")
    assert [(one.claims[0], one.lab, one.path.name) for one in found.handins] == [
        ((("lms_id", "7001"), ("name", "Ada Lovelace")), None, "Ada Lovelace_7001_assignsubmission_file"),
        ((("lms_id", "7002"), ("name", "Grace Hopper")), None, "work.zip"),
        ((("lms_id", "7003"), ("name", "김 철수")), "hello", "hello"),
    ]
    assert found.remarks[0].startswith("1 typed an answer into Moodle")


def test_moodles_files_in_one_folder_are_undone(tmp_path: Path) -> None:
    put(tmp_path, "Ada Lovelace_7001_assignsubmission_file_main.py")
    put(tmp_path, "Ada Lovelace_7001_assignsubmission_file_rules.json")
    found = read(tmp_path).handins
    assert [sorted(one.files) for one in found] == [["main.py", "rules.json"]]


GRADESCOPE = """\
---
submission_1:
  :submitters:
  - :name: Ada Lovelace
    :sid: '101'
    :email: ada@example.org
  - :name: Grace Hopper
    :sid: 102
    :email: grace@example.org
  :created_at: 2027-03-01 11:00:00.000000000 +01:00
  :score: 3.0
  :history: []
submission_2:
  :submitters:
  - :name: Linus
  :created_at: 2027-03-01 10:00:00.000000000 Z
submission_3:
  :submitters: []
"""


def test_gradescopes_export_says_whose_and_when(tmp_path: Path) -> None:
    root = put(tmp_path, "assignment_9_export/submission_1/main.py", "assignment_9_export/submission_2/main.py")
    (root / "assignment_9_export" / "submission_metadata.yml").write_text(GRADESCOPE)
    found = read(root)
    group, alone = found.handins
    assert [dict(claim)["email"] for claim in group.claims] == ["ada@example.org", "grace@example.org"]
    assert dict(group.claims[1])["sis_id"] == "102"
    assert (group.submitted_at, alone.submitted_at) == (TEN, TEN)
    assert found.remarks == ("1 submissions have no folder in the export and were passed over.",)


@pytest.mark.parametrize("text", ["a: [", "- 1", "!!python/object/apply:os.system [x]"])
def test_metadata_that_is_none_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "submission_metadata.yml").write_text(text)
    with pytest.raises(UsageError, match=r"submission_metadata\.yml: (is not YAML|names no submissions)"):
        read(tmp_path)
