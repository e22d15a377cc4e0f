"""A lab's task as a page."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Any

import pytest
from formats.hostile import PAYLOADS
from lxml import html

from grader.formats.page.task import Task, page

MARKDOWN = """# Age objects

Read https://docs.aws.amazon.com/s3?a=1&b=2. Or [this](https://example.com/x), or `https://in.code`.

## What to build

1. One thing.
2. Another, in `logs/`.

| a | b |
|---|---|
| 1 | `LAB_X` = 2 |

```sh
aws s3 ls "s3://<bucket>"
```
"""
TASK = Task("s3-lifecycle", "Age objects", 60, MARKDOWN, [("LAB_BUCKET", "photos-1", "for you to create")])


def tree(task: Task = TASK) -> Any:
    return html.document_fromstring(page(task).encode())


def test_the_task_is_there_with_its_headings_lists_tables_and_code() -> None:
    main = tree().xpath("//main")[0]
    assert [heading.text for heading in main.xpath(".//h1|.//h2")][:2] == ["Age objects", "What to build"]
    assert [item.text_content() for item in main.xpath("./ol/li")] == ["One thing.", "Another, in logs/."]
    assert main.xpath(".//div[@class='scroll'][@tabindex='0']/table//td/code/text()")[0] == "LAB_X"
    assert main.xpath(".//pre/code")[0].text == 'aws s3 ls "s3://<bucket>"\n'


def test_addresses_can_be_followed_whether_marked_up_or_bare() -> None:
    links = tree().xpath("//main//p/a")
    assert [link.get("href") for link in links] == ["https://docs.aws.amazon.com/s3?a=1&b=2", "https://example.com/x"]
    assert [link.text for link in links] == ["https://docs.aws.amazon.com/s3?a=1&b=2", "this"]
    assert {link.get("rel") for link in links} == {"noopener noreferrer"}


def test_the_students_names_and_numbers_stand_in_a_table() -> None:
    cells = tree().xpath("//table[@class='variables']/tbody/tr/*")
    assert [cell.text_content() for cell in cells] == ["LAB_BUCKET", "photos-1", "for you to create"]


def test_the_policy_allows_just_the_pages_own_style_and_script() -> None:
    made = tree()
    hashes = {
        tag: b64encode(sha256(made.findtext(f".//{tag}").encode()).digest()).decode() for tag in ("style", "script")
    }
    policy = made.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0].split("; ")
    assert f"style-src 'sha256-{hashes['style']}'" in policy
    assert f"script-src 'sha256-{hashes['script']}'" in policy
    assert policy[0] == "default-src 'none'"


def test_without_its_script_nothing_of_the_page_is_a_button() -> None:
    assert not tree().xpath("//button|//@onclick|//@hidden")


@pytest.mark.parametrize("payload", [*PAYLOADS, "[x](javascript:alert(1))", "![x](https://evil.example/x.png)"])
def test_html_in_a_task_or_a_value_is_only_text(payload: str) -> None:
    made = page(Task(payload, payload, 60, f"# Title\n\n{payload}\n", [(payload, payload, payload)]))
    shown = html.document_fromstring(made.encode())
    assert len(shown.xpath("//script")) == 1
    assert not shown.xpath("//iframe|//style[2]|//@onerror|//@onload|//svg|//b")
    assert not [link for link in shown.xpath("//a/@href") if not link.startswith(("https://", "http://"))]
    assert not shown.xpath("//img")
