"""What an author forgets, and what lint says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from authoring.made import CHECK, a_lab, changed
from conftest import ROOT, Labgrade

from grader.lab import read
from grader.lint import lint
from grader.lint.nudges import finished_call

REQUIRED = 'require(queue, say("there is no queue of that name."), fix="Its whole name is in LAB_QUEUE.")'
FIX = 'fix="The lab counts days, and a queue\'s setting counts something else."'
DOC = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html"


def findings(folder: Path) -> list[str]:
    return [f"{found.path.name}:{found.line}: {found.message}" for found in lint(read(folder))]


def test_a_lab_that_is_as_it_should_be_has_no_findings(tmp_path: Path) -> None:
    assert findings(a_lab(tmp_path)) == []


MISSING = 'say("there is no queue of that name.")'
ANYTHING = "\n    try:\n        pass\n    except {}:\n        pass"


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (MISSING, 'say("there is no {what}.")', "the template names {what}, which it is not given"),
        (MISSING, 'say("no {}.")', "the template cannot be rendered"),
        (MISSING, 'say("no.", queue=queue)', "say(…) is given queue, which its template does not name"),
        (MISSING, "say(given.queue)", "say(…) takes a template that is written out"),
        (MISSING, 'say("there is no {x}", **given.parameters)', "say(…) takes each argument by its name"),
        (MISSING, 'f"there is no {queue}"', "found is put together here"),
        (MISSING, '"there is no %s" % queue', "found is put together here"),
        (MISSING, '"there is no {quueue}"', "found names {quueue}, which it is not given"),
        ("Its whole name is in LAB_QUEUE.", "client.create_queue(x)", "a finished call away: client.create_queue("),
        ("waits == given.days", "waits == given.day", "given.day: lab.toml declares no parameter 'day'"),
        (REQUIRED, "import time; time.sleep(1)", "a checker never sleeps"),
        (REQUIRED, ANYTHING.format("Exception"), "this catches every exception"),
        (REQUIRED, ANYTHING.format("(KeyError, BaseException)"), "this catches every exception"),
    ],
)
def test_what_is_wrong_in_a_checker_is_told_at_its_line(tmp_path: Path, before: str, after: str, message: str) -> None:
    folder = a_lab(tmp_path)
    path = folder / "checker.py"
    line = path.read_text().split(before)[0].count("\n") + 1 + 3 * after.startswith("\n")
    changed(folder, "checker.py", before, after)
    assert any(found.startswith(f"checker.py:{line}: ") and message in found for found in findings(folder))


WHOLE = "A letter in the queue {queue} waits {days} days for its reader, and then it goes."


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        (WHOLE, "", f"{CHECK}: its docstring is the requirement that the student reads, and there is none"),
        ("and then it goes.", "and then it goes", f"{CHECK}: the first paragraph of its docstring"),
        ("waits {days} days", "waits {dayz} days", f"{CHECK}: its docstring names 'dayz', and lab.toml does not"),
        ("and tells nobody.", "and tells {name}.", f"{CHECK}: its why names 'name', and lab.toml does not"),
        ("and tells nobody.", "and tells nobody", f"{CHECK}: why is a sentence or two, and ends like one"),
        (FIX, 'fix="Say aws sqs set-queue-attributes."', "gives a finished call away: aws sqs set-queue"),
        (DOC, "http://docs.aws.amazon.com/x", f"{CHECK}: doc is the page that says so"),
        (DOC, "https://docs.aws.amazon.com/", f"{CHECK}: doc is the page that says so"),
        (DOC, "https://example.com/aws", f"{CHECK}: doc is the page that says so"),
        ("def letters_wait_for_their_reader", "def Letters", "Letters: an id is a few words"),
    ],
)
def test_what_is_wrong_with_a_check_is_told_where_it_begins(
    tmp_path: Path, before: str, after: str, message: str
) -> None:
    folder = a_lab(tmp_path)
    line = (folder / "checker.py").read_text().split("@check(\n")[0].count("\n") + 1
    changed(folder, "checker.py", before, after)
    assert any(found.startswith(f"checker.py:{line}: ") and message in found for found in findings(folder))


@pytest.mark.parametrize(
    ("path", "before", "after", "words"),
    [
        ("task.md", "for requirement in requirements", "for requirement in [] if days",
         "task.md:1: the list of requirements comes from the checker"),
        ("task.md", "{{ requirement.text }}", "{{ requirement.text }}: {{ requirement.text }}",
         f"task.md:1: the requirement of {CHECK} stands in it 2 times"),
        ("task.md", "{{ requirement.text }}", "", f"task.md:1: the requirement of {CHECK} stands in it 0 times"),
        ("task.md", "{{ lab.minutes }}", "{{ lab.minuts }}", "task.md:1: 'grader.lab.Lab object' has no attribute"),
        ("task.md", "{%- endfor %}", "", "task.md:"),
        ("lab.toml", "[parameters.days]", '[parameters.spare]\nkind = "token"\ndefault = "000000"\n\n[parameters.days]',
         "lab.toml:20: the student never hears of the parameter spare"),
        ("mistakes/hours_for_days/mistake.toml", f'"{CHECK}"', '"letters"', "mistake.toml:5: no check is called 'lett"),
    ],
)  # fmt: skip
def test_what_is_wrong_elsewhere_is_told_with_file_and_line(
    tmp_path: Path, path: str, before: str, after: str, words: str
) -> None:
    folder = a_lab(tmp_path)
    changed(folder, path, before, after)
    assert any(found.startswith(words) for found in findings(folder)), findings(folder)


SECOND = '''

@check(weight={weight}, doc="{doc}", why="So it is.", fix="Think.")
def second_{number}(aws: Aws, given: Given) -> None:
    """Number {number} holds."""
'''


def with_checks(place: Path, weights: list[int]) -> Path:
    folder = a_lab(place)
    path = folder / "checker.py"
    more = "".join(SECOND.format(weight=weight, number=n, doc=DOC) for n, weight in enumerate(weights))
    path.write_text(path.read_text() + more)
    return folder


def test_a_check_that_no_mistake_fails_is_told(tmp_path: Path) -> None:
    found = findings(with_checks(tmp_path, [100]))
    assert len(found) == 1
    assert "second_0: no mistake fails it" in found[0]


@pytest.mark.parametrize(("weights", "words"), [([100, 100, 700], "is worth 70 of 100"), ([2], "is worth 2 of 100")])
def test_points_are_shared_out_in_portions(tmp_path: Path, weights: list[int], words: str) -> None:
    assert any(words in found for found in findings(with_checks(tmp_path, weights)))


def test_a_check_that_needs_one_which_is_no_check_of_the_lab_is_told(tmp_path: Path) -> None:
    folder = with_checks(tmp_path, [100])
    (folder / "other.py").write_text((folder / "checker.py").read_text())
    changed(folder, "checker.py", "from grader.checks", "from . import other\nfrom grader.checks")
    changed(folder, "checker.py", "@check(weight=100, doc", f"@check(needs=other.{CHECK}, weight=100, doc")
    (folder / "other.py").write_text((folder / "other.py").read_text().replace(CHECK, "from_elsewhere"))
    changed(folder, "checker.py", f"other.{CHECK}", "other.from_elsewhere")
    assert any("second_0: needs from_elsewhere, which does not stand before it" in found for found in findings(folder))


def test_two_checks_of_one_requirement_are_told(tmp_path: Path) -> None:
    folder = with_checks(tmp_path, [50, 50])
    changed(folder, "checker.py", "Number 1 holds", "Number 0 holds")
    assert any("2 checks have one requirement: Number 0 holds" in found for found in findings(folder))


@pytest.mark.parametrize("kind", ["solutions", "mistakes"])
def test_a_lab_without_answers_of_a_kind_is_told(tmp_path: Path, kind: str) -> None:
    import shutil

    folder = a_lab(tmp_path)
    shutil.rmtree(folder / kind)
    assert any(f"there is no answer in {kind}/" in found for found in findings(folder))


def test_a_mistake_without_an_approved_report_is_told(tmp_path: Path) -> None:
    folder = a_lab(tmp_path)
    (folder / "mistakes/hours_for_days/report.txt").unlink()
    assert findings(folder) == [
        "mistake.toml:1: no approved report: labgrade selftest a-lab --only hours_for_days --approve"
    ]


CODE = """
from grader.checks import Failure, say

TEXTS = {"one": "{a} is one.", "two": "{a} is two."}
PAIRS = {"one": ("{a} is one.", "{b} is a nudge."), "two": ("{a} is two.", "Nothing.")}

def known(key, a, b, short):
    told = "{a} is long"
    told += " and {b}."
    about = {"a": a}
    first, second = PAIRS[key]
    say(told, a=a, b=b)
    say("{a} or" if short else "{a} and", a=a)
    say(TEXTS[key], a=a)
    say(TEXTS.get(key, "{a}"), **about)
    say(first, a=a), say(second, b=b)

def unknown(key, a):
    say(TEXTS[key], b=a)
    first, second = PAIRS[key]
    say(first, b=a)
    raise Failure(f"{a}", why="{nothing} comes of it", fix="x" if a else f"{a}")
"""


def test_templates_are_followed_to_the_names_and_tables_that_hold_them(tmp_path: Path) -> None:
    found = findings(a_lab(tmp_path, {"words.py": CODE}))
    assert {line.split(":")[1] for line in found} == {"19", "21", "22"}
    assert any("22: found is put together here" in line for line in found)
    assert any("22: why names {nothing}" in line for line in found)
    assert any("22: fix is put together here" in line for line in found)


@pytest.mark.parametrize(
    "fix",
    [
        "Try aws s3api put-bucket-versioning.",
        "Add --versioning-configuration Status=Enabled to it.",
        "Call s3.put_bucket_versioning(...) once.",
        "put_bucket_policy(Bucket=...) is what you want.",
        'Write {{"Version": "2012-10-17"}}.',
        'Say "Effect": "Allow" there.',
    ],
)
def test_a_finished_call_is_recognised(fix: str) -> None:
    assert finished_call(fix)


@pytest.mark.parametrize(
    "fix",
    [
        "Let the prefix end where the folder does: with the slash.",
        "AWS counts from the day on which the object was made (not from the step before).",
        "NoncurrentDays is 30, which is LAB_IA_DAYS. This lab asks for LAB_NONCURRENT_DAYS, 60.",
        "See what put_bucket_lifecycle_configuration does to rules that are there already.",
    ],
)
def test_a_nudge_is_none(fix: str) -> None:
    assert finished_call(fix) == ""


def test_the_command_prints_a_line_for_each_finding_and_exits_with_1(tmp_path: Path, labgrade: Labgrade) -> None:
    folder = a_lab(tmp_path)
    changed(folder, "checker.py", "and then it goes.", "and then it goes")
    (folder / "mistakes/hours_for_days/report.txt").unlink()
    done = labgrade("lint", "./a_lab", cwd=tmp_path)
    assert done.code == 1
    assert [line.split(": ")[0] for line in done.out.splitlines()] == [
        "a_lab/checker.py:18",
        "a_lab/mistakes/hours_for_days/mistake.toml:1",
    ]


def test_the_command_says_one_line_where_nothing_is_to_be_mended(tmp_path: Path, labgrade: Labgrade) -> None:
    a_lab(tmp_path, name="one")
    a_lab(tmp_path, name="two")
    done = labgrade("lint", "--labs", tmp_path)
    assert (done.code, done.out) == (0, "Nothing to mend in one, two.\n")


def test_a_broken_checker_is_a_finding_of_its_line(tmp_path: Path, labgrade: Labgrade) -> None:
    done = labgrade("lint", a_lab(tmp_path, {"checker.py": "import grader\n\nnothing_here\n"}))
    assert done.code == 1
    assert "checker.py:3: NameError" in done.out
    assert not done.err


def test_a_checker_that_does_not_parse_is_told_once(tmp_path: Path, labgrade: Labgrade) -> None:
    done = labgrade("lint", a_lab(tmp_path, {"checker.py": "import grader\n\ndef (\n"}))
    assert (done.code, done.out.count("checker.py:3: SyntaxError: invalid syntax"), done.err) == (1, 1, "")


def test_the_labs_of_this_repository_have_nothing_to_mend() -> None:
    for folder in sorted((ROOT / "labs").glob("*/lab.toml")):
        assert findings(folder.parent) == []


def test_an_unknown_lab_gets_the_nearest_name(labgrade: Labgrade) -> None:
    done = labgrade("lint", "helo")
    assert done.code == 2
    assert "did you mean hello?" in done.err
    assert not done.out
