"""`--open`: a page of its own or the given one, in the browser where there is one, and always told where."""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Ended, Labgrade

RIGHT = """
import boto3, os
s3, bucket = boto3.client("s3"), os.environ["LAB_BUCKET"]
s3.create_bucket(Bucket=bucket)
"""
Opened = Callable[[], list[str]]


@pytest.fixture
def main(tmp_path: Path) -> Path:
    path = tmp_path / "main.py"
    path.write_text(RIGHT)
    return path


@pytest.fixture
def browser(tmp_path: Path) -> tuple[dict[str, str], Opened]:
    """An environment with a browser that only writes down what it was to open, and what that was."""
    program, book = tmp_path / "browser", tmp_path / "opened"
    program.write_text(f'#!{sys.executable}\nimport sys\nopen({str(book)!r}, "a").write(sys.argv[1] + "\\n")\n')
    program.chmod(0o755)
    pages = tmp_path / "pages"
    pages.mkdir()
    environment = {"BROWSER": str(program), "TMPDIR": str(pages)}
    return environment, lambda: book.read_text().splitlines() if book.exists() else []


def told(done: Ended) -> Path:
    found = re.search(r": (/.*\.html)$", done.err, re.MULTILINE)
    assert found, done.err
    return Path(found[1])


def test_a_page_of_its_own_is_opened_beside_the_terminals_report(
    labgrade: Labgrade, main: Path, browser: tuple[dict[str, str], Opened]
) -> None:
    environment, opened = browser
    done = labgrade("run", "hello", main, "--open", env=environment)
    page = told(done)
    assert done.code == 1
    assert "FAIL" in done.out
    assert "<html" not in done.out
    assert done.err == f"Opened in your browser: {page}\n"
    assert opened() == [page.as_uri()]
    assert page.read_text("utf-8").startswith("<!DOCTYPE html>")
    assert stat.S_IMODE(page.stat().st_mode) == 0o600


@pytest.mark.parametrize("words", [["--report", "html=a b#1.html"], ["--format", "html", "--output", "a b#1.html"]])
def test_a_page_that_is_written_anyway_is_the_one_that_is_opened(
    words: list[str], labgrade: Labgrade, main: Path, browser: tuple[dict[str, str], Opened], tmp_path: Path
) -> None:
    environment, opened = browser
    done = labgrade("run", "hello", main, *words, "--open", env=environment, cwd=tmp_path)
    assert opened() == [(tmp_path / "a b#1.html").as_uri()]
    assert told(done) == tmp_path / "a b#1.html"
    assert not list((tmp_path / "pages").iterdir())


def test_the_format_html_goes_to_the_screen_or_into_the_browser_and_not_to_both(
    labgrade: Labgrade, main: Path, browser: tuple[dict[str, str], Opened]
) -> None:
    environment, opened = browser
    assert labgrade("run", "hello", main, "--format", "html", env=environment).out.startswith("<!DOCTYPE html>")
    assert opened() == []
    assert labgrade("run", "hello", main, "--format", "html", "--open", env=environment).out == ""
    assert len(opened()) == 1


@pytest.mark.parametrize(
    "environment", [{}, {"BROWSER": "/nonexistent/browser"}, {"DISPLAY": ":77", "PATH": "/nonexistent"}]
)
def test_where_there_is_no_browser_the_page_is_named_and_all_is_well(
    environment: dict[str, str], labgrade: Labgrade, main: Path, tmp_path: Path
) -> None:
    done = labgrade("run", "hello", main, "--open", env={"TMPDIR": str(tmp_path), **environment})
    assert done.code == 1
    assert done.err.startswith("There is no browser to open here. Open it where there is one: ")
    assert told(done).read_text("utf-8").rstrip().endswith("</html>")


def test_without_a_screen_no_browser_takes_the_terminal_over(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    for name in ("www-browser", "links", "elinks", "lynx", "w3m", "xdg-open"):
        (programs / name).write_text(f"#!/bin/sh\necho {name} >> '{tmp_path}/taken'\n")
        (programs / name).chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    assert labgrade("run", "hello", main, "--open", env={"PATH": path, "TERM": "xterm"}).err.startswith(
        "There is no browser"
    )
    assert not (tmp_path / "taken").exists()


def test_a_browser_that_fails_is_as_good_as_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from grader.cli.pages import open_page

    def broken(_address: str) -> bool:
        raise OSError("no such program")

    monkeypatch.setenv("BROWSER", "x")
    monkeypatch.setattr("webbrowser.open", broken)
    open_page(tmp_path / "a.html")
    assert capsys.readouterr().err.startswith("There is no browser to open here.")


def test_a_browser_that_is_a_snap_finds_the_page_where_it_may_look(
    labgrade: Labgrade, main: Path, browser: tuple[dict[str, str], Opened], tmp_path: Path
) -> None:
    common = tmp_path / "home" / "snap" / "firefox" / "common"
    common.mkdir(parents=True)
    assert told(labgrade("run", "hello", main, "--open", env=browser[0])).parent == common


def test_a_report_is_not_lost_where_there_is_no_room_for_a_page(main: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner

    from grader.cli import labgrade as command

    def full(**_: object) -> tuple[int, str]:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.mkstemp", full)
    done = CliRunner().invoke(command, ["run", "hello", str(main), "--open"])
    assert done.exit_code == 1
    assert "FAIL" in done.stdout
    assert "No page: [Errno 28] No space left on device" in done.stderr
    assert "What to build" in CliRunner().invoke(command, ["show", "hello", "--open"]).stdout


def test_feedback_holds_for_the_page_too(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    labgrade("run", "hello", main, "--feedback", "names", "--report", "html=page.html", cwd=tmp_path)
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "FAIL" in page
    assert '<dl class="evidence">' not in page


def test_show_opens_the_task_as_a_page_with_the_students_own_names(
    labgrade: Labgrade, browser: tuple[dict[str, str], Opened]
) -> None:
    environment, opened = browser
    done = labgrade("show", "hello", "--student", "ada", "--course", "C1", "--open", env=environment)
    shown = labgrade("show", "hello", "--student", "ada", "--course", "C1").out
    page = told(done).read_text("utf-8")
    assert (done.code, done.out) == (0, "")
    assert opened() == [told(done).as_uri()]
    name = re.search(r"labgrade-hello-\w+", shown)
    assert name
    assert f'<code class="value">{name[0]}</code>' in page
    assert "What to build" in page


def test_the_name_of_a_lab_does_not_lead_out_of_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from grader.cli.pages import new_page

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    page = new_page("../../etc/\x00" + "x" * 300)
    assert page is not None
    assert page.parent == tmp_path
