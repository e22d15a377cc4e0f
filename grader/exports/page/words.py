"""The fixed words of the class page, in one table, and the one function that looks them up."""

from __future__ import annotations

from collections.abc import Mapping

from grader.languages import spoken
from grader.texts import Argument

WORDS: Mapping[str, str] = {
    "skip": "Skip to the students",
    "for the instructor": "For the instructor alone: it names students and what they handed in.",
    # the summary
    "students": "Students",
    "graded": "Graded",
    "missing": "Handed in nothing",
    "not_gradable": "Not gradable",
    "fault": "Not graded, by labgrade's fault",
    "excused": "Excused",
    "waiting": "Not graded yet",
    "median": "Median",
    "mean": "Mean",
    "middle half": "The middle half",
    "middle range": "{low} to {high}",
    "full marks": "Full marks",
    "late": "Late",
    # the distribution
    "distribution": "How the marks fall",
    "distribution about": "Marks in percent, after late policy and adjustments. Who handed in nothing has 0; "
    "who is excused or has no mark is not in it, nor in mean and median.",
    "marks": "Marks",
    "how many": "Students",
    "bar": "{marks}: {count}",
    "nobody": "Nobody has a mark yet.",
    # the checks
    "missed": "What was missed most",
    "check": "Check",
    "missed by": "Missed by",
    "share": "{count} of {all}",
    "findings": "Commonest findings",
    "other": "1 other finding",
    "others": "{count} other findings",
    "show these": "Show these students",
    "nothing missed": "Nobody missed anything.",
    # the table
    "everybody": "Students and checks",
    "table about": "Choose a name to see what was found; choose a heading to sort.",
    "student": "Student",
    "section": "Section",
    "mark": "Mark",
    "time": "Time",
    "attempt": "Attempt",
    "filter": "Search names, ids and sections",
    "show": "Show",
    "all": "all",
    "only no mark": "without a mark",
    "only late": "late",
    "only missed": "missed: {check}",
    "count": "{count} of {all} students",
    "no scripts": "The table of students is drawn by a script, and scripts are off here.",
    "close": "Close",
    "points": "{score} of {most}",
    "no mark": "no mark",
    "legend": "In the table:",
    "by number": "The checks by number",
    "P": "passed",
    "F": "failed",
    "S": "skipped",
    "E": "could not be judged, by labgrade's fault",
    "N": "this emulator cannot show it",
    "none": "nothing graded",
    "came late": "{time} late",
    "minutes": "{minutes} min",
    "hours": "{hours} h",
    "handed in at": "Handed in {when}",
    "attempt number": "Attempt {number}",
    "took": "{seconds} s",
    "found": "found",
    "ended badly": "It ended with exit code {code}.",
    "timed out": "It was stopped: it took too long.",
    # what to look at
    "look": "To look at",
    "nothing to look at": "Nothing: no crash, no fault, and all that was handed in could be graded.",
    "what": "What",
    "more": "{count} more are not listed here.",
    "late list": "Late",
    "nobody late": "Nobody was late.",
    "how late": "How late",
    "kept": "Mark before and after",
    "times": "Time",
    "times about": "Half of the gradings took {median} s or less. The longest:",
    # likenesses
    "alike": "Alike",
    "alike about": "The nearest come first. Two who learned together may write alike: look, ask, and judge yourself.",
    "nothing alike": "No two hand-ins have much in common.",
    "taken away: starter and solutions": "What stands in the lab's starter or in its own solutions was taken away "
    "before anything was compared.",
    "taken away: solutions": "What stands in the lab's own solutions was taken away before anything was compared.",
    "taken away: starter": "What stands in the lab's starter was taken away before anything was compared. The lab's "
    "own solutions are not installed here and were not: whoever kept to one of them is like it, and like others who "
    "did.",
    "taken away: nothing": "Nothing was taken away before it was compared: neither a starter nor solutions of the lab "
    "are installed here. Whoever kept to one of them is like others who did.",
    "not compared": "The files that were handed in are no longer where they were, so nothing was compared.",
    "in common": "{percent}% of the smaller one is in both",
    "the same": "{count} hand-ins are the same, but for names and spaces",
    "side by side": "Side by side",
    "odd": "The same odd mistake",
    "odd about": "A finding that just two or three students share. It may be chance, or a neighbour's screen.",
    "too few": "Fewer than {count} were graded: what two of so few do is not odd.",
    "nothing odd": "No finding is shared by just two or three students.",
    "foreign": "Another student's names and numbers",
    "foreign about": "Hand-ins in which a name or number stands that was drawn for somebody else.",
    "nothing foreign": "In no hand-in stands what was drawn for another student.",
    "whose": "Drawn for",
    "value": "What stands there",
    "made": "Written {when} by labgrade {version}.",
}


def say(key: str, /, **values: Argument) -> str:
    """The words of that key, filled in. Raises KeyError for a key that there is not."""
    return spoken(WORDS[key], **values)
