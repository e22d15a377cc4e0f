"""Outcomes: whose fault is what, and that one check's end never is another's."""

from __future__ import annotations

import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from grader import engine
from grader.access import Access, ForkUnsupported
from grader.aws import Aws, capability
from grader.errors import LabError
from grader.lab import Lab, read
from grader.report import CheckResult, Outcome


class Nowhere:
    """An emulator that nobody can reach: these checkers read nothing."""

    name = "nowhere"
    access = Access("http://127.0.0.1:9")

    def fork(self) -> Any:
        raise ForkUnsupported


LAB = 'title = "A lab"\nsummary = "It."\nservices = ["s3"]\nminutes = 5\n'
DAYS = '[parameters.days]\nkind = "integer"\ndefault = 30\nmin = 20\nmax = 40\n'
HEAD = "from grader.checks import *\nD = dict(doc='https://docs.aws.amazon.com/x', why='W', fix='F')\n"


def lab(folder: Path, checks: str, scenario: str = "") -> Lab:
    place = folder / "a_lab"
    place.mkdir()
    (place / "lab.toml").write_text(LAB + DAYS)
    (place / "checker.py").write_text(HEAD + textwrap.dedent(checks))
    if scenario:
        (place / "scenario.py").write_text(textwrap.dedent(scenario))
    return read(place)


def judged(lab: Lab, facts: dict[str, Any] | None = None, seconds: float = 5) -> dict[str, CheckResult]:
    judgement = engine.judge(lab, Aws(Nowhere()), lab.values(), facts, seconds)
    return {check.id: check for check in judgement.checks}


def test_a_check_that_returns_passes_with_all_its_points(tmp_path: Path) -> None:
    one = judged(lab(tmp_path, '@check(weight=1, **D)\ndef holds(aws, given):\n    """It holds."""\n'))["holds"]
    assert (one.outcome, one.points, str(one.requirement)) == (Outcome.PASSED, 100, "It holds")


def test_a_failure_carries_its_evidence_and_the_checks_own_texts(tmp_path: Path) -> None:
    checker = """
        @check(weight=1, **{**D, "fix": "Think of {days}."})
        def holds(aws, given):
            '''It holds on day {days}.'''
            require(False, say("it is {what}", what="gone"), why="Because.")
    """
    one = judged(lab(tmp_path, checker))["holds"]
    assert one.outcome is Outcome.FAILED
    assert [str(t) for t in (one.found, one.wanted, one.why, one.fix)] == [
        "it is gone",
        "It holds on day 30",
        "Because.",
        "Think of 30.",
    ]
    assert one.doc == "https://docs.aws.amazon.com/x"


FAULTS = ["{}['Rules']", "1 / 0", "assert False", "raise SystemExit(0)", "raise KeyboardInterrupt"]


@pytest.mark.parametrize("fault", FAULTS)
def test_anything_but_a_failure_is_our_error_and_the_others_go_on(tmp_path: Path, fault: str) -> None:
    checker = f"""
        @check(weight=1, **D)
        def breaks(aws, given):
            '''It breaks.'''
            {fault}

        @check(weight=1, **D)
        def holds(aws, given):
            '''It holds.'''
    """
    results = judged(lab(tmp_path, checker))
    assert [result.outcome for result in results.values()] == [Outcome.ERROR, Outcome.PASSED]
    assert "not your work's fault" in str(results["breaks"].message)
    assert results["breaks"].trace


def test_who_interrupts_the_grading_is_obeyed_in_the_middle_of_a_check(tmp_path: Path) -> None:
    checker = """
        import _thread, threading

        @check(weight=1, **D)
        def waits(aws, given):
            '''It waits.'''
            _thread.interrupt_main()
            threading.Event().wait(20)
    """
    with pytest.raises(KeyboardInterrupt):
        judged(lab(tmp_path, checker))


def test_a_check_that_never_ends_is_our_error(tmp_path: Path) -> None:
    checker = """
        import threading

        @check(weight=1, **D)
        def waits(aws, given):
            '''It waits.'''
            threading.Event().wait()
    """
    one = judged(lab(tmp_path, checker), seconds=0.1)["waits"]
    assert one.outcome is Outcome.ERROR
    assert "did not end in 0.1 s" in str(one.message)


NEEDY = """
    from grader.aws import Capability

    @check(weight=3, **D)
    def there(aws, given):
        '''It is there.'''
        %s
        return "the thing"

    @check(weight=1, needs=there, **D)
    def good(aws, given):
        '''It is good.'''
        require(given.found(there) == "the thing", "no")
"""


def test_what_a_needed_check_found_is_handed_on(tmp_path: Path) -> None:
    assert judged(lab(tmp_path, NEEDY % "pass"))["good"].outcome is Outcome.PASSED


def test_a_check_is_skipped_where_one_that_it_needs_failed(tmp_path: Path) -> None:
    good = judged(lab(tmp_path, NEEDY % "raise Failure('none')"))["good"]
    assert (good.outcome, good.points, good.max_points) == (Outcome.SKIPPED, 0, 25)
    assert "It is there" in str(good.message)


def test_what_stands_on_an_error_is_an_error_too(tmp_path: Path) -> None:
    assert judged(lab(tmp_path, NEEDY % "1 / 0"))["good"].outcome is Outcome.ERROR


def test_what_the_emulator_cannot_show_leaves_the_maximum_with_all_that_stands_on_it(tmp_path: Path) -> None:
    blind = "raise Inconclusive(Capability('keep size filters', '', lambda access: False))"
    results = judged(lab(tmp_path, NEEDY % blind))
    assert {result.outcome for result in results.values()} == {Outcome.INCONCLUSIVE}
    assert not any(result.counts for result in results.values())
    assert "nowhere cannot show this: it does not keep size filters" in str(results["there"].message)


SCENARIO = """
    def prepare(access, given):
        return {"body": f"good for {given.days}"}
"""
PREPARED = """
    @check(weight=1, scenario=True, **D)
    def restored(aws, given):
        '''It is restored.'''
        require(given.facts["body"] == "good for 30", "no")
"""


def test_the_scenarios_facts_reach_the_checks(tmp_path: Path) -> None:
    opened = lab(tmp_path, PREPARED, SCENARIO)
    facts = engine.prepare(opened, Aws(Nowhere()), opened.values())
    assert judged(opened, facts)["restored"].outcome is Outcome.PASSED


def test_a_check_of_a_scenario_that_was_never_prepared_is_skipped_with_the_cure(tmp_path: Path) -> None:
    one = judged(lab(tmp_path, PREPARED, SCENARIO), facts=None)["restored"]
    assert one.outcome is Outcome.SKIPPED
    assert "never prepared" in str(one.message)
    assert "labgrade run" in str(one.fix)


def test_a_scenario_that_breaks_is_the_labs_fault(tmp_path: Path) -> None:
    opened = lab(tmp_path, PREPARED, "def prepare(access, given):\n    return given.nothing\n")
    with pytest.raises(LabError, match=r"scenario\.py.*no parameter 'nothing'"):
        engine.prepare(opened, Aws(Nowhere()), opened.values())


def test_a_picture_that_cannot_be_drawn_costs_no_marks(tmp_path: Path) -> None:
    checker = """
        @check(weight=1, **D)
        def holds(aws, given):
            '''It holds.'''

        def model(aws, given):
            1 / 0
    """
    opened = lab(tmp_path, checker)
    judgement = engine.judge(opened, Aws(Nowhere()), opened.values(), None)
    assert judgement.model == {}
    assert "ZeroDivisionError" in str(judgement.notes[0].message)


def test_asking_what_an_emulator_can_show_is_not_on_the_checks_time(tmp_path: Path) -> None:
    checker = """
        from grader.aws import Capability

        @check(weight=1, **D)
        def asks(aws, given):
            '''It asks.'''
            aws.can(Capability("be slow", "", None))
    """
    opened = lab(tmp_path, checker)
    aws = Aws(Nowhere(), lambda _: bool(time.sleep(0.4)))
    (one,) = engine.judge(opened, aws, opened.values(), None, 0.2).checks
    assert one.outcome is Outcome.PASSED


def test_a_note_is_said_once(tmp_path: Path) -> None:
    checker = """
        @check(weight=1, **D)
        def holds(aws, given):
            '''It holds.'''
            given.note(say("it costs {n}", n=3), about="cost")
            given.note(say("it costs {n}", n=3), about="cost")
    """
    opened = lab(tmp_path, checker)
    notes = engine.judge(opened, Aws(Nowhere()), opened.values(), None).notes
    assert [(note.about, str(note.message)) for note in notes] == [("cost", "it costs 3")]


def test_a_checker_cannot_change_the_account(tmp_path: Path) -> None:
    checker = """
        @check(weight=1, **D)
        def meddles(aws, given):
            '''It meddles.'''
            aws.read("s3", "delete_bucket", Bucket="b")
    """
    one = judged(lab(tmp_path, checker))["meddles"]
    assert one.outcome is Outcome.ERROR
    assert "a checker reads" in str(one.message)


def test_a_capability_is_named_for_its_probe() -> None:
    @capability("keep it", evidence="https://docs.aws.amazon.com/x")
    def keeps_it(_access: Access) -> bool:
        return True

    assert keeps_it.id.endswith(".keeps_it")


def test_a_probe_where_nothing_can_be_copied_is_inconclusive(tmp_path: Path) -> None:
    checker = """
        @check(weight=1, **D)
        def probes(aws, given):
            '''It probes.'''
            with aws.probe():
                pass
    """
    assert judged(lab(tmp_path, checker))["probes"].outcome is Outcome.INCONCLUSIVE


def test_work_that_brought_the_emulator_down_fails_every_check(tmp_path: Path) -> None:
    from grader.texts import say

    opened = lab(tmp_path, NEEDY % "pass")
    judgement = engine.unjudged(opened, opened.values(), say("it went down"))
    assert [check.outcome for check in judgement.checks] == [Outcome.FAILED, Outcome.FAILED]
    assert sum(check.max_points for check in judgement.checks) == 100
