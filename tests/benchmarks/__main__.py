"""How fast labgrade is, as ratios to floors that are measured in the same run, and what it costs besides.

    python tests/benchmarks            print the tables, of few rounds
    python tests/benchmarks --full     the median of more and larger ones, and 500 submissions (half an hour)
    python tests/benchmarks --write    and put them into the README

Every figure is the median of interleaved runs, so that all sides meet the same machine at the same time.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator

from bulk import bulk, moto_server
from comparing import Comparison, measured
from counts import MOST_CALLS, MOST_MIB, Checks, Left, checks, left_over
from single import commands, finished_workspace, runs

from grader.grading import Grader
from labs import ROOT

BEGIN, END = "<!-- benchmark -->", "<!-- /benchmark -->"
ROUNDS = 5


def comparisons(times: int) -> Iterator[Comparison]:
    """Each with what it needs, which ends before the next."""
    yield from runs()
    with finished_workspace() as workspace:
        yield from commands(workspace)
    with Grader() as grader, moto_server() as warm:
        yield bulk(grader, warm, times)


def ratios(rounds: int, times: int) -> str:
    head = "| what | against | labgrade | floor | ratio | aim |\n|---|---|---|---|---|---|\n"
    rows = []
    for comparison in comparisons(times):
        for figure in measured(comparison, rounds):
            print(figure.row, file=sys.stderr, flush=True)
            rows.append(figure.row)
    return head + "\n".join(rows) + "\n"


def alone(found: list[Checks]) -> str:
    head = (
        f"| a lab's checks alone | time | emulator calls (≤ {MOST_CALLS}) "
        f"| the emulator's own memory (≤ {MOST_MIB} MiB) |\n|---|---|---|---|\n"
    )
    return head + "\n".join(one.row for one in found) + "\n"


def left(found: Left) -> str:
    return f"| | measured | aim |\n|---|---|---|\n{found.rows}"


def write(text: str) -> None:
    readme = ROOT / "README.md"
    before, _, rest = readme.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{text}{END}{after}", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--write", action="store_true")
    chosen = parser.parse_args()
    text = "\n".join(
        [
            ratios(7 if chosen.full else ROUNDS, 20 if chosen.full else 4),
            alone(checks(ROUNDS)),
            left(left_over(500 if chosen.full else 40)),
        ]
    )
    print(text)
    if chosen.write:
        write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
