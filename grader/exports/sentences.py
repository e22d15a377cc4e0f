"""What is said of a result in a sentence or two, to the student whose it is."""

from __future__ import annotations

from grader.classroom import Result
from grader.exports.cells import exact, number
from grader.languages import spoken, told

_NO_REPORT = {
    "missing": "Nothing was handed in.",
    "not_gradable": "What was handed in could not be graded: there is no mark yet, and it cost no attempt.",
    "fault": "labgrade could not grade this fairly: there is no mark yet. The fault is not yours.",
    "excused": "You are excused.",
}


def summary(lab: str, result: Result, *, alone: bool) -> str:
    """`s3-lifecycle: 85 of 100.`, and why it is less than what was earned."""
    sentence = " ".join(said(result))
    return sentence if alone else f"{exact(lab)}: {sentence}"


def said(result: Result) -> list[str]:
    """The mark and the reasons, none of them twice."""
    return list(dict.fromkeys([mark(result), *reasons(result)]))


def mark(result: Result) -> str:
    """The mark, or why there is none."""
    by_hand = result.adjustment is not None and result.adjustment.points
    if result.final_score is None or (result.status == "missing" and not by_hand):
        return spoken(_NO_REPORT[result.status])
    score, most, earned = number(result.final_score), number(result.max_score or 100), number(result.score)
    if result.score is None or result.final_score == result.score:
        return spoken("{score} of {most}.", score=score, most=most)
    return spoken("{score} of {most}. The work itself earned {earned}.", score=score, most=most, earned=earned)


def reasons(result: Result) -> list[str]:
    """Why late costs, why it cannot be graded, and what the instructor added."""
    given = [told(reason) for reason in result.reasons]
    if result.adjustment is not None and result.adjustment.reason:
        reason = exact(result.adjustment.reason)
        ended = reason if reason.endswith((".", "!", "?", "。")) else f"{reason}."
        given.append(spoken("Adjusted: {reason}", reason=ended))
    return given
