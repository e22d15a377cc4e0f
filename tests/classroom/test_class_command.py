"""`labgrade grade` and its sisters, as an instructor types them, on a real emulator."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import subprocess
import tarfile
import time
from pathlib import Path

import pytest
from classroom.handed import put
from conftest import LABGRADE, ROOT, Ended, Labgrade, clean_environment

from grader.submissions import tools
from grader.submissions.mirrors import this_system

RIGHT = (ROOT / "labs/hello/solutions/boto3/main.py").read_text("utf-8")
WRONG = RIGHT.replace('"course"', '"Course"')
SECRET = {"LABGRADE_SECRET": "0123456789abcdef-a-secret"}
ASSIGNMENT = """\
title = "Week 1"
course = "clouds-2027"
secret = "LABGRADE_SECRET"

[[labs]]
lab = "hello"
due = 2027-03-01T10:00:00Z

[late]
percent_per_day = 10
"""
ROSTER = "Student,Name\nada,Ada\ngrace,Grace\nken,Ken\nlinus,Linus\nkim,김철수\n"
BROKEN = (
    "from grader.checks import check\n\n@check(weight=1, doc='https://x', why='w', fix='f')\ndef holds(aws, given):\n"
    "    'It holds.'\n    raise RuntimeError\n"
)
UNSAFE = "x\x1b[2J::error::../y"


def call(place: Path, *words: object, env: dict[str, str] | None = None) -> Ended:
    done = subprocess.run(
        [LABGRADE, *map(str, words)], capture_output=True, cwd=place, timeout=180, env=clean_environment(place, env)
    )
    return Ended(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class that was graded: ada is right, kim late, grace wrong, ken not gradable, linus missing, one unknown."""
    place = tmp_path_factory.mktemp("class")
    put(place / "handed", "ken/notes.txt", f"{UNSAFE.replace('/', '%2F')}/main.py")
    for name, text in (("ada", RIGHT), ("grace", WRONG), ("kim/2027-03-01T11-00-00Z", RIGHT)):
        put(place / "handed", f"{name}/main.py")
        (place / "handed" / name / "main.py").write_text(text)
    (place / "assignment.toml").write_text(ASSIGNMENT)
    (place / "roster.csv").write_text(ROSTER, "utf-16")
    return place


GRADE = ("grade", "assignment.toml", "handed", "--roster", "roster.csv")


@pytest.fixture(scope="module")
def graded(place: Path) -> Ended:
    return call(place, *GRADE, "--out", "out", "--sandbox", "none", env=SECRET)


def test_a_dry_run_says_what_would_happen_and_leaves_no_trace(place: Path) -> None:
    before = sorted(place.rglob("*"))
    done = call(place, *GRADE, "--out", "dry", "--dry-run")
    assert (done.code, done.err) == (0, "")
    said = " ".join(done.out.split())
    assert "Found 5 submissions in a folder for each student." in said
    assert "Matched 4 of the roster's 5 students." in said
    assert "To grade 3 (hello 3)." in said
    assert "Late 1: kim (hello, 60 min, keeps 90%)" in said
    assert "Missing 1: linus (hello)" in said
    assert "Unknown 1: will not be graded:" in said
    assert (
        "Not gradable 1: no attempt, and no zero; say to them: ken (hello): ken: has no entry, only notes.txt." in said
    )
    assert "3 came without a time and count as in time: file times are never taken." in said
    assert "LABGRADE_SECRET is not set here: results will not be signed." in said
    assert "\x1b" not in done.out
    assert sorted(place.rglob("*")) == before


def test_others_work_is_not_run_without_a_box_unless_that_is_written_out(place: Path) -> None:
    done = call(place, *GRADE, "--out", "boxed", env={"PATH": str(place)})
    assert (done.code, done.out) == (3, "")
    assert "sandbox: there is no `bwrap` on your PATH" in done.err
    assert "--sandbox none" in done.err
    assert not (place / "boxed" / "reports").exists()


def test_a_class_gets_its_marks(place: Path, graded: Ended) -> None:
    assert graded.code == 0, graded.err
    assert "To grade" in graded.err, "it is said before anything runs"
    said = " ".join(graded.out.split())
    assert "hello 3 graded, 1 missing (counted as 0): mean 57.5%, median 65.0%, full marks 1." in said
    assert "ken (hello): ken: has no entry" in said
    reports = {path.stem: json.loads(path.read_bytes()) for path in (place / "out/reports/hello").iterdir()}
    assert sorted(reports) == ["ada", "grace", "kim"]
    assert reports["kim"]["grading"]["penalised_score"] == 90
    assert (reports["kim"]["score"], reports["grace"]["score"]) == (100, 40)


def test_nothing_is_graded_twice(place: Path, graded: Ended) -> None:
    assert graded.code == 0
    again = call(place, *GRADE, "--out", "out", "--sandbox", "none", env=SECRET)
    assert (again.code, again.out) == (0, graded.out)
    assert "To grade      0." in again.err


def test_limits_can_be_said_win_over_the_file_and_decide_what_is_graded_again(place: Path) -> None:
    put(place / "one", "ada/main.py")
    (place / "one/ada/main.py").write_text("import time; time.sleep(100)")
    limited = f"{ASSIGNMENT}\n[limits]\nprocesses = 99\nmemory_mib = "
    (place / "limited.toml").write_text(f"{limited}1\ntimeout_seconds = 90\n")
    words = ("grade", "limited.toml", "one", "--out", "limited", "--sandbox", "none", "--timeout", "0.5")
    done = call(place, *words, "--limit-memory", "300", env=SECRET)
    assert done.code == 0, done.err
    report = json.loads((place / "limited/reports/hello/ada.json").read_bytes())
    assert report["run"]["timed_out"]
    assert "Limits        0.5 s for each stage, 300 MiB of memory, 99 processes.\n" in done.err, "each wins by itself"
    assert "of the limits those on time and output hold" in " ".join(done.err.split())
    checked = call(place, "assignment", "check", "limited.toml").out
    assert "limits: 90 s for each stage, 1 MiB of memory, 99 processes.\n" in checked
    dry = ["--dry-run", "--limit-memory"]
    assert "To grade      0." in call(place, *words, *dry, "300").out
    assert "To grade      1 (hello 1)." in call(place, *words, *dry, "301").out
    assert "To grade      1 (hello 1)." in call(place, *words, "--dry-run").out
    assert "To grade      0." in call(place, *words, "--dry-run", env={"LABGRADE_LIMIT_MEMORY": "300"}).out
    (place / "limited.toml").write_text(f"{limited}300\n")
    assert "To grade      0." in call(place, *words, "--dry-run").out, "in the file or beside it is one"
    (place / "limited.toml").write_text(f"{limited}300\ndisk_mib = 512\n")
    assert "To grade      0." in call(place, *words, "--dry-run").out, "and what is the rule anyway changes nothing"


def test_a_mirror_of_providers_is_this_machines_and_what_is_graded_here_finds_it(place: Path) -> None:
    mirror = place / "mirror"
    (mirror / "registry.terraform.io/hashicorp/aws/5.9.0" / this_system()).mkdir(parents=True)
    put(place / "formed", "ada/main.tf")
    required = 'required_providers { aws = { source = "hashicorp/aws"\n version = "4.1.0" } }'
    (place / "formed/ada/main.tf").write_text(f"terraform {{\n {required}\n}}\n")
    words = ("grade", "hello", "formed", "--out", "formed-out", "--sandbox", "none", "--terraform-mirror", mirror)
    there = call(place, *words, "--cluster", "tcp://127.0.0.1:1")
    assert (there.code, "with --cluster, set it as a variable on each worker" in there.err) == (2, True)
    if tools.find("terraform") is None:
        pytest.skip("there is no terraform")
    assert call(place, *words).code == 0
    report = json.loads((place / "formed-out/reports/hello/ada.json").read_bytes())
    assert "aws 4.1.0, and the mirror on this machine has 5.9.0" in report["run"]["stages"][0]["message"]


def test_a_fault_of_ours_is_listed_and_not_as_left_to_do(place: Path) -> None:
    lab = place / "labs" / "broken"
    lab.mkdir(parents=True)
    (lab / "lab.toml").write_text('title = "B"\nsummary = "B."\nservices = ["s3"]\nminutes = 1\n')
    (lab / "checker.py").write_text(BROKEN)
    put(place / "faulty", "ada/main.py")
    done = call(place, "grade", "broken", "faulty", "--labs", "labs", "--out", "faults", "--sandbox", "none")
    assert (done.code, "nobody is graded" in done.out) == (3, True)
    assert "ada (broken): holds:" in " ".join(done.out.split())
    assert "Left" not in done.out


def test_an_adjustment_is_merged_and_kept(place: Path, graded: Ended) -> None:
    assert graded.code == 0
    path = place / "out" / "adjustments.csv"
    empty = path.read_text()
    path.write_text(f"{empty}grace,hello,10,,the room was dark\nlinus,,,yes,ill\n")
    try:
        again = call(place, *GRADE, "--out", "out", "--sandbox", "none", env=SECRET)
        assert "mean 80.0%" in again.out
        assert "1 excused" in again.out
        path.write_text(f"{empty}nobody,,1,,\n")
        wrong = call(place, *GRADE, "--out", "out", "--sandbox", "none", env=SECRET)
        assert (wrong.code, wrong.out) == (2, "")
        assert "adjustments.csv:2: nobody in this class is 'nobody'" in wrong.err
    finally:
        path.write_text(empty)


def test_reports_are_verified_against_the_secret_and_the_work(place: Path, graded: Ended) -> None:
    assert graded.code == 0
    report = place / "out/reports/hello/ada.json"
    ours = call(place, "verify", report, "--submission", "handed/ada", env=SECRET)
    assert ours.code == 0
    assert "ada.json: OURS, unchanged: ada, hello, 100 of 100, submission " in ours.out
    assert "OTHER WORK" in call(place, "verify", report, "--submission", "handed/grace", env=SECRET).out
    (place / "forged.json").write_text(report.read_text().replace('"person": "ada"', '"person": "grace"'))
    (place / "none.json").write_text("{}")
    lines = [{"person": "ada", "report": json.loads(report.read_text())}, {"person": "linus", "report": None}]
    (place / "all.jsonl").write_text("\n\n".join(map(json.dumps, lines)))
    forged = call(
        place, "verify", "forged.json", "none.json", "all.jsonl", "--assignment", "assignment.toml", env=SECRET
    )
    assert forged.code == 1
    assert [line.split(":")[1].strip() for line in forged.out.splitlines()] == ["NOT OURS", "NO REPORT", "1"]
    other = call(place, "verify", report, env={"LABGRADE_SECRET": "another-secret-of-length"})
    assert (other.code, "another secret signed it" in other.out) == (1, True)
    unset = call(place, "verify", report)
    assert (unset.code, "LABGRADE_SECRET: is not set" in unset.err) == (2, True)


def test_the_secret_stands_in_nothing_that_is_written(place: Path, graded: Ended) -> None:
    secret = SECRET["LABGRADE_SECRET"].encode()
    assert graded.code == 0
    written = [path for path in (place / "out").rglob("*") if path.is_file()]
    assert len(written) >= 5
    assert not any(secret in path.read_bytes() for path in written)
    assert secret.decode() not in graded.out + graded.err


def test_two_gradings_are_compared(place: Path, graded: Ended) -> None:
    assert graded.code == 0
    shutil.copytree(place / "handed", place / "later")
    (place / "later/grace/main.py").write_text(RIGHT)
    (place / "later/ada/main.py").write_text(WRONG)
    words = ("grade", "assignment.toml", "later", "--roster", "roster.csv", "--out", "out2", "--sandbox", "none")
    assert call(place, *words, env=SECRET).code == 0
    done = call(place, "diff", "out", "out2")
    lines = done.out.splitlines()
    assert done.code == 0
    assert lines[0] == "ada hello: 100 -> 40 (-60)"
    assert lines[1].startswith(
        "    cost_reports_count_the_bucket_for_the_course 60/60 PASS -> 0/60 FAIL: none of its tags"
    )
    assert "grace hello: 40 -> 100 (+60)" in lines
    assert "    the submission changed" in lines
    assert lines[-1] == "1 gain, 1 lose, 0 change without points, 3 are the same."
    files = [f"{out}/reports/hello/ada.json" for out in ("out", "out2")]
    assert "ada hello: 100 -> 40 (-60)" in call(place, "diff", *files).out
    assert call(place, "diff", "out", "out").out == "0 gain, 0 lose, 0 change without points, 5 are the same.\n"


def test_a_student_can_be_named_as_anywhere(place: Path, graded: Ended) -> None:
    assert graded.code == 0
    wrong = call(place, *GRADE, "--out", "out", "--student", "adda", "--sandbox", "none")
    assert (wrong.code, "--student: nobody in this class is 'adda'" in wrong.err) == (2, True)
    one = call(place, *GRADE, "--out", "x", "--student", "Ada", "--dry-run")
    assert "To grade      1 (hello 1)." in one.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("grade", "hello", "nowhere", "--out", "x"), "nowhere: is not there."),
        (("grade", "hello", "empty", "--out", "x", "--dry-run"), "empty: nothing was handed in here"),
        (("grade", "helo", "handed", "--out", "x"), "no lab is called 'helo': did you mean hello?"),
        (("grade", "none.toml", "handed", "--out", "x"), "none.toml: cannot be read: No such file"),
        (("grade", "hello", "handed", "--out", "assignment.toml"), "assignment.toml: cannot be written: File exists"),
        (("grade", "hello", "handed", "--out", "x", "--roster", "nobody.csv"), "nobody.csv: cannot be read"),
        (("diff", "handed", "handed"), "holds no results of labgrade grade"),
        (("diff", "roster.csv", "handed"), "roster.csv: file is not a database"),
        (("assignment", "check", "none.toml"), "none.toml: cannot be read"),
    ],
)
def test_bad_input_is_one_line(place: Path, words: tuple[str, ...], told: str) -> None:
    (place / "empty").mkdir(exist_ok=True)
    done = call(place, *words)
    assert (done.code, done.out) == (2, "")
    assert told in done.err
    assert len(done.err.splitlines()) == 1


def test_an_assignment_is_begun_checked_and_handed_out(labgrade: Labgrade, tmp_path: Path) -> None:
    begun = labgrade("assignment", "init", "hello", "s3-lifecycle", "--title", "Week 1", "--course", "c1", cwd=tmp_path)
    assert (begun.code, "assignment.toml is written" in begun.out) == (0, True)
    assert labgrade("assignment", "init", "hello", cwd=tmp_path).code == 2
    (tmp_path / "roster.csv").write_text("student\nada\n../grace\n")
    checked = labgrade("assignment", "check", "--roster", "roster.csv", cwd=tmp_path)
    assert checked.code == 0
    assert checked.out.splitlines()[-3:] == [
        "hello: weight 1, no due time",
        "s3-lifecycle: weight 1, no due time",
        "Nothing to mend.",
    ]
    handout = ("handout", ".", "--roster", "roster.csv", "--out", "given")
    assert labgrade(*handout, cwd=tmp_path).out == "given: 2 students, 10 files written.\n"
    assert sorted(path.name for path in (tmp_path / "given").iterdir()) == ["%2E.%2Fgrace", "ada"]
    ada = tmp_path / "given" / "ada"
    assert (ada / "labgrade.toml").read_text() == 'student = "ada"\ncourse = "c1"\n'
    task = labgrade("show", "hello", "--student", "ada", "--course", "c1").out
    assert (ada / "hello" / "TASK.md").read_text().strip() == task.strip()
    (ada / "hello" / "main.py").write_text(RIGHT)
    assert "there already" in labgrade(*handout, cwd=tmp_path).out
    assert (ada / "hello" / "main.py").read_text() == RIGHT, "a handout takes nothing away"
    given = labgrade("grade", ".", "given", "--roster", "roster.csv", "--out", "x", "--dry-run", cwd=tmp_path)
    assert "Matched       2 of the roster's 2 students." in given.out, "a handout is handed in as it is"


def test_check_says_what_an_assignment_comes_to(labgrade: Labgrade, tmp_path: Path) -> None:
    hidden = 'hidden = ["bucket_exists"]\nhidden_until = 2027-03-08T00:00:00Z\n\n[late]\ngrace_minutes = 15\n'
    rest = 'floor_percent = 50\nreject_after_days = 7\n\n[[extensions]]\nstudent = "ada"\ndays = 2\n'
    (tmp_path / "assignment.toml").write_text(ASSIGNMENT.replace("\n[late]\n", hidden) + rest)
    checked = labgrade("assignment", "check", cwd=tmp_path)
    assert checked.out.splitlines()[-4:] == [
        "hello: weight 1, due 2027-03-01 10:00+00:00, hides 1 of its checks until 2027-03-08 00:00+00:00",
        "ada: hello due 2027-03-03 10:00+00:00",
        "late: 15 min of grace, 10% less for each day begun, but 50% at the least, nothing after 7 days.",
        "Nothing to mend.",
    ]


def packed(text: str) -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w:gz") as archive:
        info = tarfile.TarInfo("work/main.py")
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text.encode()))
    return kept.getvalue()


def test_a_tar_on_standard_input_is_graded_as_json(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    env = clean_environment(tmp_path, {"TMPDIR": str(temporary)})
    done = subprocess.run(
        [LABGRADE, "run", "hello", "-"], input=packed(RIGHT), capture_output=True, env=env, timeout=120
    )
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert (report["score"], report["submission"]["path"]) == (100, "-"), "where it was unpacked is nobody's affair"
    broken = subprocess.run([LABGRADE, "run", "hello", "-"], input=b"hello", capture_output=True, env=env, timeout=120)
    assert broken.returncode == 2
    assert b"standard input: cannot be unpacked" in broken.stderr
    assert list(temporary.iterdir()) == []


def test_told_to_end_it_tidies_up_and_says_so(tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    env = clean_environment(tmp_path, {"TMPDIR": str(temporary)})
    waiting = 'import pathlib, sys, time\nprint("here")\npathlib.Path("/proc/self")\ntime.sleep(60)\n'
    process = subprocess.Popen(
        [LABGRADE, "run", "hello", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=env
    )
    assert process.stdin is not None
    process.stdin.write(packed(waiting))
    process.stdin.close()
    process.stdin = None
    deadline = time.monotonic() + 60
    while not any(temporary.rglob("main.py")) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(2)  # the work runs
    os.kill(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (143, b"")
    assert b"labgrade: told to end; what it had started was ended." in err
    assert list(temporary.iterdir()) == []
