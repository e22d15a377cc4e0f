"""A call's parameters as options of the AWS CLI.

What the CLI calls otherwise than its rule says is in RENAMED; what it cannot be told by an option of its own goes in as
`--cli-input-json`. Its names: https://docs.aws.amazon.com/cli/latest/reference/ (2026-11-25)
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from grader.history.call import Call
from grader.history.files import Files
from grader.history.words import Names

SERVICES = {"s3": "s3api", "codedeploy": "deploy", "config": "configservice"}
RENAMED = {("sns", "Subscribe", "Endpoint"): "notification-endpoint"}
# What it calls the "no" of an option otherwise than --no-OPTION.
DENIED = {("ec2", "egress"): "ingress", ("ec2", "disable-api-termination"): "enable-api-termination"}
# The CLI's own options, or its own way of asking for the same.
TAKEN = frozenset(
    {
        *("ca-bundle", "cli-connect-timeout", "cli-input-json", "cli-read-timeout", "color", "debug", "endpoint-url"),
        *("generate-cli-skeleton", "max-items", "no-paginate", "no-sign-request", "no-verify-ssl", "output"),
        *("page-size", "paginate", "profile", "query", "region", "starting-token", "version"),
    }
)
OTHERWISE = frozenset(
    {("ec2", name) for name in ("RunInstances", "BundleInstance", "CreateImage")}
    | {("lambda", "CreateFunction"), ("lambda", "UpdateFunctionCode"), ("lambda", "PublishLayerVersion")}
)
FROM_A_FILE = re.compile(r"(file|fileb|https?)://")
SCALARS = ("string", "character", "timestamp", "integer", "long", "float", "double")


def options(call: Call, names: Names, files: Files) -> Iterator[str]:
    """Each as it stands on the command line."""
    shape = call.model.input_shape
    members: Mapping[str, Any] = shape.members if shape else {}
    body = _body_of(call, members)
    said = {name: value for name, value in call.parameters.items() if name != body}
    if any(_needs_json(call, name, value, members[name]) for name, value in said.items()):
        yield f"--cli-input-json {_long(_json(said), names, files)}"
    else:
        for name, value in said.items():
            yield from _option(call, name, value, members[name], names, files)
    if body is not None:
        yield f"--{_cli_name(call, body)} {files.body(_bytes(call.parameters[body]))}"


def _option(call: Call, name: str, value: Any, shape: Any, names: Names, files: Files) -> Iterator[str]:
    option = _cli_name(call, name)
    kind = shape.type_name
    if kind == "boolean":
        yield f"--{option if value else _denied(call, option)}"
    elif kind == "blob":
        yield f"--{option} {files.blob(_bytes(value))}"
    elif kind in SCALARS:
        yield _with_value(option, _scalar(value), names, files)
    elif _is_plain_list(value, shape):
        yield f"--{option} {' '.join(names.word(_scalar(item)) for item in value)}"
    else:
        yield f"--{option} {_long(_json(value), names, files)}"


def _with_value(option: str, text: str, names: Names, files: Files) -> str:
    if text.startswith("-"):  # else it would be an option
        return f"--{option}={names.word(text)}"
    return f"--{option} {_long(text, names, files)}"


def _long(text: str, names: Names, files: Files) -> str:
    """A page of text is better read from a file."""
    if text.count("\n") > 1 and not names.wanted(text):
        return files.text(text)
    return names.word(text)


def _cli_name(call: Call, member: str) -> str:
    from botocore import xform_name

    return RENAMED.get((call.service, call.operation, member)) or xform_name(member, "-")


def _denied(call: Call, option: str) -> str:
    return DENIED.get((call.service, option)) or f"no-{option}"


def _needs_json(call: Call, name: str, value: Any, shape: Any) -> bool:
    option = _cli_name(call, name)
    if (call.service, call.operation) in OTHERWISE or option in TAKEN:
        return True
    if shape.type_name == "boolean" and option.startswith("no-"):
        return True
    if isinstance(value, str) and shape.type_name == "string" and FROM_A_FILE.match(value):
        return (call.service, name) not in (("sqs", "QueueUrl"), ("cloudformation", "TemplateURL"))
    return False


def _body_of(call: Call, members: Mapping[str, Any]) -> str | None:
    """The parameter that is streamed, which only a file can be."""
    for name, shape in members.items():
        if name in call.parameters and shape.type_name == "blob" and shape.serialization.get("streaming"):
            return name
    return None


def _is_plain_list(value: Any, shape: Any) -> bool:
    if shape.type_name != "list" or shape.member.type_name not in SCALARS or not value:
        return False
    texts = [_scalar(item) for item in value]
    return not any(not text or text[0] in "-[{" or FROM_A_FILE.match(text) or "," in text for text in texts)


def _scalar(value: Any) -> str:
    if isinstance(value, datetime):
        return _moment(value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_as_json, separators=(", ", ": "))


def _as_json(value: Any) -> str:
    return _moment(value) if isinstance(value, datetime) else base64.b64encode(_bytes(value)).decode()


def _moment(value: datetime) -> str:
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return moment.isoformat().replace("+00:00", "Z")


def _bytes(value: Any) -> bytes:
    return value.encode() if isinstance(value, str) else bytes(value)
