"""The sentences that end a report: the verdict, and what to do now."""

from __future__ import annotations

import shlex

from grader.formats import story
from grader.formats.escaping import one_line
from grader.languages import spoken
from grader.report import Outcome, ReportJson

FROM_SCRATCH = "It does so from scratch, on a fresh emulator: it is ready to hand in."
HAND_IN = (
    "To hand it in, put the commands in main.sh (or main.py, template.yaml, *.tf)"
    " and see that the file alone earns the same, on a fresh emulator:"
)
ELSEWHERE = "Another emulator may show it: `labgrade doctor` lists those of this machine."
AGAIN = "Run it again. Should it stay so, this tells more:"


def verdict(report: ReportJson) -> str:
    """`65 of 100, 25 more than last time.`, or why there is no mark."""
    if report["outcome"] != "error":
        apart, result = story.left_out(report), story.compared(story.score(report), report)
        return spoken("{result}; {apart}", result=result, apart=apart) if apart else spoken("{result}.", result=result)
    if not report["max_score"]:
        nothing = "No mark: nothing of this lab can be judged on {emulator}."
        return spoken(nothing, emulator=story.emulator(report))
    wrong = [n for n, check in enumerate(report["checks"], 1) if check["outcome"] == Outcome.ERROR]
    if not wrong:
        return spoken("No mark: labgrade itself failed. That is labgrade's fault, not yours.")
    where = story.numbered(wrong)
    return spoken("No mark: labgrade itself failed at {numbers}. That is labgrade's fault, not yours.", numbers=where)


def took(report: ReportJson) -> str:
    """`Graded in 0.2 s; nothing was changed.`"""
    graded = "Graded in {time}." if report["submission"] else "Graded in {time}; nothing was changed."
    return spoken(graded, time=story.duration(report["seconds"]))


def holds(report: ReportJson) -> str:
    """What full marks mean."""
    if not story.left_out(report):
        return spoken("Everything holds, on this emulator and by AWS's own rules.")
    shown = "Everything that {emulator} can show holds, on it and by AWS's own rules."
    return spoken(shown, emulator=story.emulator(report))


def command(report: ReportJson) -> str:
    """The command that grades it again."""
    run, name = f"labgrade run {one_line(report['lab']['id'], 80)}", story.submission_name(report)
    return f"{run} {shlex.quote(name)}" if name else run


def advice(report: ReportJson) -> list[tuple[str, str]]:
    """What to do now: sentences, each with the command that it speaks of, or an empty one."""
    if report["outcome"] == "passed":
        if not report["submission"]:
            return [(spoken(HAND_IN), f"{command(report)} main.sh")]
        return [] if story.broken_off(report) else [(spoken(FROM_SCRATCH), "")]
    if not report["max_score"]:
        return [(spoken(ELSEWHERE), "")]
    return [(spoken(AGAIN), f"{command(report)} --debug")] if report["outcome"] == "error" else []
