"""Sentences: a template and its arguments, rendered in any language, and back from JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.texts import Text, fields, filled, say, sentences


def test_arguments_fill_the_template() -> None:
    assert str(say("{key} is gone on day {day}", key="logs/a", day=30)) == "logs/a is gone on day 30"


def test_texts_and_lists_stand_in_texts() -> None:
    assert str(say("{rules}: {what}", rules=["a", say("rule {n}", n=2)], what=say("gone"))) == "a, rule 2: gone"


@given(st.text())
def test_what_a_student_wrote_is_never_a_template(wrote: str) -> None:
    assert str(say("your rule {id}", id=wrote)) == f"your rule {wrote}"


def test_a_translation_reaches_the_texts_within() -> None:
    korean = {"{what} on day {day}": "{day}일째에 {what}", "gone": "사라짐"}
    assert say("{what} on day {day}", what=say("gone"), day=3).render(korean.__getitem__) == "3일째에 사라짐"


def test_a_text_comes_back_from_json() -> None:
    text = say("{rules}: {what}", rules=["a", say("rule {n}", n=2)], what=say("gone"))
    assert str(Text.from_json(json.loads(json.dumps(text.to_json())))) == str(text)


def test_a_field_without_an_argument_is_an_error_of_the_author() -> None:
    with pytest.raises(KeyError):
        say("{nothing}").render()


def test_sentences_follow_one_another_and_none_is_left_out() -> None:
    assert str(sentences(say("One."), None, say("Two."))) == "One. Two."


def test_filled_takes_just_the_values_that_are_named() -> None:
    assert filled("day {ia_days}", {"ia_days": 30, "bucket": "b"}).args == {"ia_days": 30}
    assert fields("{a} and {b[0]}") >= {"a"}
