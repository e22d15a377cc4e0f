"""What holds for every filter policy and every message."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from grader.effects.delivery import Filter, Message, combinations, of_filter

some = settings(max_examples=100, deadline=None)

texts = st.sampled_from(["", "a", "ab", "AB", "b", "5", "true", "10.0.0.1", "a.b"])
numbers = st.sampled_from([-1, 0, 0.5, 5, 100])
scalars = st.one_of(texts, numbers, st.booleans(), st.none())
names = st.sampled_from(["a", "b", "a.b", "c"])
ranges = st.sampled_from([["=", 5], ["<", 5], [">=", 0], [">", 0, "<=", 5]])
string_rules = [st.fixed_dictionaries({name: texts}) for name in ("prefix", "suffix", "equals-ignore-case", "wildcard")]
rules = st.one_of(
    scalars,
    *string_rules,
    st.fixed_dictionaries({"numeric": ranges}),
    st.fixed_dictionaries({"exists": st.booleans()}),
    st.fixed_dictionaries({"cidr": st.sampled_from(["10.0.0.0/8", "::/0", "x"])}),
    st.fixed_dictionaries({"anything-but": st.one_of(texts, st.lists(numbers, min_size=1, max_size=2), *string_rules)}),
)
leaves = st.lists(rules, min_size=1, max_size=3)
policies = st.recursive(
    st.dictionaries(names, leaves, min_size=1, max_size=3),
    lambda inner: st.one_of(
        st.dictionaries(names, inner, min_size=1, max_size=2),
        st.builds(lambda one, two, rest: {**rest, "$or": [one, two]}, inner, inner, inner),
    ),
    max_leaves=3,
)
bodies = st.recursive(
    st.dictionaries(names, st.one_of(scalars, st.lists(scalars, max_size=3)), max_size=3),
    lambda inner: st.dictionaries(names, st.one_of(scalars, inner, st.lists(inner, max_size=3)), max_size=3),
    max_leaves=6,
)
attributes = st.dictionaries(names, texts, min_size=1, max_size=3)


def accepts(policy: Any, body: Any) -> bool:
    return Filter.read(json.dumps(policy), "MessageBody").accepts(Message.of(json.dumps(body)))


@some
@given(policies, names, rules, bodies)
def test_one_more_value_never_turns_a_message_away(policy: Any, name: str, rule: Any, body: Any) -> None:
    before = {**policy, name: ["x"]}
    if accepts(before, body):
        assert accepts({**policy, name: ["x", rule]}, body)


@some
@given(policies, bodies, leaves)
def test_one_more_property_never_lets_a_message_in(policy: Any, body: Any, leaf: Any) -> None:
    if accepts({**policy, "more": leaf}, body):
        assert accepts(policy, body)


@some
@given(policies, policies, bodies)
def test_or_is_either(one: Any, two: Any, body: Any) -> None:
    assert accepts({"$or": [one, two]}, body) == (accepts(one, body) or accepts(two, body))


@some
@given(policies, bodies)
def test_the_order_of_properties_does_not_matter(policy: Any, body: Any) -> None:
    turned = dict(reversed(list(policy.items())))
    assert accepts(policy, body) == accepts(turned, dict(reversed(list(body.items()))))


@some
@given(names, texts, scalars)
def test_anything_but_a_text_is_the_opposite_of_the_text(name: str, text: str, value: Any) -> None:
    assert accepts({name: [text]}, {name: value}) != accepts({name: [{"anything-but": text}]}, {name: value})


@some
@given(st.dictionaries(names, leaves, min_size=1, max_size=3), attributes)
def test_attributes_are_judged_as_a_body_of_the_same_texts(policy: Any, values: dict[str, str]) -> None:
    by_attributes = Filter.read(json.dumps(policy)).accepts(Message.of("", values))
    assert by_attributes == accepts(policy, values)


@some
@given(policies)
def test_one_more_value_never_makes_a_policy_simpler(policy: Any) -> None:
    assert combinations({**policy, "z": ["x"]}) <= combinations({**policy, "z": ["x", "y"]})


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["$or", "a", "b.c", "exists", "numeric", "anything-but", "prefix", "wildcard"]),
            inner,
            max_size=3,
        ),
    ),
    max_leaves=12,
)


@some
@given(st.one_of(json_values, st.text(max_size=20)), st.one_of(json_values, st.text(max_size=20)), st.text(max_size=3))
def test_no_text_and_no_json_raises_anything(policy: Any, body: Any, kind: str) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    message = Message.of(
        text, {"a": {"DataType": kind, "StringValue": text}, "b": {"Type": "String.Array", "Value": text}}
    )
    for scope in ("MessageBody", "MessageAttributes", kind):
        for written in (policy, json.dumps(policy)):
            assert Filter.read(written, scope).accepts(message) in (True, False)
            assert all(str(refusal.text) for refusal in of_filter(written, scope))
