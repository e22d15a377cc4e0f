"""`labgrade run` as a student meets it: right work, wrong work, and every kind of bad input."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import LABGRADE, ROOT, SECRET, Labgrade, clean_environment

RIGHT = """
import boto3, os
s3, bucket = boto3.client("s3"), os.environ["LAB_BUCKET"]
s3.create_bucket(Bucket=bucket)
s3.put_bucket_tagging(Bucket=bucket, Tagging={"TagSet": [{"Key": "course", "Value": "labgrade"}]})
"""


@pytest.fixture
def main(tmp_path: Path) -> Path:
    """Where a submission's main.py goes."""
    (tmp_path / "work").mkdir()
    return tmp_path / "work" / "main.py"


def test_right_work_has_full_marks_and_exit_0(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT)
    done = labgrade("run", "hello", main)
    assert (done.code, done.err) == (0, "")
    assert "100 of 100" in done.out


def test_wrong_work_is_graded_and_exits_1(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT.replace('"Value": "labgrade"', '"Value": "Labgrade"'))
    done = labgrade("run", "hello", main)
    assert done.code == 1
    assert "FAIL" in done.out
    assert "Labgrade" in done.out


def test_work_that_does_nothing_scores_nothing(labgrade: Labgrade, main: Path) -> None:
    main.write_text("")
    main.write_text("print('hello')\n")
    report = labgrade("run", "hello", main, "--format", "json").report
    assert (report["score"], report["max_score"], report["outcome"]) == (0, 100, "failed")
    assert report["run"]["stdout"] == "hello\n"


def test_a_minimum_is_enough_for_exit_0(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT.split("s3.put_bucket_tagging")[0])
    assert labgrade("run", "hello", main, "--min-score", "10%").code == 0
    assert labgrade("run", "hello", main, "--min-score", "99").code == 1


def test_a_students_names_reach_the_work_and_the_checks(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT + "print(bucket)\n")
    report = labgrade("run", "hello", main, "--student", "ada", "--course", "C1", "--format", "json").report
    assert report["score"] == 100
    assert (report["student"], report["course"]) == ("ada", "C1")
    assert report["run"]["stdout"].strip() == report["parameters"]["bucket"]
    assert report["parameters"]["bucket"] != "labgrade-hello-5e11a0"


def test_who_is_graded_is_found_in_labgrade_toml_above(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    main.write_text(RIGHT)
    (tmp_path / "labgrade.toml").write_text('student = "ada"\ncourse = "C1"\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    report = labgrade("run", "hello", main, "--format", "json", cwd=below).report
    assert (report["student"], report["course"]) == ("ada", "C1")


def test_every_flag_has_its_variable(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT)
    variables = {"LABGRADE_STUDENT": "bob", "LABGRADE_FORMAT": "json"}
    assert labgrade("run", "hello", main, env=variables).report["student"] == "bob"


def test_nothing_of_the_callers_environment_reaches_the_work(labgrade: Labgrade, main: Path) -> None:
    main.write_text("import os\nprint(sorted(os.environ.items()))\n")
    report = labgrade("run", "hello", main, "--format", "json").report
    assert SECRET not in str(report)
    assert "AKIAREAL" not in str(report)


# What cannot be graded: exit 2, one line, nothing run.


def refused(done: object, *words: str) -> None:
    code, out, err = done.code, done.out, done.err  # type: ignore[attr-defined]
    assert (code, out) == (2, ""), (code, out, err)
    assert "Traceback" not in err
    for word in words:
        assert word in err, err


def test_an_unknown_lab_gets_the_nearest_name(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT)
    refused(labgrade("run", "helo", main), "'helo'", "did you mean hello?")


def test_an_unknown_command_gets_the_nearest_name(labgrade: Labgrade) -> None:
    refused(labgrade("rum", "hello"), "'rum'", "did you mean run?")


def test_a_missing_submission_is_named(labgrade: Labgrade) -> None:
    refused(labgrade("run", "hello", "nowhere/main.py"), "nowhere/main.py")


def test_an_empty_folder_is_no_submission(labgrade: Labgrade, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(labgrade("run", "hello", tmp_path / "empty"), "main.py")


def test_two_entries_of_one_sort_are_named(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT)
    main.with_name("main.sh").write_text("true\n")
    refused(labgrade("run", "hello", main.parent), "main.py", "main.sh")


def test_a_binary_is_no_submission(labgrade: Labgrade, main: Path) -> None:
    main.write_bytes(b"\x7fELF\x00\x00\x01\x02" * 100)
    refused(labgrade("run", "hello", main), "main.py")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_submission_is_named(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT)
    main.chmod(0)
    refused(labgrade("run", "hello", main), "main.py")


def test_a_submission_never_runs_on_an_emulator_that_was_found(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT)
    done = labgrade("run", "hello", main, "--endpoint-url", "http://127.0.0.1:9")
    refused(done, "--endpoint-url")


def test_nothing_to_grade_says_what_to_do(labgrade: Labgrade) -> None:
    refused(labgrade("run", "hello"), "labgrade")


@pytest.mark.parametrize("report", ["json", "pdf=x", "json="])
def test_a_report_that_is_not_understood_is_named(labgrade: Labgrade, main: Path, report: str) -> None:
    main.write_text(RIGHT)
    refused(labgrade("run", "hello", main, "--report", report), report)


@pytest.mark.parametrize("most", ["0", "99999999999999999"])
def test_a_limit_that_no_kernel_can_count_to_is_not_the_students(labgrade: Labgrade, main: Path, most: str) -> None:
    main.write_text(RIGHT)
    refused(labgrade("run", "hello", main, "--limit-memory", most), "--limit-memory")


def test_a_broken_labgrade_toml_is_named(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    main.write_text(RIGHT)
    (tmp_path / "labgrade.toml").write_text("student = ada\n")
    refused(labgrade("run", "hello", main, cwd=tmp_path), "labgrade.toml")


# Work that goes wrong while it runs: it is shown, and what is there is graded.


def test_a_syntax_error_is_shown_and_graded(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT + "def broken(:\n")
    done = labgrade("run", "hello", main)
    assert done.code == 1
    assert "SyntaxError" in done.out
    assert "0 of 100" in done.out


def test_a_crash_still_grades_what_is_there(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT + "raise RuntimeError('after the work')\n")
    done = labgrade("run", "hello", main)
    assert done.code == 0
    assert "after the work" in done.out
    assert "100 of 100" in done.out


def test_work_that_never_ends_is_stopped_and_graded(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT + "import time\nprint('here', flush=True)\ntime.sleep(600)\n")
    report = labgrade("run", "hello", main, "--timeout", "3", "--format", "json").report
    assert (report["score"], report["run"]["timed_out"], report["run"]["exit_code"]) == (100, True, None)
    assert report["run"]["stdout"] == "here\n"


def test_children_that_are_left_behind_are_dead_before_the_checks(labgrade: Labgrade, main: Path) -> None:
    late = (
        "import os, time, boto3\n"
        "if os.fork() == 0:\n"
        "    os.setsid()\n"
        "    if os.fork() == 0:\n"
        "        time.sleep(1.5)\n"
        "        exec(open('right.py').read())\n"
        "    os._exit(0)\n"
    )
    main.write_text(late)
    main.with_name("right.py").write_text(RIGHT)
    assert "0 of 100" in labgrade("run", "hello", main.parent).out


def test_a_hundred_megabytes_of_output_are_kept_in_bounds(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT + "for n in range(100): print('x' * 1_000_000)\nprint('the end')\n")
    report = labgrade("run", "hello", main, "--format", "json").report
    assert (report["score"], report["run"]["truncated"]) == (100, True)
    assert len(report["run"]["stdout"]) < 70_000
    assert report["run"]["stdout"].endswith("the end\n")


def test_work_that_closes_its_outputs_is_graded(labgrade: Labgrade, main: Path) -> None:
    main.write_text("import os\nos.close(1); os.close(2)\n" + RIGHT)
    assert labgrade("run", "hello", main).code == 0


def test_work_that_names_its_own_endpoint_is_told_to_leave_it_out(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT.replace('client("s3")', 'client("s3", endpoint_url="http://127.0.0.1:9")'))
    done = labgrade("run", "hello", main)
    assert done.code == 1
    assert "endpoint_url" in done.out


def test_a_template_that_does_not_parse_is_shown_with_its_line(labgrade: Labgrade, tmp_path: Path) -> None:
    template = tmp_path / "template.yaml"
    template.write_text("Resources:\n  Bucket:\n   Type: [AWS::S3::Bucket\n")
    done = labgrade("run", "hello", template)
    assert done.code == 1
    assert "line" in done.out


# Faults that are not the student's: exit 3, no mark.

LAB = 'title = "A lab"\nsummary = "It."\nservices = ["s3"]\nminutes = 5\n'
CHECKER = """
from grader.checks import check
D = dict(doc="https://docs.aws.amazon.com/x", why="W", fix="F")

@check(weight=1, **D)
def breaks(aws, given):
    '''It breaks.'''
    %s

@check(weight=1, **D)
def holds(aws, given):
    '''It holds.'''
    aws.read("s3", "list_buckets")
"""


def own_lab(folder: Path, toml: str = LAB, fault: str = "{}['Rules']") -> Path:
    place = folder / "labs" / "mine"
    place.mkdir(parents=True)
    (place / "lab.toml").write_text(toml)
    (place / "checker.py").write_text(CHECKER % fault)
    return place.parent


def test_a_broken_lab_names_file_and_line(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    main.write_text(RIGHT)
    done = labgrade("run", "mine", main, "--labs", own_lab(tmp_path, LAB + "nonsense = 1\n"))
    assert done.code == 3
    assert "lab.toml:5: unknown key 'nonsense'" in done.err
    assert "Traceback" not in done.err


def test_a_check_that_raises_is_our_error_and_the_others_go_on(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    main.write_text(RIGHT)
    done = labgrade("run", "mine", main, "--labs", own_lab(tmp_path), "--format", "json")
    assert done.code == 3
    assert [check["outcome"] for check in done.report["checks"]] == ["error", "passed"]
    assert done.report["outcome"] == "error"


@pytest.mark.parametrize("before", [True, False])
def test_debug_shows_where_a_check_raised(labgrade: Labgrade, main: Path, tmp_path: Path, before: bool) -> None:
    main.write_text(RIGHT)
    words = ["run", "mine", main, "--labs", own_lab(tmp_path)]
    done = labgrade(*(["--debug", *words] if before else [*words, "--debug"]))
    assert done.code == 3
    assert "Traceback" in done.err
    assert "checker.py" in done.err


KILL = """
import os, signal
from pathlib import Path
def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
above, known = os.getpid(), set()
while above > 1:
    known.add(above)
    above = parent(above)
for entry in Path("/proc").iterdir():
    if entry.name.isdigit() and int(entry.name) not in known:
        try:
            ours = parent(int(entry.name)) in known and b"emulators" in (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if ours:
            os.kill(int(entry.name), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="finds the emulator in /proc")
def test_work_that_brings_the_emulator_down_twice_is_the_students(labgrade: Labgrade, main: Path) -> None:
    main.write_text(KILL)
    done = labgrade("run", "hello", main, "--sandbox", "none")
    assert done.code == 1
    assert "stopped answering" in done.out


@pytest.mark.skipif(sys.platform != "linux", reason="finds the emulator in /proc")
def test_an_emulator_that_dies_during_the_checks_is_ours(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    main.write_text(RIGHT)
    killing = f"exec({KILL!r}, {{}})"
    done = labgrade("run", "mine", main, "--sandbox", "none", "--labs", own_lab(tmp_path, fault=killing))
    assert done.code == 3
    assert "ERROR" in done.out


def test_a_sandbox_that_is_not_there_is_never_dropped_in_silence(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT)
    done = labgrade("run", "hello", main, "--sandbox", "user")
    assert (done.code, done.out) == (3, "")
    assert "user" in done.err


# The machine around it.


def test_a_report_that_cannot_be_written_is_not_lost(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    main.write_text(RIGHT)
    done = labgrade("run", "hello", main, "--format", "json", "--output", tmp_path / "no" / "such" / "report.json")
    assert done.code == 2
    assert done.report["score"] == 100
    assert "report.json" in done.err


def test_reports_go_beside_the_terminal(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    main.write_text(RIGHT)
    done = labgrade("run", "hello", main, "--report", f"junit={tmp_path}/j.xml", "--report", f"json={tmp_path}/r.json")
    assert done.code == 0
    assert "100 of 100" in done.out
    assert "<testsuite" in (tmp_path / "j.xml").read_text()
    assert '"labgrade/report/v1"' in (tmp_path / "r.json").read_text()


@pytest.mark.parametrize("home", ["/nonexistent", "/dev/null"])
def test_no_home_directory_is_no_hindrance(labgrade: Labgrade, main: Path, home: str) -> None:
    main.write_text(RIGHT)
    assert labgrade("run", "hello", main, env={"HOME": home}).code == 0


def test_a_locale_that_is_not_utf8_is_no_hindrance(labgrade: Labgrade, main: Path) -> None:
    main.write_text(RIGHT.replace('"Value": "labgrade"', '"Value": "한국어 ☂"'))
    done = labgrade("run", "hello", main, env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"})
    assert done.code == 1
    assert "FAIL" in done.out
    assert "Traceback" not in done.err


def test_a_reader_that_goes_away_is_no_fault(tmp_path: Path) -> None:
    line = f"{LABGRADE} show hello | head -c 1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=clean_environment(tmp_path))
    assert done.stderr == ""


@pytest.mark.parametrize("level", ["none", "auto"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_all_that_was_started(main: Path, tmp_path: Path, number: int, code: int, level: str) -> None:
    asleep = f"asleep-{tmp_path.name}-{os.getpid()}"
    main.write_text(f"import os\nos.execlp('sleep', {asleep!r}, '600')\n")
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = clean_environment(tmp_path, {"TMPDIR": str(temporary)})
    process = subprocess.Popen(
        [LABGRADE, "run", "hello", main, "--sandbox", level],
        env=environment,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    deadline = time.monotonic() + 30
    while not _processes_naming(asleep) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    _, err = process.communicate(timeout=30)
    assert process.returncode == code
    assert "labgrade:" in err
    assert "Traceback" not in err
    assert list(temporary.iterdir()) == []
    assert _processes_naming(str(tmp_path)) + _processes_naming(asleep) == []


def _processes_naming(words: str) -> list[str]:
    if sys.platform != "linux":
        return []
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if words.encode() in (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes():
                    found.append((entry / "cmdline").read_text())
            except OSError:
                continue
    return found


def test_nothing_is_left_in_the_temporary_folder(labgrade: Labgrade, main: Path, tmp_path: Path) -> None:
    main.write_text(RIGHT)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    assert labgrade("run", "hello", main, env={"TMPDIR": str(temporary)}).code == 0
    assert list(temporary.iterdir()) == []


def test_help_and_list_import_nothing_heavy() -> None:
    heavy = ["boto3", "botocore", "moto", "jinja2", "rich", "yaml", "werkzeug"]
    for words in (["--help"], ["list"], []):
        code = (
            "import sys, grader.cli\n"
            f"sys.argv = ['labgrade', *{words!r}]\n"
            "try: grader.cli.main()\n"
            "except SystemExit: pass\n"
            f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
        assert done.stderr.strip() == "[]", (words, done.stderr)


def test_the_program_ends_as_an_interpreter_does(tmp_path: Path) -> None:
    code = (
        "import atexit, sys, threading, time, grader.cli\n"
        "atexit.register(print, 'the last word')\n"
        "threading.Thread(target=lambda: (time.sleep(0.3), print('waited for'))).start()\n"
        "sys.argv = ['labgrade', *sys.argv[1:]]\n"
        "grader.cli.program()\n"
    )
    told = {}
    for words in (["list"], ["show", "nowhere"]):
        with (tmp_path / words[0]).open("w+") as out:
            done = subprocess.run([sys.executable, "-c", code, *words], stdout=out, stderr=subprocess.PIPE, cwd=ROOT)
        told[words[0]] = (done.returncode, (tmp_path / words[0]).read_text().splitlines())
    assert told["list"][0] == 0
    assert told["list"][1][0].startswith("hello")
    assert told["list"][1][-2:] == ["waited for", "the last word"]
    assert told["show"] == (2, ["waited for", "the last word"])


def test_bare_labgrade_says_where_to_begin(labgrade: Labgrade) -> None:
    done = labgrade()
    assert done.code == 0
    assert "labgrade list" in done.out


def test_list_names_every_lab(labgrade: Labgrade) -> None:
    assert {"hello", "s3-lifecycle"} <= {line.split()[0] for line in labgrade("list").out.splitlines()}


def test_show_speaks_the_students_own_names(labgrade: Labgrade) -> None:
    assert "labgrade-hello-5e11a0" in labgrade("show", "hello").out
    assert "labgrade-hello-5e11a0" not in labgrade("show", "hello", "--student", "ada").out
