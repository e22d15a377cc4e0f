"""The README's table of what was proven, from the self-test's own object."""

from __future__ import annotations

from typing import Any

from matrix import everything_run, table

NONE = {"held": 0, "declared": 0, "not_run": 0, "broken": 0}


def proof(emulator: str, kinds: dict[str, dict[str, int]], declared: tuple[str, ...] = ()) -> dict[str, Any]:
    solutions = {"by_kind": {kind: {**NONE, **counts} for kind, counts in kinds.items()}}
    mistakes = {"caught": 7, "of": 8}
    return {
        "lab": "a-lab",
        "emulator": emulator,
        "solutions": solutions,
        "mistakes": mistakes,
        "declared": dict.fromkeys(declared, "why"),
    }


def rows(*proofs: dict[str, Any]) -> list[str]:
    return table(proofs).splitlines()[2:]


def test_each_kind_has_a_column_and_a_template_tells_what_a_script_beside_it_is() -> None:
    kinds = {"python": {"held": 3, "broken": 1}, "cloudformation+shell": {"held": 1}, "cloudformation": {"declared": 1}}
    assert rows(proof("moto", kinds, ("solutions/a", "mistakes/b"))) == [
        "| `a-lab` | `moto` | 3 of 4 | – | 1 of 1, 1 declared | – | 7 of 8 (88%) | 1 |"
    ]


def test_moto_comes_first() -> None:
    found = rows(*(proof(name, {}) for name in ("localstack", "ministack", "moto")))
    assert [row.split("`")[3] for row in found] == ["moto", "localstack", "ministack"]


def test_what_a_machine_lacks_is_told_and_may_be_counted_as_elsewhere() -> None:
    here = proof("moto", {"terraform+python": {"not_run": 2}})
    assert "| 2 not run |" in rows(here)[0]
    assert "| 2 of 2 |" in rows(everything_run(here))[0]
