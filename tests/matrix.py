"""What `labgrade selftest` proved, as the README's table: labs × emulators × kinds of submission.

python tests/matrix.py PROOFS.json …            fails where the README has a table that says otherwise
python tests/matrix.py --write PROOFS.json …    writes it there
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- selftest -->\n", "<!-- /selftest -->"
KINDS = {"python": "Python", "shell": "AWS CLI", "cloudformation": "CloudFormation", "terraform": "Terraform"}
STATES = ("held", "declared", "not_run", "broken")
APART = {"declared": "declared", "not_run": "not run"}
HEAD = ("lab", "emulator", *KINDS.values(), "mistakes caught", "declared")


def table(proofs: Iterable[Mapping[str, Any]]) -> str:
    """A row for each lab on each emulator."""
    ordered = sorted(proofs, key=lambda proof: (proof["lab"], proof["emulator"] != "moto", proof["emulator"]))
    rows = [HEAD, tuple("---" for _ in HEAD), *map(_row, ordered)]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def said() -> str:
    """The table as the README has it."""
    return README.read_text("utf-8").partition(BEGIN)[2].partition(END)[0]


def write(text: str) -> None:
    """Put it into the README."""
    before, _, rest = README.read_text("utf-8").partition(BEGIN)
    README.write_text(f"{before}{BEGIN}{text}{END}{rest.partition(END)[2]}", "utf-8")


def _row(proof: Mapping[str, Any]) -> tuple[str, ...]:
    by_kind, mistakes = proof["solutions"]["by_kind"], proof["mistakes"]
    apart = sum(title.startswith("mistakes/") for title in proof["declared"])
    percent = f" ({100 * mistakes['caught'] / mistakes['of']:.0f}%)" if mistakes["of"] else ""
    caught = f"{mistakes['caught']} of {mistakes['of']}{percent}"
    cells = (_cell([counts for kind, counts in by_kind.items() if _column(kind) == column]) for column in KINDS)
    return (f"`{proof['lab']}`", f"`{proof['emulator']}`", *cells, caught, str(apart))


def _column(kind: str) -> str:
    """A template and the script beside it are told by the template."""
    return next((part for part in kind.split("+") if part in ("cloudformation", "terraform")), kind.split("+")[0])


def _cell(counts: list[Mapping[str, int]]) -> str:
    """`5 of 5`, and what is counted apart."""
    total = {state: sum(one[state] for one in counts) for state in STATES}
    if not any(total.values()):
        return "–"
    ran = total["held"] + total["broken"]
    told = [f"{total['held']} of {ran}"] if ran else []
    told += [f"{total[state]} {word}" for state, word in APART.items() if total[state]]
    return ", ".join(told)


def everything_run(proof: Mapping[str, Any]) -> dict[str, Any]:
    """The proof as a machine would have it that lacks no program: the README's was made on one."""
    kinds = proof["solutions"]["by_kind"]
    whole = {kind: {**one, "held": one["held"] + one["not_run"], "not_run": 0} for kind, one in kinds.items()}
    return {**proof, "solutions": {**proof["solutions"], "by_kind": whole}}


def main(words: list[str]) -> int:
    paths = [Path(word) for word in words if word != "--write"]
    proofs = [proof for path in paths for proof in json.loads(path.read_text("utf-8"))["proofs"]]
    made = table(proofs)
    if "--write" in words:
        write(made)
    sys.stdout.write(made)
    if said() in ("", made, table(map(everything_run, proofs))):
        return 0
    sys.stderr.write("README.md says otherwise: python tests/matrix.py --write with the same files\n\n" + said())
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
