"""The class page as a file: what it says of a class, what it never says, and what cannot get out of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from exports.classes import NASTY, NOW, large, report, small
from formats.hostile import PAYLOADS, hostile
from lxml import html

from grader.classroom import AssignedLab, Gradebook, Person, Roster
from grader.cli.class_pages import summary_page
from grader.exports.page import handed_in, insights
from grader.exports.page.class_data import class_data
from grader.exports.page.class_page import Works, class_page
from grader.exports.page.likeness import alike, pieces
from grader.exports.page.requirement import requirements
from grader.exports.page.traces import foreign, shared
from grader.formats.layout import Page
from grader.languages import speaking

PROGRAM = "\n".join(f"s3.put_object(Bucket=bucket, Key='photo-{n}', Body=b'{n * 7}')" for n in range(30))
OTHER = "\n".join(f"aws s3api put-bucket-versioning --bucket b{n} --region r{n * 3}" for n in range(30))
SOLUTION = "\n".join(f"rules.append({{'ID': 'r{n}', 'Filter': {{'Prefix': 'logs/{n}'}}}})" for n in range(30))


def read(source: str) -> Any:
    return html.document_fromstring(source.encode())


def told(source: str, section: str) -> str:
    (found,) = read(source).xpath(f"//section[@aria-labelledby='{section}']")
    return " ".join(found.text_content().split())


@pytest.fixture(scope="module")
def page() -> str:
    texts = {"ada": PROGRAM, "bo": PROGRAM + "\n# mine", "cy": SOLUTION + "\nx = 1", "stranger": SOLUTION + "\ny = 2"}
    return class_page(small(), {"s3-lifecycle": Works(texts, [SOLUTION])}, now=NOW)


def test_the_head_has_the_figures_of_the_class(page: str) -> None:
    figures = read(page).xpath("//dl[@class='figures']/div")
    found = {one[0].text_content(): one[1].text_content() for one in figures}
    assert found["Students"] == "7"
    assert (found["Graded"], found["Handed in nothing"], found["Not gradable"]) == ("4", "1", "1")
    assert found["Not graded, by labgrade's fault"] == "1"
    # 100, 58.5, 85, 0 and 100
    assert (found["Median"], found["Mean"], found["Full marks"], found["Late"]) == ("85.0", "68.7", "2", "1")


def test_the_page_and_the_terminal_have_one_mean_and_say_who_is_in_it(page: str) -> None:
    book = small()
    excused = replace(next(one for one in book.results if one.person.id == "bo"), status="excused")
    book = replace(book, results=[excused if one.person.id == "bo" else one for one in book.results])
    shown = Page(200)
    summary_page(shown, book, 0, Path("out"))
    # 100, 85, 0 and 100
    assert "3 graded, 1 missing (counted as 0), 1 excused (not counted): mean 71.2%, median 92.5%" in " ".join(
        shown.text().split()
    )
    facts = dict(insights.facts(book))
    assert (facts["Graded"], facts["Excused"], facts["Mean"], facts["Median"]) == ("3", "1", "71.2", "92.5")
    assert "Late" not in facts
    said = told(page, "distribution")
    assert "Who handed in nothing has 0; who is excused or has no mark is not in it, nor in mean and median." in said


def test_who_is_excused_missed_nothing() -> None:
    book = small()
    before = {one.text: (one.count, one.judged) for one in insights.missed(book, insights.bare_findings(book))}
    results = [replace(one, status="excused") if one.person.id == "bo" else one for one in book.results]
    book = replace(book, results=results)
    after = {one.text: (one.count, one.judged) for one in insights.missed(book, insights.bare_findings(book))}
    assert max(judged for _, judged in before.values()) == 4
    assert max(judged for _, judged in after.values()) == 3
    assert insights.late(book) == []


def drawn_for(token: str, days: int) -> dict[str, Any]:
    made = report("mixed", Person(token), parameters={"token": token, "bucket": f"photos-{token}", "days": days})
    texts = (f"There is a bucket named photos-{token}", f"Logs go after {days} days", "Nothing has 7 copies")
    made["checks"] = [{**check, "requirement": text} for check, text in zip(made["checks"], texts, strict=False)]
    return made


def test_a_requirement_is_told_of_anybody_and_not_with_one_students_names_and_numbers() -> None:
    three = list(requirements([drawn_for("70a57b", 30), drawn_for("3fa9c1", 7), drawn_for("5e11a0", 90)]).values())
    assert three == ["There is a bucket named photos-<token>", "Logs go after <days> days", "Nothing has 7 copies"]
    alone = list(requirements([drawn_for("70a57b", 30)]).values())
    assert alone == ["There is a bucket named photos-<token>", "Logs go after 30 days", "Nothing has 7 copies"]
    base = next(one for one in small().results if one.report is not None)
    results = [
        replace(base, report=drawn_for("70a57b", 30)),
        replace(base, person=Person("x"), report=drawn_for("3fa9c1", 7)),
    ]
    source = class_page(replace(small(), results=results), now=NOW)
    assert "There is a bucket named photos-<token>" in told_of_all(source)
    assert "70a57b" not in told_of_all(source)


def told_of_all(source: str) -> str:
    return told(source, "missed") + " ".join(read(source).xpath("//ol//text()"))


def test_the_distribution_counts_everybody_who_has_a_mark(page: str) -> None:
    rows = read(page).xpath("//section[@aria-labelledby='distribution']//tbody/tr")
    counts = {row[0].text_content(): int(row[1].text_content()) for row in rows}
    assert {name: count for name, count in counts.items() if count} == {"0–9": 1, "50–59": 1, "80–89": 1, "100": 2}
    assert len(read(page).xpath("//*[name()='svg'][contains(@class,'histogram')]/*[name()='rect']")) == 11


def test_the_most_missed_check_comes_first_with_its_commonest_finding() -> None:
    book = large(40)
    found = insights.missed(book, insights.bare_findings(book))
    assert [one.count for one in found] == sorted((one.count for one in found), reverse=True)
    for one in found:
        assert sum(count for _, count in one.findings) <= one.count <= one.judged
    texts = " ".join(text for one in found for text, _ in one.findings)
    assert "labgrade-photos-<token>" in texts  # one finding, whoever's bucket it is


def test_what_went_wrong_is_listed_faults_first(page: str) -> None:
    said = told(page, "look")
    order = [said.index(name) for name in ("Fay", "Eve", "'<b>")]
    assert order == sorted(order)
    assert "EmulatorError: port taken" in said
    assert "It ended with exit code 1." in said


def test_late_students_are_listed_with_what_it_cost(page: str) -> None:
    assert "Bo_Bo Åström24.0 h65 → 58.5" in told(page, "late")


def test_the_latest_come_first() -> None:
    minutes = [late for _, _, late, _ in insights.late(large(60))]
    assert len(set(minutes)) > 1
    assert minutes == sorted(minutes, reverse=True)


def test_of_what_is_not_listed_it_is_said_how_much_there_is() -> None:
    book = large(500)
    source = class_page(book, now=NOW)
    rows = {
        name: len(read(source).xpath(f"//section[@aria-labelledby='{name}']//tbody/tr")) for name in ("look", "late")
    }
    assert rows == {"look": 100, "late": 100}
    for name, all_of_it in (("look", insights.to_look_at(book)), ("late", insights.late(book))):
        assert f"{len(all_of_it) - 100} more are not listed here." in told(source, name)
    assert "more are not listed" not in told(class_page(large(40), now=NOW), "late")


def test_two_of_one_name_are_told_apart_wherever_they_stand() -> None:
    book = small()
    twins = {"ada": "Bo_Bo Åström"}
    results = [
        replace(one, person=replace(one.person, name=twins.get(one.person.id, one.person.name))) for one in book.results
    ]
    people = [replace(one, name=twins.get(one.id, one.name)) for one in book.roster]
    source = class_page(replace(book, results=results, roster=replace(book.roster, people=tuple(people))), now=NOW)
    assert "Bo_Bo Åström (bo)" in told(source, "late")
    names = [person["name"] for person in json.loads(read(source).xpath("//script[@id='data']")[0].text)["people"]]
    assert {"Bo_Bo Åström (ada)", "Bo_Bo Åström (bo)"} < set(names)
    assert not any(name.endswith("(cy)") for name in names)


def test_alike_are_those_who_share_what_nobody_was_given(page: str) -> None:
    said = told(page, "alike")
    assert "Lovelace, Ada, Bo_Bo Åström" in said
    assert "2 hand-ins are the same, but for names and spaces" in said
    assert "Not Listed" not in said  # only the lab's own solution is in both
    assert "s3.put_object" in said


@pytest.mark.parametrize(
    ("works", "taken"),
    [
        (Works({"ada": PROGRAM}, [SOLUTION], [OTHER]), "the lab's starter or in its own solutions was taken away"),
        (Works({"ada": PROGRAM}, [SOLUTION]), "What stands in the lab's own solutions was taken away"),
        (Works({"ada": PROGRAM}, [], [OTHER]), "own solutions are not installed here and were not"),
        (Works({"ada": PROGRAM, "bo": PROGRAM}), "Nothing was taken away before it was compared"),
    ],
)
def test_it_says_what_was_taken_away_and_no_more(works: Works, taken: str) -> None:
    said = told(class_page(small(), {"s3-lifecycle": works}, now=NOW), "alike")
    assert taken in said
    assert said.count("taken away") == 1
    assert ("side by side" in said.lower()) == ("bo" in works.texts)


def test_solutions_are_taken_away_only_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "starter").mkdir()
    (tmp_path / "starter" / "main.py").write_text(OTHER)
    assert (handed_in.starter(tmp_path), handed_in.solutions(tmp_path)) == ([OTHER], [])
    (tmp_path / "solutions" / "one").mkdir(parents=True)
    (tmp_path / "solutions" / "one" / "main.py").write_text(SOLUTION)
    assert (handed_in.starter(tmp_path), handed_in.solutions(tmp_path)) == ([OTHER], [SOLUTION])


def test_who_hands_in_as_a_team_is_not_like_itself() -> None:
    people = (Person("a", team="t"), Person("b", team="t"), Person("c"))
    book = Gradebook(small().assignment, Roster(people), [])
    source = class_page(book, {"s3-lifecycle": Works({"a": PROGRAM, "b": PROGRAM})}, now=NOW)
    assert "No two hand-ins" in told(source, "alike")


def test_without_the_files_it_says_that_nothing_was_compared() -> None:
    source = class_page(small(), now=NOW)
    for section in ("alike", "foreign"):
        assert "nothing was compared" in told(source, section)


def test_it_speaks_korean_too() -> None:
    with speaking("ko"):
        source = class_page(small(), {"s3-lifecycle": Works({"ada": PROGRAM, "bo": PROGRAM})}, now=NOW)
    assert read(source).get("lang") == "ko"
    headings = [one.text_content() for one in read(source).xpath("//h2")]
    assert headings
    assert all(re.search("[가-힣]", heading) for heading in headings)
    assert "점수 없음" in source


def test_an_empty_class_has_a_page() -> None:
    source = class_page(Gradebook(small().assignment, Roster(), []), now=NOW)
    assert "Nobody has a mark yet." in source
    assert "Nobody was late." in source


def test_every_lab_has_its_columns_and_every_student_a_row() -> None:
    book = small()
    labs = (*book.assignment.labs, AssignedLab("hello"))
    data = class_data(replace(book, assignment=replace(book.assignment, labs=labs)))
    assert [lab["id"] for lab in data["labs"]] == ["s3-lifecycle", "hello"]
    assert [person["id"] for person in data["people"]][:2] == ["ada", "bo"]
    ada, bo, *_ = data["people"]
    assert ada["labs"][0]["cells"] == "PPPPPPPPP"
    assert bo["labs"][0]["cells"] == "PPPFFPFPP"
    assert ada["labs"][1]["status"] == "waiting"
    found = data["texts"][bo["labs"][0]["found"]["4"]]
    assert found.startswith("photos/cat.jpg, overwritten on day 0")


@pytest.mark.parametrize("payload", [*PAYLOADS, "</script x", "</script/", "<!--<script "])
def test_no_text_becomes_an_element_or_leaves_the_data(payload: str) -> None:
    book = small()
    person = Person(payload, payload, payload, payload, payload, payload, payload)
    results = [
        replace(one, person=person, report=one.report and hostile(dict(one.report), payload)) for one in book.results
    ]
    hit = Gradebook(replace(book.assignment, title=payload, course=payload), Roster((person,)), results)
    source = class_page(hit, {"s3-lifecycle": Works({payload: f"{payload}\n{PROGRAM}"})}, now=NOW)
    tree = read(source)
    assert len(tree.xpath("//script")) == 2
    assert {element.tag for element in tree.iter() if isinstance(element.tag, str)} <= {
        element.tag for element in read(class_page(small(), {"s3-lifecycle": Works({"ada": PROGRAM})}, now=NOW)).iter()
    } | {"code"}
    assert not tree.xpath("//@*[starts-with(name(), 'on')]")
    json.loads(tree.xpath("//script[@id='data']")[0].text)
    assert source.encode()


def test_the_page_may_fetch_and_run_nothing_but_its_own(page: str) -> None:
    (policy,) = read(page).xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")
    assert re.search(r"script-src 'sha256-[^']+'(;|$)", policy)
    assert not re.search(r"(?:src|href)=\"(?!#|data:)", page)
    assert NASTY not in page


# -- likeness


def test_a_copy_is_found_whatever_was_renamed_reindented_or_remarked() -> None:
    copy = "# my own work\n" + "\n".join(f"    {line}  # {n}" for n, line in enumerate(PROGRAM.splitlines()))
    found = alike({"a": PROGRAM, "b": copy.replace("bucket", "bucket"), "c": OTHER}, [], {})
    assert found.groups == (("a", "b"),)
    assert found.pairs == ()


def test_a_copy_with_ones_own_names_in_it_is_found() -> None:
    texts = {who: PROGRAM.replace("bucket", f"'labgrade-{token}'") for who, token in (("a", "1f2e3d"), ("b", "9a8b7c"))}
    own = {"a": ["labgrade-1f2e3d"], "b": ["labgrade-9a8b7c"]}
    assert alike(texts, [], own).groups == (("a", "b"),)
    assert alike(texts, [], {}).groups == ()


def test_the_nearest_pair_comes_first_and_far_ones_not_at_all() -> None:
    half = "\n".join([*PROGRAM.splitlines()[:15], *OTHER.splitlines()[:15]])
    most = "\n".join([*PROGRAM.splitlines()[:27], *OTHER.splitlines()[27:]])
    found = alike({"a": PROGRAM, "b": most, "c": half, "d": OTHER}, [], {})
    assert (found.pairs[0].one, found.pairs[0].other) == ("a", "b")
    assert all(pair.share >= 0.6 for pair in found.pairs)
    assert ("a", "d") not in [(pair.one, pair.other) for pair in found.pairs]


def test_what_everybody_was_given_makes_nobody_alike() -> None:
    found = alike({"a": SOLUTION + "\na = 1", "b": SOLUTION + "\nb = 2"}, [SOLUTION], {})
    assert (found.groups, found.pairs) == ((), ())


def test_short_work_is_like_everything_so_it_is_not_compared() -> None:
    assert alike({"a": "aws s3 mb s3://x", "b": "aws s3 mb s3://x"}, [], {}).groups == ()
    assert pieces("") == frozenset()


def test_two_thousand_are_compared_in_seconds() -> None:
    texts = {
        f"s{n:04}": "\n".join(f"f{(n * 31 + k) % 997}(x{k}, y{n % 50}, {k * n})" for k in range(40))
        for n in range(2000)
    }
    texts["copy"] = texts["s0007"]
    assert ("copy", "s0007") in alike(texts, [], {}).groups


# -- traces


def test_an_odd_mistake_of_two_is_told_and_a_common_one_is_not() -> None:
    findings = {f"s{n}": {"c1": "common"} for n in range(20)}
    findings["s3"]["c2"] = findings["s9"]["c2"] = 'its key is "Cuorse".'
    findings["s4"]["c2"] = "mine alone"
    (found,) = shared(findings)
    assert (found.whose, found.finding) == (("s3", "s9"), 'its key is "Cuorse".')


def test_in_a_small_class_what_two_do_is_not_odd() -> None:
    assert shared({f"s{n}": {"c": "x"} for n in range(2)}) == []


def test_a_small_class_is_told_that_nothing_is_odd_in_it(page: str) -> None:
    assert "Fewer than 8 were graded: what two of so few do is not odd." in told(page, "odd")
    assert "No finding is shared" not in told(page, "odd")


def test_what_was_drawn_for_another_is_told() -> None:
    drawn = {"a": {"token": "3fa9c1", "bucket": "labgrade-photos-3fa9c1"}, "b": {"token": "77aa01", "days": 30}}
    texts = {"a": "BUCKET=labgrade-photos-3fa9c1", "b": "aws s3 mb s3://labgrade-photos-3fa9c1 # 77aa01"}
    found = foreign(texts, drawn)
    assert {(one.who, one.whose, one.value) for one in found} == {
        ("b", "a", "labgrade-photos-3fa9c1"),
        ("b", "a", "3fa9c1"),
    }


def test_what_several_have_drawn_is_nobodys() -> None:
    drawn = {"a": {"zone": "us-east-1a"}, "b": {"zone": "us-east-1a"}, "c": {"zone": "us-east-1b"}}
    assert foreign({"c": "us-east-1a"}, drawn) == []


def test_reports_made_for_one_student_hold_only_their_parameters() -> None:
    assert "labgrade-photos-3fa9c1" in report("mixed", Person("x"))["parameters"].values()
