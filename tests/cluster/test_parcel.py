"""What travels between machines: bytes of JSON, and the same submission at both ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from classroom.classes import report

from grader import submissions
from grader.classroom.jobs import Job
from grader.cluster.client import unfit
from grader.cluster.parcel import Parcel, as_here, packed
from grader.lab import find

HELLO = find("hello")


def job(path: Path) -> Job:
    return Job("k", HELLO, path, "ada", "clouds", "moto", "none", 9.0, inconclusive=True)


def made(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"print('\xc3\xa9')\n")
    return root


@pytest.mark.parametrize(
    "names",
    [("main.py",), ("main.py", "lib/a.py", "data/x.json"), ("wrapped/main.py", "wrapped/.git/x", "wrapped/b.py")],
)
def test_a_submission_arrives_as_it_was(tmp_path: Path, names: tuple[str, ...]) -> None:
    made(tmp_path / "work", *names)
    sent, work = packed(job(tmp_path / "work"))
    arrived = Parcel.from_bytes(sent.to_bytes())
    with arrived.unpacked(HELLO) as there:
        read = submissions.read(there.path)
        assert (read.sha256, read.files, read.kind) == (work.sha256, work.files, work.kind)
        assert there == Job("k", HELLO, there.path, "ada", "clouds", "moto", "none", 9.0, inconclusive=True)
        place = there.path
    assert not place.exists()


def test_an_entry_that_is_named_by_its_way_is_found_at_the_other_end(tmp_path: Path) -> None:
    made(tmp_path / "work", "wrapped/go.py", "wrapped/other.py")
    (tmp_path / "work" / "wrapped" / "labgrade.toml").write_text('entry = "wrapped/go.py"\n')
    sent, work = packed(job(tmp_path / "work"))
    with Parcel.from_bytes(sent.to_bytes()).unpacked(HELLO) as there:
        read = submissions.read(there.path)
        assert [stage.entry for stage in read.stages] == [stage.entry for stage in work.stages] == ["go.py"]


def test_a_lone_file_arrives_as_one(tmp_path: Path) -> None:
    made(tmp_path, "my work.py", "other.py")
    sent, work = packed(job(tmp_path / "my work.py"))
    assert list(sent.files) == ["my work.py"]
    with Parcel.from_bytes(sent.to_bytes()).unpacked(HELLO) as there:
        assert there.path.is_file()
        assert submissions.read(there.path).sha256 == work.sha256


def test_what_is_sent_is_json(tmp_path: Path) -> None:
    made(tmp_path / "work", "main.py")
    told = json.loads(packed(job(tmp_path / "work"))[0].to_bytes())
    assert told["job"]["lab_version"] == HELLO.version


def test_a_report_comes_back_as_it_would_have_been_made_here(tmp_path: Path) -> None:
    made(tmp_path / "work", "main.py", ".DS_Store")
    work = packed(job(tmp_path / "work"))[1]
    came = {**report(80).to_json(), "notes": [{"about": "cost", "message": "x", "texts": {}}]}
    here = as_here(came, work)
    assert here["submission"]["path"] == str(tmp_path / "work")
    assert [note["message"] for note in here["notes"]] == ["Left out, as no part of the work: .DS_Store.", "x"]


WANTED = {"labgrade": "1", "labs": {"hello": "a"}, "moto": "5", "sandbox": "bwrap"}


@pytest.mark.parametrize(
    ("has", "told"),
    [
        ({}, None),
        ({"labgrade": "2"}, "has labgrade 2, and here is 1: install the same on all."),
        ({"moto": "4"}, "has moto 4, and here is 5: install the same on all."),
        ({"labs": {"hello": None}}, "has another hello than is here (None, and not a)."),
        ({"sandbox": "no bubblewrap"}, "cannot give the sandbox bwrap: no bubblewrap"),
    ],
)
def test_a_worker_that_is_not_like_the_client_takes_no_part(has: dict[str, object], told: str | None) -> None:
    assert unfit(json.dumps({**WANTED, **has}).encode(), WANTED) == told
    assert str(unfit(ModuleNotFoundError("grader"), WANTED)).startswith("has no labgrade like this one")
