"""JUnit XML in the subset that Jenkins and GitLab both read: a suite for the lab, a case for each check.

`failure` is the student's, `error` is ours, and what was not judged is `skipped`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from grader.formats import story
from grader.formats.escaping import bounded, inert, one_line, visible
from grader.languages import spoken
from grader.report import Outcome, ReportJson

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OUTPUT = 16 * 1024
_MESSAGE = 300


def render(report: ReportJson, **_options: Any) -> str:
    """A whole document, declared as UTF-8."""
    from xml.etree import ElementTree

    suite = ElementTree.Element("testsuite", name=one_line(report["lab"]["id"], 80))
    _properties(suite, report)
    for case in _cases(report):
        suite.append(case)
    _attributes(suite, report)
    for tag, stream in (("system-out", "stdout"), ("system-err", "stderr")):
        if report["run"] and report["run"][stream]:
            ElementTree.SubElement(suite, tag).text = _output(report["run"][stream])
    root = ElementTree.Element("testsuites", {"name": "labgrade", **_totals(suite)})
    root.append(suite)
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + inert(ElementTree.tostring(root, encoding="unicode")) + "\n"


def _properties(suite: Element, report: ReportJson) -> None:
    from xml.etree.ElementTree import SubElement

    properties = SubElement(suite, "properties")
    shown = {key: report[key] for key in ("score", "max_score", "percent", "outcome")}
    for name, value in {**shown, "emulator": story.emulator(report)}.items():
        if value is not None:
            SubElement(properties, "property", name=name, value=str(value))


def _cases(report: ReportJson) -> Iterator[Element]:
    classname = f"{one_line(report['lab']['id'], 80)}.{_who(report)}"
    names: Counter[str] = Counter()
    if report.get("counts"):
        yield _counted(classname, report)
    if unseen := story.unseen(report):
        yield _unseen(classname, unseen, report["hidden"])
    for number, check in enumerate(report["checks"], 1):
        name = one_line(check["id"], 200) or f"check {number}"
        names[name] += 1  # GitLab drops the second of a name without a word
        yield _case(classname, name if names[name] == 1 else f"{name} ({names[name]})", check, report)


def _case(classname: str, name: str, check: Mapping[str, Any], report: ReportJson) -> Element:
    from xml.etree.ElementTree import Element

    case = Element("testcase", classname=classname, name=name, time=_time(check["seconds"]))
    match check["outcome"]:
        case Outcome.PASSED:
            pass
        case Outcome.FAILED:
            lines = [f"{label}: {text}" for label, text in story.evidence(check)]
            found = check["found"] or check["message"]
            found = found or spoken("Does not hold: {requirement}", requirement=check["requirement"])
            _verdict(case, "failure", "CheckFailed", found, [check["requirement"], "", *lines])
        case Outcome.ERROR:
            _verdict(case, "error", "GraderError", story.explained(check, report), [check["requirement"]])
        case _:
            reason = story.explained(check, report) or story.mark(check)
            _verdict(case, "skipped", story.MARKS.get(check["outcome"], "SKIP"), reason, [check["requirement"]])
    return case


def _verdict(case: Element, tag: str, kind: str, message: object, body: list[Any]) -> None:
    from xml.etree.ElementTree import SubElement

    element = SubElement(case, tag, type=kind, message=one_line(message, _MESSAGE))
    element.text = "\n".join(visible(line) for line in body).rstrip()


def _counted(classname: str, report: ReportJson) -> Element:
    """The one case of a report that has only counts: a suite without any is ignored."""
    from xml.etree.ElementTree import Element

    case = Element("testcase", classname=classname, name="checks", time=_time(0))
    if report["outcome"] == "failed":
        _verdict(case, "failure", "CheckFailed", story.counted(report), [])
    elif report["outcome"] == "error":
        _verdict(case, "error", "GraderError", story.counted(report), [])
    return case


def _unseen(classname: str, said: str, counts: Mapping[str, int]) -> Element:
    """The one case for all checks that are not shown."""
    from xml.etree.ElementTree import Element

    case = Element("testcase", classname=classname, name="more checks", time=_time(0))
    if counts.get(Outcome.ERROR):
        _verdict(case, "error", "GraderError", said, [])
    elif counts.get(Outcome.FAILED) or counts.get(Outcome.SKIPPED):
        _verdict(case, "failure", "CheckFailed", said, [])
    return case


def _attributes(suite: Element, report: ReportJson) -> None:
    tags = [child.tag for case in suite.iter("testcase") for child in case]
    suite.set("tests", str(len(list(suite.iter("testcase")))))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(tags.count(tag)))
    suite.set("time", _time(report["seconds"]))
    started = _timestamp(report["started_at"])
    if started:
        suite.set("timestamp", started)


def _totals(suite: Element) -> dict[str, str]:
    return {name: suite.get(name, "0") for name in ("tests", "failures", "errors", "time")}


def _who(report: ReportJson) -> str:
    """The student, else the submission: two that are read together share no name, or GitLab drops one of them."""
    return one_line(report["student"], 200) or _submission(report) or "live"


def _submission(report: ReportJson) -> str:
    """By its path: the whole of one that is relative, the end of any other, which may lie elsewhere the next time."""
    if not (submission := report["submission"]):
        return ""
    path = submission["path"]
    absolute = re.match(r"[/\\]|[A-Za-z]:", path)
    parts = [part for part in re.split(r"[/\\]+", path) if part not in ("", ".", "..")]
    named = one_line("/".join(parts[-2:] if absolute else parts)[-200:], 200)
    return named or f"submission-{one_line(submission['sha256'][:12])}"


def _output(text: str) -> str:
    # GitLab takes this for a file to link to, whoever printed it.
    return bounded(visible(text), _OUTPUT).replace("[[ATTACHMENT|", "[ [ATTACHMENT|")


def _time(seconds: float) -> str:
    return f"{max(seconds, 0):.3f}"


def _timestamp(started_at: str) -> str | None:
    """In UTC and without a zone, as the common schema has it."""
    try:
        moment = datetime.fromisoformat(started_at)
    except ValueError:
        return None
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return utc.strftime("%Y-%m-%dT%H:%M:%S")
