"""The class page in headless Chromium: sorted, searched, opened, printed, by night, and with two thousand students."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exports.classes import NOW, large, small
from pages.conftest import Look

from grader.classroom import Gradebook
from grader.exports.page.class_page import Works, class_page

pytestmark = pytest.mark.slow

VIEWS: dict[str, dict[str, Any]] = {
    "light": {"width": 1200},
    "dark": {"width": 1000, "scheme": "dark"},
    "phone": {"width": 360},
    "phone by night": {"width": 320, "scheme": "dark"},
    "print": {"width": 760, "media": "print"},
}
SHOWN = "[...document.querySelectorAll('#students tbody tr')].map(row => row.cells[0].innerText)"
COLUMN = "[...document.querySelectorAll('#students tbody tr')].map(row => row.cells[{}].innerText)"
COUNT = "document.getElementById('count').textContent"
DRAWN = """new Promise(done => { const look = () => document.getElementById('students').dataset.drawn
  ? done(document.getElementById('students').dataset.drawn) : setTimeout(look, 20); look(); })"""
MARK = "#students thead button >> text=Mark"


@pytest.fixture(scope="module")
def urls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("class")
    texts = {f"student{n:04}": f"line {n % 7}\n" * 3 + "\n".join(f"f{k}(x, {k})" for k in range(30)) for n in range(40)}
    made = {
        "small": class_page(small(), now=NOW),
        "forty": class_page(large(40), {"s3-lifecycle": Works(texts)}, now=NOW),
        "excused": class_page(_a_third_excused(large(40)), now=NOW),
        "thousands": class_page(large(2000), now=NOW),
    }
    return {name: _put(folder / f"{name}.html", text) for name, text in made.items()}


def _a_third_excused(book: Gradebook) -> Gradebook:
    results = [replace(one, status="excused") if n % 3 == 0 else one for n, one in enumerate(book.results)]
    return replace(book, results=results)


def _put(path: Path, text: str) -> str:
    path.write_text(text, "utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def seen(urls: dict[str, str], look: Look) -> dict[tuple[str, str], dict[str, Any]]:
    views = [(name, view) for name in ("small", "forty") for view in VIEWS]
    steps = {"drawn": DRAWN}
    jobs = [
        {"name": n, "url": urls[n], "axe": v != "print", "open": True, "steps": steps, **VIEWS[v]} for n, v in views
    ]
    return dict(zip(views, look(jobs), strict=True))


def test_nothing_is_fetched_nothing_is_complained_of_and_nothing_sticks_out(
    seen: dict[Any, Any], urls: dict[str, str]
) -> None:
    for (name, view), one in seen.items():
        assert one["asked"] == [urls[name]], (name, view)
        assert one["said"] == [], (name, view)
        assert one["stickingOut"] == [], (name, view)


def test_the_accessibility_checker_finds_nothing(seen: dict[Any, Any]) -> None:
    assert {key: one["violations"] for key, one in seen.items() if one.get("violations")} == {}


def test_a_click_sorts_and_another_turns_it_round(urls: dict[str, str], look: Look) -> None:
    steps = {"click 1": MARK, "up": COLUMN.format(1), "click 2": MARK, "down": COLUMN.format(1)}
    (one,) = look([{"name": "a", "url": urls["forty"], "steps": steps}])
    numbers = [float(text) for text in one["up"] if text != "no mark"]
    assert numbers == sorted(numbers)
    assert one["down"] == one["up"][::-1] or sorted(one["down"]) == sorted(one["up"])
    assert [float(text) for text in one["down"] if text != "no mark"] == sorted(numbers, reverse=True)


def test_the_table_is_searched_and_filtered(urls: dict[str, str], look: Look) -> None:
    choose = "(() => { const show = document.getElementById('show'); show.value = 'late';"
    late = choose + " show.dispatchEvent(new Event('change')); return true; })()"
    type_it = "(() => { const box = document.getElementById('search'); box.value = 'STUDENT 0007';"
    typed = type_it + " box.dispatchEvent(new Event('input')); return true; })()"
    found, filtered = look(
        [
            {"name": "a", "url": urls["forty"], "steps": {"do": typed, "rows": SHOWN, "count": COUNT}},
            {"name": "b", "url": urls["forty"], "steps": {"do": late, "rows": COLUMN.format(2), "count": COUNT}},
        ]
    )
    assert [row.split(" ")[1] for row in found["rows"]] == ["0007"]
    assert found["count"] == "1 of 40 students"
    assert filtered["rows"]
    assert all(filtered["rows"])


@pytest.mark.parametrize("name", ["forty", "excused"])
def test_a_missed_check_shows_just_those_who_missed_it(name: str, urls: dict[str, str], look: Look) -> None:
    first = "document.querySelector('.only').closest('td').innerText"
    steps = {"missed": first, "click": ".only", "count": COUNT}
    (one,) = look([{"name": "a", "url": urls[name], "steps": steps}])
    assert one["count"].split(" of ")[0] == one["missed"].split(" of ")[0]


def test_a_name_opens_what_was_found_and_escape_closes_it(urls: dict[str, str], look: Look) -> None:
    opened = "document.getElementById('sheet').open"
    steps = {
        "click": "#students .who >> text=Bo_Bo",
        "open": opened,
        "text": "document.getElementById('sheet').innerText",
    }
    steps |= {"press": "Escape", "closed": opened, "focus": "document.activeElement.innerText"}
    (one,) = look([{"name": "a", "url": urls["small"], "steps": steps}])
    assert one["open"] is True
    assert one["closed"] is False
    assert one["focus"] == "Bo_Bo Åström"


def test_on_paper_everybody_is_there(urls: dict[str, str], look: Look) -> None:
    printing = {"print": "(() => { dispatchEvent(new Event('beforeprint')); return true; })()", "rows": SHOWN}
    printing["head"] = "document.querySelector('#students thead').innerText"
    (one,) = look([{"name": "a", "url": urls["thousands"], "media": "print", "steps": printing}])
    assert len(one["rows"]) == 2000
    assert all(row.startswith("Student ") for row in one["rows"])
    assert "Mark" in one["head"]


def test_two_thousand_students_are_there_soon(urls: dict[str, str], look: Look) -> None:
    paint = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    began = time.monotonic()
    (one,) = look([{"name": "a", "url": urls["thousands"], "steps": {"paint": paint, "drawn": DRAWN}}])
    assert one["drawn"] == "2000"
    assert one["paint"] < 5000, "milliseconds, on a machine that may be busy"
    assert time.monotonic() - began < 120
    assert one["said"] == []
