"""CloudFormation templates: read without running what is in them, and refused in AWS's words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import yaml  # type: ignore[import-untyped]
from moto.cloudformation import models, parsing, responses
from moto.cloudformation.exceptions import ValidationError

Json = dict[str, Any]

TIMESTAMP = "tag:yaml.org,2002:timestamp"
SUBSTITUTED = re.compile(r"\$\{([^!}][^}]*)\}")


def apply() -> None:
    """moto 5.2.5 loads templates with PyYAML's full loader: `!!python/object/apply` runs in its process."""
    reader = SimpleNamespace(load=_load, Loader=None, add_multi_constructor=_nothing)
    models.yaml = reader  # type: ignore[attr-defined]
    responses.yaml = reader  # type: ignore[attr-defined]
    parsing.get_references_from_template = lambda template: list(references(template))


def parse(text: str) -> Json:
    """The template as JSON would have it. Raises ValidationError."""
    try:
        template = json.loads(text) if text.lstrip()[:1] == "{" else yaml.load(text, _Loader)
    except json.JSONDecodeError as error:
        raise _malformed(f"JSON not well-formed. (line {error.lineno}, column {error.colno})") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        raise _malformed(f"YAML not well-formed.{place}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise _malformed("unsupported structure.") from None
    if not isinstance(template, dict):
        raise _malformed("unsupported structure.")
    return template


def validate(template: Json) -> None:
    """What CloudFormation refuses before it makes a stack. Raises ValidationError.

    The words are those of the service:
    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html (2026-11)
    """
    resources = template.get("Resources")
    if not isinstance(resources, dict) or not resources:
        raise _malformed("At least one Resources member must be defined.")
    for name, resource in resources.items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise _malformed(f"[/Resources/{name}] Every Resources object must contain a Type member.")
    if path := next(_nulls(resources, "/Resources"), None):
        raise _malformed(f"[{path}] 'null' values are not allowed in templates")
    if "Transform" in template:  # a macro may bring names of its own
        return
    known = {*resources, *(template.get("Parameters") or {})}
    for block in ("Resources", "Outputs"):
        missing = {name for name in references(template.get(block)) if name not in known and "::" not in name}
        if missing:
            names = ", ".join(sorted(missing))
            what = f"Unresolved resource dependencies [{names}] in the {block} block of the template"
            raise _malformed(what)


def references(value: Any) -> Iterator[str]:
    """The names that Ref, Fn::GetAtt and Fn::Sub use; moto's own knows Ref alone."""
    if isinstance(value, list):
        for one in value:
            yield from references(one)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _referred(key, inner)
            yield from references(inner)


def _nulls(value: Any, path: str) -> Iterator[str]:
    if value is None:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from _nulls(inner, f"{path}/{key}")


def _referred(key: str, value: Any) -> Iterator[str]:
    if key == "Ref" and isinstance(value, str):
        yield value
    elif key == "Fn::GetAtt" and value:
        yield str(value[0] if isinstance(value, list) else value).split(".")[0]
    elif key == "Fn::Sub" and value:
        text, own = value if isinstance(value, list) and len(value) == 2 else (value, {})
        names = (name.strip().split(".")[0] for name in SUBSTITUTED.findall(str(text)))
        yield from (name for name in names if name not in own)


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Plain data; a date stays the text that it is, as in JSON."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        letter: [(tag, pattern) for tag, pattern in resolvers if tag != TIMESTAMP]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _short_form(loader: _Loader, suffix: str, node: yaml.Node) -> Json:
    """`!Sub x` for `{"Fn::Sub": x}`."""
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = node.value
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short_form)


def _malformed(what: str) -> ValidationError:
    return ValidationError(message=f"Template format error: {what}")


def _load(text: str, **_: object) -> Json:
    return parse(text)


def _nothing(*_: object) -> None:
    """The short forms are known to our loader alone."""
