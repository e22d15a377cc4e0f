"""The registry: a format is a file, and none is loaded before it is asked for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import grader
from grader import formats
from grader.errors import UsageError
from grader.report import ReportJson

PACKAGE = Path(grader.__file__).parent


def python(code: str, folder: Path) -> str:
    """What this code prints, in an interpreter of its own that finds `grader` in that folder."""
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.strip()


def test_the_three_formats_of_every_report_are_there() -> None:
    assert {"terminal", "json", "junit"} <= set(formats.FORMATS)


@pytest.mark.parametrize("module", sorted(path.stem for path in (PACKAGE / "formats").glob("[!_]*.py")))
def test_a_module_of_the_folder_is_a_format_just_where_it_renders(module: str) -> None:
    renders = hasattr(import_module(f"grader.formats.{module}"), "render")
    assert (module in formats.FORMATS) == renders


def test_a_new_format_is_a_new_file(tmp_path: Path) -> None:
    shutil.copytree(PACKAGE, tmp_path / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "grader/formats/haiku.py").write_text("def render(report, **_options):\n    return report['poem']\n")
    code = "from grader import formats; print(*formats.FORMATS, formats.render('haiku', {'poem': 'frog'}))"
    *names, poem = python(code, tmp_path).split()
    assert "haiku" in names
    assert poem == "frog"


def test_importing_the_registry_loads_no_format_and_nothing_heavy() -> None:
    heavy = [
        "rich",
        "xml",
        "json",
        "difflib",
        "importlib.resources",
        *(f"grader.formats.{n}" for n in formats.FORMATS),
    ]
    code = "import sys; before = set(sys.modules); import grader.formats; print(*set(sys.modules) - before)"
    assert not set(python(code, PACKAGE.parent).split()) & set(heavy)


def test_a_misspelt_format_is_told_what_was_probably_meant(graded: ReportJson) -> None:
    with pytest.raises(UsageError) as told:
        formats.render("terminl", graded)
    assert str(told.value).startswith("There is no format 'terminl'. Did you mean terminal? There are: ")
    assert "junit" in str(told.value)


@pytest.mark.parametrize("name_of_none", ["story", "interface", "drawings", "../cli", "os", ""])
def test_what_formats_share_is_no_format(name_of_none: str) -> None:
    with pytest.raises(UsageError, match="There is no format"):
        formats.format_named(name_of_none)


def test_every_format_is_reduced_before_it_renders(samples: dict[str, ReportJson]) -> None:
    for name in formats.FORMATS:
        assert "with the slash" in formats.render(name, samples["mixed"]), name
        assert "with the slash" not in formats.render(name, samples["mixed"], feedback="found"), name


def test_formats_ignore_the_options_of_others(samples: dict[str, ReportJson]) -> None:
    for name in formats.FORMATS:
        assert formats.render(name, samples["mixed"], width=70, colour=False, no_such_option=1).endswith("\n")


def test_the_schema_is_read_whatever_was_rendered_before(samples: dict[str, ReportJson]) -> None:
    formats.render("json", samples["passed"])  # sets the name `json` in the package to our own module
    assert formats.schema()["title"] == "labgrade/report/v1"


def test_a_report_of_a_later_version_renders_too(name: str, graded: ReportJson) -> None:
    later: dict[str, Any] = {**graded, "weather": "fine", "notes": None}
    later["checks"] = [{**check, "mood": {"good": True}} for check in graded["checks"]]
    later["checks"][0]["outcome"] = "partial"
    for format_name in formats.FORMATS:
        assert formats.render(format_name, later), (name, format_name)
