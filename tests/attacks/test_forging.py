"""Work that pretends: files that shadow, output that commands, reports of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from attacks.conftest import IN_THE_BOX, Attack

SHADOWS = {
    "sitecustomize.py": "print('shadow')",
    "usercustomize.py": "print('shadow')",
    "conftest.py": "raise SystemExit('shadow')",
    "grader/__init__.py": "raise SystemExit('shadow')",
    "labs/hello/checker.py": "raise SystemExit('shadow')",
    "report.json": json.dumps({"schema": "labgrade/report/v1", "score": 100, "outcome": "passed"}),
    "results.json": '{"score": 100}',
    "aws": "#!/bin/sh\necho shadow",
    "labgrade": "#!/bin/sh\necho shadow",
}
PRINTED = [
    "::error file=x::forged",
    "::set-output name=score::100",
    "\x1b]0;title\x07\x1b[2J\x1b[31mred",
    "</script><script>alert(1)</script>",
    "]]><system-out>forged",
    "=HYPERLINK(1)",
    '{"score": 100, "outcome": "passed"}',
    "100 of 100",
]


@pytest.mark.slow
@pytest.mark.parametrize("name", SHADOWS)
def test_a_file_that_shadows_one_of_ours_changes_nothing(attack: Attack, name: str) -> None:
    report = attack("", files={"main.py": IN_THE_BOX, name: SHADOWS[name]})
    assert (report["score"], report["outcome"]) == (0, "failed")


@pytest.mark.parametrize("name", ["boto3.py", pytest.param("boto3/__init__.py", marks=pytest.mark.slow)])
def test_a_patched_boto3_patches_itself_alone(attack: Attack, name: str) -> None:
    fake = "class Client:\n    def __getattr__(self, name): return lambda **k: {'Buckets': []}\ndef client(*a, **k): return Client()\n"
    report = attack("", files={name: fake})
    assert (report["score"], report["run"]["exit_code"]) == (0, 0)


def test_what_is_printed_is_no_result_and_no_command(attack: Attack, tmp_path: Path) -> None:
    pages = {shape: tmp_path / shape for shape in ("terminal", "html", "junit")}
    flags = [word for shape, path in pages.items() for word in ("--report", f"{shape}={path}")]
    report = attack("", *flags, files={"main.py": IN_THE_BOX + f"for line in {PRINTED!r}: print(line)"})
    assert report["score"] == 0
    terminal, html, junit = (path.read_text("utf-8") for path in pages.values())
    assert "\x1b" not in terminal + html + junit
    assert not [line for line in terminal.splitlines() if line.startswith(("::", "100 of"))]
    assert "<script>alert(1)" not in html
    assert junit.count("]]><system-out>") == 0
