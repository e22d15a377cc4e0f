"""Which language is spoken, and what becomes of a sentence that it lacks."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from grader import languages
from grader.languages import COMPILED, preferred, retold, speaking, spoken, told, translator
from grader.lint import catalogue
from grader.lint.catalogue import Entry
from grader.texts import say


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "en"),
        ({"LANG": "ko_KR.UTF-8"}, "ko"),
        ({"LANG": "ko"}, "ko"),
        ({"LANG": "kok_IN"}, "en"),  # Konkani
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LC_ALL": "C", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "ko_KR", "LANG": "en_US"}, "ko"),
        ({"LABGRADE_LANG": "en", "LANG": "ko_KR.UTF-8"}, "en"),
        ({"LABGRADE_LANG": "KO"}, "ko"),
        ({"LABGRADE_LANG": "fr", "LANG": "ko_KR.UTF-8"}, "ko"),
    ],
)
def test_what_was_said_goes_before_the_locale(environ: dict[str, str], lang: str) -> None:
    assert preferred(environ) == lang


def test_a_language_is_spoken_for_as_long_as_was_asked() -> None:
    with speaking("ko"):
        assert spoken("{seconds} s", seconds=3) == "3초"
        with speaking("en"):
            assert spoken("{seconds} s", seconds=3) == "3 s"
        assert told(say("{seconds} s", seconds=3)) == "3초"
    assert spoken("{seconds} s", seconds=3) == "3 s"


def test_threads_do_not_hear_one_another() -> None:
    heard: list[str] = []
    with speaking("ko"):
        other = threading.Thread(target=lambda: heard.append(languages.current()))
        other.start()
        other.join()
    assert heard == ["en"]


def test_a_language_that_nobody_speaks_is_english() -> None:
    with speaking("tlh"):
        assert spoken("{seconds} s", seconds=3) == "3 s"


def test_nothing_is_loaded_for_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "_catalogue", lambda path: pytest.fail(f"{path} was opened"))
    assert spoken("{seconds} s", seconds=3) == "3 s"
    assert say("{seconds} s", seconds=3).render(translator("en", Path("/nowhere"))) == "3 s"


def test_a_missing_sentence_is_said_in_english_and_its_parts_are_not() -> None:
    text = say("Nobody has translated {this}.", this=say("{seconds} s", seconds=3))
    assert text.render(translator("ko")) == "Nobody has translated 3초."


def test_the_labs_own_catalogue_goes_before_labgrades(tmp_path: Path) -> None:
    _write(tmp_path / "ko" / COMPILED, {"PASS": "합격", "only here": "여기만"})
    translate = translator("ko", tmp_path)
    assert [translate(text) for text in ("PASS", "only here", "FAIL", "", "{x}")] == [
        "합격",
        "여기만",
        "실패",
        "",
        "{x}",
    ]


@pytest.mark.parametrize("content", [b"", b"\xde\x12\x04\x95", b"no catalogue at all, but long enough to be one"])
def test_a_broken_catalogue_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ko" / COMPILED
    path.parent.mkdir()
    path.write_bytes(content)
    assert translator("ko", tmp_path)("FAIL") == "실패"


def test_what_a_student_wrote_is_never_translated() -> None:
    with speaking("ko"):
        assert spoken("{what}, the same as last time", what="PASS") == "PASS, 지난번과 같음"


HOSTILE = [
    {"template": "{x:>999999999}", "args": {"x": "a"}},
    {"template": "{x.__class__}", "args": {"x": "a"}},
    {"template": "{0}", "args": {}},
    {"template": "{x", "args": {}},
    {"template": "{x}", "args": {}},
    {"template": 3, "args": {}},
    {"args": {}},
    "text",
]


@pytest.mark.parametrize("text", HOSTILE, ids=str)
def test_a_text_that_is_none_stays_as_it_was_said(text: object) -> None:
    check = {"found": "as it was", "texts": {"found": text}}
    report = {"lab": {}, "run": None, "checks": [check], "notes": [], "model": {}, "lang": "en"}
    assert retold(report, "ko")["checks"][0]["found"] == "as it was"


def test_a_hidden_text_does_not_come_back() -> None:
    check = {"fix": None, "texts": {"fix": say("PASS").to_json(), "other": say("PASS").to_json()}}
    report = {"lab": {}, "run": None, "checks": [check], "notes": [], "model": {}, "lang": "en"}
    assert retold(report, "ko")["checks"] == [check]


def _write(path: Path, entries: dict[str, str]) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(catalogue.compiled([Entry(key, value) for key, value in entries.items()], "ko"))
