"""Work that is not where the lab looks: the report says where it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader.access import Access
from grader.elsewhere import elsewhere
from grader.emulators import moto
from grader.grading import grade
from grader.judging import judged
from grader.lab import Lab, read

LAB_TOML = """
title = "A queue"
summary = "Make a queue."
services = ["sqs"]
minutes = 5

[parameters.queue]
kind = "name"
format = "orders"
"""
CHECKER = '''
"""A queue of that name."""

from __future__ import annotations

from grader.checks import Aws, Given, check, require, say


@check(weight=1, doc="https://docs.aws.amazon.com/", why="Why.", fix="Mend.")
def queue_exists(aws: Aws, given: Given) -> None:
    """There is a queue named {queue}."""
    names = [url.rpartition("/")[2] for url in aws.pages("sqs", "list_queues", "QueueUrls")]
    require(names, say("there is no queue at all."))
    require(given.queue in names, say("there is no such queue, only {names}.", names=names))
'''


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    folder = tmp_path / "labs" / "a_queue"
    folder.mkdir(parents=True)
    (folder / "lab.toml").write_text(LAB_TOML)
    (folder / "checker.py").write_text(CHECKER)
    (folder / "task.md").write_text("{{ requirements }}\n")
    return read(folder)


@pytest.fixture(scope="module")
def running() -> Iterator[moto.Moto]:
    with moto.launch(services=["sqs"]).ready(60) as started:
        yield started


def notes(lab: Lab, running: moto.Moto, **environ: str) -> str:
    with running.fork() as fork:
        judgement = judged(lab, fork, lab.values(), None)
        return str(elsewhere(lab, fork, lab.values(), judgement, environ) or "")


def in_region(running: moto.Moto, region: str) -> Any:
    return replace(running.access, region=region).client("sqs")


def test_nothing_anywhere_says_nothing(lab: Lab, running: moto.Moto) -> None:
    assert notes(lab, running) == ""


def test_work_in_another_region_is_found(lab: Lab, running: moto.Moto) -> None:
    with running.fork() as fork:
        in_region(fork, "eu-north-1").create_queue(QueueName="orders")
        assert notes(lab, fork) == (
            "It is in region eu-north-1 of this emulator, and this lab looks in region us-east-1: "
            "build it there, or take it there."
        )
        report = grade(lab, endpoint_url=fork.access.endpoint)
        assert any("region eu-north-1" in str(note.message) for note in report.notes)
        fork.access.client("sqs").create_queue(QueueName="orders")
        assert notes(lab, fork) == ""


def test_half_of_the_work_is_shown_for_what_it_is(lab: Lab, running: moto.Moto) -> None:
    with running.fork() as fork:
        in_region(fork, "ap-east-1").create_queue(QueueName="order")
        assert notes(lab, fork) == ""
        assert notes(lab, fork, AWS_REGION="ap-east-1") == (
            "In region ap-east-1 of this emulator there is something else: there is no such queue, only order. "
            "This lab looks in region us-east-1."
        )


def test_another_account_is_looked_into_where_the_emulator_keeps_them_apart(lab: Lab, running: moto.Moto) -> None:
    """As LocalStack does, whose account for the key `test` is not the one that labgrade starts with."""
    with running.fork() as fork:
        in_region(fork, "us-east-1").create_queue(QueueName="orders")

        class Apart:
            name = "localstack"
            access = Access("http://127.0.0.1:1", "test", account="000000000000")
            fork = None

        import grader.elsewhere as module

        seen: list[str] = []
        judgement = judged(lab, running, lab.values(), None)
        before = module._tried

        def tried(check: Any, _emulator: Any, access: Access, values: Any, deadline: float) -> Any:
            seen.append(access.account)
            return before(check, fork, replace(access, endpoint=fork.access.endpoint), values, deadline)

        module._tried = tried
        try:
            told = elsewhere(lab, Apart(), lab.values(), judgement, {})  # type: ignore[arg-type]
        finally:
            module._tried = before
        assert seen == ["123456789012"]
        assert "It is in account 123456789012 of this emulator, and this lab looks in account 000000000000" in str(told)
