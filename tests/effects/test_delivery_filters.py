"""Which messages a filter policy accepts, by the examples of SNS's pages.

https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html (STRINGS)
https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html (NUMBERS)
https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html (KEYS)
https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html (LOGIC)
"""

import json
from typing import Any

import pytest

from grader.effects.delivery import Filter, Message


def attribute(value: Any) -> dict[str, str]:
    if isinstance(value, list):
        return {"DataType": "String.Array", "StringValue": json.dumps(value)}
    kind = "String" if isinstance(value, str) else "Number"
    return {"DataType": kind, "StringValue": str(value)}


def by_attributes(policy: Any, attributes: dict[str, Any]) -> bool:
    message = Message.of("body", {name: attribute(value) for name, value in attributes.items()})
    return Filter.read(json.dumps(policy)).accepts(message)


def by_body(policy: Any, body: Any) -> bool:
    return Filter.read(json.dumps(policy), "MessageBody").accepts(Message.of(json.dumps(body)))


VALUES: list[tuple[Any, Any, bool]] = [
    # STRINGS: exact
    (["rugby", "tennis"], "rugby", True),
    (["rugby", "tennis"], ["rugby", "tennis"], True),
    (["rugby", "tennis"], "baseball", False),
    (["rugby", "tennis"], ["baseball"], False),
    (["rugby"], "Rugby", False),
    # STRINGS: anything-but
    ([{"anything-but": ["rugby", "tennis"]}], "baseball", True),
    ([{"anything-but": ["rugby", "tennis"]}], ["rugby", "baseball"], True),
    ([{"anything-but": ["rugby", "tennis"]}], "rugby", False),
    ([{"anything-but": ["rugby", "tennis"]}], ["rugby"], False),
    ([{"anything-but": "rugby"}], "tennis", True),
    ([{"anything-but": {"prefix": "order-"}}], "data-entry", True),
    ([{"anything-but": {"prefix": "order-"}}], "order_number", True),
    ([{"anything-but": {"prefix": "order-"}}], "order-cancelled", False),
    ([{"anything-but": {"prefix": ["a", "b"]}}], "bee", False),
    ([{"anything-but": {"suffix": "ball"}}], "baseball", False),
    ([{"anything-but": {"suffix": "ball"}}], "rugby", True),
    ([{"anything-but": {"wildcard": "*ball"}}], "baseball", False),
    ([{"anything-but": {"wildcard": "*ball"}}], "rugby", True),
    ([{"anything-but": {"equals-ignore-case": ["tennis"]}}], "TENNIS", False),
    ([{"anything-but": {"equals-ignore-case": "tennis"}}], "rugby", True),
    ([{"anything-but": {"numeric": ["=", 5]}}], "rugby", False),  # refused, and accepts nothing
    # STRINGS: equals-ignore-case, prefix, suffix, wildcard
    ([{"equals-ignore-case": "tennis"}], "TENNIS", True),
    ([{"equals-ignore-case": "Tennis"}], "tenni", False),
    ([{"prefix": "bas"}], "baseball", True),
    ([{"prefix": "bas"}], "rugby", False),
    ([{"suffix": "ball"}], "baseball", True),
    ([{"suffix": "ball"}], "balls", False),
    ([{"wildcard": "b*l*"}], "baseball", True),
    ([{"wildcard": "b*b*b*"}], "baseball", False),
    ([{"wildcard": "base"}], "baseball", False),
    ([{"wildcard": "a*a"}], "a", False),
    ([{"wildcard": "*s\\*"}], "bas*", True),
    ([{"wildcard": "*s\\*"}], "bass", False),
    ([{"wildcard": "\\\\*"}], "\\x", True),
    # STRINGS: cidr
    ([{"cidr": "10.0.0.0/24"}], "10.0.0.0", True),
    ([{"cidr": "10.0.0.0/24"}], "10.0.0.255", True),
    ([{"cidr": "10.0.0.0/24"}], "10.1.1.0", False),
    ([{"cidr": "10.0.0.0/24"}], "here", False),
    ([{"cidr": "there"}], "10.0.0.0", False),
    # NUMBERS
    ([{"numeric": ["=", 301.5]}], 301.5, True),
    ([{"numeric": ["=", 301.5]}], 301.6, False),
    ([{"anything-but": [100, 500]}], 101, True),
    ([{"anything-but": [100, 500]}], 100.1, True),
    ([{"anything-but": [100, 500]}], [100, 50], True),
    ([{"anything-but": [100, 500]}], 100, False),
    ([{"numeric": ["<", 0]}], -1, True),
    ([{"numeric": ["<", 0]}], 0, False),
    ([{"numeric": ["<=", 0]}], 0, True),
    ([{"numeric": [">=", 0]}], 0, True),
    ([{"numeric": [">=", 0]}], -1, False),
    ([{"numeric": [">", 0, "<=", 150]}], 150, True),
    ([{"numeric": [">", 0, "<=", 150]}], 151, False),
    ([{"numeric": [">", 0, "<=", 150]}], 0, False),
    ([{"numeric": [">", 0]}], "5", False),
    ([{"numeric": [">", 0]}], 10**9 + 1, False),
    ([{"numeric": [">", 0]}], 10**9, True),
    ([100], 100, True),
    ([100], 100.0, True),
    ([100], "100", False),
    (["100"], 100, False),
    # KEYS
    ([{"exists": True}], "fans", True),
    ([{"exists": False}], "fans", False),
    ([{"exists": True}], "", False),
    # any of several rules
    (["a", {"prefix": "b"}, {"numeric": ["=", 5]}], "bee", True),
    (["a", {"prefix": "b"}, {"numeric": ["=", 5]}], 5, True),
    (["a", {"prefix": "b"}, {"numeric": ["=", 5]}], "cee", False),
]


@pytest.mark.parametrize(("rules", "value", "accepted"), VALUES)
def test_a_rule_accepts_what_its_page_says_by_attribute_and_by_body(rules: Any, value: Any, accepted: bool) -> None:
    assert by_attributes({"key": rules}, {"key": value}) is accepted
    assert by_body({"key": rules}, {"key": value}) is accepted


@pytest.mark.parametrize(
    ("rules", "value", "accepted"),
    [
        ([None], None, True),
        ([None], "x", False),
        ([True], True, True),
        ([True], "true", False),
        ([True], 1, False),
        ([1], True, False),
        ([False], False, True),
        (["x"], None, False),
        ([{"anything-but": "x"}], None, True),
        ([{"exists": True}], None, False),
        ([{"exists": True}], False, True),
        ([{"exists": True}], {"x": 1}, False),  # "exists matching only works on leaf nodes"
        ([{"exists": False}], [], True),
        (["x"], {"x": "x"}, False),
        (["x"], [["x"]], True),
        ([{"numeric": ["=", 301.5]}], 3.015e2, True),
        ([{"numeric": ["=", 5]}], True, False),
        ([{"unknown": "x"}], "x", False),
        ([{}], "x", False),
        ([["x"]], "x", False),
    ],
)
def test_a_body_has_values_that_attributes_have_not(rules: Any, value: Any, accepted: bool) -> None:
    assert by_body({"key": rules}, {"key": value}) is accepted


@pytest.mark.parametrize("rules", [["x"], [{"anything-but": "x"}], [None, {"anything-but": "x"}], [{"prefix": ""}]])
def test_a_property_that_is_absent_fits_exists_false_alone(rules: Any) -> None:
    assert not by_attributes({"key": rules}, {"other": "x"})
    assert not by_body({"key": rules}, {"other": "x"})
    assert by_attributes({"key": [*rules, {"exists": False}]}, {"other": "x"})
    assert by_body({"key": [*rules, {"exists": False}]}, {"other": "x"})
    assert not by_body({"key": [{"exists": True}]}, {"other": "x"})


def test_a_message_without_attributes_fits_no_policy_on_attributes() -> None:
    """KEYS: "An empty set of attributes results in the filter not matching." """
    assert not by_attributes({"key": [{"exists": False}]}, {})
    assert by_body({"key": [{"exists": False}]}, {})


@pytest.mark.parametrize(
    ("kind", "value", "accepted"),
    [
        ("String", "x", True),
        ("Binary", "x", False),
        ("String.custom", "x", False),
        ("", "x", False),
        ("String.Array", '["x", 5, true, null]', True),
        ("String.Array", "x", False),
        ("String.Array", '"x"', False),
        ("Number", "x", False),
    ],
)
def test_only_strings_arrays_and_numbers_are_compared(kind: str, value: str, accepted: bool) -> None:
    """https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html"""
    message = Message.of("body", {"key": {"DataType": kind, "StringValue": value}})
    assert Filter.read('{"key": ["x"]}').accepts(message) is accepted


def test_the_scope_says_where_to_look() -> None:
    message = Message.of('{"kind": "physical"}', {"kind": "digital"})
    assert Filter.read('{"kind": ["digital"]}').accepts(message)
    assert Filter.read('{"kind": ["digital"]}', "MessageAttributes").accepts(message)
    assert not Filter.read('{"kind": ["physical"]}').accepts(message)
    assert Filter.read('{"kind": ["physical"]}', "MessageBody").accepts(message)


def test_all_properties_must_fit() -> None:
    """LOGIC: AND across names, OR across values."""
    policy = {"customer_interests": ["rugby", "football"], "price_usd": [{"numeric": [">", 100]}]}
    assert by_attributes(policy, {"customer_interests": "football", "price_usd": 101})
    assert not by_attributes(policy, {"customer_interests": "football", "price_usd": 100})
    assert not by_attributes(policy, {"price_usd": 101})


OR_POLICY = {
    "source": ["aws.cloudwatch"],
    "$or": [
        {"metricName": ["CPUUtilization", "ReadLatency"]},
        {"metricType": ["MetricType"], "$or": [{"metricId": [1234]}, {"spaceId": [1000]}]},
    ],
}


@pytest.mark.parametrize(
    ("message", "accepted"),
    [
        ({"source": "aws.cloudwatch", "metricName": "CPUUtilization"}, True),
        ({"source": "aws.events", "metricName": "CPUUtilization"}, False),
        ({"source": "aws.cloudwatch", "metricType": "MetricType"}, False),
        ({"source": "aws.cloudwatch", "metricType": "MetricType", "metricId": 1234}, True),
        ({"source": "aws.cloudwatch", "metricType": "MetricType", "spaceId": 1000}, True),
        ({"source": "aws.cloudwatch", "metricId": 1234}, False),
        ({"source": "aws.cloudwatch"}, False),
    ],
)
def test_or_takes_one_of_its_objects(message: dict[str, Any], accepted: bool) -> None:
    """The example of LOGIC, in both scopes."""
    assert by_attributes(OR_POLICY, message) is accepted
    assert by_body(OR_POLICY, message) is accepted


def test_an_or_of_one_object_is_a_property_of_that_name() -> None:
    assert not by_body({"$or": [{"a": ["x"]}]}, {"a": "x"})


RECORDS = {"Records": {"s3": {"object": {"key": [{"prefix": "auto-"}]}}, "eventName": [{"prefix": "ObjectCreated:"}]}}


@pytest.mark.parametrize(
    ("records", "accepted"),
    [
        ([{"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "auto-1"}}}], True),
        ([{"eventName": "ObjectCreated:Put", "s3": {"object": [[{"key": "auto-1"}]]}}], True),
        ([{"eventName": "ObjectRemoved:Delete", "s3": {"object": {"key": "auto-1"}}}], False),
        (
            [
                {"eventName": "ObjectRemoved:Delete", "s3": {"object": {"key": "auto-1"}}},
                {"eventName": "ObjectCreated:Put", "s3": {"object": {"key": "home-1"}}},
            ],
            False,
        ),
    ],
)
def test_properties_below_an_array_fit_in_one_element(records: Any, accepted: bool) -> None:
    """https://aws.amazon.com/blogs/compute/introducing-payload-based-message-filtering-for-amazon-sns/ and, for the
    last, aws/event-ruler's "array consistency"."""
    assert by_body(RECORDS, {"Records": records}) is accepted


@pytest.mark.parametrize(
    "body",
    [
        {"object": {"nested": {"test": "x"}}},
        {"object.nested.test": "x"},
        {"object.nested": {"test": "x"}},
        {"object": {"nested.test": "x"}},
        {"object": 5, "object.nested": {"test": "x"}},
    ],
)
def test_a_dot_in_a_name_is_a_level(body: Any) -> None:
    """LocalStack's record of AWS, 2024-05: test_filter_policy_on_message_body_dot_attribute."""
    assert by_body({"object.nested.test": ["x"]}, body)
    assert by_body({"object": {"nested": {"test": ["x"]}}}, body)
    assert not by_body({"object.nested.test": ["y"]}, body)


@pytest.mark.parametrize("policy", [None, "", "{}"])
def test_no_policy_accepts_every_message(policy: Any) -> None:
    assert Filter.read(policy).accepts(Message.of("body"))
    assert Filter.read(policy, "MessageBody").accepts(Message.of("body"))


@pytest.mark.parametrize("policy", ["{", "[]", "5", "[" * 99999, '{"a": ' * 99999, 5, '{"key": NaN}', '{"a": 5}'])
def test_a_policy_that_is_none_accepts_nothing_and_raises_nothing(policy: Any) -> None:
    assert not Filter.read(policy).accepts(Message.of("{}", {"key": "x"}))


@pytest.mark.parametrize(
    "body", ["plain", '"plain"', "[]", "5", "", "{" * 99999, '{"kind": ' + "9" * 9999 + "}", "NaN"]
)
def test_a_body_that_is_no_json_object_fits_no_policy_on_the_body(body: str) -> None:
    assert not Filter.read('{"kind": [{"exists": false}]}', "MessageBody").accepts(Message.of(body))


def test_policies_and_bodies_without_end_take_no_time() -> None:
    deep: Any = ["x"]
    for _ in range(120):
        deep = {"a": deep}
    assert not by_body(deep, {"a": 1})
    assert not by_body({".".join("a" * 5000): ["x"]}, {"a": 1})
    assert not by_body({"key": [{"prefix": f"p{n}"} for n in range(20_000)]}, {"key": [f"q{n}" for n in range(1000)]})
