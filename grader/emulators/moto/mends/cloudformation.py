"""CloudFormation: a stack that fails says which resource and why, in its events, as AWS's do."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, Event, Stack
from moto.cloudformation.responses import CloudFormationResponse

from grader.emulators.moto.mends import s3_templates, templates

Json = dict[str, Any]

_create_resource = parsing.parse_and_create_resource
_update_resource = parsing.parse_and_update_resource
_create_resources = Stack.create_resources
_update = Stack.update
_create_stack = CloudFormationBackend.create_stack
_create_change_set = CloudFormationBackend.create_change_set
_execute_change_set = CloudFormationBackend.execute_change_set
_update_stack = CloudFormationBackend.update_stack
_validate_different_update = CloudFormationResponse._validate_different_update

IGNORED = {"AWS::S3::Bucket": s3_templates.ignored}
# Nothing to make on AWS either.
EMPTY = ("AWS::CDK::Metadata",)
LONGEST_REASON = 400


class ResourceFailed(Exception):
    """A resource could not be made or changed. Its event is written."""


def apply() -> None:
    """moto 5.2.5 ends in a 500 page, the stack in progress for ever, and skips types that it does not know."""
    parsing.parse_and_create_resource = create_resource
    parsing.parse_and_update_resource = update_resource
    parsing.NULL_MODELS.extend(EMPTY)
    Stack.create_resources = create_resources  # type: ignore[method-assign]
    Stack.update = update  # type: ignore[method-assign]
    Stack.has_parameters = has_parameters  # type: ignore[method-assign]
    CloudFormationResponse._validate_different_update = validate_different_update  # type: ignore[method-assign]
    CloudFormationBackend.create_stack = create_stack  # type: ignore[method-assign]
    CloudFormationBackend.create_change_set = create_change_set  # type: ignore[method-assign,assignment]
    CloudFormationBackend.execute_change_set = execute_change_set  # type: ignore[method-assign]
    CloudFormationBackend.update_stack = update_stack  # type: ignore[method-assign]


def create_resource(logical_id: str, resource_json: Json, resources_map: Any, account_id: str, region_name: str) -> Any:
    """Tells the stack's events how it went."""
    telling = _Telling(resources_map, account_id, region_name, logical_id, resource_json["Type"])
    try:
        _refuse_unknown(resource_json["Type"])
        made = _create_resource(logical_id, resource_json, resources_map, account_id, region_name)
    except ResourceFailed:
        raise  # what it depends on
    except Exception as error:
        telling.failed("CREATE_FAILED", error)
        raise ResourceFailed(logical_id) from error
    if made is not None:
        telling.tell("CREATE_COMPLETE", _left_out(resource_json), made)
    return made


def update_resource(logical_id: str, resource_json: Json, resources_map: Any, account_id: str, region_name: str) -> Any:
    """Likewise."""
    telling = _Telling(resources_map, account_id, region_name, logical_id, resource_json["Type"])
    try:
        changed = _update_resource(logical_id, resource_json, resources_map, account_id, region_name)
    except Exception as error:
        telling.failed("UPDATE_FAILED", error)
        raise ResourceFailed(logical_id) from error
    if changed is not None:
        telling.tell("UPDATE_COMPLETE", _left_out(resource_json), changed)
    return changed


def create_stack(self: CloudFormationBackend, name: str, template: str, *args: Any, **kwargs: Any) -> Stack:
    """Refuses what AWS refuses at once."""
    templates.validate(templates.parse(template))
    return _create_stack(self, name, template, *args, **kwargs)


def update_stack(self: CloudFormationBackend, name: str, template: str, *args: Any, **kwargs: Any) -> Stack:
    """Refuses what AWS refuses at once."""
    templates.validate(templates.parse(template))
    return _update_stack(self, name, template, *args, **kwargs)


def create_change_set(
    self: CloudFormationBackend, stack_name: str, change_set_name: str, template: str, **kwargs: Any
) -> tuple[str, str]:
    """Refuses what AWS refuses at once, and leaves no stack behind."""
    templates.validate(templates.parse(template))
    if kwargs.get("change_set_type") == "UPDATE":
        _refuse_rolled_back(self.get_stack(stack_name))
    return _create_change_set(self, stack_name, change_set_name, template, **kwargs)


def create_resources(self: Stack) -> None:
    """A failure rolls the stack back; the caller gets the stack's id all the same."""
    try:
        _create_resources(self)
    except ResourceFailed as failure:
        _roll_back_creation(self, failure)


def update(self: Stack, template: str, *args: Any, **kwargs: Any) -> None:
    """A failure goes back to the template before."""
    before, parameters = self.template, dict(self.parameters)
    try:
        _update(self, template, *args, **kwargs)
    except ResourceFailed as failure:
        _roll_back_update(self, failure, before, parameters)


def execute_change_set(self: CloudFormationBackend, change_set_name: str, stack_name: str | None = None) -> None:
    """The stack takes over the template's outputs and parameters, which moto leaves behind."""
    change_set = _change_set(self, change_set_name, stack_name)
    if change_set is None:
        raise ValidationError(message=f"ChangeSet [{change_set_name}] does not exist")
    stack = self.stacks[change_set.stack_id]
    before, parameters = stack.template, dict(stack.parameters)
    try:
        _execute_change_set(self, change_set.change_set_id, stack_name)
    except ResourceFailed as failure:
        change_set.execution_status = "EXECUTE_FAILED"
        if change_set.change_set_type == "CREATE":
            stack.template = change_set.template
            _roll_back_creation(stack, failure)
        else:
            _roll_back_update(stack, failure, before, parameters)
    else:
        _take_over(self, stack, change_set)


class _Telling:
    """Writes one resource's events."""

    def __init__(self, resources: Any, account: str, region: str, logical_id: str, kind: str) -> None:
        self._stack = models.cloudformation_backends[account][region].stacks.get(resources.stack_id)
        self._logical_id = logical_id
        self._kind = kind

    def failed(self, status: str, error: Exception) -> None:
        self.tell(status, _reason(error), None)

    def tell(self, status: str, reason: str | None, resource: Any) -> None:
        if self._stack is None:
            return
        event = Event(
            stack_id=self._stack.stack_id,
            stack_name=self._stack.name,
            logical_resource_id=self._logical_id,
            physical_resource_id=str(getattr(resource, "physical_resource_id", "")),
            resource_type=self._kind,
            resource_status=status,
            resource_status_reason=reason,
            resource_properties=None,
        )
        self._stack.events.append(event)


def _refuse_unknown(kind: str) -> None:
    if not kind.startswith("Custom::") and kind not in (*parsing.NULL_MODELS, *parsing.get_model_map()):
        raise NotImplementedError(f"this emulator (moto) cannot deploy {kind}, if AWS has such a type")


def _refuse_rolled_back(stack: Stack) -> None:
    if stack.status == "ROLLBACK_COMPLETE":
        what = f"Stack:{stack.stack_id} is in ROLLBACK_COMPLETE state and can not be updated."
        raise ValidationError(message=what)


def has_parameters(self: Stack, other_parameters: Json) -> bool:
    """By value: `aws cloudformation deploy` names them all, moto remembers those that were given."""
    now = {name: _flat(value) for name, value in self.resource_map.resolved_parameters.items()}
    return now == {**now, **{name: _flat(value) for name, value in other_parameters.items()}}


def validate_different_update(self: Any, incoming_params: Any, stack_body: str, old_stack: Stack) -> None:
    """A change set without changes is made, and has failed: `deploy` then says that there are none."""
    if self._get_action() != "CreateChangeSet":
        _validate_different_update(self, incoming_params, stack_body, old_stack)


def _flat(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _left_out(resource_json: Json) -> str | None:
    ignored = IGNORED.get(resource_json["Type"], lambda _: [])(resource_json.get("Properties") or {})
    return f"this emulator (moto) leaves out: {', '.join(ignored)}" if ignored else None


def _reason(error: Exception) -> str:
    """The exception's own words: moto's carry them in three ways."""
    if isinstance(error, KeyError):
        text = f"missing or unknown: {error}"
    else:
        text = str(getattr(error, "message", None) or getattr(error, "description", None) or error)
    message = re.search(r"(?s)<Message>(.*?)</Message>", text)
    words = " ".join((message.group(1) if message else text).split())
    return (words or type(error).__name__)[:LONGEST_REASON]


def _roll_back_creation(stack: Stack, failure: ResourceFailed) -> None:
    reason = f"The following resource(s) failed to create: [{failure}]. Rollback requested by user."
    stack._add_stack_event("ROLLBACK_IN_PROGRESS", resource_status_reason=reason)
    with suppress(Exception):  # what will not go stays, as in a ROLLBACK_FAILED
        stack.resource_map.delete()
    # Else the next description of the stack, by its outputs or resources, would make them anew.
    stack.resource_map._resource_json_map = {}
    stack.output_map = parsing.OutputMap(stack.resource_map, {}, stack.stack_id)
    stack.status = "ROLLBACK_COMPLETE"
    stack.stack_status_reason = reason  # type: ignore[attr-defined]
    stack._add_stack_event("ROLLBACK_COMPLETE")


def _roll_back_update(stack: Stack, failure: ResourceFailed, template: Any, parameters: Json) -> None:
    reason = f"The following resource(s) failed to update: [{failure}]."
    stack._add_stack_event("UPDATE_ROLLBACK_IN_PROGRESS", resource_status_reason=reason)
    with suppress(Exception):
        stack.resource_map.update(templates.parse(template), parameters)
    stack.template, stack.parameters = template, parameters
    stack._parse_template()
    stack.status = "UPDATE_ROLLBACK_COMPLETE"
    stack.stack_status_reason = reason  # type: ignore[attr-defined]
    stack._add_stack_event("UPDATE_ROLLBACK_COMPLETE")


def _change_set(backend: CloudFormationBackend, name: str, stack_name: str | None) -> ChangeSet | None:
    """By its ARN, or the latest of its name in that stack; moto's takes any stack's."""
    if name in backend.change_sets:
        return backend.change_sets[name]
    named = [one for one in backend.change_sets.values() if one.change_set_name == name]
    fitting = [one for one in named if stack_name in (None, one.stack_name, one.stack_id)]
    return fitting[-1] if fitting else None


def _take_over(backend: CloudFormationBackend, stack: Stack, change_set: ChangeSet) -> None:
    stack._parse_template()
    stack.description = stack.template_dict.get("Description")
    stack.parameters = change_set.parameters
    stack.output_map = stack._create_output_map()
    for export in stack.exports:
        backend.exports[export.name] = export
