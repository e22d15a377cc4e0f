"""The timeline in words: aligned where it fits, told where it does not."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.formats import drawings
from grader.formats.layout import cells
from grader.report import ReportJson

MODEL: dict[str, Any] = {
    "drawing": "timeline",
    "title": "By day",
    "days": [0, 30, 365],
    "rows": [
        {"label": "logs/app.log", "cells": ["Standard", "IA", "IA"]},
        {"label": "upload", "text": "gone on day 7"},
    ],
    "lines": ["The rest stays."],
}
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=90),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=9), inner, max_size=5),
    max_leaves=12,
)


def test_it_is_a_table_in_which_a_cell_like_its_neighbour_is_an_equals_sign() -> None:
    assert drawings.text(MODEL, 76) == [
        "By day",
        "                0          30   365",
        "  logs/app.log  Standard   IA   =",
        "  upload        gone on day 7",
        "  The rest stays.",
    ]


def test_it_is_told_row_by_row_where_the_table_is_too_wide() -> None:
    assert drawings.text(MODEL, 34) == [
        "By day",
        "  logs/app.log: Standard from",
        "    day 0, IA from day 30",
        "  upload: gone on day 7",
        "  The rest stays.",
    ]


def test_a_return_to_an_earlier_state_is_not_drawn_as_the_same() -> None:
    model = {**MODEL, "rows": [{"label": "a", "cells": ["x", "y", "x"]}]}
    assert drawings.text(model, 76)[2] == "  a  x   y    x"


def test_columns_stay_aligned_under_wide_letters() -> None:
    rows = [{"label": "로그", "cells": ["표준", "삭제"]}, {"label": "logs", "cells": ["Standard", "gone"]}]
    *_, first, second = drawings.text({"drawing": "timeline", "days": [0, 9], "rows": rows}, 76)
    assert cells(first[: first.index("삭제")]) == cells(second[: second.index("gone")])


@pytest.mark.parametrize("missing", ["title", "days", "rows", "lines"])
def test_it_does_without_any_of_its_keys(missing: str) -> None:
    without = {key: value for key, value in MODEL.items() if key != missing}
    assert drawings.text(without, 76)
    assert isinstance(drawings.text({**MODEL, missing: 7}, 76), list)


@pytest.mark.parametrize("key", ["label", "cells", "text"])
@given(value=json_values)
def test_it_does_with_any_row(key: str, value: Any) -> None:
    rows: list[Any] = [{"label": "a", "cells": ["x", "y"], key: value}, value, MODEL["rows"][0]]
    assert any("logs/app.log" in line for line in drawings.text({**MODEL, "rows": rows}, 76))


@given(model=st.dictionaries(st.sampled_from(["title", "days", "rows", "lines", "x"]), json_values))
def test_it_survives_any_model_and_keeps_to_the_width(model: dict[str, Any]) -> None:
    for line in drawings.text({**model, "drawing": "timeline"}, 60):
        assert cells(line) <= 60 or "://" in line
        assert not [c for c in line if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@pytest.mark.parametrize("model", [{}, None, {"drawing": "mural"}, {"drawing": ["timeline"]}, {"drawing": "../x"}, []])
def test_a_model_without_a_drawing_known_here_is_not_drawn(model: Any) -> None:
    assert drawings.text(model, 76) == []


def test_it_is_bounded() -> None:
    row = {"label": "x" * 500, "cells": ["y" * 500] * 90}
    lines = drawings.text({"drawing": "timeline", "days": list(range(90)), "rows": [row] * 900}, 76)
    assert len(lines) < 900


def test_a_student_sees_it_only_when_everything_passes(samples: dict[str, ReportJson]) -> None:
    from grader.formats import render

    assert "What your rules do on AWS" in render("terminal", samples["passed"])
    assert "What your rules do on AWS" not in render("terminal", samples["mixed"])
