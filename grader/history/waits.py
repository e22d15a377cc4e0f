"""What takes its time on AWS is waited for: a script goes on at once where a student had looked first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from grader.history.call import Call

STACKS = {"CreateStack": "create", "UpdateStack": "update", "DeleteStack": "delete"}


def waits(calls: Iterable[Call]) -> Iterator[Call]:
    """The calls, each followed by the wait that it wants."""
    change: Call | None = None
    for call in calls:
        yield call
        change = call if call.operation == "CreateChangeSet" else change
        match call.service, call.operation:
            case "cloudformation", ("CreateStack" | "UpdateStack" | "DeleteStack") as operation:
                yield _stack(call, STACKS[operation], call)
            case "cloudformation", "CreateChangeSet":
                named = {key: call.parameters[key] for key in ("StackName", "ChangeSetName")}
                yield _wait(call, "change-set-create-complete", "DescribeChangeSet", named)
            case "cloudformation", "ExecuteChangeSet" if change is not None:
                kind = "update" if change.parameters.get("ChangeSetType") == "UPDATE" else "create"
                yield _stack(call, kind, change)
            case "ec2", "CreateNatGateway" if gateway := call.reply.get("NatGateway", {}).get("NatGatewayId"):
                yield _wait(call, "nat-gateway-available", "DescribeNatGateways", {"NatGatewayIds": [gateway]})


def _stack(call: Call, kind: str, named: Call) -> Call:
    return _wait(call, f"stack-{kind}-complete", "DescribeStacks", {"StackName": named.parameters["StackName"]})


def _wait(call: Call, state: str, asks: str, parameters: Mapping[str, Any]) -> Call:
    model = call.model.service_model.operation_model(asks)
    return replace(call, operation=asks, command=f"wait {state}", parameters=parameters, model=model, reply={})
