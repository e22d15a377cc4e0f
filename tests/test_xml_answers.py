"""What an emulator took and AWS would not have, and then sends as XML that no parser takes."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.access import Access
from grader.emulators import moto
from grader.xml_answers import parsable


@pytest.fixture(scope="module")
def access() -> Iterator[Access]:
    with moto.launch(services=["ec2"]) as starting:
        yield starting.ready().access


def test_a_tag_that_xml_cannot_hold_is_read_with_what_can_be_shown_of_it(access: Access) -> None:
    ec2 = access.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_tags(Resources=[vpc], Tags=[{"Key": "Name", "Value": "a\x00b\x1b[2J\ufffe\t<&>\U0001f600"}])
    (read,) = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
    assert read["Tags"] == [{"Key": "Name", "Value": "a\ufffdb\ufffd[2J\ufffd\t<&>\U0001f600"}]


def parsed(body: Any, protocol: str = "query") -> Any:
    response = {"body": body}
    model = SimpleNamespace(service_model=SimpleNamespace(resolved_protocol=protocol))
    parsable(response_dict=response, operation_model=model)
    return response["body"]


@pytest.mark.parametrize(
    ("body", "read"),
    [
        (b"<a>&#0;&#x1B;&#x00001b;&#xD800;&#xFFFE;&#1114112;</a>", "<a>\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd</a>"),
        (b"<a>&#10;&#x9;&#65;&#x1F600;&#x10FFFF;&amp;</a>", "<a>&#10;&#x9;&#65;&#x1F600;&#x10FFFF;&amp;</a>"),
        (b"<a>\xff\xed\xa0\x80</a>", "<a>\ufffd\ufffd\ufffd\ufffd</a>"),
    ],
)
def test_a_reference_to_no_character_is_one_that_is_not_known(body: bytes, read: str) -> None:
    assert parsed(body) == read.encode()


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), max_size=50))
def test_what_can_be_parsed_is_left_as_it_is(text: str) -> None:
    assert parsed(text.encode()) == text.encode()


def test_a_stream_and_what_is_no_xml_are_left_alone() -> None:
    stream = object()
    assert parsed(stream, "rest-xml") is stream
    assert parsed(b"\x00\xff", "json") == b"\x00\xff"
