"""The real command, spoken to in Korean."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, Labgrade
from rich.cells import cell_len

from grader.cli.run import SHOWN
from grader.workspace import memory

HELLO = ROOT / "labs" / "hello"
RIGHT = HELLO / "solutions" / "boto3"
KO = {"LABGRADE_LANG": "ko"}
HANGUL = re.compile(r"[가-힣]")
WRONG = "import boto3, os\nboto3.client('s3').create_bucket(Bucket=os.environ['LAB_BUCKET'])\n"


@pytest.fixture
def wrong(tmp_path: Path) -> Path:
    path = tmp_path / "main.py"
    path.write_text(WRONG)
    return path


def test_right_work(labgrade: Labgrade) -> None:
    done = labgrade("run", "hello", RIGHT, "--lang", "ko")
    assert (done.code, done.err) == (0, "")
    assert "나의 첫 버킷" in done.out
    assert "100점 중 100점" in done.out
    assert done.out.count("통과") >= 2


def test_wrong_work(labgrade: Labgrade, wrong: Path) -> None:
    done = labgrade("run", "hello", wrong, "--lang", "ko")
    assert done.code == 1
    for words in (
        "100점 중 40점",
        "실패",
        "현재    버킷에 태그가 하나도 없습니다.",
        "해결    버킷 자체에 태그를 다세요.",
    ):
        assert words in done.out
    assert not re.search(r"\b(found|mend|FAIL|bucket has)\b", done.out)


def test_reports_beside_the_screen_speak_the_same_language(labgrade: Labgrade, wrong: Path, tmp_path: Path) -> None:
    files = {shape: tmp_path / f"report.{shape}" for shape in ("json", "junit", "html")}
    wanted = [word for shape, path in files.items() for word in ("--report", f"{shape}={path}")]
    labgrade("run", "hello", wrong, *wanted, env=KO)
    assert json.loads(files["json"].read_text("utf-8"))["lang"] == "ko"
    assert "버킷에 태그가 하나도 없습니다" in files["junit"].read_text("utf-8")
    assert '<html lang="ko">' in files["html"].read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "env", "korean"),
    [
        (("list",), {"LANG": "ko_KR.UTF-8"}, True),
        (("list",), {"LANG": "ko_KR.UTF-8", "LC_ALL": "C.UTF-8"}, False),
        (("list",), {"LANG": "ko_KR.UTF-8", "LABGRADE_LANG": "en"}, False),
        (("list", "--lang", "en"), KO, False),
        (("--lang", "ko", "list"), {}, True),
        (("list",), {}, False),
    ],
)
def test_the_flag_goes_before_the_variable_and_that_before_the_locale(
    labgrade: Labgrade, words: tuple[str, ...], env: dict[str, str], korean: bool
) -> None:
    done = labgrade(*words, env={"LANG": "C.UTF-8", **env})
    assert done.code == 0
    assert bool(HANGUL.search(done.out)) == korean


def test_the_task(labgrade: Labgrade) -> None:
    done = labgrade("show", "hello", "--lang", "ko")
    assert done.out.startswith("# 나의 첫 버킷\n")
    assert "1. 이름이 labgrade-hello-5e11a0인 버킷이 있습니다. (40점)" in done.out


def test_the_list_is_aligned(labgrade: Labgrade) -> None:
    lines = labgrade("list", env=KO).out.splitlines()
    assert len({cell_len(line[: line.index("약 ")]) for line in lines}) == 1


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_list_fits_80_columns_with_the_best_scores_in_it(
    lang: str, labgrade: Labgrade, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for lab in ("vpc-nat", "hello"):
        memory.keep(lab, memory.Memory(best=100))
    lines = labgrade("list", env={"LABGRADE_LANG": lang, "XDG_STATE_HOME": str(tmp_path / "state")}).out.splitlines()
    assert max(map(cell_len, lines)) <= 80
    time, best = {"en": ("about ", "best 100 of 100"), "ko": ("약 ", "100점 중 100점")}[lang]
    assert sum(best in line for line in lines) == 2
    assert len({cell_len(line[: line.index(time)]) for line in lines if time in line}) == 1
    if lang == "en":
        words = " ".join(" ".join(line.split("  about")[0][14:].strip() for line in lines).split())
        assert "A VPC with an internet gateway and a NAT gateway" in words


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("run", "helo", "main.py"), "labgrade: 'helo'라는 실습은 없습니다. 혹시 hello인가요?"),
        (("run", "hello", "nowhere.py"), "labgrade: nowhere.py: 읽을 수 없습니다"),
        (("shell", "hello"), "labgrade: hello 실습의 작업 공간이 없습니다. `labgrade start hello`로 열 수 있습니다."),
        (("runn",), "오류: 'runn'이라는 명령은 없습니다. 혹시 run인가요?"),
        (("run", "hello", "--fromat", "json"), "오류: --fromat 옵션은 없습니다. 혹시 --format인가요?"),
        (("run", "hello", "--format", "xml"), f"오류: --format: {', '.join(SHOWN)} 중 하나여야 합니다."),
        (("show",), "오류: 필요한 값이 빠졌습니다: LAB."),
    ],
)
def test_what_is_wrong_is_said_in_korean(labgrade: Labgrade, words: tuple[str, ...], told: str) -> None:
    done = labgrade(*words, env=KO)
    assert done.code == 2
    assert told in done.err


def test_the_first_screen(labgrade: Labgrade) -> None:
    done = labgrade("--lang", "ko")
    assert "labgrade show hello" in done.out
    assert "처음이신가요?" in done.out
    assert max(map(cell_len, done.out.splitlines())) < 80


HELP = """
import click, sys
sys.argv = ["labgrade", "--lang", "ko"]
from grader import cli
cli._begin_to_speak(sys.argv[1:])

def tell(command, parent, name):
    ctx = click.Context(command, parent=parent, info_name=name)
    print(command.get_help(ctx), "\\n====")
    if isinstance(command, click.Group):
        for each in command.list_commands(ctx):
            tell(command.get_command(ctx, each), ctx, each)

tell(cli.labgrade, None, "labgrade")
"""


def test_every_commands_help_is_korean() -> None:
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, timeout=120)
    told = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    pages = told.split("====\n")
    assert len(pages) > 20
    for page in filter(str.strip, pages):
        assert page.startswith("사용법: labgrade"), page
        for block in page.split("\n\n")[1:]:
            # Commands and names are no prose; whatever else stands there is in Korean.
            assert HANGUL.search(block) or re.search(r"(?m)^ +(labgrade|bash,|#)", block), block
        assert not re.search(r"Usage:|Options:|Show this|default:|[a-z]{4,} the [a-z]", page), page


def test_help_is_korean_wherever_the_flag_stands(labgrade: Labgrade) -> None:
    for words in (("--lang", "ko", "stop", "--help"), ("stop", "--help", "--lang=ko"), ("stop", "-h", "--lang", "ko")):
        told = labgrade(*words)
        assert (told.code, told.err) == (0, "")
        assert "작업 공간을 끝냅니다." in told.out
    assert "End a workspace." in labgrade("stop", "--help").out


def test_a_wheels_catalogues_are_package_data() -> None:
    """Beside the modules that read them, so that they are shipped with them."""
    assert (ROOT / "grader" / "locale" / "ko" / "LC_MESSAGES" / "labgrade.mo").is_file()
    assert not any("locale" in line or ".mo" in line for line in (ROOT / ".gitignore").read_text().splitlines())
