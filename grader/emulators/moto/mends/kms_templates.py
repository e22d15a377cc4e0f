"""AWS::KMS::Key in templates: its policy, which moto 5.2.5 keeps as an object and then cannot read."""

from __future__ import annotations

import json
from typing import Any

from moto.kms.models import Key

Json = dict[str, Any]

_create = Key.create_from_cloudformation_json.__func__  # type: ignore[attr-defined]


def apply() -> None:
    """A policy is a text, as CreateKey gets it; without one it is AWS's default."""
    Key.create_from_cloudformation_json = classmethod(create)  # type: ignore[assignment,arg-type,method-assign]


def create(
    cls: Any, resource_name: str, cloudformation_json: Json, account_id: str, region_name: str, **kwargs: Any
) -> Key:
    """moto's, with the policy as a text."""
    properties = dict(cloudformation_json["Properties"])
    policy = properties.get("KeyPolicy")
    properties["KeyPolicy"] = json.dumps(policy) if isinstance(policy, dict) else policy
    template = {**cloudformation_json, "Properties": properties}
    made: Key = _create(cls, resource_name, template, account_id, region_name, **kwargs)
    if not made.enabled:
        made.key_state = "Disabled"
    return made
