"""shell and env: what points a shell at a workspace, in the shells themselves where they are installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pexpect
import pytest
from conftest import LABGRADE
from workspace.evenings import Evening

BUCKET = "labgrade-hello-5e11a0"
HOSTILE = 'it\'s "$HOME" `id` \\ %PATH% ; & | é \u2019 end'
LEADING_ASTRAY = {
    "AWS_PROFILE": "production",
    "AWS_SESSION_TOKEN": "real",
    "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
    "AWS_USE_FIPS_ENDPOINT": "true",
    "HTTP_PROXY": "http://127.0.0.1:1",
}
CALL = "import boto3; s3 = boto3.client('s3'); s3.create_bucket(Bucket='{0}'); print(len(s3.list_buckets()['Buckets']))"


def test_env_points_bash_at_the_workspace_and_away_from_all_else(evening: Evening) -> None:
    evening.start()
    script = f'eval "$({LABGRADE} env)"; {sys.executable} -c "{CALL.format(BUCKET)}"; env'
    done = subprocess.run(
        ["bash", "-c", script], env=evening.environment(LEADING_ASTRAY), capture_output=True, text=True, timeout=60
    )
    assert done.stdout.startswith("1\n"), done.stderr
    for line in (f"LAB_BUCKET={BUCKET}", f"TF_VAR_bucket={BUCKET}", "LAB_REGION=us-east-1", "LAB_ACCOUNT=123456789012"):
        assert line in done.stdout.splitlines()
    assert not {"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"} & {
        line.partition("=")[0] for line in done.stdout.splitlines()
    }


def test_unset_takes_it_back(evening: Evening) -> None:
    evening.start()
    script = f'eval "$({LABGRADE} env)"; eval "$({LABGRADE} env --unset)"; env'
    out = subprocess.run(["bash", "-c", script], env=evening.environment(), capture_output=True, text=True).stdout
    assert not [line for line in out.splitlines() if line.startswith(("AWS_", "LAB_", "TF_VAR_"))]
    evening("stop", "--yes")
    afterwards = f'export LAB_ACCOUNT=1 LAB_X=1 AWS_ENDPOINT_URL=x; eval "$({LABGRADE} env --unset)"; env'
    out = subprocess.run(["bash", "-c", afterwards], env=evening.environment(), capture_output=True, text=True).stdout
    assert not [line for line in out.splitlines() if line.startswith(("AWS_ENDPOINT", "LAB_"))]


@pytest.mark.parametrize(
    ("shell", "command"),
    [
        ("bash", ["bash", "-c"]),
        ("bash", ["sh", "-c"]),
        ("zsh", ["zsh", "-c"]),
        ("fish", ["fish", "-c"]),
        ("powershell", ["pwsh", "-NoProfile", "-Command"]),
    ],
)
def test_a_hostile_value_arrives_as_it_is(shell: str, command: list[str]) -> None:
    if not shutil.which(command[0]):
        pytest.skip(f"there is no {command[0]} here")
    from grader.workspace.shells import lines

    text = lines(shell, {"HOSTILE": HOSTILE, "TWO": "a\nb"}, ["GONE"])
    names = "('HOSTILE', 'TWO', 'GONE')"
    told = f'{sys.executable} -c "import os, json; print(json.dumps([os.environ.get(n) for n in {names}]))"'
    done = subprocess.run([*command, f"{text}{told}"], capture_output=True, text=True, env={**os.environ, "GONE": "no"})
    assert json.loads(done.stdout) == [HOSTILE, "a\nb", None], done.stderr


def test_the_lines_of_shells_that_are_not_here() -> None:
    from grader.workspace.shells import lines

    assert lines("powershell", {"A": "it\u2019s 'x'"}, ["B"]) == (
        "Remove-Item Env:B -ErrorAction SilentlyContinue\n$env:A = 'it\u2019\u2019s ''x'''\n"
    )
    assert lines("fish", {"A": "it's \\"}, ["B"]) == "set -e B;\nset -gx A 'it\\'s \\\\';\n"
    assert lines("cmd", {"A": "100%"}, ["B"]) == '@set "B="\n@set "A=100%%"\n'


@pytest.mark.parametrize(
    ("parent", "environ", "shell"),
    [
        ("", {"SHELL": "/usr/bin/fish"}, "fish"),
        ("pwsh", {"SHELL": "/bin/bash"}, "powershell"),
        ("python3", {"SHELL": "/bin/zsh"}, "zsh"),
        ("", {"SHELL": "/bin/dash"}, "bash"),
        ("", {}, "bash"),
    ],
)
def test_the_shell_is_guessed(
    parent: str, environ: dict[str, str], shell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from grader.workspace import shells

    monkeypatch.setattr(shells, "_parent", lambda: parent)
    assert shells.guessed(environ) == shell


def test_formats_for_other_tools(evening: Evening) -> None:
    evening.start()
    told = json.loads(evening("env", "--format", "json").out)
    assert told["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{evening.port}"
    lines = dict(line.split("=", 1) for line in evening("env", "--format", "dotenv").out.splitlines())
    assert lines["LAB_BUCKET"] == BUCKET
    terraform = evening("env", "--format", "terraform").out
    assert f's3 = "http://127.0.0.1:{evening.port}"' in terraform
    assert 'provider "aws" {' in terraform


def test_a_shell_is_pointed_at_it_and_passes_its_exit_code_on(evening: Evening) -> None:
    evening.start()
    (evening.home / ".bashrc").write_text(
        "export AWS_PROFILE=production\nexport PATH=/usr/bin:/bin\nPROMPT_COMMAND='true;'\n"
    )
    environment = evening.environment({**LEADING_ASTRAY, "SHELL": shutil.which("bash") or "/bin/bash", "TERM": "dumb"})
    shell = pexpect.spawn(str(LABGRADE), ["shell"], env=environment, timeout=60, encoding="utf-8")
    shell.expect(r"\(labgrade hello\) ")
    shell.sendline('echo "<$AWS_PROFILE$AWS_ENDPOINT_URL_S3|$LAB_BUCKET>"')
    shell.expect(rf"<\|{BUCKET}>")
    shell.sendline("aws s3 mb s3://$LAB_BUCKET")
    shell.expect(f"make_bucket: {BUCKET}")
    shell.sendline('python -c \'import boto3; print(len(boto3.client("s3").list_buckets()["Buckets"]), "bucket")\'')
    shell.expect("1 bucket")
    shell.sendintr()
    shell.sendline("type -p aws")
    shell.expect("workspaces/hello/bin/aws")
    shell.sendline("exit 7")
    shell.expect(pexpect.EOF)
    shell.close()
    assert shell.exitstatus == 7
    assert evening.report()["score"] == 40


def test_a_shell_that_is_not_there(evening: Evening) -> None:
    evening.start()
    done = evening("shell", env={"SHELL": "/no/such/shell"})
    assert (done.code, "/no/such/shell" in done.err, "Traceback" in done.err) == (2, True, False)


@pytest.mark.parametrize("kind", ["python", "cli", "cloudformation", "terraform"])
def test_a_folder_to_begin_in_is_a_submission_that_does_nothing(evening: Evening, kind: str) -> None:
    if kind == "terraform" and not shutil.which("terraform"):
        pytest.skip("there is no terraform here")
    done = evening.start("hello", "--files", kind, "--into", "work")
    folder = evening.home / "work"
    assert "work has TASK.md, .env, .gitignore" in done.out
    assert BUCKET in (folder / "TASK.md").read_text("utf-8")
    assert f"AWS_ENDPOINT_URL=http://127.0.0.1:{evening.port}" in (folder / ".env").read_text()
    if kind != "terraform":  # which wants its provider from a registry
        report = evening("run", "hello", folder, "--format", "json").report
        assert (report["score"], report["run"]["exit_code"]) == (0, 0), report["run"]
    entry = {"python": "main.py", "cli": "main.sh", "cloudformation": "template.yaml", "terraform": "main.tf"}[kind]
    (folder / entry).write_text("mine")
    again = evening("start", "hello", "--files", kind, "--into", "work")
    assert "Left as it was there" in again.out
    assert (folder / entry).read_text() == "mine"
