"""What platforms read, held against the rules of their readers."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from formats.hostile import PAYLOADS, hostile
from formats.test_html_safety import rich

from grader.formats import FORMATS, render
from grader.formats.github import command
from grader.report import ReportJson

# As github.com/foundation50/classroom50's schemas/result-v1.schema.json has it (2026-11-25), told in our own words;
# and with the rules that its runner.py adds (no score above its maximum).
TEXT = {"type": "string", "minLength": 1}
MOMENT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"}
POINTS = {"type": "integer", "minimum": 0}
TEST = {
    "type": "object",
    "required": ["test-name", "passed", "score", "max-score"],
    "properties": {"test-name": TEXT, "passed": {"type": "boolean"}, "score": POINTS, "max-score": POINTS},
}
CLASSROOM50 = {
    "type": "object",
    "additionalProperties": False,
    "required": [
        *("schema", "classroom", "assignment", "assignment_type", "owner", "submission", "commit", "release"),
        *("review", "datetime", "score", "max-score", "tests"),
    ],
    "properties": {
        "schema": {"const": "classroom50/result/v1"},
        **dict.fromkeys(("classroom", "assignment", "owner", "commit", "release", "review"), TEXT),
        "assignment_type": {"enum": ["individual", "group", "team"]},
        "submission": {"type": "string", "pattern": "^submit/"},
        **{"datetime": MOMENT, "graded_at": MOMENT, "score": POINTS, "max-score": POINTS},
        "tests": {"type": "array", "items": TEST},
    },
}
# https://gradescope-autograders.readthedocs.io/en/latest/specs/ (2026-11-25)
VISIBILITY = {"enum": ["hidden", "after_due_date", "after_published", "visible"]}
NUMBER = {"type": "number", "minimum": 0}
OUTPUT_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}
GRADESCOPE = {
    "type": "object",
    "properties": {
        **{"score": NUMBER, "execution_time": NUMBER, "output": {"type": "string"}},
        **{"output_format": OUTPUT_FORMAT, "visibility": VISIBILITY, "stdout_visibility": VISIBILITY},
        "tests": {
            "items": {
                "required": ["name", "number", "status", "visibility"],
                "properties": {
                    **{"score": NUMBER, "max_score": NUMBER, "status": {"enum": ["passed", "failed"]}},
                    **{"visibility": VISIBILITY, "number": {"type": "string"}},
                    **{"output_format": OUTPUT_FORMAT, "name_format": OUTPUT_FORMAT, "name": TEXT},
                    "tags": {"items": {"type": "string"}},
                },
            }
        },
    },
}
ENVIRONMENT = {
    **{"CLASSROOM": "clouds", "ASSIGNMENT": "s3", "SUBMISSION_TAG": "submit/2026-06-01T14-32-05Z-a1b2c3d"},
    **{"COMMIT_URL": "https://x.example/c", "RELEASE_URL": "https://x.example/r", "REVIEW_URL": "https://x.example/v"},
    **{"OWNER": "alice", "ASSIGNMENT_TYPE": "group"},
}


def loaded(name: str, report: ReportJson, **options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(render(name, report, **options))
    return made


@pytest.mark.parametrize("feedback", ["full", "names", "count"])
def test_classroom_50_takes_every_report(feedback: str, graded: ReportJson) -> None:
    for options in ({}, {"environ": ENVIRONMENT}, {"hidden": ["nothing_else_moves"]}):
        made = loaded("classroom50", graded, feedback=feedback, **options)
        jsonschema.validate(made, CLASSROOM50)
        for one in (made, *made["tests"]):
            assert one["score"] <= one["max-score"]
        if graded["outcome"] != "error":
            assert sum(test["score"] for test in made["tests"]) == made["score"]
            assert sum(test["max-score"] for test in made["tests"]) == made["max-score"]
        assert len({test["test-name"] for test in made["tests"]}) == len(made["tests"])


def test_classroom_50s_runner_says_whose_work_it_is(samples: dict[str, ReportJson]) -> None:
    made = loaded("classroom50", samples["mixed"], environ=ENVIRONMENT)
    assert (made["classroom"], made["assignment"], made["owner"]) == ("clouds", "s3", "alice")
    assert (made["assignment_type"], made["submission"]) == ("group", ENVIRONMENT["SUBMISSION_TAG"])
    assert (made["commit"], made["release"], made["review"]) == tuple(f"https://x.example/{n}" for n in "crv")


@pytest.mark.parametrize("hidden", [(), ("nothing_else_moves",)])
def test_gradescope_takes_every_report(hidden: tuple[str, ...], graded: ReportJson) -> None:
    for audience in ("student", "instructor"):
        made = loaded("gradescope", graded, points=20, audience=audience, hidden=hidden)
        jsonschema.validate(made, GRADESCOPE)
        if graded["outcome"] == "error":
            assert "score" not in json.dumps([*made, *map(list, made["tests"])])  # no mark, and no zero either
        else:
            assert made["score"] == round(20 * graded["score"] / graded["max_score"], 2)


def test_gradescopes_tests_add_up_to_what_the_assignment_is_worth(samples: dict[str, ReportJson]) -> None:
    made = loaded("gradescope", samples["inconclusive"], points=30)
    assert round(sum(test["max_score"] for test in made["tests"]), 1) == 30
    assert made["score"] == 30


def test_gradescope_shows_a_hidden_check_when_it_is_told_to(samples: dict[str, ReportJson]) -> None:
    options: dict[str, Any] = {"hidden": ["nothing_else_moves"], "audience": "instructor"}
    made = loaded("gradescope", samples["mixed"], hidden_visibility="after_published", **options)
    seen = {test["tags"][0]: test["visibility"] for test in made["tests"]}
    assert seen.pop("nothing_else_moves") == "after_published"
    assert set(seen.values()) == {"visible"}
    assert "65 of 100" not in made["output"]


def test_a_late_mark_is_the_one_that_gradescope_gets(samples: dict[str, ReportJson]) -> None:
    late = {**samples["mixed"], "grading": {"penalised_score": 58.5, "reasons": ["It came 1 day late."]}}
    made = loaded("gradescope", late)
    assert made["score"] == 58.5
    assert "It came 1 day late" in made["output"]


def test_check50_says_passed_failed_or_neither(graded: ReportJson) -> None:
    made = loaded("check50", graded)
    assert set(made) == {"slug", "results", "version"}
    keys = {"name", "description", "passed", "log", "cause", "data", "dependency"}
    for result, check in zip(made["results"], graded["checks"], strict=True):
        assert set(result) == keys
        assert result["passed"] == {"passed": True, "failed": False}.get(check["outcome"])
        assert (result["cause"] is None) == (result["passed"] is True)
        assert result["cause"] is None or result["cause"]["rationale"]


# What a runner takes for a command: github.com/actions/runner, ActionCommand.TryParseV2 and TryParse (2026-11-25).
COMMAND = re.compile(r"^\s*::([^:]+?)(?: ([^:]*))?::(.*)$|##\[")


def obeyed(printed: str) -> list[str]:
    """The commands that a runner obeys in a log, `stop-commands` heeded."""
    stopped, found = "", []
    for line in re.split(r"\r\n|[\r\n]", printed):
        if stopped:
            stopped = "" if line.strip() == f"::{stopped}::" else stopped
            continue
        if not (match := COMMAND.search(line)):
            continue
        name = match[1] or "##["
        if name == "stop-commands":
            stopped = match[3]
        found.append(name)
    assert not stopped
    return found


FORGED = (
    *("::error::forged", "\n::notice title=x::forged\n", "\r::error::x", "%0A::error::x"),
    *("  ::error::x", "a\n::error::x"),
)


@pytest.mark.parametrize("payload", [*PAYLOADS, *FORGED])
def test_no_text_forges_an_annotation(payload: str, samples: dict[str, ReportJson]) -> None:
    printed = render("github", hostile(rich(samples), payload))
    commands = obeyed(printed)
    assert commands[:5] == ["group", "stop-commands", "endgroup", "notice", "error"]
    assert set(commands[3:]) <= {"notice", "error"}
    assert commands.count("notice") == 1
    assert commands.count("error") == sum(check["outcome"] == "failed" for check in rich(samples)["checks"])


@pytest.mark.parametrize("payload", FORGED)
def test_no_other_format_issues_a_command_when_it_is_printed(payload: str, samples: dict[str, ReportJson]) -> None:
    for name in set(FORMATS) - {"github"}:
        report = hostile(rich(samples), payload)
        assert obeyed(render(name, report)) == [], name
        assert obeyed(render(name, report, hidden=["bucket_keeps_versions"])) == [], name


def test_the_token_is_another_one_each_time(samples: dict[str, ReportJson]) -> None:
    tokens = {re.findall("::stop-commands::(.*)", render("github", samples["mixed"]))[0] for _ in range(3)}
    assert len(tokens) == 3
    assert all(re.fullmatch("[0-9a-f]{32}", token) for token in tokens)


def test_a_command_escapes_what_would_end_it() -> None:
    assert command("error", "50%\n::x", title="a: b, c") == "::error title=a%3A b%2C c::50%25%0A::x"
    assert command("notice", "x", file="") == "::notice::x"


def test_ten_annotations_are_all_that_github_shows(samples: dict[str, ReportJson]) -> None:
    failed = samples["mixed"]["checks"][3]
    report = {**samples["mixed"], "checks": [{**failed, "id": f"c{n}"} for n in range(30)]}
    errors = [line for line in render("github", report).splitlines() if line.startswith("::error")]
    assert len(errors) == 10
    assert errors[-1].endswith("::21 more are in the summary of this step.")


def test_an_annotation_leads_to_the_file_where_its_path_is_known(samples: dict[str, ReportJson]) -> None:
    def leads(path: str) -> list[str]:
        report = {**samples["crashed"], "submission": {**samples["crashed"]["submission"], "path": path}}
        return re.findall(r"::error file=([^,:]*)", render("github", report))

    assert leads("main.py") == leads("./main.py") == ["main.py"]
    assert leads("work/") == ["work/main.py"]
    assert leads("/somewhere/else") == leads("../up") == leads("C:\\x") == []
