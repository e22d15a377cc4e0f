"""The action, the workflow and GitLab's job: they say what labgrade understands, and no input is a command."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from conftest import ROOT

from grader.cli import actions
from grader.cli.run import run_command

ACTION = ROOT / ".github/actions/grade/action.yml"
WORKFLOW = ROOT / ".github/workflows/grade.yml"
GITLAB = ROOT / "docs/gitlab-ci.yml"
DOCS = (ROOT / "docs/trust.md").read_text("utf-8")
HOSTILE = "a b; $(touch pwned) `touch pwned` \"' | *"


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_text("utf-8"))


def step(name: str) -> Any:
    (found,) = [each for each in loaded(ACTION)["runs"]["steps"] if each.get("id") == name]
    return found


def test_no_input_stands_in_a_script() -> None:
    for path in (ACTION, WORKFLOW):
        for script in re.findall(r"(?ms)^\s*run: [|>]?-?\n(.*?)(?=^\s*- |\Z)", path.read_text("utf-8")):
            assert "${{" not in script, path
    assert all("${{" not in each.get("run", "") for each in loaded(ACTION)["runs"]["steps"])


def called_with(folder: Path, inputs: dict[str, str]) -> list[str]:
    """The words that the action's script gives to labgrade."""
    place = folder / "runner" / "labgrade" / "bin"
    place.mkdir(parents=True)
    (place / "labgrade").write_text('#!/bin/sh\nprintf "%s\\0" "$@" > called\n')
    (place / "labgrade").chmod(0o755)
    variables = {key: inputs.get(key, "") for key in step("grade")["env"]}
    environment = {"PATH": "/usr/bin:/bin", "RUNNER_TEMP": str(folder / "runner"), **variables}
    script = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step("grade")["run"]]
    subprocess.run(script, cwd=folder, env=environment, check=True, timeout=30)
    return (folder / "called").read_text().split("\0")[:-1]


def test_the_action_gives_labgrade_its_inputs_word_for_word(tmp_path: Path) -> None:
    words = called_with(tmp_path, {"LAB": HOSTILE, "SUBMISSION": "-x", "STUDENT": HOSTILE, "FEEDBACK": "full"})
    assert words == ["run", "--feedback", "full", "--student", HOSTILE, "--", HOSTILE, "-x"]
    assert not (tmp_path / "pwned").exists()


def test_every_input_of_the_action_reaches_an_option(tmp_path: Path) -> None:
    given = {"LAB": "hello", "SUBMISSION": ".", "STUDENT": "s", "COURSE": "c", "MIN_SCORE": "60", "FEEDBACK": "names"}
    words = called_with(tmp_path, {**given, "HIDE": "one\n\ntwo\n", "LABS": "labs"})
    options = {word for word in words if word.startswith("--") and word != "--"}
    known = {name for parameter in run_command.params for name in parameter.opts}
    assert options == {"--feedback", "--student", "--course", "--min-score", "--labs", "--hide"} <= known
    assert [words[n + 1] for n, word in enumerate(words) if word == "--hide"] == ["one", "two"]
    assert set(loaded(ACTION)["inputs"]) == {key.lower().replace("_", "-") for key in step("grade")["env"]} | {
        "python-version"
    }


def test_the_actions_outputs_are_those_that_labgrade_writes() -> None:
    written = {line.split("=")[0] for line in actions._outputs(dict.fromkeys(actions._OUTPUTS, 1)).splitlines()}
    assert set(loaded(ACTION)["outputs"]) == written


def test_the_workflow_may_only_read_and_takes_labgrade_from_elsewhere() -> None:
    made = loaded(WORKFLOW)
    assert made["permissions"] == {"contents": "read"}
    steps = made["jobs"]["grade"]["steps"]
    assert all(each["with"]["persist-credentials"] is False for each in steps if "checkout" in each["uses"])
    assert [each["with"]["path"] for each in steps if "checkout" in each["uses"]] == ["work", "labgrade"]
    given = set(steps[-1]["with"])
    assert given <= set(loaded(ACTION)["inputs"])
    assert set(made[True]["workflow_call"]["inputs"]) - {"labgrade", "ref"} == given
    assert "secrets" not in WORKFLOW.read_text("utf-8")


def test_gitlabs_job_reports_always_and_retries_a_fault_of_ours_once() -> None:
    job = loaded(GITLAB)[".labgrade"]
    assert job["artifacts"]["when"] == "always"
    assert job["retry"] == {"max": 1, "exit_codes": 3}
    (script,) = job["script"]
    assert f"junit={job['artifacts']['reports']['junit']}" in script
    known = {name for parameter in run_command.params for name in parameter.opts}
    assert set(re.findall(r"--[a-z-]+", script)) <= known
    assert not re.search(r"(?<!\")\$[A-Z]", script), "a variable without quotes is split"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"\]\((?!http)([^)#]+)", DOCS))))
def test_a_link_of_the_page_leads_somewhere(name: str) -> None:
    assert (ROOT / "docs" / name).exists()


def test_the_page_names_every_format() -> None:
    from grader.cli.run import SHOWN

    assert {name for name in SHOWN if f"`{name}`" in DOCS} == set(SHOWN)
