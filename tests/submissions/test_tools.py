from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.access import Access
from grader.submissions import Run, tools

Runner = Callable[..., Run]
has_aws = pytest.mark.skipif(tools.real_aws() is None, reason="there is no AWS CLI")


def program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def shown_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An AWS CLI that only shows its arguments."""
    real = program(tmp_path / "real cli" / "aws", "#!/bin/sh\nprintf '<%s>' \"$@\"\n")
    monkeypatch.setattr(tools, "real_aws", lambda: str(real))


def output(run: Run) -> str:
    return run.stages[-1].ended.stdout


@has_aws
def test_sqs_commands_reach_the_emulator(run: Runner, access: Access) -> None:
    result = run({"main.sh": "aws sqs create-queue --queue-name orders --output text"}, access)
    assert result.stages[0].ended.stderr == ""
    assert [url.rpartition("/")[2] for url in access.client("sqs").list_queues()["QueueUrls"]] == ["orders"]


@has_aws
def test_an_endpoint_of_its_own_is_obeyed(run: Runner, access: Access) -> None:
    script = "AWS_MAX_ATTEMPTS=1 aws --endpoint-url http://127.0.0.1:9 sqs list-queues"
    result = run({"main.sh": script}, access)
    assert 'Could not connect to the endpoint URL: "http://127.0.0.1:9' in result.stages[0].ended.stderr


@pytest.mark.usefixtures("shown_aws")
@pytest.mark.parametrize(
    ("line", "arguments"),
    [
        ("aws sqs list-queues", "<--endpoint-url><http://127.0.0.1:9><sqs><list-queues>"),
        ("aws --endpoint-url=http://x s3 ls", "<--endpoint-url=http://x><s3><ls>"),
        ("aws s3 ls --endpoint-url http://x", "<s3><ls><--endpoint-url><http://x>"),
        ("aws s3 ls 'a  b' '' '*'", "<--endpoint-url><http://127.0.0.1:9><s3><ls><a  b><><*>"),
        ("AWS_ENDPOINT_URL= aws s3 ls", "<s3><ls>"),
        (
            'python -c \'import subprocess; subprocess.run(["aws", "help"])\'',
            "<--endpoint-url><http://127.0.0.1:9><help>",
        ),
    ],
)
def test_the_endpoint_is_added_where_it_is_missing(run: Runner, line: str, arguments: str) -> None:
    assert output(run({"main.sh": line})) == arguments


def test_without_an_aws_cli_a_script_is_told_the_cure(run: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "real_aws", lambda: None)
    ended = run({"main.sh": "aws s3 ls"}).stages[0].ended
    assert (ended.exit_code, ended.stderr) == (
        127,
        "labgrade: the AWS CLI is not on this machine; install it (pip install awscli), or use boto3 in main.py.\n",
    )


def test_the_aws_cli_beside_labgrade_goes_before_the_one_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_path = program(tmp_path / "path" / "aws")
    monkeypatch.setenv("PATH", str(on_path.parent))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "venv" / "python"))
    assert tools.real_aws() == str(on_path)
    beside = program(tmp_path / "venv" / "aws")
    assert tools.real_aws() == str(beside)


def test_a_shim_of_pyenv_is_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path / "shims" / "aws")
    older = program(tmp_path / "versions" / "3.11.7" / "bin" / "aws")
    newer = program(tmp_path / "versions" / "3.13.1" / "bin" / "aws")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    monkeypatch.delenv("PYENV_VERSION", raising=False)
    assert tools.find("aws") == str(newer)
    (tmp_path / "version").write_text("3.11.7\n")
    assert tools.find("aws") == str(older)
    monkeypatch.setenv("PYENV_VERSION", "3.13.1")
    assert tools.find("aws") == str(newer)


def test_a_shim_of_pyenv_that_stands_for_nothing_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "shims" / "aws")
    (tmp_path / "versions").mkdir()
    later = program(tmp_path / "usr" / "aws")
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}:{later.parent}")
    assert tools.find("aws") == str(later)


def test_a_program_that_is_nowhere_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATH")
    assert tools.find("no-such-program") is None


def test_quotes_in_a_path_do_no_harm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = program(tmp_path / 'it\'s "here" $HOME' / "aws", "#!/bin/sh\necho ran\n")
    monkeypatch.setattr(tools, "real_aws", lambda: str(real))
    front = tools.front(tmp_path / "front")
    assert subprocess.run([front / "aws"], capture_output=True, text=True, check=True, env={}).stdout == "ran\n"
    assert shutil.which("python3", path=str(front))
