"""A small class with everything that can happen, and a large one; both made without an emulator."""

from __future__ import annotations

import copy
import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from formats.conftest import sample

from grader.classroom import Adjustment, AssignedLab, Assignment, Gradebook, Person, Result, Roster
from grader.texts import say

NOW = datetime(2027, 3, 2, 12, tzinfo=UTC)
SECRET = "hmac-secret-6620199173"
HIDDEN = ("nothing_else_moves",)
LAB = AssignedLab("s3-lifecycle", hidden=HIDDEN)
NASTY = '=HYPERLINK("http://evil.example"),\n\'<b>\u202eRobert"); DROP'
CANVAS_COLUMNS = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Old (12)")

ADA = Person("ada", "Lovelace, Ada", "ada@x.example", "ada", "s101", "101", "Sec 1")
BO = Person("bo", "Bo_Bo Åström", "bo@x.example", "bo", "s102", "102", "Sec 1")
CY = Person("cy", NASTY, "cy@x.example", "cy", "s103", "103", "=Sec 2")
DI = Person("di", "세종대왕", "di@x.example", "di", "s104", "104", "Sec 2")
EVE = Person("eve/../../x", "Eve", "eve@x.example", "eve", "s105", "105", "Sec 2")
FAY = Person("fay", "Fay", "fay@x.example", "fay", "s106", "106", "Sec 2")
STRANGER = Person("stranger", "Not Listed")
PEOPLE = (ADA, BO, CY, DI, EVE, FAY)


def report(name: str, person: Person, **more: Any) -> dict[str, Any]:
    """That sample, as if it were this person's; with what no student may read in what class grading knows."""
    made = {**sample(name), "student": person.id, "course": "clouds", **more}
    made["grading"] = {"person": person.id, "attempt": 1, "attempt_name": "a.zip", "secret": SECRET}
    return made


def graded(name: str, person: Person, **more: Any) -> Result:
    made = report(name, person)
    score, most = made["score"], made["max_score"]
    base = Result(person, LAB.id, "graded", 1, score=score, max_score=most, penalised_score=float(score), report=made)
    return replace(base, sha256="9f" * 32, submitted_at=NOW, **more)


def small(**assignment: Any) -> Gradebook:
    """Six students of the roster and one who is not in it; one of each status."""
    late = (say("It came {how} late.", how="1 d"), say("So it keeps {percent}% of its score.", percent=90))
    results = (
        graded("passed", ADA),
        graded("mixed", BO, penalised_score=58.5, late_minutes=1440, reasons=late),
        graded("crashed", CY, adjustment=Adjustment("cy", points=-5, reason="=copied from a friend")),
        Result(DI, LAB.id, "missing", reasons=(say("Nothing was handed in."),)),
        Result(EVE, LAB.id, "not_gradable", reasons=(say("it has two entries."),), attempt_name="eve.zip"),
        Result(FAY, LAB.id, "fault", instructor_reasons=(f"EmulatorError: port taken, {SECRET}",)),
        graded("passed", STRANGER),
    )
    rows = [replace(one, row=(one.name, one.lms_id, one.sis_id, one.login, one.section, "3")) for one in PEOPLE]
    made = Assignment("Week 1", (LAB,), course="clouds", **assignment)
    return Gradebook(made, Roster(tuple(rows), CANVAS_COLUMNS, "canvas"), _of(rows, results))


def _of(people: list[Person], results: tuple[Result, ...]) -> list[Result]:
    known = {person.id: person for person in people}
    return [replace(one, person=known.get(one.person.id, one.person)) for one in results]


def large(count: int, *, seed: int = 1) -> Gradebook:
    """So many students, with marks as chance has them."""
    chance = random.Random(seed)
    base = {name: report(name, ADA) for name in ("passed", "mixed", "crashed", "skipped")}
    people, results = [], []
    for n in range(count):
        person = Person(f"student{n:04}", f"Student {n:04} {chance.choice(['Kim', 'Lee', 'Åse', '<b>x</b>'])}")
        people.append(person)
        results.append(_drawn(chance, person, base))
    return Gradebook(Assignment("Week 1", (LAB,), course="clouds"), Roster(tuple(people)), results)


def _drawn(chance: random.Random, person: Person, base: dict[str, dict[str, Any]]) -> Result:
    if chance.random() < 0.05:
        return Result(person, LAB.id, "missing", reasons=(say("Nothing was handed in."),))
    made = copy.deepcopy(base[chance.choice(list(base))])
    for check in made["checks"]:
        if chance.random() < 0.2:
            check |= {"outcome": "failed", "points": 0, "found": f"it is {chance.randrange(4)}.", "message": None}
    made["score"] = sum(check["points"] for check in made["checks"])
    made["outcome"] = "passed" if made["score"] == 100 else "failed"
    made |= {"student": person.id, "seconds": round(chance.uniform(0.5, 9), 2)}
    late = chance.choice([0, 0, 0, 30, 2000])
    kept = round(made["score"] * (0.9 if late else 1), 2)
    return Result(
        *(person, LAB.id, "graded", 1),
        **{"score": made["score"], "max_score": 100, "penalised_score": kept, "late_minutes": late, "report": made},
    )
