"""What moto makes of a key's policy, and that the mended one does not.

The blind spot is asserted on moto as it is, too: the day it sees, that test fails and the mend goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from grader.emulators import moto


@pytest.fixture(scope="module")
def mended() -> Iterator[Any]:
    with moto.launch(services=["kms"]) as starting:
        yield starting.ready().access.client("kms")


@pytest.fixture(scope="module")
def unmended() -> Iterator[Any]:
    with moto.launch(services=["kms"], mended=False) as starting:
        yield starting.ready().access.client("kms")


ALLOW = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
DENY = {**ALLOW, "Effect": "Deny", "Condition": {"StringNotEquals": {"kms:CallerAccount": "123456789012"}}}
POLICIES = {
    "a single statement": json.dumps({"Version": "2012-10-17", "Statement": ALLOW}),
    "a Deny that does not apply": json.dumps({"Version": "2012-10-17", "Statement": [ALLOW, DENY]}),
    "a thousand deep": '{"Statement": ' * 1000 + "[]" + "}" * 1000,
    "no object": "[5]",
}


def described(kms: Any, policy: str) -> str:
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy)
    state: str = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
    return state


@pytest.mark.parametrize("policy", POLICIES)
def test_a_key_is_described_whatever_its_policy_says(mended: Any, policy: str) -> None:
    assert described(mended, POLICIES[policy]) == "Enabled"


@pytest.mark.parametrize("policy", POLICIES)
def test_moto_fails_to(unmended: Any, policy: str) -> None:
    with pytest.raises(ClientError, match=r"InternalError|AccessDenied"):
        described(unmended, POLICIES[policy])
