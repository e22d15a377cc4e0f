"""What is handed in attacks by lying there: links, pipes, names, archives. None of it is run, waited for or believed."""

from __future__ import annotations

import ast
import csv
import io
import json
import os
import re
import socket
import stat
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from attacks.conftest import IN_THE_BOX, RIGHT
from attacks.test_forging import PRINTED
from conftest import ROOT, Labgrade, clean_environment, ended

FORGED = json.dumps({"schema": "labgrade/report/v1", "score": 100, "max_score": 100, "outcome": "passed", "checks": []})
NAMES = [b"new\nline.txt", b"\x1b]0;title\x07\x1b[2J.txt", "x\u202egnp.txt".encode(), b"\xff\xfe.txt", b"::error::x"]
TEXTS = {
    "report.json": FORGED,
    "results.json": FORGED,
    "reports/hello/ada.json": FORGED,
    "aws": "#!/bin/sh\necho shadow\n",
    "sitecustomize.py": "raise SystemExit('shadow')",
    "conftest.py": "raise SystemExit('shadow')",
    "labgrade.toml": 'student = "grace"\ncourse = "another"\nentry = "main.py"\n',
}
LOOKS = """
import json, shutil
found = sorted(os.path.relpath(os.path.join(folder, name), ".") for folder, _, names in os.walk(".") for name in names)
links = [name for name in found if os.path.islink(name)]
print(ascii({"found": found, "links": links, "odd": [name for name in found if not os.path.isfile(name)],
             "aws": shutil.which("aws")}))
for path in ("report.json", "../report.json", "/tmp/report.json", "/lab/report.json"):
    try:
        open(path, "w").write(FORGED)
    except OSError:
        pass
"""


def hostile(work: Path, secret: Path) -> Path:
    """A right answer among everything that a folder can hold."""
    work.mkdir()
    for name, text in TEXTS.items():
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text(text)
    printing = f"for line in {PRINTED!r}: print(line); print(line, file=sys.stderr)\n"
    (work / "main.py").write_text(f"{IN_THE_BOX}{RIGHT}FORGED = {FORGED!r}\n{LOOKS}{printing}")
    (work / "aws").chmod(0o755)
    solutions = ROOT / "labs/hello/solutions"
    places = {"passwd": "/etc/passwd", "solutions": solutions, "other": secret, "up": "..", "gone": "/nowhere/at/all"}
    for name, target in {**places, "loop": "loop", "here": ".", "memory": "/proc/self/mem"}.items():
        (work / f"link-{name}").symlink_to(target)
    os.link(work / "aws", work / "hard")
    os.mkfifo(work / "pipe.py")
    with socket.socket(socket.AF_UNIX) as one:
        here = Path.cwd()
        os.chdir(work)  # a socket's path has 108 bytes
        try:
            one.bind("socket")
        finally:
            os.chdir(here)
    with suppress(PermissionError):  # only root makes one
        os.mknod(work / "zero", 0o600 | stat.S_IFCHR, os.makedev(1, 5))
    for name in NAMES:
        Path(os.fsdecode(os.fsencode(work) + b"/" + name)).write_text("x")
    return work


def test_a_folder_of_everything_is_graded_as_if_none_of_it_were_there(
    labgrade: Labgrade, tmp_path: Path, secret: Path
) -> None:
    work = hostile(tmp_path / "work", secret)
    shapes = ("json", "html", "junit", "markdown")
    flags = [word for shape in shapes for word in ("--report", f"{shape}={tmp_path / shape}")]
    github = {name: str(tmp_path / name) for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    done = labgrade("run", "hello", work, "--sandbox", "bwrap", *flags, env={"GITHUB_ACTIONS": "true", **github})
    assert (done.code, done.err) == (0, "")
    report = json.loads((tmp_path / "json").read_text("utf-8"))
    assert (report["score"], report["outcome"], report["student"], report["course"]) == (100, "passed", None, None)
    seen = ast.literal_eval(report["run"]["stdout"].splitlines()[0])
    assert (seen["links"], seen["odd"], seen["aws"]) == ([], [], "/lab/bin/aws")
    assert {*TEXTS, "main.py", "hard", "new\nline.txt"} <= set(seen["found"])
    assert not [name for name in seen["found"] if name.startswith("link-") or name in ("pipe.py", "socket", "zero")]
    (note,) = [each["message"] for each in report["notes"] if "special files are left out" in each["message"]]
    assert "link-gone" in note
    for text in (done.out, *((tmp_path / shape).read_text("utf-8") for shape in shapes[1:])):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert not [line for line in done.out.splitlines() if line.startswith("::") and "forged" in line]
    assert (tmp_path / "GITHUB_OUTPUT").read_text().splitlines()[0] == "score=100"
    assert (work / "report.json").read_text() == FORGED  # it had a copy
    assert secret.read_text() == "another student's work"


def fifo(work: Path) -> None:
    os.mkfifo(work / "main.py")


def linked(work: Path) -> None:
    (work / "main.py").symlink_to(ROOT / "labs/hello/solutions/boto3/main.py")


def many(work: Path) -> None:
    for number in range(10_000):
        (work / f"{number}.txt").touch()


def sparse(work: Path) -> None:
    (work / "main.py").write_text(RIGHT)
    with (work / "data.bin").open("wb") as file:
        file.truncate(1 << 30)


def settings(text: str) -> Callable[[Path], None]:
    def make(work: Path) -> None:
        (work / "main.py").write_text(RIGHT)
        (work / "labgrade.toml").write_text(text)

    return make


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "an entry that is a pipe": (fifo, "nothing to grade in it (left out: main.py)"),
    "an entry that is a link": (linked, "nothing to grade in it (left out: main.py)"),
    "10,000 files": (many, "more than 1000 files"),
    "a file of 1 GiB": (sparse, "more than 20 MiB"),
    "an entry outside": (settings('entry = "../../other/main.py"'), "must lie inside the submission"),
    "an absolute entry": (settings('entry = "/etc/passwd"'), "must lie inside the submission"),
    "a level": (settings('sandbox = "none"'), "'sandbox' has no meaning inside a submission"),
    "labs": (settings('labs = ["."]'), "'labs' has no meaning inside a submission"),
    "a key that acts": (settings('"\\u001b[2J\\n::error::x" = 1'), "has no meaning inside a submission"),
    "deep nesting": (settings(f"entry = {'[' * 5000}{']' * 5000}"), "nested too deeply"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_graded_is_one_line_and_no_zero(labgrade: Labgrade, tmp_path: Path, name: str) -> None:
    make, told = REFUSED[name]
    work = tmp_path / "work"
    work.mkdir()
    make(work)
    done = labgrade("run", "hello", work, "--sandbox", "bwrap", "--format", "json")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert told in done.err
    assert done.err[:-1].isprintable()


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.devmajor, info.devminor = kind, target, 1, 5
    info.size = len(RIGHT) if kind == tarfile.REGTYPE else 0
    return info


TARS = {
    "..": [member("../../escaped.py")],
    "absolute": [member("/tmp/labgrade-escaped.py")],
    "a link": [member("main.py", tarfile.SYMTYPE, "/etc/passwd")],
    "through a link": [member("to", tarfile.SYMTYPE, "/tmp"), member("to/labgrade-escaped.py")],
    "a hard link": [member("main.py", tarfile.LNKTYPE, "/etc/passwd")],
    "a device": [member("main.py", tarfile.CHRTYPE)],
    "a pipe": [member("main.py", tarfile.FIFOTYPE)],
    "a name that acts": [member("main.py"), member("\x1b[2J\n::error::x/..")],
}


@pytest.mark.parametrize("name", TARS)
def test_a_tar_that_leaves_its_folder_is_refused_in_one_line(tmp_path: Path, name: str) -> None:
    packed, home, temporary = io.BytesIO(), tmp_path / "home", tmp_path / "tmp"
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for info in TARS[name]:
            archive.addfile(info, io.BytesIO(RIGHT.encode()) if info.size else None)
    home.mkdir()
    temporary.mkdir()
    words = ("run", "hello", "-", "--sandbox", "bwrap")
    environment = clean_environment(home, {"TMPDIR": str(temporary)})
    done = ended(words, environment, home, packed.getvalue().decode("ascii"))
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert re.search(r"would leave the folder|is a link; hand in|is a device or a pipe; hand in", done.err)
    assert done.err[:-1].isprintable()
    assert not list(temporary.iterdir())
    assert not [path for path in (tmp_path / "escaped.py", Path("/tmp/labgrade-escaped.py")) if path.exists()]


def test_students_named_like_formulas_who_write_reports_get_their_marks_and_no_other(
    labgrade: Labgrade, tmp_path: Path
) -> None:
    names = {'=HYPERLINK("http://x.example","y")': RIGHT, "@SUM(1+1)*cmd|' /C calc'!A0": "", "+ada": ""}
    writing = f"for path in {[*TEXTS]!r}:\n    try: open(path, 'w').write({FORGED!r})\n    except OSError: pass\n"
    rows = io.StringIO()
    csv.writer(rows).writerows([("login", "name"), *((f"n{n}", name) for n, name in enumerate(names))])
    (tmp_path / "roster.csv").write_text(rows.getvalue())
    for number, (name, answer) in enumerate(names.items()):
        work = tmp_path / "class" / f"n{number}"
        work.mkdir(parents=True)
        printing = f"for line in {[*PRINTED, FORGED, name]!r}: print(line)\n"
        (work / "main.py").write_text(f"{IN_THE_BOX}{answer}{printing}{writing}")
        (work / "report.json").write_text(FORGED)
    grade = ("grade", "hello", "class", "--roster", "roster.csv", "--out", "out", "--sandbox", "bwrap")
    done = labgrade(*grade, cwd=tmp_path)
    assert done.code == 0, done.err
    reports = {path.stem: json.loads(path.read_bytes())["score"] for path in (tmp_path / "out/reports/hello").iterdir()}
    assert reports == {"n0": 100, "n1": 0, "n2": 0}
    assert sorted(path.name for path in (tmp_path / "class/n0").iterdir()) == ["main.py", "report.json"]
    for kind in ("csv", "moodle"):
        book = labgrade("export", kind, "out", "--output", f"{kind}.csv", cwd=tmp_path)
        assert book.code == 0, book.err
        cells = [cell for row in csv.reader((tmp_path / f"{kind}.csv").open(newline="")) for cell in row]
        assert len(cells) > 10
        assert not [cell for cell in cells if re.match(r"[=+@\t\r]|-[^\d]", cell)]
