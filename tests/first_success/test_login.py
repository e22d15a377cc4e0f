"""`labgrade login`: who somebody is, written into labgrade.toml and read back by every other command."""

from __future__ import annotations

import os
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

import pexpect
import pytest
from conftest import Labgrade
from hypothesis import example, given
from hypothesis import strategies as st

from grader.cli.identity import Identity, identity, remember
from grader.cli.toml_text import edited
from grader.formats.escaping import hides

IDS = (
    "ada@example.org",
    'a"b\\c',
    "two\nlines\t\r",
    "עדה",
    "\u202eevil",
    "\x00\x7f\x1b[2J",
    "김하나",
    "#",
    "'''",
    "\U000e0041",
)


def kept(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "labgrade.toml").read_text("utf-8"))


@pytest.mark.parametrize("student", [*IDS[:5], *IDS[6:]])
def test_any_id_is_read_back_as_it_was_given(labgrade: Labgrade, tmp_path: Path, student: str) -> None:
    done = labgrade("login", "--student", student, "--course", student, cwd=tmp_path)
    assert (done.code, done.err) == (0, "")
    assert kept(tmp_path) == {"student": student, "course": student}
    assert "\x1b" not in done.out
    assert "\u202e" not in done.out


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")))
@example('"', "\\")
def test_any_text_survives_the_file(student: str, course: str) -> None:
    text = edited(edited("", "student", student), "course", course)
    assert tomllib.loads(text) == {"student": student, "course": course}
    assert len([line for line in text.split("\n") if line]) == 2
    assert not any(map(hides, map(ord, text)))


def test_what_is_written_counts_for_every_other_command(labgrade: Labgrade, tmp_path: Path) -> None:
    said = labgrade("login", "--student", "ada", "--course", "C1", cwd=tmp_path).out
    task = labgrade("show", "hello", cwd=tmp_path).out
    name = next(word for word in said.split() if word.startswith("labgrade-hello-"))
    assert name in task
    assert name != "labgrade-hello-5e11a0"


OTHER_TEXT = (
    '# mine\r\nentry = "main.py" # the entry\r\n student = "bob"   # not for long\r\n\r\n'
    "# below\r\n[editor]\r\nstudent = 1"
)


def test_other_keys_comments_and_line_ends_stay(labgrade: Labgrade, tmp_path: Path) -> None:
    (tmp_path / "labgrade.toml").write_bytes(OTHER_TEXT.encode())
    assert labgrade("login", "--student", "ada", "--course", "C1", cwd=tmp_path).code == 0
    written = (tmp_path / "labgrade.toml").read_bytes().decode()
    assert written == (
        '# mine\r\nentry = "main.py" # the entry\r\nstudent = "ada"   # not for long\r\n\r\n'
        'course = "C1"\r\n\r\n# below\r\n[editor]\r\nstudent = 1'
    )


@pytest.mark.parametrize(
    "text",
    [
        'note = """\nstudent = "x"\n"""\nstudent = "x"\n',
        "student = '''\nstudent = \"a\" # no comment\n'''  # one\n",
        '"student" = "a#b" # c',
        "x = [\n  1,\n]\n[t]\nstudent = 'b'",
        'pi = nan\nlist = [\n"""\n[no.table]\n"""]\n',
        "[student-of]\na = 1\n",
    ],
)
def test_only_the_one_key_is_touched(text: str) -> None:
    before = tomllib.loads(text, parse_float=str)
    after = tomllib.loads(edited(text, "student", "ada"), parse_float=str)
    assert after == {**before, "student": "ada"}
    gone = tomllib.loads(edited(text, "student", None), parse_float=str)
    assert gone == {key: value for key, value in before.items() if key != "student"}
    comments = [part for part in ("# one", "# c") if part in text]
    assert all(comment in edited(text, "student", "ada") for comment in comments)


def test_forgetting_takes_out_what_was_written_and_no_more(labgrade: Labgrade, tmp_path: Path) -> None:
    path = tmp_path / "labgrade.toml"
    path.write_text('entry = "main.py"\n')
    labgrade("login", "--student", "ada", "--course", "C1", cwd=tmp_path)
    done = labgrade("login", "--forget", cwd=tmp_path)
    assert (done.code, path.read_text()) == (0, 'entry = "main.py"\n')
    assert "names nobody any more" in done.out
    assert "nothing to forget" in labgrade("login", "--forget", cwd=tmp_path).out


def test_a_file_that_only_login_wrote_goes_with_it(labgrade: Labgrade, tmp_path: Path) -> None:
    labgrade("login", "--student", "ada", cwd=tmp_path)
    labgrade("login", "--forget", cwd=tmp_path)
    assert not (tmp_path / "labgrade.toml").exists()


def test_forgetting_says_who_counts_then(labgrade: Labgrade, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    labgrade("login", "--student", "bob", cwd=tmp_path)
    labgrade("login", "--student", "ada", cwd=below)
    out = labgrade("login", "--forget", cwd=below).out
    assert f"{tmp_path / 'labgrade.toml'} still does" in out


def test_a_course_of_a_folder_above_is_not_lost(labgrade: Labgrade, tmp_path: Path) -> None:
    below = tmp_path / "below"
    below.mkdir()
    labgrade("login", "--student", "bob", "--course", "C1", cwd=tmp_path)
    labgrade("login", "--student", "ada", cwd=below)
    assert kept(below) == {"student": "ada", "course": "C1"}
    labgrade("login", "--course", "", cwd=below)
    assert kept(below) == {"student": "ada"}


def test_global_is_the_home_folder(labgrade: Labgrade, tmp_path: Path) -> None:
    done = labgrade("login", "--student", "ada", "--global", cwd=tmp_path)
    assert kept(tmp_path / "home") == {"student": "ada"}
    assert "not among them" in " ".join(done.out.split())
    assert not (tmp_path / "labgrade.toml").exists()


def test_without_a_terminal_nobody_is_asked(labgrade: Labgrade, tmp_path: Path) -> None:
    done = labgrade("login", cwd=tmp_path)
    assert (done.code, done.out) == (2, "")
    assert "--student ID" in done.err
    assert labgrade("login", "--student", "  ", cwd=tmp_path).code == 2
    assert not (tmp_path / "labgrade.toml").exists()


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"student = \n", "line 1"), (b"\xff\xfes", "UTF-8"), (b"student = 3\n", "string"), (b"a=" + b"[" * 9999, "")],
)
def test_a_broken_file_is_named_and_left_alone(labgrade: Labgrade, tmp_path: Path, content: bytes, word: str) -> None:
    path = tmp_path / "labgrade.toml"
    path.write_bytes(content)
    done = labgrade("login", "--student", "ada", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert "labgrade.toml" in done.err
    assert word in done.err
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_written_is_one_line(labgrade: Labgrade, tmp_path: Path) -> None:
    place = tmp_path / "closed"
    place.mkdir()
    place.chmod(0o555)
    if os.access(place, os.W_OK):  # root may write anywhere but there
        place = Path("/sys")
    done = labgrade("login", "--student", "ada", cwd=place)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert f"{place / 'labgrade.toml'}: cannot be written" in done.err


def test_a_name_that_is_taken_by_a_folder_leaves_no_draft(labgrade: Labgrade, tmp_path: Path) -> None:
    (tmp_path / "labgrade.toml").mkdir()
    done = labgrade("login", "--student", "ada", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "labgrade.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="rights and links of POSIX's")
def test_a_link_stays_one_and_rights_stay_as_they_are(tmp_path: Path) -> None:
    real = tmp_path / "dotfiles.toml"
    real.write_text("# mine\n")
    real.chmod(0o600)
    (tmp_path / "labgrade.toml").symlink_to(real)
    remember(tmp_path, Identity("ada", None))
    assert (tmp_path / "labgrade.toml").is_symlink()
    assert (real.stat().st_mode & 0o777, real.read_text()) == (0o600, '# mine\nstudent = "ada"\n')


def test_a_file_that_notepad_saved_is_read(tmp_path: Path) -> None:
    (tmp_path / "labgrade.toml").write_bytes(b'\xef\xbb\xbfstudent = "bob"\r\n')
    assert identity(None, None, tmp_path) == Identity("bob", None)
    remember(tmp_path, Identity("ada", None))
    assert identity(None, None, tmp_path) == Identity("ada", None)


def test_an_id_that_is_no_text_is_refused(labgrade: Labgrade, tmp_path: Path) -> None:
    done = labgrade("login", "--student", "\udcff", cwd=tmp_path)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "cannot be written" in done.err


def test_a_variable_that_goes_before_the_file_is_said(labgrade: Labgrade, tmp_path: Path) -> None:
    done = labgrade("login", "--student", "ada", cwd=tmp_path, env={"LABGRADE_COURSE": "C2"})
    assert "LABGRADE_COURSE is set in this shell, and goes before the file." in done.out


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX's")
def test_on_a_terminal_it_asks(terminal: Any, tmp_path: Path) -> None:
    child = terminal("login", cwd=tmp_path)
    child.expect("Your id, as your course knows you: ")
    child.sendline("")
    child.expect("Your id, as your course knows you: ")  # there is none to fall back on
    child.sendline(" ada@example.org ")
    child.expect("The code of your course, or nothing: ")
    child.sendline("")
    child.expect("labgrade-hello-")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert kept(tmp_path) == {"student": "ada@example.org"}


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX's")
def test_on_a_terminal_the_enter_key_keeps_what_was_there(terminal: Any, labgrade: Labgrade, tmp_path: Path) -> None:
    labgrade("login", "--student", "ada", "--course", "C1", cwd=tmp_path)
    child = terminal("login", cwd=tmp_path)
    child.expect_exact("Your id, as your course knows you [ada]: ")
    child.sendline("")
    child.expect_exact("[C1]: ")
    child.sendline("C2")
    child.expect("Written to")
    child.wait()
    assert kept(tmp_path) == {"student": "ada", "course": "C2"}


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX's")
def test_ctrl_c_at_the_question_writes_nothing(terminal: Any, tmp_path: Path) -> None:
    child = terminal("login", cwd=tmp_path)
    child.expect("knows you: ")
    time.sleep(0.5)  # a signal in the moment before Python reads would only count with the next key
    child.sendintr()
    child.expect("interrupted")
    child.wait()
    assert child.exitstatus == 130
    assert not (tmp_path / "labgrade.toml").exists()
