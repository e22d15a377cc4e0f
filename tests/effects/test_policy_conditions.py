"""Condition operators, keys and variables, by AWS's pages.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
"""

from typing import Any

import pytest

from grader.effects.policy import Context, Principal, Request, evaluate, sns_may_send

QUEUE = "arn:aws:sqs:us-east-1:123456789012:orders"
YES, NO, UNKNOWN = "allowed", "implicit_deny", "inconclusive"
TOPIC = "arn:aws:sns:us-east-1:123456789012:orders"


def verdict(
    condition: Any, values: dict[str, Any] | None = None, *, version: str = "2012-10-17", complete: bool = True
) -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    context = Context.of(values or {}, complete=complete)
    policy = {"Version": version, "Statement": [statement]}
    return evaluate(policy, Request(Principal.read("*"), "sqs:SendMessage", QUEUE, context)).verdict


OPERATORS: list[tuple[str, Any, Any, str]] = [
    ("StringEquals", "a", "a", YES),
    ("StringEquals", "A", "a", NO),
    ("StringEquals", "a*", "ab", NO),
    ("StringEquals", "a*", "a*", YES),
    ("StringEquals", ["b", "a"], "a", YES),
    ("StringEquals", [], "a", NO),
    ("StringEquals", 5, "5", YES),
    ("StringEquals", True, "true", YES),
    ("StringNotEquals", "a", "b", YES),
    ("StringNotEquals", ["a", "b"], "b", NO),
    ("StringEqualsIgnoreCase", "ABC", "abc", YES),
    ("StringEqualsIgnoreCase", "ABC", "abd", NO),
    ("StringNotEqualsIgnoreCase", "ABC", "abc", NO),
    ("StringLike", "a*c", "abbc", YES),
    ("StringLike", "a?c", "abbc", NO),
    ("StringLike", "a*bc", "abbc", YES),
    ("StringLike", "*b?*", "abb", YES),
    ("StringLike", "A*", "abc", NO),
    ("StringLike", "ab", "abc", NO),
    ("StringLike", "*:orders", TOPIC, YES),
    ("StringNotLike", "a*", "abc", NO),
    ("StringNotLike", "a*", "b", YES),
    ("NumericEquals", "10", "10.0", YES),
    ("NumericNotEquals", "10", "11", YES),
    ("NumericLessThan", "10", "10", NO),
    ("NumericLessThan", "10", "9", YES),
    ("NumericLessThanEquals", "10", "10", YES),
    ("NumericLessThanEquals", "10", "11", NO),
    ("NumericGreaterThan", "10", "10", NO),
    ("NumericGreaterThan", 9, "10", YES),
    ("NumericGreaterThanEquals", "10", "10", YES),
    ("NumericGreaterThanEquals", "10", "9.99", NO),
    ("NumericEquals", "ten", "10", UNKNOWN),
    ("NumericEquals", "10", "ten", NO),
    ("NumericNotEquals", "10", "ten", YES),
    ("DateEquals", "2026-11-23T00:00:00Z", "2026-11-23", YES),
    ("DateNotEquals", "2026-11-23T00:00:00Z", "2026-11-24", YES),
    ("DateGreaterThan", "2020-01-01T00:00:01Z", "2026-11-23T00:00:00+09:00", YES),
    ("DateGreaterThan", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", NO),
    ("DateGreaterThanEquals", "2020-01-01T00:00:01Z", "2020-01-01T00:00:01Z", YES),
    ("DateLessThan", "1577836801", "2020-01-01T00:00:00Z", YES),
    ("DateLessThan", "2020-01", "2020-01-01T00:00:00Z", NO),
    ("DateLessThanEquals", "2020-01", "2020-01-01T00:00:00Z", YES),
    ("DateLessThan", "2020", "2019-01-01", UNKNOWN),
    ("DateLessThan", "soon", "2019-01-01", UNKNOWN),
    ("DateLessThan", "2020-13-01", "2019-01-01", UNKNOWN),
    ("DateLessThan", "999999999999999", "2019-01-01", UNKNOWN),
    ("Bool", "true", True, YES),
    ("Bool", True, True, YES),
    ("Bool", "FALSE", True, NO),
    ("Bool", "yes", True, UNKNOWN),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", YES),
    ("BinaryEquals", "QmluYXJ5", "QmluYXJ6", NO),
    ("BinaryEquals", "=", "QmluYXJ6", UNKNOWN),
    ("IpAddress", "203.0.113.0/24", "203.0.113.255", YES),
    ("IpAddress", "203.0.113.0/24", "203.0.114.0", NO),
    ("IpAddress", "203.0.113.9", "203.0.113.9", YES),
    ("IpAddress", "203.0.113.9", "203.0.113.8", NO),
    ("IpAddress", ["203.0.113.0/24", "2001:DB8:1234:5678::/64"], "2001:db8:1234:5678::1", YES),
    ("IpAddress", "::/0", "203.0.113.9", NO),
    ("IpAddress", "here", "203.0.113.9", UNKNOWN),
    ("IpAddress", "203.0.113.0/24", "here", NO),
    ("NotIpAddress", "203.0.113.0/24", "203.0.113.255", NO),
    ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", YES),
    ("ArnEquals", TOPIC, TOPIC, YES),
    ("ArnLike", "arn:aws:sns:*:123456789012:ord*", TOPIC, YES),
    ("ArnEquals", "arn:aws:sns:*:123456789012:ord*", TOPIC, YES),  # "behave identically"
    ("ArnLike", "arn:aws:sns:us-east-?:*:*", TOPIC, YES),
    ("ArnLike", "ARN:aws:sns:*:*:*", TOPIC, NO),
    ("ArnLike", TOPIC.upper(), TOPIC, NO),
    ("ArnLike", "arn:aws:sns:us-east-1:123456789012:orders-other", TOPIC, NO),
    ("ArnLike", "arn:aws:sns:us-east-1:123456789012:orders", f"{TOPIC}-other", NO),
    ("ArnNotLike", "arn:aws:sns:*:*:*", TOPIC, NO),
    ("ArnNotEquals", "arn:aws:sqs:*:*:*", TOPIC, YES),
    ("ArnLike", "arn:aws:sns:*", TOPIC, UNKNOWN),  # fewer than six parts: the pages do not say
    ("ArnLike", "*", TOPIC, UNKNOWN),
    ("ArnLike", "arn:aws:sqs:*", TOPIC, NO),
    ("ArnLike", "arn:aws:sns:*:*:*", "orders", NO),
    ("ArnLike", "*:*:*:*:*:*", "a:b:c:d:e:f", NO),
    ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], YES),
    ("ForAnyValue:StringEquals", ["a"], ["c", "b"], NO),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "b"], YES),
    ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], NO),
    ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], YES),
    ("ForAllValues:StringNotEquals", ["a"], ["a", "c"], NO),
    ("ForAnyValue:StringNotEquals", ["a"], ["a", "c"], YES),
    ("ForAnyValue:StringNotEquals", ["a"], ["a"], NO),
    ("ForAllValues:StringLike", ["a*"], ["ab", "ac"], YES),
    ("StringEquals", "a", ["a", "b"], UNKNOWN),
    ("Null", "true", "a", NO),
    ("Null", "false", "a", YES),
    ("Null", False, "a", YES),
    ("Null", ["true", "false"], "a", YES),
    ("Null", "maybe", "a", UNKNOWN),
    ("stringequals", "a", "a", YES),
    ("StringSimilar", "a", "a", UNKNOWN),
    ("ForSomeValues:StringEquals", "a", "a", UNKNOWN),
    ("ForAnyValue:Null", "false", "a", UNKNOWN),
    ("NullIfExists", "false", "a", UNKNOWN),
    ("BoolNot", "a", "a", UNKNOWN),
    ("StringEquals", {"a": 1}, "a", UNKNOWN),
    ("StringEquals", None, "a", UNKNOWN),
    ("StringEquals", [["a"]], "a", UNKNOWN),
    ("StringEqualsIfExists", "a", "b", NO),
    ("StringEqualsIfExists", "a", "a", YES),
]


@pytest.mark.parametrize(("operator", "wanted", "got", "verdict_"), OPERATORS)
def test_an_operator_compares_as_its_page_says(operator: str, wanted: Any, got: Any, verdict_: str) -> None:
    assert verdict({operator: {"aws:key": wanted}}, {"aws:key": got}) == verdict_


def test_a_string_may_span_the_parts_of_an_arn_where_arnlike_may_not() -> None:
    """The example of the operators' page."""
    pattern = "arn:aws:someservice:*:111122223333:finance/*"
    value = "arn:aws:someservice:us-east-2:999999999999:store/abc:111122223333:finance/document.txt"
    assert verdict({"StringLike": {"aws:SourceArn": pattern}}, {"aws:SourceArn": value}) == YES
    assert verdict({"ArnLike": {"aws:SourceArn": pattern}}, {"aws:SourceArn": value}) == NO


@pytest.mark.parametrize(
    ("operator", "wanted"),
    [
        ("StringEquals", NO),
        ("StringLike", NO),
        ("StringNotEquals", YES),
        ("StringNotLike", YES),
        ("ArnNotLike", YES),
        ("NotIpAddress", YES),
        ("Bool", NO),
        ("NumericLessThan", NO),
        ("DateNotEquals", YES),
        ("StringEqualsIfExists", YES),
        ("BoolIfExists", YES),
        ("ForAllValues:StringEquals", YES),
        ("ForAllValues:StringNotEquals", YES),
        ("ForAnyValue:StringEquals", NO),
        ("ForAnyValue:StringNotEquals", NO),
        ("ForAnyValue:StringEqualsIfExists", YES),
        ("StringSimilar", UNKNOWN),
    ],
)
def test_a_key_that_is_absent_meets_what_its_page_says(operator: str, wanted: str) -> None:
    assert verdict({operator: {"aws:key": "true"}}) == wanted
    assert verdict({operator: {"aws:key": "true"}}, {"aws:key": []}) == wanted


def test_null_asks_whether_a_key_is_absent() -> None:
    assert verdict({"Null": {"aws:key": "true"}}) == YES
    assert verdict({"Null": {"aws:key": "false"}}) == NO


def test_a_key_whose_value_nobody_knows_is_never_guessed() -> None:
    for operator in ("StringEquals", "StringNotEquals", "StringEqualsIfExists", "Null", "ForAllValues:StringLike"):
        assert verdict({operator: {"aws:SourceIp": "true"}}, complete=False) == UNKNOWN
    both = {"StringEquals": {"aws:SourceIp": "x", "aws:known": "b"}}
    assert verdict(both, {"aws:known": "a"}, complete=False) == NO


def test_several_keys_and_operators_must_all_hold() -> None:
    values = {"aws:a": "1", "aws:b": "2"}
    assert verdict({"StringEquals": {"aws:a": "1", "aws:b": "2"}}, values) == YES
    assert verdict({"StringEquals": {"aws:a": "1", "aws:b": "3"}}, values) == NO
    assert verdict({"StringEquals": {"aws:a": "1"}, "StringLike": {"aws:b": "2"}}, values) == YES
    assert verdict({"StringEquals": {"aws:a": "1"}, "StringLike": {"aws:b": "3"}}, values) == NO


def test_names_of_keys_have_no_case_and_values_have() -> None:
    assert verdict({"StringEquals": {"AWS:sourcearn": "x"}}, {"aws:SourceArn": "x"}) == YES
    assert verdict({"StringEquals": {"aws:SourceArn": "X"}}, {"aws:SourceArn": "x"}) == NO


@pytest.mark.parametrize("condition", [5, "x", [], {"StringEquals": 5}, {"StringEquals": ["a"]}])
def test_a_condition_of_another_form_is_never_guessed(condition: Any) -> None:
    assert verdict(condition) == UNKNOWN


def test_no_condition_always_holds() -> None:
    assert verdict({}) == YES
    assert verdict(None) == YES
    assert verdict({"StringEquals": {}}) == YES


VARIABLES: list[tuple[str, Any, str]] = [
    ("${aws:SourceAccount}", "123456789012", YES),
    ("${AWS:sourceaccount}", "123456789012", YES),
    ("x-${aws:SourceAccount}-*", "x-123456789012-y", YES),
    ("${aws:SourceAccount}", "999999999999", NO),
    ("${aws:absent}", "x", NO),
    ("${aws:absent, 'fallback'}", "fallback", YES),
    ("${aws:SourceAccount, 'fallback'}", "fallback", NO),
    ("${aws:star}", "*", YES),
    ("${aws:star}", "anything", NO),  # the value's own star is no wildcard
    ("${*}", "*", YES),
    ("${*}", "x", NO),
    ("${?}", "?", YES),
    ("${$}{x}", "${x}", YES),
    ("${aws:many}", "a", NO),  # a key of several values cannot be a variable
    ("${", "${", YES),
]


@pytest.mark.parametrize(("pattern", "got", "wanted"), VARIABLES)
def test_a_variable_stands_for_the_requests_value(pattern: str, got: str, wanted: str) -> None:
    values = {"aws:SourceAccount": "123456789012", "aws:star": "*", "aws:many": ["a", "b"], "aws:key": got}
    assert verdict({"StringLike": {"aws:key": pattern}}, values) == wanted


def test_a_variable_is_plain_text_before_2012_10_17() -> None:
    condition, values = {"StringEquals": {"aws:key": "${aws:a}"}}, {"aws:a": "x"}
    assert verdict(condition, {**values, "aws:key": "x"}) == YES
    assert verdict(condition, {**values, "aws:key": "x"}, version="2008-10-17") == NO
    assert verdict(condition, {**values, "aws:key": "${aws:a}"}, version="2008-10-17") == YES


def test_a_negated_operator_with_a_variable_that_has_no_value_is_never_guessed() -> None:
    assert verdict({"StringNotEquals": {"aws:key": "${aws:absent}"}}, {"aws:key": "x"}) == UNKNOWN
    assert verdict({"StringNotEquals": {"aws:key": ["${aws:absent}", "x"]}}, {"aws:key": "x"}) == NO
    assert verdict({"StringEquals": {"aws:key": "${aws:x}"}}, {"aws:key": "x"}, complete=False) == UNKNOWN


def test_a_variable_is_no_number_no_date_and_no_address() -> None:
    values = {"aws:key": "5", "aws:five": "5"}
    assert verdict({"NumericEquals": {"aws:key": "${aws:five}"}}, values) == UNKNOWN
    assert verdict({"Bool": {"aws:key": "${aws:five}"}}, values) == UNKNOWN


def test_an_arn_may_have_a_variable() -> None:
    values = {"aws:SourceArn": TOPIC, "aws:SourceAccount": "123456789012"}
    condition = {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:${aws:SourceAccount}:orders"}}
    assert verdict(condition, values) == YES


def resource_verdict(resource: str, element: str = "Resource") -> str:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", element: resource}
    context = Context.of({"aws:name": "orders", "aws:region": "us-east-1"})
    request = Request(Principal.read("*"), "sqs:SendMessage", QUEUE, context)
    return evaluate({"Version": "2012-10-17", "Statement": [statement]}, request).verdict


def test_a_resource_may_have_a_variable_after_the_fifth_colon() -> None:
    assert resource_verdict("arn:aws:sqs:us-east-1:123456789012:${aws:name}") == YES
    assert resource_verdict("arn:aws:sqs:us-east-1:123456789012:${aws:absent}") == NO
    assert resource_verdict("arn:aws:sqs:${aws:region}:123456789012:orders") == UNKNOWN
    assert resource_verdict("arn:aws:sqs:us-east-1:123456789012:${aws:absent}", "NotResource") == UNKNOWN


def test_a_miss_tells_operator_key_wanted_and_got() -> None:
    condition = {"ArnEquals": {"aws:SourceArn": TOPIC}, "StringEquals": {"aws:SourceAccount": "1"}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    context = Context.of({"aws:SourceArn": f"{TOPIC}-other"})
    found = evaluate({"Statement": [statement]}, Request(Principal.read("*"), "sqs:SendMessage", QUEUE, context))
    assert found.nearest is not None
    first, second = found.nearest.mismatches
    assert (first.name, first.key, first.wanted, first.got) == (
        "ArnEquals",
        "aws:SourceArn",
        (TOPIC,),
        (f"{TOPIC}-other",),
    )
    assert (
        str(second.text)
        == "it wants StringEquals of aws:SourceAccount with 1, and the request carries no aws:SourceAccount"
    )


def test_a_condition_of_no_value_is_shown_as_the_empty_list_that_it_is() -> None:
    condition = {"ArnEquals": {"aws:SourceArn": []}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    decision = sns_may_send({"Statement": statement}, "arn:aws:sns:us-east-1:1:t", "arn:aws:sqs:us-east-1:1:q")
    assert "it wants ArnEquals of aws:SourceArn with [], and" in str(decision.text)
