"""The pages in headless Chromium: by day and by night, on a phone and on paper, by keyboard and with hostile texts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT
from formats.conftest import SAMPLES, sample
from formats.hostile import PAYLOADS, hostile
from formats.test_html_safety import rich
from pages.conftest import Look

from grader.formats import render
from grader.formats.page.task import Task, page
from grader.lab import find

pytestmark = [pytest.mark.slow, pytest.mark.long]

VIEWS: dict[str, dict[str, Any]] = {
    "light": {"width": 1000},
    "dark": {"width": 1000, "scheme": "dark"},
    "phone": {"width": 360},
    "small phone by night": {"width": 320, "scheme": "dark"},
    "print": {"width": 760, "media": "print"},
}
ASKED = [[0, "Standard"], [34, "IA"], [104, "Glacier"], [376, "marker"], [439, "gone"]]
YOURS = [[0, "Standard"], [34, "IA"], [120, "Deep Archive"], [376, "marker"], [410, "lone marker"], [752, "gone"]]
COMPARED = {
    "drawing": "timeline",
    "title": "What your rules do on AWS, by day",
    "days": [],
    "rows": [
        {"label": "logs/app.log, 1 MiB", "steps": YOURS, "wanted": ASKED},
        {"label": "logs/tiny.log, 2 KiB", "steps": YOURS, "wanted": [[0, "any class"], *ASKED[3:]]},
        {"label": "logs/other.log", "steps": [[0, "One Zone-IA"], [50, "Glacier IR"]], "wanted": [[0, "Intelligent"]]},
        {"label": "photos/cat.jpg", "steps": [[0, "Standard"]], "wanted": [[0, "Standard"]]},
        {
            "label": "... once overwritten",
            "steps": [[0, "old version"], [34, "gone"]],
            "wanted": [[0, "old version"], [63, "gone"]],
        },
        {"label": "unfinished upload", "steps": [[0, "parts"], [31, "gone"]], "wanted": [[0, "parts"], [12, "gone"]]},
    ],
}


def pages() -> dict[str, str]:
    """Every sort of page, by name."""
    samples = {name: sample(name) for name in SAMPLES}
    made = {name: render("html", report) for name, report in samples.items()}
    made |= {f"hostile {n}": render("html", hostile(rich(samples), payload)) for n, payload in enumerate(PAYLOADS)}
    made["compared"] = render("html", {**samples["mixed"], "model": COMPARED})
    made["count"] = render("html", samples["mixed"], feedback="count")
    lab = find("s3-lifecycle", (ROOT / "labs",))
    variables = [(f"LAB_{name.upper()}", str(value), "yours") for name, value in lab.values().items()]
    fenced = f"{lab.task(lab.values())}\n```sh\naws s3 ls\n{'x' * 300}\n```\n"
    made["task"] = page(Task(lab.id, lab.title, lab.minutes, fenced, variables))
    return made


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    return {name: _put(folder / f"{n}.html", text) for n, (name, text) in enumerate(pages().items())}


def _put(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def seen(urls: dict[str, str], look: Look) -> dict[tuple[str, str], dict[str, Any]]:
    """Every page in every view, with what the accessibility checker says."""
    views = [(name, view) for name in urls for view in VIEWS if "hostile " not in name or view in ("light", "phone")]
    jobs = [
        {
            "name": name,
            "url": urls[name],
            "axe": "hostile " not in name and view != "print",
            "open": view != "print",
            **VIEWS[view],
        }
        for name, view in views
    ]
    return dict(zip(views, look(jobs), strict=True))


def test_nothing_is_asked_for_but_the_page_itself(seen: dict[Any, Any], urls: dict[str, str]) -> None:
    assert {key: one["asked"] for key, one in seen.items() if one["asked"] != [urls[key[0]]]} == {}


def test_the_browser_has_nothing_to_complain_of(seen: dict[Any, Any]) -> None:
    assert {key: one["said"] for key, one in seen.items() if one["said"]} == {}


def test_the_accessibility_checker_finds_nothing_serious(seen: dict[Any, Any]) -> None:
    found = {
        key: [each for each in one.get("violations", []) if each["impact"] in ("serious", "critical", "moderate")]
        for key, one in seen.items()
    }
    assert {key: each for key, each in found.items() if each} == {}
    assert sum("violations" in one for one in seen.values()) > 40


def test_nothing_sticks_out_to_the_right(seen: dict[Any, Any]) -> None:
    assert {key: one["stickingOut"] for key, one in seen.items() if one["stickingOut"]} == {}


def test_no_word_of_a_drawing_lies_over_another_or_is_cut_off(seen: dict[Any, Any]) -> None:
    drawn = {key: one["drawing"] for key, one in seen.items() if one["drawing"]}
    assert {
        key: each["overlapping"] + each["outside"]
        for key, each in drawn.items()
        if each["overlapping"] + each["outside"]
    } == {}
    assert {key[1] for key in drawn} == set(VIEWS)


def test_every_word_of_a_drawing_can_be_read(seen: dict[Any, Any]) -> None:
    drawn = {key: one["drawing"] for key, one in seen.items() if one["drawing"] and not key[0].startswith("hostile ")}
    assert {key: each["faint"] for key, each in drawn.items() if each["contrast"] < 4.5} == {}
    assert {key: each["size"] for key, each in drawn.items() if each["size"] < 8.5} == {}


def test_the_same_words_stand_in_the_drawing_on_a_phone(seen: dict[Any, Any]) -> None:
    wide, narrow = (seen["compared", view]["drawing"]["words"] for view in ("light", "phone"))
    assert sorted(" ".join(wide).split()) == sorted(" ".join(narrow).split())


def test_by_night_the_page_is_dark_and_on_paper_it_is_black_on_white(urls: dict[str, str], look: Look) -> None:
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.querySelector('h1')).color]"
    jobs = [
        {"name": view, "url": urls["mixed"], "steps": {"colours": colours}, **VIEWS[view]}
        for view in ("light", "dark", "print")
    ]
    jobs.append({**jobs[2], "scheme": "dark"})
    light, dark, paper, paper_by_night = (one["colours"] for one in look(jobs))
    assert sum(map(int, dark[0][4:-1].split(","))) < 150 < 600 < sum(map(int, light[0][4:-1].split(",")))
    assert paper == paper_by_night == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]


def test_on_paper_everything_is_unfolded(seen: dict[Any, Any]) -> None:
    assert "Standard-IA: cheaper to keep" in seen["compared", "print"]["text"]
    assert "us-east-1" in seen["compared", "print"]["text"]


def test_the_keyboard_reaches_the_requirements_the_boxes_and_what_is_folded(urls: dict[str, str], look: Look) -> None:
    focus = "document.activeElement.className + '|' + document.activeElement.textContent.trim().slice(0, 30)"
    steps = {
        "press 1": "Tab",
        "first": focus,
        "press 2": "Enter",
        "hash": "location.hash",
        "at": "document.activeElement.id",
    }
    visible = "(r => r.left >= 0 && r.width > 0)(document.activeElement.getBoundingClientRect())"
    box = {"press 1": "Tab", "skip": visible, "press 2": "Tab", "box": focus, "press 3": "Tab", "summary": focus}
    box |= {"press 4": "Enter", "open": "document.activeElement.parentElement.open"}
    skipped, folded = look(
        [{"name": "a", "url": urls["passed"], "steps": steps}, {"name": "b", "url": urls["passed"], "steps": box}]
    )
    assert skipped["first"] == "skip|Skip to the requirements"
    assert (skipped["hash"], skipped["at"]) == ("#requirements", "requirements")
    assert folded["skip"] is True
    assert folded["box"].startswith("wide-or-narrow|")
    assert folded["summary"] == "|What the words mean"
    assert folded["open"] is True


def test_a_task_has_buttons_that_copy_and_say_so(urls: dict[str, str], look: Look) -> None:
    steps = {
        "labels": "[...document.querySelectorAll('button')].map(each => each.getAttribute('aria-label'))",
        "click": "pre + button",
        "said": "new Promise(done => setTimeout(() => done(document.getElementById('said').textContent), 300))",
        "copied": "navigator.clipboard.readText()",
    }
    for permissions in (["clipboard-read", "clipboard-write"], ["clipboard-read"]):
        seen = look([{"name": "task", "url": urls["task"], "permissions": permissions, "steps": steps}])[0]
        assert "Copy labgrade-photos-3fa9c1" in seen["labels"]
        assert seen["said"] == "Copied"
        assert seen["copied"] == "aws s3 ls\n" + "x" * 300
        assert seen["said"] != ""


@pytest.mark.parametrize("name", ["task", "mixed"])
def test_without_scripts_everything_can_be_read(name: str, urls: dict[str, str], look: Look) -> None:
    with_scripts, without = look([{"name": name, "url": urls[name], "scripts": on} for on in (True, False)])
    assert without["text"].split() == [word for word in with_scripts["text"].split() if word != "Copy"]


def test_a_hostile_page_runs_nothing_and_shows_its_texts(seen: dict[Any, Any]) -> None:
    shown = seen["hostile 0", "light"]
    assert shown["text"].count("<script>alert(1)</script>") > 40
    assert shown["said"] == []
