"""Reads of a CloudFormation template what must be known before it is deployed: its parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from grader.texts import Text, say

MAX_DEPTH = 100
SIZE_BYTES = 1024 * 1024  # of a template: AWS's own limit


class TemplateError(Exception):
    """The template cannot be read; `text` says where and why."""

    def __init__(self, text: Text) -> None:
        super().__init__(str(text))
        self.text = text


@dataclass(frozen=True)
class Template:
    """A template as text, and whether each parameter that it declares has a default."""

    body: str
    parameters: Mapping[str, bool]


def read(entry: str, content: bytes) -> Template:
    """The template in that file. Raises TemplateError with line and column."""
    if len(content) > SIZE_BYTES:
        raise TemplateError(say("{entry}: a template has 1 MiB at most.", entry=entry))
    try:
        body = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise TemplateError(say("{entry}: is not UTF-8 text.", entry=entry)) from None
    try:
        parameters = _from_json(entry, body) if entry.endswith(".json") else _from_yaml(entry, body)
    except RecursionError:
        raise TemplateError(say("{entry}: is nested too deeply.", entry=entry)) from None
    return Template(body, parameters)


def _from_json(entry: str, body: str) -> dict[str, bool]:
    try:
        template = json.loads(body)
    except json.JSONDecodeError as error:
        raise TemplateError(_at(entry, error.lineno, error.colno, error.msg)) from None
    parameters = template.get("Parameters", {}) if isinstance(template, dict) else None
    if not isinstance(parameters, dict):
        raise TemplateError(_no_template(entry))
    return {name: isinstance(value, dict) and "Default" in value for name, value in parameters.items()}


def _from_yaml(entry: str, body: str) -> dict[str, bool]:
    """Only the tree of nodes is built: tags mean nothing here, and no object is made of any."""
    import yaml  # type: ignore[import-untyped]  # moto brings it

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_bounds(entry, yaml.parse(body, Loader=loader))
        template = yaml.compose(body, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise TemplateError(_at(entry, line, column, error.problem or "is not YAML")) from None
    except yaml.YAMLError as error:
        reason = " ".join(str(error).split())
        raise TemplateError(say("{entry}: is not YAML: {reason}.", entry=entry, reason=reason)) from None
    if not isinstance(template, yaml.MappingNode):
        raise TemplateError(_no_template(entry))
    parameters = _children(template).get("Parameters")
    return {name: "Default" in _children(declared) for name, declared in _children(parameters).items()}


def _check_bounds(entry: str, events: Any) -> None:
    """CloudFormation takes no aliases, and neither do we: a few unfold to more than a machine can hold."""
    import yaml

    depth = 0
    for event in events:
        mark = event.start_mark
        if isinstance(event, yaml.AliasEvent):
            reason = "CloudFormation takes no YAML aliases (*name): write the value out"
            raise TemplateError(_at(entry, mark.line + 1, mark.column + 1, reason))
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise TemplateError(_at(entry, mark.line + 1, mark.column + 1, "is nested too deeply"))


def _children(node: Any) -> dict[str, Any]:
    """The values of a mapping's node by key; nothing where it is no mapping."""
    pairs = node.value if node is not None and node.id == "mapping" else ()
    return {str(key.value): value for key, value in pairs}


def _at(entry: str, line: int, column: int, reason: str) -> Text:
    found = "{entry}, line {line}, column {column}: {reason}."
    return say(found, entry=entry, line=line, column=column, reason=reason)


def _no_template(entry: str) -> Text:
    return say("{entry}: is not a template: that is a mapping with Resources in it.", entry=entry)
