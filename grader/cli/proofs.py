"""How `labgrade selftest` shows what it proved: a row for each lab and emulator, then whatever needs words."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from grader import __version__
from grader.selftest import Proof

HEAD = ("lab", "emulator", "solutions", "mistakes caught", "declared", "not run", "holds")


class Json:
    """One object, at the end."""

    def __init__(self) -> None:
        self.proofs: list[Proof] = []

    @property
    def holds(self) -> bool:
        """Does every promise?"""
        return not any(proof.breaches for proof in self.proofs)

    def add(self, proof: Proof) -> None:
        self.proofs.append(proof)

    @property
    def text(self) -> str:
        told = {"labgrade": __version__, "holds": self.holds, "proofs": [proof.to_json() for proof in self.proofs]}
        return json.dumps(told, indent=2, ensure_ascii=False)

    def close(self) -> None:
        click.echo(self.text)


class Terminal(Json):
    """A table that grows as the work goes on."""

    def __init__(self, labs: Sequence[str]) -> None:
        super().__init__()
        self.widths = [max(len(HEAD[0]), *map(len, labs)), len("localstack"), *map(len, HEAD[2:])]

    def add(self, proof: Proof) -> None:
        if not self.proofs:
            self._row(HEAD)
        super().add(proof)
        solutions, mistakes = proof.judged("solutions"), proof.judged("mistakes")
        self._row(
            (
                proof.lab,
                proof.emulator,
                f"{proof.solved}/{len(solutions)}",
                f"{proof.caught}/{len(mistakes)}",
                str(len(proof.declared)),
                str(len(proof.not_run)),
                "no" if proof.breaches else "yes",
            )
        )

    def close(self) -> None:
        for proof in self.proofs:
            if apart := _apart(proof):
                click.echo(f"\n{proof.lab} on {proof.emulator}")
            for title, what in apart:
                click.echo(f"  {title}: {what}")
        broken = [(proof, breach) for proof in self.proofs for breach in proof.breaches]
        if broken:
            click.echo(f"\nWhat does not hold ({len(broken)})")
        for proof, breach in broken:
            click.echo(f"\n{proof.lab} on {proof.emulator}: {breach}")

    def _row(self, cells: Sequence[str]) -> None:
        first, second, *others = cells
        left = f"{first:<{self.widths[0]}}  {second:<{self.widths[1]}}"
        click.echo("  ".join([left, *(f"{cell:>{w}}" for cell, w in zip(others, self.widths[2:], strict=True))]))


def _apart(proof: Proof) -> list[tuple[str, str]]:
    """What is counted apart, and what was recorded: whose it is, and what is said of it."""
    told = [(verdict.answer.title, f"not run: {verdict.not_run}") for verdict in proof.not_run]
    for verdict in proof.declared:
        if (declared := verdict.declared) is not None:
            what = "refused" if declared.refuses else "not shown"
            off = ", ".join(f"{check} {outcome}" for check, outcome in verdict.off.items())
            told.append(
                (verdict.answer.title, f"{what}, as it declares ({declared.evidence}): {off or 'nothing lost'}")
            )
    if proof.unseen:
        told.append(("solutions", f"this emulator cannot show {', '.join(proof.unseen)}"))
    return told + [(title, "its report is recorded") for title in proof.recorded]
