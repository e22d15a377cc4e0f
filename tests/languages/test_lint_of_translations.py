"""`labgrade lint` tells what a lab's other language lacks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import ROOT

from grader import translating
from grader.lab import read
from grader.lint.translation import rules


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the lab `hello`."""
    return Path(shutil.copytree(ROOT / "labs" / "hello", tmp_path / "hello"))


def found(folder: Path) -> list[str]:
    return [f"{finding.path.name}: {finding.message}" for finding in rules(read(folder))]


def test_a_complete_one_has_nothing_to_mend(folder: Path) -> None:
    assert found(folder) == []


def test_a_lab_in_english_alone_has_nothing_to_mend(folder: Path) -> None:
    shutil.rmtree(folder / "ko")
    assert found(folder) == []


def change(folder: Path, name: str, before: str, after: str) -> None:
    path = folder / name
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after), "utf-8")


def test_a_new_sentence_is_missed(folder: Path) -> None:
    change(folder, "checker.py", "the bucket has no tags.", "no tag is on it.")
    told = found(folder)
    assert "messages.po: not in the catalogue: 'no tag is on it.'" in told
    assert "messages.po: the lab does not say this any more: 'the bucket has no tags.'" in told


def test_fields_must_agree(folder: Path) -> None:
    change(folder, "ko/messages.po", "있는 것은 {names}뿐입니다.", "있는 것은 {name}뿐입니다.")
    told = found(folder)
    assert (
        "messages.po: one of the two names {name}, {names}: '그 이름의 버킷이 없고, 있는 것은 {name}뿐입니다.'" in told
    )
    assert any(each.startswith("messages.mo: not made of messages.po as it is") for each in told)


def test_fuzzy_and_empty_are_not_translated(folder: Path) -> None:
    change(folder, "ko/messages.po", 'msgid "the bucket has no tags."', '#, fuzzy\nmsgid "the bucket has no tags."')
    change(folder, "ko/messages.po", 'msgstr "직접 만듭니다"', 'msgstr ""')
    told = "\n".join(found(folder))
    assert "take `fuzzy` away: 'the bucket has no tags.'" in told
    assert "not translated: 'for you to create'" in told


def test_a_broken_catalogue_names_its_line(folder: Path) -> None:
    change(folder, "ko/messages.po", 'msgstr "직접 만듭니다"', "msgstr 직접")
    with pytest.raises(Exception, match=r"messages.po:\d+: this is no text in quotes"):
        found(folder)


def test_the_task_tells_every_requirement(folder: Path) -> None:
    change(folder, "ko/task.md", "{{ requirement.text }}", "...")
    assert [each for each in found(folder) if each.startswith("task.md")] == [
        f"task.md: the requirement of {name} stands in it 0 times, and not once"
        for name in ("bucket_exists", "cost_reports_count_the_bucket_for_the_course")
    ]
    (folder / "ko" / "task.md").unlink()
    assert "task.md: the task is not there in this language" in found(folder)


def test_the_update_adds_what_is_new_and_compiles(folder: Path) -> None:
    change(folder, "checker.py", "the bucket has no tags.", "no tag is on it.")
    assert translating.main([f"{folder}"]) == 1
    assert [each.split(":")[1] for each in found(folder)] == [" not translated"]
    change(folder, "ko/messages.po", 'msgid "no tag is on it."\nmsgstr ""', 'msgid "no tag is on it."\nmsgstr "없음."')
    assert translating.main([f"{folder}"]) == 0
    assert found(folder) == []
