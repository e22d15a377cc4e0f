"""The drawing of queues in headless Chromium: by day and by night, on a phone and on paper, with hostile names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from formats.conftest import sample
from formats.test_queues_drawing import HOSTILE, RIGHT, WRONG
from pages.conftest import Look

from grader.formats import render

pytestmark = pytest.mark.slow

LONG = "W" * 75 + ".fifo"
MODELS: dict[str, dict[str, Any]] = {
    "right": RIGHT,
    "wrong": WRONG,
    "long": {**WRONG, "queues": [{**queue, "name": LONG} for queue in WRONG["queues"]]},
    "hostile": {**WRONG, "queues": [{**queue, "name": HOSTILE, "type": HOSTILE} for queue in WRONG["queues"]]},
    "one": {**RIGHT, "queues": RIGHT["queues"][:1]},
    "three": {**RIGHT, "queues": [*RIGHT["queues"], WRONG["queues"][1]], "ways": [*RIGHT["ways"], *WRONG["ways"]]},
}
VIEWS: dict[str, dict[str, Any]] = {
    "light": {"width": 1000},
    "dark": {"width": 1000, "scheme": "dark"},
    "phone": {"width": 360},
    "small phone by night": {"width": 320, "scheme": "dark"},
    "print": {"width": 760, "media": "print"},
}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, look: Look) -> dict[tuple[str, str], dict[str, Any]]:
    folder, jobs = tmp_path_factory.mktemp("pages"), []
    for name, model in MODELS.items():
        page: Path = folder / f"{name}.html"
        page.write_text(render("html", {**sample("mixed"), "model": model}), "utf-8")
        # What is said to those who do not see it is the same at any width.
        jobs += [
            {"name": f"{name} {view}", "url": page.as_uri(), "axe": view in ("light", "dark"), **how}
            for view, how in VIEWS.items()
        ]
    keys = [(name, view) for name in MODELS for view in VIEWS]
    return dict(zip(keys, look(jobs), strict=True))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("name", MODELS)
def test_every_word_can_be_read_and_nothing_lies_over_another(
    seen: dict[tuple[str, str], dict[str, Any]], name: str, view: str
) -> None:
    page = seen[name, view]
    drawing = page["drawing"]
    assert len(page["asked"]) == 1, "the page itself, and nothing else"
    assert (page["said"], page["stickingOut"], page.get("violations", [])) == ([], [], [])
    assert (drawing["overlapping"], drawing["outside"], drawing["faint"]) == ([], [], [])
    assert drawing["size"] >= 9.5
    assert drawing["words"]
