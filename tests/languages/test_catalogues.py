"""Every sentence of labgrade and of its labs is translated, and the catalogues are as the source is now."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from grader import translating
from grader.lab import Lab, folders, read
from grader.lint import catalogue, sentences
from grader.lint.catalogue import Entry
from grader.lint.translation import missing
from grader.translating import TRANSLATED, Catalogue

PAIRS = {"은/는", "이/가", "을/를", "과/와", "으로/로", "이라는/라는"}
LABS = [read(folder) for folder in folders()]


def _named(whose: tuple[Lab | None, str]) -> str:
    lab, lang = whose
    return f"{lab.id if lab else 'labgrade'}-{lang}"


@pytest.fixture(scope="module", params=[(lab, lang) for lab in (None, *LABS) for lang in TRANSLATED], ids=_named)
def one(request: pytest.FixtureRequest) -> Catalogue:
    lab, lang = request.param
    return translating.of_lab(lab, lang) if lab else translating.own(lang)


def test_every_sentence_is_translated_and_names_the_same_fields(one: Catalogue) -> None:
    entries = catalogue.read(one.po)
    wrong = [problem for said in one.sentences for problem in missing(entries.get(said.template, Entry(said.template)))]
    assert wrong == [], "python -m grader.translating adds what is new; then translate it"


def test_catalogues_are_as_the_source_is_and_programs_read_what_people_edit(one: Catalogue) -> None:
    entries = one.merged()
    assert one.po.read_text("utf-8") == catalogue.written(entries, one.lang), "python -m grader.translating"
    assert one.mo.read_bytes() == catalogue.compiled(entries, one.lang), "python -m grader.translating"


def test_particles_follow_the_word_that_they_belong_to(one: Catalogue) -> None:
    for entry in catalogue.read(one.po).values():
        for mark in re.finditer(r"\{(\w+)\|([^}]*)\}", entry.translation):
            before = entry.translation[: mark.start()]
            assert mark[2] in PAIRS, entry.translation
            assert re.search(rf"\{{{mark[1]}\}}[`\")]*\Z", before), entry.translation


def test_a_particle_behind_a_field_is_never_guessed(one: Catalogue) -> None:
    """`{key}을` is right for some keys and wrong for others."""
    guessed = re.compile(r"\}(?:은|는|이|가|을|를|과|와|으로|로)(?=[ .,:)])")
    for entry in catalogue.read(one.po).values():
        assert not guessed.search(re.sub(r"\{\w+\|[^}]*\}", "", entry.translation)), entry.translation


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.id)
def test_every_lab_has_its_task_in_every_language(lab: Lab) -> None:
    for lang in TRANSLATED:
        task = lab.task(lab.values(), lang)
        assert task != lab.task(lab.values())
        assert re.search("[가-힣]", task)


def test_a_sentence_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    module = tmp_path / "checker.py"
    module.write_text("from grader.checks import say\n\ndef f(x):\n    return say(x)\n")
    with pytest.raises(sentences.Unread) as told:
        list(sentences.of_modules([module], tmp_path))
    assert (told.value.path, told.value.line) == (module, 4)


SOURCE = '''
from grader.checks import Failure, capability, check, require, say
from .words import TABLE, PAIRS

@check(weight=1, doc="https://x", why="why " "it is.", fix="fix it.")
def holds(aws, given):
    """The requirement
    in two lines.

    Not this.
    """
    require(given, say("one" if aws else "two", why="no sentence"), fix="mend it.")
    raise Failure("found it", wanted=say(TABLE[aws]))

@capability("do {this}", evidence="https://x")
def does(access):
    return print("never said", say(PAIRS[access][1]))
'''


def test_sentences_are_found_wherever_a_student_reads_them(tmp_path: Path) -> None:
    module = tmp_path / "checker.py"
    module.write_text(SOURCE)
    (tmp_path / "words.py").write_text('TABLE = {1: "three", 2: "fo" "ur"}\nPAIRS = {1: ("not this", "five")}\n')
    found = {sentence.template for sentence in sentences.of_modules([module], tmp_path)}
    evidence = {"found it", "why it is.", "fix it.", "mend it.", "do {{this}}", "The requirement in two lines"}
    assert found == evidence | {"one", "two", "three", "four", "five"}


def test_another_functions_say_is_no_sentence(tmp_path: Path) -> None:
    module = tmp_path / "page.py"
    module.write_text('from words import say\n\nsay("a key")\n')
    assert list(sentences.of_modules([module], tmp_path)) == []


def test_a_catalogue_reads_back_as_it_was_written(tmp_path: Path) -> None:
    entries = [
        Entry('say "{this}"\n\n  and {that} ' * 5, "이것\\은\t{this}\n  {that} " * 9, "a.py"),
        Entry("  spaces  ", "  공백  "),
        Entry("not sure", "글쎄요", fuzzy=True),
        Entry("untranslated"),
    ]
    path = tmp_path / "messages.po"
    path.write_text(catalogue.written(entries, "ko"), "utf-8")
    read_back = catalogue.read(path)
    told = [(e.template, e.translation, e.place, e.fuzzy) for e in entries]
    assert [(e.template, e.translation, e.place, e.fuzzy) for e in read_back.values()] == told


@pytest.mark.parametrize(("text", "line"), [('msgid "a"\nmsgstr b\n', 2), ("nonsense\n", 1), ('msgid "a\n', 1)])
def test_a_broken_catalogue_is_told_by_line(tmp_path: Path, text: str, line: int) -> None:
    path = tmp_path / "messages.po"
    path.write_text(text)
    with pytest.raises(ValueError, match=rf"messages.po:{line}: "):
        catalogue.read(path)


def test_a_sentence_that_was_changed_keeps_its_translation_until_somebody_has_looked() -> None:
    before = {
        "The bucket has no tags.": Entry("The bucket has no tags.", "태그가 없습니다."),
        "gone": Entry("gone", "x"),
    }
    (entry, new) = catalogue.merged(before, [("The bucket has no tag.", "a.py"), ("quite another", "a.py")])
    assert (entry.translation, entry.fuzzy, entry.is_translated) == ("태그가 없습니다.", True, False)
    assert (new.translation, new.fuzzy) == ("", False)
    assert b"\xed\x83\x9c" not in catalogue.compiled([entry], "ko")  # a fuzzy one is not spoken
