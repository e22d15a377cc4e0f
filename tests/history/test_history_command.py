"""`labgrade history`: through the real command, from a workspace to a file that is handed in."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from workspace.evenings import RIGHT_TAGS, Evening

BUCKET = "labgrade-hello-5e11a0"


@pytest.fixture
def evening(tmp_path: Path) -> Iterator[Evening]:
    made = Evening(tmp_path)
    yield made
    made("stop", "hello", "--yes")


def test_what_was_done_with_boto3_is_handed_in_as_a_script(evening: Evening) -> None:
    evening.start()
    nothing = evening("history")
    assert (nothing.code, nothing.out) == (2, "")
    assert "nothing to tell: hello has had no call that changed anything" in nothing.err
    s3 = evening.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_tagging(Bucket=BUCKET, Tagging=RIGHT_TAGS)
    s3.put_object(Bucket=BUCKET, Key="large", Body=os.urandom(70_000))
    s3.list_buckets()
    shown = evening("history")
    assert shown.code == 0
    assert shown.out.startswith("#!/usr/bin/env bash\n# What was done in hello, told by `labgrade history`.\n")
    assert 'aws s3api create-bucket --bucket "$LAB_BUCKET"\n' in shown.out
    assert "Left out: calls that only looked (1), and calls that failed (0)." in shown.err
    told = evening("history", "hello", "--output", "work/main.sh")
    assert (told.code, "work/main.sh: No such file or directory" in told.err) == (2, True)
    (evening.home / "work").mkdir()
    told = evening("history", "hello", "--output", "work/main.sh")
    assert (told.code, told.out) == (0, "")
    assert "main.files: hand in both" in told.err
    assert told.err.rstrip().endswith("labgrade run hello work")
    assert evening("stop", "--keep").code == 0
    assert evening("history", "hello").out.count("\naws ") == 3  # a stopped one can be told, too
    assert evening("run", "hello", "work").code == 0


def test_what_labgrade_did_not_start_has_no_history(evening: Evening) -> None:
    from grader.emulators import moto

    with moto.launch(services=["s3"]).ready() as running:
        assert evening("start", "hello", "--endpoint-url", running.access.endpoint).code == 0
        done = evening("history")
    assert (done.code, done.out) == (2, "")
    assert "keeps no journal" in done.err
    assert evening("stop", "hello").code == 0
    assert "has no workspace" in evening("history", "hello").err
