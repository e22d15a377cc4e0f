"""The terminal: what a student reads."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest

from grader.formats import LEVELS, render
from grader.formats.layout import cells
from grader.report import ReportJson

SGR = re.compile("\x1b\\[[0-9;]*m")
WIDTHS = (60, 80, 120)


def screen(report: ReportJson, **options: Any) -> str:
    return render("terminal", report, **options)


def flat(report: ReportJson, **options: Any) -> str:
    """The screen with its line breaks taken out, to look for sentences."""
    return " ".join(screen(report, **options).split())


def with_run(report: ReportJson, **changes: Any) -> ReportJson:
    """The report with its only stage, and so its run, ended otherwise."""
    report = copy.deepcopy(report)
    report["run"] |= {key: value for key, value in changes.items() if key != "message"}
    report["run"]["stages"][0] |= {key: value for key, value in changes.items() if not key.startswith("std")}
    return report


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("feedback", LEVELS)
def test_only_an_address_is_wider_than_the_terminal(width: int, feedback: str, graded: ReportJson) -> None:
    for line in screen(graded, width=width, feedback=feedback).splitlines():
        assert cells(line) <= width or "https://" in line
        assert line == line.rstrip()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("feedback", LEVELS)
def test_colour_adds_nothing_but_colour(width: int, feedback: str, graded: ReportJson) -> None:
    plain, coloured = (screen(graded, width=width, feedback=feedback, colour=on) for on in (False, True))
    assert SGR.sub("", coloured) == plain
    assert coloured != plain


@pytest.mark.parametrize("variable", ["NO_COLOR", "FORCE_COLOR", "TERM", "COLUMNS", "JUPYTER_COLUMNS"])
def test_the_environment_has_no_say(
    variable: str, samples: dict[str, ReportJson], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = [screen(samples["mixed"], colour=on) for on in (False, True)]
    monkeypatch.setenv(variable, "dumb" if variable == "TERM" else "20")
    assert [screen(samples["mixed"], colour=on) for on in (False, True)] == before


def test_every_outcome_is_a_word_with_its_points(samples: dict[str, ReportJson]) -> None:
    for name, line in {
        "mixed": "   4  FAIL   0/15  Nothing outside logs/ ever moves or expires",
        "passed": "   6  PASS    5/5  After that it is gone for good",
        "skipped": "   2  SKIP   0/10  Logs are in Standard-IA from day 30",
        "error": "   2  ERROR   -/10  Logs are in Standard-IA from day 30",
        "inconclusive": "   4  N/A    -/15  Nothing outside logs/ ever moves or expires",
    }.items():
        assert line in screen(samples[name]).splitlines()


def test_a_long_requirement_hangs_under_itself(samples: dict[str, ReportJson]) -> None:
    lines = screen(samples["mixed"]).splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("   8  PASS"))
    assert lines[first + 1].startswith(" " * 19)
    assert lines[first + 1].strip() == "it stands"


def test_evidence_stands_in_the_order_found_wanted_why_mend_read(samples: dict[str, ReportJson]) -> None:
    labels = re.findall(r"^     (found|wanted|why|mend|read) ", screen(samples["mixed"]), re.MULTILINE)
    assert labels == ["found", "wanted", "why", "mend", "read"] * 3


def test_an_address_is_never_broken(samples: dict[str, ReportJson]) -> None:
    address = "https://docs.aws.amazon.com/" + "x" * 150 + ".html"
    report = copy.deepcopy(samples["mixed"])
    report["checks"][3] |= {"doc": address, "why": f"As told at {address} in full."}
    assert screen(report, width=60).count(address) == 2


def test_the_header_tells_what_was_graded(samples: dict[str, ReportJson]) -> None:
    assert "Your work on moto 5.2.5 at http://127.0.0.1:4566, after 14 calls of yours. Last time: 40." in flat(
        samples["mixed"]
    )
    assert "bo/main.tf (Terraform) on a fresh moto 5.2.5. Student bo, course aws-2026." in flat(samples["inconclusive"])
    assert "hw/ (CloudFormation then shell script) on a fresh moto 5.2.5." in flat(samples["timed_out"])
    assert "localstack at http://localhost:4566, which has had no call from you." in flat(samples["unprepared"])


@pytest.mark.parametrize("path", [".", "./", "..", ".\\"])
def test_a_folder_that_is_only_a_dot_is_called_by_its_entry(path: str, samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["handed_in"])
    report["submission"]["path"] = path
    assert f"{report['run']['stages'][0]['entry']} (shell script) on a fresh moto" in flat(report)


def test_notes_on_what_was_graded_come_first_and_others_last(samples: dict[str, ReportJson]) -> None:
    text = screen(samples["mixed"])
    assert text.index("labgrade start") < text.index("PASS") < text.index("Worth knowing") < text.index("bills every")


def test_an_error_is_labgrades_fault_and_gives_no_mark(samples: dict[str, ReportJson]) -> None:
    text = flat(samples["error"])
    assert screen(samples["error"]).splitlines()[1].endswith("no mark")
    assert "The fault is not yours, so no mark is given. What happened: GetBucketLifecycle answered with" in text
    assert "No mark: labgrade itself failed at 2 and 3. That is labgrade's fault, not yours." in text
    assert " of 100" not in text


def test_what_could_not_be_judged_is_left_out_and_said(samples: dict[str, ReportJson]) -> None:
    text = flat(samples["inconclusive"])
    assert screen(samples["inconclusive"]).splitlines()[1].endswith(" 85 of 85")
    assert text.count("15 points could not be judged on moto 5.2.5 and are left out.") == 2
    assert "moto forgets the size filters of rules. The points are left out: not won, not lost." in text


def test_nothing_judged_is_no_mark(samples: dict[str, ReportJson]) -> None:
    text = flat(samples["nothing_judged"])
    assert "No mark: nothing of this lab can be judged on moto 5.2.5." in text
    assert "--debug" not in text


def test_where_there_is_no_mark_nothing_is_said_of_a_maximum(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["error"])
    report["checks"][3]["outcome"] = "inconclusive"
    assert "could not be judged on" not in flat({**report, "max_score": 85})


def test_checks_skipped_for_one_reason_are_told_once(samples: dict[str, ReportJson]) -> None:
    text = screen(samples["skipped"])
    assert flat(samples["skipped"]).count("Skipped until 1 passes (The bucket keeps every version") == 1
    assert re.search(r"^  2 to 8  SKIP +0/75$", text, re.MULTILINE)


def test_failures_for_one_reason_are_told_once(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["crashed"])
    gone = {"outcome": "failed", "points": 0, "found": "The emulator is gone.", "wanted": None}
    report["checks"] = [check | gone | dict.fromkeys(("why", "fix", "doc")) for check in report["checks"]]
    assert screen(report).count("found   The emulator is gone.") == 1
    assert re.search(r"^  1 to 9  FAIL +0/100$", screen(report), re.MULTILINE)


def test_what_is_wanted_is_not_said_twice(samples: dict[str, ReportJson]) -> None:
    report = copy.deepcopy(samples["mixed"])
    report["checks"][3]["wanted"] = report["checks"][3]["requirement"]
    assert screen(report).count("     wanted  ") == screen(samples["mixed"]).count("     wanted  ") - 1


def test_a_missing_starting_state_is_told_with_its_cure(samples: dict[str, ReportJson]) -> None:
    assert "Not judged: this lab's starting state was never prepared here. `labgrade start" in flat(
        samples["unprepared"]
    )


def test_a_crash_of_which_nothing_more_is_known_is_told_once(samples: dict[str, ReportJson]) -> None:
    assert flat(samples["crashed"], feedback="names").count("main.py ended with exit code 1") == 1
    assert flat(with_run(samples["crashed"], stdout="", stderr="")).count("main.py ended with exit code 1") == 1


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ({"exit_code": 3}, "Your program main.py ended with exit code 3 after 1.2 s;"),
        ({"exit_code": -9}, "Your program main.py was ended by signal 9 (SIGKILL) after 1.2 s;"),
        ({"exit_code": -99}, "Your program main.py was ended by signal 99 after 1.2 s;"),
        (
            {"exit_code": None, "timed_out": True},
            "Your program main.py did not end within 1.2 s and was stopped;",
        ),
        ({"exit_code": None}, "Your program main.py could not be run;"),
        ({"exit_code": 1, "message": "aws_s3_bucket.b failed."}, "after 1.2 s. aws_s3_bucket.b failed."),
    ],
)
def test_how_the_submission_ended_is_told_in_words(
    ended: dict[str, Any], told: str, samples: dict[str, ReportJson]
) -> None:
    text = flat(with_run(samples["crashed"], **ended))
    assert told in text
    assert "; what follows is about what " in text[: text.index(" PASS ")]


@pytest.mark.parametrize("which", ["crashed", "timed_out"])
@pytest.mark.parametrize("shape", ["terminal", "html", "markdown"])
def test_that_a_program_broke_off_is_said_before_the_checks(
    which: str, shape: str, samples: dict[str, ReportJson]
) -> None:
    text = " ".join(render(shape, samples[which]).split())
    told = {
        "crashed": "Your program main.py ended with exit code 1 after 1.2 s; what follows is about what it had built",
        "timed_out": "Your program main.sh did not end within 60 s and was stopped; what follows is about what it had",
    }[which]
    first = text.index(samples[which]["checks"][0]["requirement"][:20])
    assert text.index(told) < first


def test_a_template_that_broke_off_is_no_program(samples: dict[str, ReportJson]) -> None:
    assert " template.yaml ended with exit code 1" in flat(with_run(samples["crashed"], entry="template.yaml"))
    assert "Your program template" not in flat(with_run(samples["crashed"], entry="template.yaml"))


def test_the_header_says_already_that_the_submission_broke_off(samples: dict[str, ReportJson]) -> None:
    text = screen(samples["crashed"])
    assert text.index("main.py ended with exit code 1") < text.index("PASS")


def test_the_end_of_the_output_is_shown_behind_a_bar(samples: dict[str, ReportJson]) -> None:
    bars = [line for line in screen(samples["timed_out"]).splitlines() if line.startswith("     | ")]
    assert len(bars) == 15
    assert bars[-1] == "     | waiting for the stack, 39 ..."


def test_a_long_line_of_output_counts_as_the_lines_it_takes(samples: dict[str, ReportJson]) -> None:
    report = with_run(samples["crashed"], stderr="first\n" + "word " * 4000 + "\nlast")
    bars = [line for line in screen(report).splitlines() if line.startswith("     | ")]
    assert len(bars) == 15
    assert bars[-1] == "     | last"


def test_errors_printed_by_a_script_that_went_on_are_shown(samples: dict[str, ReportJson]) -> None:
    report = with_run(samples["skipped"], stderr="\r\n\nAn error occurred (NoSuchBucket)\n")
    assert "     What it printed to stderr:\n     | An error occurred (NoSuchBucket)\n" in screen(report)
    assert "main.py succeeded in 1.2 s." in screen(report)


def test_a_quiet_success_is_not_worth_a_word(samples: dict[str, ReportJson]) -> None:
    for name in ("skipped", "handed_in", "inconclusive"):
        assert "When your submission ran" not in screen(samples[name])


def test_the_score_is_held_against_the_last_time(samples: dict[str, ReportJson]) -> None:
    for previous, told in (
        (40, "25 more than last time"),
        (65, "the same as last time"),
        (70, "5 fewer than last time"),
    ):
        assert f"65 of 100, {told}." in flat({**samples["mixed"], "grading": {"previous": previous}})
    assert "65 of 100. Graded in 0.2 s; nothing was changed." in flat({**samples["mixed"], "grading": {}})


def test_full_marks_on_a_workspace_lead_to_handing_in(samples: dict[str, ReportJson]) -> None:
    assert screen(samples["passed"]).endswith("\n    labgrade run s3-lifecycle main.sh\n")
    assert "it is ready to hand in" in flat(samples["handed_in"])


def test_a_crash_with_full_marks_is_not_called_ready(samples: dict[str, ReportJson]) -> None:
    assert "ready to hand in" not in flat(with_run(samples["handed_in"], exit_code=1))


def test_only_what_can_be_drawn_is_offered_as_a_picture(samples: dict[str, ReportJson]) -> None:
    assert screen(samples["mixed"]).endswith("    labgrade run s3-lifecycle --open\n")
    assert "--open" not in screen({**samples["mixed"], "model": {}})


def test_a_command_to_copy_quotes_a_strange_name(samples: dict[str, ReportJson]) -> None:
    submission = {"path": "x/my work; rm -rf.py", "kind": "python", "sha256": ""}
    report = {**samples["mixed"], "submission": submission}
    assert "labgrade run s3-lifecycle 'my work; rm -rf.py' --open" in flat(report)


@pytest.mark.parametrize(
    ("feedback", "has", "has_not"),
    [
        ("found", "found   logs.txt moves", "why     "),
        ("names", "4  FAIL   0/15  Nothing outside", "found   "),
        ("count", "6 of 9 checks passed, 3 failed.", "FAIL"),
    ],
)
def test_less_feedback_tells_less(feedback: str, has: str, has_not: str, samples: dict[str, ReportJson]) -> None:
    text = screen(samples["mixed"], feedback=feedback)
    assert has in text
    assert has_not not in text


def test_rich_is_not_loaded_before_it_is_wanted() -> None:
    import subprocess
    import sys

    code = "import sys, grader.formats.terminal; print('rich' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
