"""Classes as they come: people of one name, strange names, too many files, no room, no right to write."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from classroom.classes import assignment, handed_in, planned
from classroom.handed import put
from conftest import LABGRADE, Labgrade, clean_environment

from grader.classroom import Person, Roster, kept
from grader.cli.class_pages import plan_page
from grader.errors import UsageError
from grader.formats.layout import Page

PROGRAM = Path(__file__).parent / "killed.py"
STRANGE = ('a,"b"', "line\nbreak", "עברית", "x\u202egnp.exe", "=1+1", "../../etc", "%41", "김철수", "a b", "\u200b")


def test_two_students_of_one_name_are_not_taken_for_each_other(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"Ann Smith": "60", "smith2": "70"})
    roster = Roster((Person("smith1", "Ann Smith"), Person("smith2", "Ann Smith")))
    plan = planned(tmp_path, roster=roster)
    assert [attempt.student for attempt in plan.attempts] == ["smith2"]
    assert [(one.whose, one.reason) for one in plan.unknown] == [
        ("Ann Smith", "'Ann Smith' may be smith1 or smith2: name it by id.")
    ]
    assert [(person.id, lab) for person, lab in plan.missing] == [("smith1", "hello")]


def test_one_student_twice_is_two_attempts_and_said(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60", "ada@example.org": "70"})
    plan = planned(tmp_path, roster=Roster((Person("ada", email="ada@example.org"),)))
    assert [(attempt.student, attempt.number) for attempt in plan.attempts] == [("ada", 1), ("ada", 2)]
    assert plan.remarks == ("ada handed in 2 times for hello, and nothing says which came last.",)


def test_a_class_that_handed_in_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "class").mkdir()
    with pytest.raises(UsageError, match="class: nothing was handed in here"):
        planned(tmp_path, roster=Roster((Person("ada"),)))


def test_a_roster_of_nobody_makes_everybody_unknown(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    plan = planned(tmp_path, roster=Roster())
    assert (plan.attempts, plan.missing, [one.whose for one in plan.unknown]) == ((), (), ["ada"])


def test_ten_thousand_files_in_one_submission_stop_no_other(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"grace": "70"})
    with zipfile.ZipFile(tmp_path / "class" / "ada.zip", "w") as archive:
        for number in range(10_000):
            archive.writestr(f"{number}.txt", "")
    ada, grace = planned(tmp_path).attempts
    assert (ada.number, str(ada.problem)) == (None, "ada.zip: more than 1000 files; hand in only the work itself.")
    assert list((tmp_path / "work").iterdir()) == [], "and leave nothing behind"
    assert (grace.number, grace.problem) == (1, None)


def test_a_sentence_to_send_names_the_students_file_and_nothing_of_ours(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {})
    (tmp_path / "class").mkdir(exist_ok=True)
    (tmp_path / "class" / "ada.zip").write_bytes(b"PK")
    (tmp_path / "class" / "lovelaceada_1_2_main.py").write_text(" ")
    (tmp_path / "canvas").mkdir()
    (tmp_path / "class" / "lovelaceada_1_2_main.py").rename(tmp_path / "canvas" / "lovelaceada_1_2_main.py")
    for where in ("class", "canvas"):
        (attempt,) = planned(tmp_path, where=where).attempts
        assert attempt.problem is not None
        assert str(tmp_path) not in str(attempt.problem)
        assert str(attempt.problem).startswith(("ada.zip: cannot be unpacked", "main.py: is empty"))


def test_a_link_or_a_pipe_in_the_place_of_a_hand_in_is_not_gradable_and_no_zero(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    for name in ("mallory.sh", "trent.zip", "victor"):
        (tmp_path / "class" / name).symlink_to(tmp_path / "class" / "ada")
    os.mkfifo(tmp_path / "class" / "oscar.py")
    (tmp_path / "canvas").mkdir()
    (tmp_path / "canvas" / "hoppergrace_1_2_main.py").symlink_to(tmp_path / "class" / "ada" / "main.py")
    (tmp_path / "canvas" / "lovelaceada_2_3_main.py").write_text("60")
    plan = planned(tmp_path, roster=Roster(tuple(map(Person, ("ada", "mallory", "trent", "victor", "oscar")))))
    assert {one.student: str(one.problem) for one in plan.attempts if one.problem} == {
        "mallory": "mallory.sh: is a link; hand in plain files.",
        "trent": "trent.zip: is a link; hand in plain files.",
        "victor": "victor: is a link; hand in plain files.",
        "oscar": "oscar.py: is a device or a pipe; hand in plain files.",
    }
    assert (plan.missing, [one.student for one in plan.gradable]) == ((), ["ada"])
    linked, ada = planned(tmp_path, where="canvas").attempts
    assert (str(linked.problem), ada.problem) == ("main.py: is a link; hand in plain files.", None)


@pytest.mark.parametrize(("kind", "suffix"), [("zip", ".zip"), ("gztar", ".tar.gz")])
def test_a_class_packed_by_its_folder_is_a_class_and_one_student_is_one(tmp_path: Path, kind: str, suffix: str) -> None:
    handed_in(tmp_path / "Week 1", {"ada": "60", "grace": "70"})
    shutil.make_archive(str(tmp_path / "class"), kind, tmp_path, "Week 1")
    shutil.make_archive(str(tmp_path / "one"), kind, tmp_path / "Week 1", "ada")
    assert [one.student for one in planned(tmp_path, where=f"class{suffix}").attempts] == ["ada", "grace"]
    assert [one.student for one in planned(tmp_path, where=f"one{suffix}").attempts] == ["ada"]


def test_one_submission_is_told_as_one(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60"})
    plan, shown = planned(tmp_path), Page(100)
    plan_page(shown, plan, [], None, "none", 1)
    assert "1 submission in a folder" in shown.text()
    assert "1 student; there is no roster" in shown.text()


def test_a_submission_of_several_labs_that_names_none_is_asked_which(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "60", "grace/wrapped/hello": "70"})
    two = assignment(lab='\n[[labs]]\nlab = "s3-lifecycle"')
    ada1, ada2, grace = planned(tmp_path, two).attempts
    assert {ada1.lab, ada2.lab} == {"hello", "s3-lifecycle"}
    assert str(ada1.problem).startswith("ada: does not say which lab it is for")
    assert (grace.lab, grace.problem) == ("hello", None)


def test_a_class_of_which_nobody_names_a_lab_is_its_instructors_to_mend(tmp_path: Path) -> None:
    put(tmp_path / "class", "lovelaceada_101_5551_main.py", "hoppergrace_102_5552_main.py")
    two = assignment(lab='\n[[labs]]\nlab = "s3-lifecycle"')
    with pytest.raises(UsageError, match="named for its lab, as downloads/hello, and grade downloads"):
        planned(tmp_path, two)
    (tmp_path / "downloads").mkdir()
    (tmp_path / "class").rename(tmp_path / "downloads" / "s3_lifecycle")
    found = planned(tmp_path, two, where="downloads").attempts
    assert [(one.student, one.lab, one.problem) for one in found] == [
        ("hoppergrace", "s3-lifecycle", None),
        ("lovelaceada", "s3-lifecycle", None),
    ]


def test_a_work_is_called_what_its_student_calls_it(tmp_path: Path) -> None:
    put(tmp_path / "class", "lovelaceada_1_2_main.py", "hoppergrace_3_4_main-1.sh", "hoppergrace_3_5_rules.json")
    put(tmp_path / "own", "ada/2027-03-01T10-00Z.zip", "grace/deep/hello/main.py", "linus.py")
    canvas, own = planned(tmp_path), planned(tmp_path, where="own")
    assert [one.called for one in (*canvas.attempts, *own.attempts)] == [
        *("main.sh, rules.json", "main.py"),
        *("2027-03-01T10-00Z.zip", "grace/deep/hello", "linus.py"),
    ]


def test_what_holds_for_several_labs_is_said_once(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"grace/hello": "70"})
    (tmp_path / "class" / "ada.zip").write_bytes(b"PK")
    plan, shown = planned(tmp_path, assignment(lab='\n[[labs]]\nlab = "s3-lifecycle"')), Page(100)
    plan_page(shown, plan, [], None, "none", 1)
    assert "ada (hello, s3-lifecycle): ada.zip: cannot be unpacked" in shown.text()


def test_no_name_leads_anywhere_or_acts_on_a_screen(labgrade: Labgrade, tmp_path: Path) -> None:
    for number, _ in enumerate(STRANGE):
        handed_in(tmp_path / "class", {f"n{number}": "60"})
    rows = "".join(f'"n{number}","{name.replace(chr(34), chr(34) * 2)}"\n' for number, name in enumerate(STRANGE))
    (tmp_path / "roster.csv").write_text(f"login,student\n{rows}", "utf-8", newline="")
    done = labgrade("grade", "hello", "class", "--roster", "roster.csv", "--out", "x", "--dry-run", cwd=tmp_path)
    assert done.code == 0, done.err
    assert "Matched       10 of the roster's 10 students." in done.out
    assert not {"\u202e", "\u200b"} & set(done.out)
    handout = ("handout", "hello", "--roster", "roster.csv", "--out", "given/here")
    assert labgrade(*handout, cwd=tmp_path).code == 0
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "home") == ["class", "given", "roster.csv"]
    assert len(list((tmp_path / "given" / "here").iterdir())) == 10
    assert [path.name for path in (tmp_path / "given").iterdir()] == ["here"]


def in_a_namespace(script: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run a script that may mount what it likes; skip where that is not allowed."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespaces of one's own here")
    words = ["unshare", "-rm", "sh", "-c", script, "sh", sys.executable, str(PROGRAM), str(LABGRADE)]
    env = clean_environment(place)
    return subprocess.run(words, cwd=place, capture_output=True, text=True, check=False, env=env, timeout=300)


def test_a_disk_that_fills_up_half_way_loses_nothing_that_was_graded(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {f"s{n:03}": "50" for n in range(60)})
    (tmp_path / "out").mkdir()
    script = """
        mount -t tmpfs -o size=96k none out
        "$1" "$2" . ; echo "first $?"
        mount -o remount,size=9m out
        "$1" "$2" . ; echo "second $?"
        cp out/labgrade.sqlite kept.sqlite
    """
    done = in_a_namespace(script, tmp_path)
    assert done.stdout.splitlines() == ["first 1", "second 0"], done.stderr
    assert "CannotKeep: out/labgrade.sqlite: cannot be written (" in done.stderr
    assert "what was graded before is kept. Make room, and run it again." in done.stderr
    log = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    kept_first = [whose for what, whose in log[: log.index(["here", "-"], 1)] if what == "kept"]
    again = [whose for what, whose in log[log.index(["here", "-"], 1) :] if what == "begins"]
    assert 0 < len(kept_first) < 60
    assert not set(kept_first) & set(again)
    assert len(kept.gradebook(tmp_path / "kept.sqlite").results) == 60


def test_a_folder_that_is_read_only_is_told(tmp_path: Path) -> None:
    handed_in(tmp_path / "class", {"ada": "50"})
    (tmp_path / "out").mkdir()
    script = """
        mount --bind out out && mount -o remount,bind,ro out
        "$3" grade hello class --out out --sandbox none ; echo "first $?"
        "$3" grade hello class --out out/below --sandbox none ; echo "second $?"
    """
    done = in_a_namespace(script, tmp_path)
    assert done.stdout.splitlines() == ["first 2", "second 2"]
    first, second = done.stderr.splitlines()
    assert first.startswith("labgrade: out/labgrade.sqlite: unable to open database file; --out names another folder")
    assert second == "labgrade: out/below: cannot be written: Read-only file system; --out names another folder."
