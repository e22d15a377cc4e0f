"""A subscription's filter policy, and which messages it accepts.

https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html (2026-11-23)
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

from grader.effects.delivery.message import Attribute, Message
from grader.effects.delivery.rules import ABSENT, Leaf, Rule

Scope = Literal["MessageAttributes", "MessageBody"]
OR: Final = "$or"
# Each level and each rule adds to a policy's complexity, of which 150 is the most that AWS takes: what is beyond
# these is refused, accepts nothing here, and costs no time.
DEEPEST: Final = 100
MOST_RULES: Final = 1000


@dataclass
class Node:
    """What a policy wants of one value: rules for the value itself, nodes for its properties, and alternatives.

    All properties must fit together in one object: of an array of objects, one and the same element.
    """

    rules: list[Rule] | None = None
    fields: dict[str, Node] = field(default_factory=dict)
    alternatives: list[list[Node]] = field(default_factory=list)

    def accepts(self, value: Any) -> bool:
        """Whether the value, or one element of it if it is an array, fits."""
        return any(self._fits(item) for item in _elements(value))

    def _fits(self, value: Any) -> bool:
        if self.rules is not None and not any(rule.accepts(_leaf(value)) for rule in self.rules):
            return False
        if not all(node.accepts(_property(value, name)) for name, node in self.fields.items()):
            return False
        return all(any(node._fits(value) for node in nodes) for nodes in self.alternatives)


@dataclass(frozen=True)
class Filter:
    """A filter policy: `content` is its JSON, None where there is none, or none that can be read (`unreadable`)."""

    content: Any = None
    scope: Scope = "MessageAttributes"
    unreadable: bool = False

    @classmethod
    def read(cls, text: object, scope: object = None) -> Filter:
        """The FilterPolicy and FilterPolicyScope of a subscription's attributes; an empty policy is none."""
        of_body: Scope = "MessageBody" if scope == "MessageBody" else "MessageAttributes"
        if text is None or text == "":
            return cls(None, of_body)
        content = parsed(text if isinstance(text, str) else _written(text))
        if not isinstance(content, dict):
            return cls(None, of_body, unreadable=True)
        return cls(content, of_body)

    def accepts(self, message: Message) -> bool:
        """Whether SNS would send the message on. What a policy has in forms that AWS refuses accepts nothing."""
        if not self.content:
            return not self.unreadable
        node = Node()
        if not _build(node, self.content, 1):
            return False
        if self.scope == "MessageBody":
            body = parsed(message.body)
            return isinstance(body, dict) and node.accepts(body)
        # "An empty set of attributes results in the filter not matching": attribute-key-matching.html
        return bool(message.attributes) and node.accepts(_properties(message.attributes))


def parsed(text: object) -> Any:
    """JSON, its numbers exact; `ABSENT` for what is none, or is nested too deep to read."""
    if not isinstance(text, str):
        return ABSENT
    try:
        return json.loads(text, parse_int=_number, parse_float=_number, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return ABSENT


def _number(text: str) -> Decimal:
    if len(text) > 400:
        raise ValueError("too long for a number")
    return Decimal(text)


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _written(value: object) -> str | None:
    try:
        return json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return None


def _build(node: Node, content: Mapping[str, Any], depth: int) -> bool:
    """Add an object of the policy to a node; False for a form that AWS refuses. A key's dots are levels.

    That `{"a.b": …}` and `{"a": {"b": …}}` are one, in policy and in body: LocalStack's record of AWS, 2024-05.
    """
    for key, value in content.items():
        if depth + key.count(".") > DEEPEST:
            return False
        if key == OR and _alternatives(value):
            nodes = [Node() for _ in value]
            node.alternatives.append(nodes)
            if not all(_build(below, item, depth + 1) for below, item in zip(nodes, value, strict=True)):
                return False
            continue
        below = _below(node, key)
        if isinstance(value, list) and value:
            below.rules = [*(below.rules or []), *(Rule(item) for item in value[:MOST_RULES])]
        elif not isinstance(value, dict) or not _build(below, value, depth + key.count(".") + 1):
            return False
    return True


def _alternatives(value: object) -> bool:
    """An $or of two objects or more; any other is a property of that name, as aws/event-ruler reads it."""
    return isinstance(value, list) and len(value) > 1 and all(isinstance(item, dict) for item in value)


def _below(node: Node, key: str) -> Node:
    for name in key.split("."):
        node = node.fields.setdefault(name, Node())
    return node


def _elements(value: Any) -> Iterator[Any]:
    """A value by itself, or the elements of arrays within arrays; an empty array is nothing."""
    if not isinstance(value, list):
        yield value
        return
    waiting, found = [value], False
    while waiting:
        for item in waiting.pop():
            if isinstance(item, list):
                waiting.append(item)
            else:
                found = True
                yield item
    if not found:
        yield ABSENT


def _property(value: Any, name: str) -> Any:
    """A property of an object, also one whose name has dots; nothing where the value is no object."""
    if not isinstance(value, dict):
        return ABSENT
    found = [value[name]] if name in value else []
    for key, item in value.items():
        if key.startswith(f"{name}."):
            found.append({key[len(name) + 1 :]: item})
    return found[0] if len(found) == 1 else found


def _leaf(value: Any) -> Leaf:
    """ "exists matching only works on leaf nodes. It does not work on intermediate nodes": attribute-key-matching."""
    return value if value is None or isinstance(value, str | bool | Decimal) else ABSENT


def _properties(attributes: Mapping[str, Attribute]) -> dict[str, Any]:
    """The attributes that SNS compares, as values: "String, String.Array, Number"; it "ignores" Binary.

    https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html (2026-11-23)
    """
    read = {name: _attribute(attribute) for name, attribute in attributes.items()}
    return {name: value for name, value in read.items() if value is not ABSENT}


def _attribute(attribute: Attribute) -> Any:
    match attribute.type:
        case "String":
            return attribute.value
        case "Number":
            value = parsed(attribute.value)
            return value if isinstance(value, Decimal) else ABSENT
        case "String.Array" | "Number.Array":
            value = parsed(attribute.value)
            return value if isinstance(value, list) else ABSENT
    return ABSENT
