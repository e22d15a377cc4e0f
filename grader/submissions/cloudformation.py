"""CloudFormation templates, deployed through the emulator's own API."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from itertools import islice
from typing import Any

from grader.errors import CannotDeploy
from grader.sandbox import Ended
from grader.sandbox.output import clipped
from grader.submissions import template as templates
from grader.submissions.interface import Stage, StageRun, Workplace
from grader.submissions.template import Template, TemplateError
from grader.texts import Text, say

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
PAGES = 20  # of events: as many as a template's limit of 500 resources fills
REASON_LENGTH = 600
_UNRECOGNIZED = re.compile(r"Unrecognized resource types: \[([^\]]*)\]")
# LocalStack 4.14.0 says so of a block chosen out of Fn::Cidr, as AWS's own example has it:
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-cidr.html
_SELECT, _CIDR = "Fn::Select requires a list argument", re.compile(r"Fn::Cidr|!Cidr\b")
_FALLBACK = "not supported but was deployed as a fallback"
_GAP = re.compile("cannot deploy|not supported|unsupported|not implemented", re.IGNORECASE)
CONSEQUENCES = ("cancelled", "the following resource(s) failed")


class CloudFormationStage(Stage):
    """One template, one stack. `exit_code` is 0 where it is complete, and 1 where it is not."""

    kind = "cloudformation"
    sort = "template"
    suffixes = (".yaml", ".yml", ".json")
    names = ("template.yaml", "template.yml", "template.json")

    def recognises(self, content: bytes) -> bool:
        return b"Resources" in content

    def owned_by(self, script: str) -> bool:
        name = re.escape(self.entry.rpartition("/")[2])
        return re.search(rf"(?<![\w.-]){name}(?![\w.-])", script) is not None

    def run(self, workplace: Workplace) -> StageRun:
        started = time.monotonic()
        deployment = _Deployment(self, workplace)
        message = _deployed(deployment, self.entry)
        exit_code = None if deployment.timed_out else int(message is not None)
        stdout, cut = clipped(deployment.log())
        ended = Ended(exit_code, deployment.timed_out, time.monotonic() - started, stdout, "", cut)
        return StageRun(self.kind, self.entry, ended, message)


def camel_case(name: str) -> str:
    """How a template calls a lab's parameter: `ia_days` is `IaDays`."""
    return "".join(part[:1].upper() + part[1:] for part in re.split(r"[_-]", name))


def stack_name(entry: str) -> str:
    """The stack of a template: each of several has its own."""
    stem = entry.rpartition("/")[2].partition(".")[0]
    return f"labgrade-{re.sub('[^A-Za-z0-9]+', '-', stem)[:40].strip('-')}".rstrip("-")


def _deployed(deployment: _Deployment, entry: str) -> Text | None:
    """Deploy the template; what went wrong, None where nothing did."""
    from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError

    try:
        content = (deployment.workplace.folder / entry).read_bytes()
        template = templates.read(entry, content)
        values = _values(entry, template, deployment.workplace.parameters)
        deployment.create(template.body, values)
        return deployment.outcome()
    except TemplateError as error:
        return error.text
    except ClientError as error:
        said = error.response["Error"]
        _require_deployable_template(str(said.get("Message", "")), deployment.body)
        refused = "{entry}: CloudFormation refuses it ({code}): {reason}"
        return say(refused, entry=entry, code=said["Code"], reason=_line(said.get("Message", "")))
    except ReadTimeoutError:
        deployment.timed_out = True
        return say("{entry}: CloudFormation did not answer in time.", entry=entry)
    except BotoCoreError as error:
        return say("{entry}: CloudFormation does not answer: {reason}", entry=entry, reason=_line(str(error)))


def _values(entry: str, template: Template, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The values of the parameters that the template declares and the lab has."""
    ours = {camel_case(name): _value(value) for name, value in parameters.items()}
    missing = [name for name, default in template.parameters.items() if not default and name not in ours]
    if missing:
        found = "{entry}: no value for the parameter {missing}: it has no default, and the lab only has {known}."
        raise TemplateError(say(found, entry=entry, missing=missing, known=sorted(ours) or "none"))
    return {name: ours[name] for name in template.parameters if name in ours}


class _Deployment:
    """A stack on its way, until its deadline."""

    def __init__(self, stage: Stage, workplace: Workplace) -> None:
        self.workplace = workplace
        self.timed_out = False
        self._seconds = stage.seconds(workplace.limits)
        self._deadline = time.monotonic() + self._seconds
        self._stack_name = stack_name(stage.entry)
        self._client: Any = None
        self.body = ""

    def create(self, body: str, values: Mapping[str, str]) -> None:
        self.body = body
        # It asks once, as an emulator deploys while it answers: asked again, it says that the stack exists already.
        seconds = max(0.1, self._seconds)
        self._client = self.workplace.access.client("cloudformation", read_seconds=seconds, attempts=1)
        self._client.create_stack(
            StackName=self._stack_name,
            TemplateBody=body,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in values.items()],
            Capabilities=CAPABILITIES,
        )

    def outcome(self) -> Text | None:
        """Wait for the stack to settle; what went wrong, None where nothing did."""
        pause = 0.02
        while (stack := self._stack())["StackStatus"].endswith("_IN_PROGRESS"):
            if time.monotonic() + pause > self._deadline:
                self.timed_out = True
                return say("The stack was still {status} when its time ran out.", status=stack["StackStatus"])
            time.sleep(pause)
            pause = min(1.0, pause * 1.5)
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return None
        return self._failure() or say(
            "The stack ended as {status}: {reason}",
            status=stack["StackStatus"],
            reason=_line(stack.get("StackStatusReason", "no reason given")),
        )

    def log(self) -> str:
        """What became of each resource, oldest first, as the console shows it."""
        shown = ("ResourceStatus", "ResourceType", "LogicalResourceId", "ResourceStatusReason")
        rows = ([_line(str(event.get(key, ""))) for key in shown] for event in self._events())
        return "".join(" ".join(row).rstrip() + "\n" for row in rows)

    def _stack(self) -> Any:
        return self._client.describe_stacks(StackName=self._stack_name)["Stacks"][0]

    def _failure(self) -> Text | None:
        """The first resource that failed by itself, not because another had."""
        events = self._events()
        for event in events:
            reason = _line(event.get("ResourceStatusReason", ""))
            consequence = event.get("LogicalResourceId") == self._stack_name or any(c in reason for c in CONSEQUENCES)
            if str(event.get("ResourceStatus", "")).endswith("_FAILED") and not consequence:
                for stopgap in (one for one in events if _FALLBACK in str(one.get("ResourceStatusReason", ""))):
                    _require_deployable(stopgap, _FALLBACK)  # what leans on it fails for that
                _require_deployable(event, reason)
                return say(
                    "{resource} ({type}) could not be created: {reason}",
                    resource=event["LogicalResourceId"],
                    type=event.get("ResourceType", ""),
                    reason=reason or "no reason given",
                )
        return None

    def _events(self) -> list[dict[str, Any]]:
        """The stack's events, oldest first; none where there is no stack."""
        from botocore.exceptions import BotoCoreError, ClientError

        if self._client is None:
            return []
        try:
            pages = self._client.get_paginator("describe_stack_events").paginate(StackName=self._stack_name)
            found = [event for page in islice(pages, PAGES) for event in page["StackEvents"]]
        except (ClientError, BotoCoreError):
            return []
        return found[::-1]


def _require_deployable(event: Mapping[str, Any], reason: str) -> None:
    """Raises CannotDeploy where a resource failed because this emulator lacks its type, and AWS has it."""
    kind = str(event.get("ResourceType", ""))
    if _GAP.search(reason) and _is_known(kind):
        raise _cannot(kind)


def _require_deployable_template(refusal: str, body: str) -> None:
    """Raises CannotDeploy where the whole template was refused for types or functions that this emulator lacks."""
    named = _UNRECOGNIZED.search(refusal)
    kinds = [kind.strip() for kind in named.group(1).split(",")] if named else []
    if _SELECT in refusal and _CIDR.search(body):
        raise _cannot("Fn::Select of Fn::Cidr")
    if kinds and all(_is_known(kind) for kind in kinds):
        raise _cannot(", ".join(kinds))


def _cannot(kind: str) -> CannotDeploy:
    return CannotDeploy(say("this emulator cannot deploy {kind}, which AWS can; try another --emulator", kind=kind))


def _is_known(kind: str) -> bool:
    """Does AWS have such a type? cfn-lint carries the schemas of all."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER

    return kind in PROVIDER_SCHEMA_MANAGER.get_resource_types("us-east-1")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(_value, value)) if isinstance(value, list | tuple) else str(value)


def _line(text: str) -> str:
    """A stranger's text on one line, of bounded length."""
    return " ".join(text[: 4 * REASON_LENGTH].split())[:REASON_LENGTH]
