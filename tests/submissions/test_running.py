from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from sandbox.processes import eventually, living

from grader import submissions
from grader.access import Access
from grader.errors import NotGradable
from grader.sandbox import Ended, open_sandbox
from grader.submissions import Run, StageRun, running
from grader.texts import say

Runner = Callable[..., Run]
ACCESS = Access("http://127.0.0.1:9", "111122223333", "hush", "eu-west-1", "111122223333")
PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def ended(run: Run) -> Ended:
    """How the last stage ended."""
    return run.stages[-1].ended


def test_a_python_script_runs_in_a_private_copy(run: Runner) -> None:
    code = "import os, helper; print(helper.WORD, os.path.basename(os.getcwd()), sorted(os.listdir()))"
    assert ended(run({"main.py": code, "helper.py": "WORD = 'hi'"})).stdout == "hi work ['helper.py', 'main.py']\n"


def test_what_a_submission_writes_does_not_reach_what_was_handed_in(run: Runner, tmp_path: Path) -> None:
    assert ended(run({"main.sh": "echo changed > main.sh; mkdir -p a/b; touch a/b/c"})).exit_code == 0
    assert sorted(path.name for path in (tmp_path / "handed in").rglob("*")) == ["main.sh"]


def test_the_environment_is_exactly_this(run: Runner, temporary: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET", "GITHUB_TOKEN", "PYTHONPATH", "AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3"):
        monkeypatch.setenv(name, "/caller")
    monkeypatch.setenv("PATH", f"relative::{os.environ['PATH']}")
    parameters = {"bucket": "photos-1", "ia-days": 30}
    found = json.loads(ended(run({"main.py": PRINT_ENVIRONMENT}, ACCESS, parameters)).stdout)
    private = Path(found["HOME"]).parent
    assert private.parent == temporary.resolve()
    path = found.pop("PATH").split(os.pathsep)
    assert path[0] == str(private / "bin")
    assert set(path[1:]) == {name for name in os.environ["PATH"].split(os.pathsep) if name.startswith("/")}
    assert found == {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ACCESS_KEY_ID": "111122223333",
        "AWS_SECRET_ACCESS_KEY": "hush",
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(private / "empty"),
        "AWS_SHARED_CREDENTIALS_FILE": str(private / "empty"),
        "AWS_PAGER": "",
        "HOME": str(private / "home"),
        "LANG": "C.UTF-8",
        "LAB_BUCKET": "photos-1",
        "LAB_IA_DAYS": "30",
        "LAB_ACCOUNT": "111122223333",
        "LAB_REGION": "eu-west-1",
    }


def test_the_configuration_files_are_there_and_empty(run: Runner) -> None:
    script = 'wc -c < "$AWS_CONFIG_FILE"; wc -c < "$AWS_SHARED_CREDENTIALS_FILE"; ls -A "$HOME"'
    assert ended(run({"main.sh": script})).stdout == "0\n0\n"


@pytest.mark.parametrize(
    ("code", "exit_code", "said"),
    [
        ("def (:", 1, "SyntaxError"),
        ("raise KeyError('bucket')", 1, "KeyError: 'bucket'"),
        ("raise SystemExit(7)", 7, ""),
        ("import os; os.kill(os.getpid(), 11)", -11, ""),
        ("import os; os._exit(0)", 0, ""),
    ],
)
def test_a_crash_is_shown_and_never_raised(run: Runner, code: str, exit_code: int, said: str) -> None:
    result = run({"main.py": code})
    assert ended(result).exit_code == exit_code
    assert said in ended(result).stderr
    assert result.stages[0].succeeded == (exit_code == 0)


def test_a_shell_script_with_a_syntax_error_is_shown(run: Runner) -> None:
    result = ended(run({"main.sh": "if then"}))
    assert result.exit_code == 2
    assert "main.sh: line 1: syntax error" in result.stderr


def test_what_was_printed_before_a_kill_is_kept(run: Runner) -> None:
    result = ended(run({"main.py": "import time\nprint('begun')\ntime.sleep(300)"}, seconds=3))
    assert (result.exit_code, result.timed_out, result.stdout) == (None, True, "begun\n")


def test_python_in_a_shell_script_keeps_it_too(run: Runner) -> None:
    script = "python -c 'import time; print(1); time.sleep(300)'"
    assert ended(run({"main.sh": script}, seconds=3)).stdout == "1\n"


@pytest.mark.parametrize("name", ["python", "python3"])
def test_python_in_a_shell_script_has_boto3(run: Runner, name: str) -> None:
    script = f"{name} -c 'import boto3, sys; print(sys.prefix)'"
    assert ended(run({"main.sh": script})).stdout == f"{sys.prefix}\n"


def test_windows_line_ends_and_byte_order_marks_are_taken(run: Runner) -> None:
    script = b"\xef\xbb\xbf#!/bin/bash\r\nset -e\r\nif true; then\r\n  . ./more.sh\r\nfi\r\n"
    files = {"main.sh": script, "more.sh": b"echo here\r\n", "data.txt": b"a\r\n"}
    assert ended(run(files)) == Ended(0, False, pytest.approx(0, abs=30), "here\n", "", False)


def test_data_is_copied_as_it_is(run: Runner) -> None:
    files = {"main.sh": "od -An -c data.txt", "data.txt": b"\xef\xbb\xbfa\r\n"}
    assert ended(run(files)).stdout.split() == ["357", "273", "277", "a", "\\r", "\\n"]


def test_a_program_with_a_first_line_can_be_started(run: Runner) -> None:
    assert ended(run({"main.sh": "./tool", "tool": "#!/bin/sh\necho ran"})).stdout == "ran\n"


@pytest.mark.parametrize("name", ["a b.sh", "-rf.sh", "줄\n바꿈.sh", "$(touch x)'\".sh"])
def test_a_script_of_any_name_runs(run: Runner, name: str) -> None:
    assert ended(run({name: "echo ran"})).stdout == "ran\n"


@pytest.mark.parametrize("name", ["-c.py", "a b.py"])
def test_a_python_script_of_any_name_runs(run: Runner, name: str) -> None:
    assert ended(run({name: "print('ran')"})).stdout == "ran\n"


def test_there_is_no_standard_input(run: Runner) -> None:
    assert ended(run({"main.py": "import sys; print(repr(sys.stdin.read()))"})).stdout == "''\n"


def test_output_that_is_no_text_is_shown_as_such(run: Runner) -> None:
    assert ended(run({"main.sh": r"printf 'caf\xe9'"})).stdout == "caf\N{REPLACEMENT CHARACTER}"


def test_one_huge_line_is_cut_and_said(run: Runner) -> None:
    result = run({"main.py": "print('x' * 3_000_000)"})
    assert "\n[... 2934465 bytes left out ...]\n" in ended(result).stdout
    assert result.to_json()["truncated"] is True


def test_a_daemon_is_dead_when_the_run_is_over(run: Runner, tmp_path: Path) -> None:
    mark = f"daemon-{os.getpid()}-{tmp_path.name}"
    script = f"setsid bash -c 'exec -a {mark} sleep 300' > /dev/null 2>&1 &\nsleep 0.2\necho gone"
    assert ended(run({"main.sh": script})).stdout == "gone\n"
    assert living(mark) == []


def test_locked_folders_are_removed_all_the_same(run: Runner) -> None:
    run({"main.sh": "mkdir -p a/b/c; touch a/b/c/d; chmod 000 a/b/c a/b a"})


def test_a_tower_of_folders_is_removed_all_the_same(run: Runner) -> None:
    code = "import os\nfor _ in range(3000):\n    os.mkdir('d' * 50)\n    os.chdir('d' * 50)\nprint('up')"
    assert ended(run({"main.py": code})).stdout == "up\n"


def test_a_file_that_goes_after_it_was_read_is_named(tmp_path: Path, temporary: Path) -> None:
    (tmp_path / "main.py").write_text("x")
    submission = submissions.read(tmp_path / "main.py")
    (tmp_path / "main.py").unlink()
    with pytest.raises(NotGradable, match=r"main\.py: cannot be read \(No such file"):
        submissions.run(submission, access=ACCESS, parameters={}, sandbox=open_sandbox("none"))
    assert list(temporary.iterdir()) == []


def test_stages_run_in_order_and_a_failed_one_ends_the_run(run: Runner) -> None:
    files = {"a.sh": "echo a", "b.py": "print('b'); raise SystemExit(4)", "c.sh": "echo c"}
    result = run({**files, "labgrade.toml": 'order = ["b.py", "c.sh", "a.sh"]'})
    assert [stage.entry for stage in result.stages] == ["b.py"]
    result = run({**files, "labgrade.toml": 'order = ["a.sh", "b.py", "c.sh"]'})
    assert [stage.entry for stage in result.stages] == ["a.sh", "b.py"]
    found = result.to_json()
    assert (found["exit_code"], found["stdout"]) == (4, "a\nb\n")


def test_stages_share_one_folder(run: Runner) -> None:
    files = {"a.sh": "echo word > made", "b.sh": "cat made", "labgrade.toml": 'order = ["a.sh", "b.sh"]'}
    assert run(files).to_json()["stdout"] == "word\n"


def test_a_run_as_json_has_every_name_of_the_contract() -> None:
    first = StageRun("cloudformation", "template.yaml", Ended(0, False, 0.25, "CREATE_COMPLETE\n", "", False))
    second = StageRun("shell", "main.sh", Ended(None, True, 60.0004, "x", "err", True), say("{a} failed", a="Bucket"))
    assert Run((first, second)).to_json() == {
        "exit_code": None,
        "timed_out": True,
        "seconds": 60.25,
        "stdout": "CREATE_COMPLETE\nx",
        "stderr": "err",
        "truncated": True,
        "stages": [
            {
                **{"kind": "cloudformation", "entry": "template.yaml", "exit_code": 0, "timed_out": False},
                **{"seconds": 0.25, "message": None, "texts": {}},
            },
            {
                **{"kind": "shell", "entry": "main.sh", "exit_code": None, "timed_out": True, "seconds": 60.0},
                "message": "Bucket failed",
                "texts": {"message": {"template": "{a} failed", "args": {"a": "Bucket"}}},
            },
        ],
    }


GRADER = """
import sys, tempfile
from grader import submissions
from grader.access import Access
from grader.sandbox import open_sandbox
tempfile.tempdir = sys.argv[2]
try:
    submission = submissions.read(sys.argv[1])
    submissions.run(submission, access=Access("http://127.0.0.1:9"), parameters={}, sandbox=open_sandbox("none"))
except BaseException as error:
    print(repr(error))
"""


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, "KeyboardInterrupt()"), (signal.SIGTERM, "SystemExit(143)")]
)
def test_a_signal_ends_the_tree_clears_the_folder_and_goes_on(
    tmp_path: Path, temporary: Path, number: signal.Signals, raised: str
) -> None:
    mark = f"{raised}-{os.getpid()}-{tmp_path.name}"
    script = tmp_path / "main.sh"
    script.write_text(f"(setsid bash -c 'exec -a \"{mark}\" sleep 300' &)\nexec -a '{mark}' sleep 300")
    grader = subprocess.Popen(
        [sys.executable, "-c", GRADER, str(script), str(temporary)], stdout=subprocess.PIPE, text=True
    )
    assert eventually(lambda: len(living(mark)) >= 2)
    grader.send_signal(number)
    assert grader.communicate(timeout=20)[0] == f"{raised}\n"
    assert living(mark) == []
    assert list(temporary.iterdir()) == []


def test_the_callers_own_handler_of_sigterm_is_left_in_place(run: Runner) -> None:
    before = signal.getsignal(signal.SIGTERM)
    heard: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: heard.append(number))
    try:
        run({"main.py": f"import os; os.kill({os.getpid()}, 15)"})
        assert heard == [15]
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        run({"main.py": "pass"})
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGTERM, before)


def test_the_overhead_of_a_run_is_small(run: Runner) -> None:
    run({"main.sh": "true"})
    assert min(_processor_seconds(run) for _ in range(5)) < 0.1  # 0.03; not by the clock, as tests run side by side


def _processor_seconds(run: Runner) -> float:
    before = os.times()
    run({"main.sh": "true"})
    return sum(os.times()[:4]) - sum(before[:4])


def test_reading_and_running_import_nothing_heavy() -> None:
    code = """
        import sys
        import grader.submissions, grader.sandbox
        print(sorted({"boto3", "botocore", "yaml", "moto", "ctypes", "jinja2"} & set(sys.modules)))
    """
    found = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"


def test_removal_says_nothing_of_a_folder_that_is_gone(tmp_path: Path) -> None:
    running._remove(tmp_path / "gone")
