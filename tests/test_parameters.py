"""Parameters: the same draw on every machine, relations that no seed can break."""

from __future__ import annotations

import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.parameters import ParameterError, Parameters, environment

TABLES = {
    "token": {"kind": "token", "default": "3fa9c1"},
    "bucket": {"kind": "name", "format": "labgrade-photos-{token}"},
    "ia_days": {"kind": "integer", "default": 30, "min": 20, "max": 40},
    "glacier_days": {"kind": "integer", "default": 90, "min": 80, "max": 120},
    "kind": {"kind": "choice", "default": "physical", "values": ["physical", "printed"]},
    "vpc_cidr": {"kind": "cidr", "default": "10.20.0.0/16", "within": "10.0.0.0/8", "prefix": 16},
}
RELATIONS = ["glacier_days >= ia_days + 30"]


def test_without_a_student_the_defaults_hold() -> None:
    assert Parameters.parse(TABLES, RELATIONS).defaults() == {
        "token": "3fa9c1",
        "bucket": "labgrade-photos-3fa9c1",
        "ia_days": 30,
        "glacier_days": 90,
        "kind": "physical",
        "vpc_cidr": "10.20.0.0/16",
    }


def test_the_draw_of_a_student_is_recorded_and_never_moves() -> None:
    assert Parameters.parse(TABLES).drawn("s3-lifecycle", "ada@example.edu", "AWS-101") == {
        "token": "5b97b8",
        "bucket": "labgrade-photos-5b97b8",
        "ia_days": 27,
        "glacier_days": 114,
        "kind": "physical",
        "vpc_cidr": "10.215.0.0/16",
    }


def test_the_draw_is_an_hmac_keyed_by_the_course() -> None:
    message = b"s3-lifecycle\0token\0ada"
    expected = hmac.new(b"AWS-101", message, hashlib.sha256).hexdigest()[:6]
    assert Parameters.parse(TABLES).drawn("s3-lifecycle", "ada", "AWS-101")["token"] == expected


def test_a_new_parameter_moves_no_other() -> None:
    before = Parameters.parse(TABLES).drawn("lab", "ada", "c")
    more = {"another": {"kind": "integer", "default": 501, "min": 500, "max": 600}, **TABLES}
    assert before.items() <= Parameters.parse(more).drawn("lab", "ada", "c").items()


@pytest.mark.parametrize("other", [" ada ", "ada\n"])
def test_white_space_around_an_id_does_not_count(other: str) -> None:
    parameters = Parameters.parse(TABLES)
    assert parameters.drawn("lab", other, "c") == parameters.drawn("lab", "ada", " c ")


def test_a_composed_and_a_decomposed_name_are_one_student() -> None:
    parameters = Parameters.parse(TABLES)
    assert parameters.drawn("lab", "Jos\u00e9") == parameters.drawn("lab", "Jose\u0301")


def test_lab_and_course_and_student_each_change_the_draw() -> None:
    parameters = Parameters.parse(TABLES)
    tokens = {
        parameters.drawn(lab, student, course)["token"]
        for lab in ("a", "b")
        for student in ("ada", "bob")
        for course in ("", "c")
    }
    assert len(tokens) == 8


@given(st.text(min_size=1), st.text())
def test_every_student_gets_values_within_range_and_relation(student: str, course: str) -> None:
    values = Parameters.parse(TABLES, RELATIONS).drawn("lab", student, course)
    assert 20 <= values["ia_days"] <= 40
    assert values["glacier_days"] >= values["ia_days"] + 30
    assert values["kind"] in ("physical", "printed")
    assert str(values["vpc_cidr"]).startswith("10.")
    assert str(values["vpc_cidr"]).endswith(".0.0/16")
    assert values["bucket"] == f"labgrade-photos-{values['token']}"


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"kind": "number"}, "kind is one of"),
        ({"kind": "integer", "default": 3, "min": 1}, "needs max"),
        ({"kind": "integer", "default": 9, "min": 1, "max": 3}, "default is out of range"),
        ({"kind": "integer", "default": 1, "min": 3, "max": 1}, "min is above max"),
        ({"kind": "integer", "default": 1, "min": 1, "max": 3, "step": 2}, "has no step"),
        ({"kind": "choice", "default": "a", "values": ["b"]}, "not one of its values"),
        ({"kind": "choice", "default": "a", "values": []}, "something in it"),
        ({"kind": "token", "default": "xyz"}, "hex digits"),
        ({"kind": "cidr", "default": "10.0.0.0/16", "within": "11.0.0.0/8", "prefix": 16}, "not such a block"),
        ({"kind": "cidr", "default": "10.0.0.1/16", "within": "10.0.0.0/8", "prefix": 16}, "host bits"),
        ({"kind": "cidr", "default": "10.0.0.0/29", "within": "10.0.0.0/8", "prefix": 29}, "within's to 28"),
        ({"kind": "name", "format": "x-{nothing}"}, "no parameter nothing"),
    ],
)
def test_a_wrong_declaration_names_the_parameter_and_the_fault(table: dict[str, object], words: str) -> None:
    with pytest.raises(ParameterError, match=words) as caught:
        Parameters.parse({"days": table})
    assert "days" in str(caught.value)


@pytest.mark.parametrize("relation", ["glacier_days >= ia_days + 41", "ia_days > glacier_days", "ia_days != ia_days"])
def test_a_relation_that_a_seed_could_break_is_refused(relation: str) -> None:
    with pytest.raises(ParameterError, match="does not hold for every value"):
        Parameters.parse(TABLES, [relation])


@pytest.mark.parametrize("relation", ["ia_days", "ia_days >= nothing", "1 <", "ia_days < 50 < 60", "f(ia_days) > 1"])
def test_a_relation_that_is_no_comparison_of_sums_is_refused(relation: str) -> None:
    with pytest.raises(ParameterError, match="relation"):
        Parameters.parse(TABLES, [relation])


def test_two_numbers_of_a_lab_may_never_be_equal() -> None:
    near = {"other_days": {"kind": "integer", "default": 41, "min": 40, "max": 50}}
    with pytest.raises(ParameterError, match="ia_days and other_days can be equal"):
        Parameters.parse({**TABLES, **near})


def test_each_parameter_is_a_variable_of_the_submission() -> None:
    assert dict(environment({"ia_days": 30, "bucket": "b"})) == {"LAB_IA_DAYS": "30", "LAB_BUCKET": "b"}
