"""Filter policies that AWS refuses, in its words: LocalStack's record of AWS, 2024-05.

https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
"""

import json
from typing import Any

import pytest

from grader.effects.delivery import combinations, of_filter


def messages(policy: Any, scope: str | None = None) -> list[str]:
    return [refusal.message for refusal in of_filter(json.dumps(policy), scope)]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (["value"], "Match value must be String, number, true, false, or null"),
        ({"wrong-operator": True}, "Unrecognized match type wrong-operator"),
        ({"suffix": "value", "prefix": "value2"}, "Only one key allowed in match expression"),
        ({}, "Only one key allowed in match expression"),
        ({"suffix": 100}, "suffix match pattern must be a string"),
        ({"suffix": None}, "suffix match pattern must be a string"),
        ({"suffix": []}, "suffix match pattern must be a string"),
        ({"prefix": ["a", "b"]}, "prefix match pattern must be a string"),
        ({"equals-ignore-case": 5}, "equals-ignore-case match pattern must be a string"),
        ({"cidr": 5}, "cidr match pattern must be a string"),
        ({"wildcard": 5}, "wildcard match pattern must be a string"),
        ({"wildcard": "a**"}, "Consecutive wildcard characters"),
        ({"numeric": []}, "Invalid member in numeric match: ]"),
        ({"numeric": "x"}, "Invalid member in numeric match: ]"),
        ({"numeric": ["operator"]}, "Unrecognized numeric range operator: operator"),
        ({"numeric": [1, "<="]}, "Invalid member in numeric match: 1"),
        ({"numeric": ["=", "000"]}, "Value of equals must be numeric"),
        ({"numeric": [">="]}, "Value of >= must be numeric"),
        ({"numeric": ["<", 100, ">", 10]}, "Too many elements in numeric expression"),
        ({"numeric": [">=", 1, ">", 2]}, "Bad numeric range operator: >"),
        ({"numeric": [">", 3, "<", 1]}, "Bottom must be less than top"),
        ({"numeric": [">", 3, "<", 3]}, "Bottom must be less than top"),
        ({"numeric": [">", 20, "<="]}, "Value of <= must be numeric"),
        ({"numeric": [">", 20, 30]}, "Bad value in numeric range: 30"),
        ({"numeric": [">", 20, "test"]}, "Bad numeric range operator: test"),
        ({"numeric": [">", "20", "<", "30"]}, "Value of > must be numeric"),
        ({"numeric": [">", 20, "<", "30"]}, "Value of < must be numeric"),
        ({"numeric": [">", 20, "<", 30, "<", 50]}, "Too many terms in numeric range expression"),
        ({"exists": None}, "exists match pattern must be either true or false."),
        ({"exists": "no"}, "exists match pattern must be either true or false."),
        ({"anything-but": {"wrong-operator": None}}, "Unsupported anything-but pattern: wrong-operator"),
        ({"anything-but": {"exists": False}}, "Unsupported anything-but pattern: exists"),
        ({"anything-but": {"prefix": False}}, "prefix match pattern must be a string"),
        ({"anything-but": {"prefix": []}}, "prefix match pattern must be a string"),
        ({"anything-but": []}, "Empty arrays are not allowed"),
        (
            {"anything-but": ["a", 5]},
            "Inside anything but list, either all values are number or string, mixed type is not supported",
        ),
    ],
)
def test_a_rule_that_aws_refuses_is_refused_in_its_words(rule: Any, message: str) -> None:
    assert messages({"key": [rule]}) == [f"Invalid parameter: FilterPolicy: {message}"]


@pytest.mark.parametrize(
    "rule",
    [
        "text",
        5,
        True,
        None,
        {"prefix": ""},
        {"exists": False},
        {"numeric": ["=", 5]},
        {"numeric": [">=", -5, "<", 5.5]},
        {"anything-but": "a"},
        {"anything-but": [1, 2]},
        {"anything-but": {"prefix": "a"}},
        {"anything-but": {"suffix": ["a", "b"]}},
        {"wildcard": "a*\\**"},
        {"cidr": "10.0.0.0/8"},
        {"equals-ignore-case": "a"},
    ],
)
def test_a_rule_that_aws_documents_is_taken(rule: Any) -> None:
    assert messages({"key": [rule]}) == []
    assert messages({"key": [rule]}, "MessageBody") == []


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"key": "value"}, 'FilterPolicy: "key" must be an object or an array'),
        ({"key": []}, "FilterPolicy: Empty arrays are not allowed"),
        ({"key": {}}, "FilterPolicy: Empty objects are not allowed"),
        ({"key": {"suffix": "value"}}, 'FilterPolicy: "suffix" must be an object or an array'),
        ({f"key{n}": ["x"] for n in range(6)}, "FilterPolicy: Filter policy can not have more than 5 keys"),
        ({"key": [f"value{n}" for n in range(151)]}, "FilterPolicy: Filter policy is too complex"),
        ({"a": ["x"] * 100, "b": ["y"] * 51}, "FilterPolicy: Filter policy is too complex"),
    ],
)
def test_a_policy_that_aws_refuses_is_refused_in_its_words(policy: Any, message: str) -> None:
    assert messages(policy, "MessageBody") == [f"Invalid parameter: {message}"]


def test_attributes_take_no_nested_policy() -> None:
    words = "Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy"
    assert messages({"object": {"key": ["x"]}}) == [words]
    assert messages({"object": {"key": ["x"]}}, "MessageBody") == []
    assert messages({"$or": [{"a": ["x"]}, {"b": {"c": ["x"]}}]}) == [words]
    assert messages({"$or": [{"a": ["x"]}, {"b": ["x"]}]}) == []


def test_a_scope_is_one_of_two() -> None:
    found = of_filter('{"a": ["x"]}', "RandomValue")
    assert [at.message for at in found] == [
        "Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. "
        "Please use either MessageBody or MessageAttributes"
    ]
    assert found[0].code == "InvalidParameter"


def nested() -> dict[str, Any]:
    return {
        "key_a": {"key_b": {"key_c": ["1", "2", "3", "4"]}},
        "key_d": {"key_e": ["1", "2", "3"]},
        "key_f": ["1", "2", "3"],
    }


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        # The pages' examples, and LocalStack's record: levels multiply, alternatives add.
        ({"key_a": ["1", "2", "3"], "key_b": ["1"], "key_c": ["1", "2"]}, 6),
        (nested(), 216),
        ({name: value for name, value in nested().items() if name != "key_f"}, 72),
        (
            {
                "source": [1, 2, 3, 4],
                "$or": [
                    {"metricName": [1, 2, 3, 4, 5, 6]},
                    {"metricType": [1, 2, 3, 4], "$or": [{"metricId": [1, 2, 3, 4]}, {"spaceId": [1, 2, 3, 4]}]},
                ],
            },
            152,
        ),
        (
            {
                "source": [1, 2, 3],
                "$or": [
                    {"metricName": [1, 2, 3, 4, 5, 6]},
                    {
                        "metricType": [1, 2, 3, 4],
                        "$or": [{"metricId": [1, 2, 3, 4]}, {"spaceId": [1, 2, 3, 4, 5, 6, 7]}],
                    },
                ],
            },
            150,
        ),
        (
            {
                "$or": [{"metricName": [1, 2, 3]}, {"namespace": [1, 2]}],
                "detail": {"scope": [1, 2], "$or": [{"source": [1]}, {"type": [1, 2, 3]}]},
            },
            160,
        ),
    ],
)
def test_the_combination_of_values_is_counted_as_aws_counts(policy: dict[str, Any], wanted: int) -> None:
    assert combinations(policy) == wanted
    assert (not messages(policy, "MessageBody")) is (wanted <= 150)


@pytest.mark.parametrize("text", ["{", "[]", "5", "[" * 99999, 5])
def test_text_that_is_no_policy_is_refused(text: Any) -> None:
    assert [at.name for at in of_filter(text)] == ["not_json"]


def test_a_policy_without_end_is_refused_in_no_time() -> None:
    deep: Any = ["x"]
    for _ in range(200):
        deep = {"a": deep}
    assert "too_complex" in [at.name for at in of_filter(json.dumps(deep), "MessageBody")]
    assert [at.name for at in of_filter(json.dumps({"a": ["x" * 300_000]}))] == ["too_long"]
    assert len(of_filter(json.dumps({"a": [{}] * 10_000}))) == 20


@pytest.mark.parametrize("text", [None, "", "{}"])
def test_no_policy_is_refused_by_nobody(text: Any) -> None:
    assert of_filter(text) == ()
