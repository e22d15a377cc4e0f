"""Korean particles follow the last sound of whatever they are put behind."""

from __future__ import annotations

import pytest

from grader.particles import particle
from grader.texts import fields, say

TOPIC, OBJECT, MEANS = "은/는", "을/를", "으로/로"


@pytest.mark.parametrize(
    ("word", "object_", "means"),
    [
        ("버킷", "을", "으로"),  # a final consonant
        ("파일", "을", "로"),  # ㄹ, behind which 으로 is 로
        ("로그", "를", "로"),  # a vowel
        ("0", "을", "으로"),  # 영
        ("1", "을", "로"),  # 일
        ("2", "를", "로"),  # 이
        ("3", "을", "으로"),  # 삼
        ("7", "을", "로"),  # 칠
        ("100", "을", "으로"),  # 백
        ("365", "를", "로"),  # 오
        ("5.2.5", "를", "로"),
        ("bucket", "을", "으로"),  # 버킷
        ("list", "를", "로"),  # 리스트
        ("Retrieval", "을", "로"),  # 리트리벌
        ("Python", "을", "으로"),  # 파이썬
        ("file", "을", "로"),  # 파일
        ("name", "을", "으로"),  # 네임
        ("code", "를", "로"),  # 코드
        ("stack", "을", "으로"),  # 스택
        ("Standard-IA", "를", "로"),  # 아이에이
        ("URL", "을", "로"),  # 유알엘
        ("128 KiB", "를", "로"),
        ("logs/", "를", "로"),  # 슬래시
        ("85%", "를", "로"),  # 퍼센트
    ],
)
def test_the_form_is_that_of_the_words_last_sound(word: str, object_: str, means: str) -> None:
    assert (particle(word, OBJECT), particle(word, MEANS)) == (object_, means)


@pytest.mark.parametrize("word", ['"버킷"', "`버킷`", "버킷 (1 MiB)", '"버킷" ("x")', "버킷\n", "버킷…"])
def test_quotes_and_what_stands_in_brackets_behind_are_not_read(word: str) -> None:
    assert particle(word, TOPIC) == "은"


@pytest.mark.parametrize("word", ["", "→", "日本", "()"])
def test_after_what_cannot_be_read_both_forms_are_written(word: str) -> None:
    assert [particle(word, pair) for pair in (TOPIC, OBJECT, MEANS)] == ["은(는)", "을(를)", "(으)로"]


def test_a_translation_marks_where_a_particle_goes() -> None:
    text = say("{key} moves to {name}.", key="logs/app.log", name="Glacier Flexible Retrieval")
    korean = {"{key} moves to {name}.": "{key}{key|은/는} {name}{name|으로/로} 옮겨집니다."}
    assert text.render(lambda template: korean[template]) == "logs/app.log는 Glacier Flexible Retrieval로 옮겨집니다."
    assert fields(korean["{key} moves to {name}."]) == {"key", "name"}


@pytest.mark.parametrize("broken", ["{key|은}", "{other|은/는}", "{key", "{other}"])
def test_a_translation_that_cannot_be_filled_is_as_good_as_none(broken: str) -> None:
    assert say("{key} is gone.", key="a").render(lambda _template: broken) == "a is gone."
