"""Whose a hand-in is."""

from __future__ import annotations

import pytest

from grader.classroom import Person, Roster
from grader.classroom.intake import Claim
from grader.classroom.intake.handin import anybody
from grader.classroom.matching import Index, Match

ADA = Person("ada", "Lovelace, Ada", "ada.lovelace@example.org", "ada", "s101", "101")
GRACE = Person("grace", "Grace Hopper", "grace@example.org", "grace", "s102", "102", team="Team 1")
LINUS = Person("linus", "Linus Torvalds", "linus@example.org", "linus", "s103", "103", team="Team 1")
SMITHS = (Person("smith1", "Ann Smith"), Person("smith2", "Ann Smith"))
SLASHED = Person("a/b", "Slash")
INDEX = Index(Roster((ADA, GRACE, LINUS, *SMITHS, SLASHED)))


def ids(match: Match) -> list[str]:
    assert not match.problem
    return [person.id for person in match.people]


@pytest.mark.parametrize(
    "claim",
    [
        anybody("ada"),
        anybody(" ADA "),
        anybody("s101"),
        anybody("ada.lovelace@example.org"),
        anybody("ada.lovelace"),
        anybody("Lovelace, Ada"),
        anybody("Ada Lovelace"),
        (("lms_id", "101"), ("squeezed", "lovelaceada")),
        (("lms_id", "999"), ("squeezed", "lovelaceada")),
        (("lms_id", "7001"), ("name", "Ada Lovelace")),
        (("name", "jdoe Lovelace, Ada"),),
        (("email", "ADA.lovelace@example.org"), ("sis_id", "x")),
    ],
)
def test_a_person_is_known_by_whatever_the_roster_has(claim: Claim) -> None:
    assert ids(INDEX.match([claim])) == ["ada"]


def test_an_id_of_one_platform_is_not_taken_for_anothers() -> None:
    assert INDEX.match([(("lms_id", "s101"),)]).problem.startswith("nobody in the roster is 's101'")


def test_a_team_shares_its_work_whoever_hands_it_in() -> None:
    by_member = INDEX.match([anybody("linus")])
    assert (sorted(ids(by_member)), by_member.student) == (["grace", "linus"], "linus")
    by_name = INDEX.match([anybody("team 1")])
    assert (ids(by_name), by_name.student) == (["grace", "linus"], "Team 1")


def test_a_group_is_everybody_whom_it_names_and_works_with_the_first_ones_numbers() -> None:
    group = INDEX.match([anybody("ada"), anybody("smith1")])
    assert (ids(group), group.student) == (["ada", "smith1"], "ada")
    assert INDEX.match([anybody("ada"), anybody("nobody")]).people == ()


def test_two_who_fit_are_none() -> None:
    assert INDEX.match([anybody("Ann Smith")]).problem == "'Ann Smith' may be smith1 or smith2: name it by id."
    numbered = INDEX.match([(("lms_id", "7002"), ("name", "Ann Smith"))]).problem
    assert numbered.endswith("name it by id, or give a roster with the platform's numbers: this is 7002.")


def test_nobody_is_told_with_the_nearest() -> None:
    assert INDEX.match([anybody("grcae")]).problem == "nobody in the roster is 'grcae'; did you mean grace?"
    assert INDEX.match([anybody("zzz")]).problem == "nobody in the roster is 'zzz'."


def test_a_name_that_was_escaped_for_a_folder_is_understood() -> None:
    assert ids(INDEX.match([anybody("a%2Fb")])) == ["a/b"]


def test_without_a_roster_everybody_is_who_they_say() -> None:
    stranger = Index(None).match([(("email", "ada@example.org"), ("name", "Ada"))]).people[0]
    assert (stranger.id, stranger.name, stranger.email) == ("ada@example.org", "Ada", "ada@example.org")
    assert ids(Index(None).match([anybody("ada%2Fb")])) == ["ada/b"]
