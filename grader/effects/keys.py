"""A key of KMS, as a service that encrypts with it meets it.

    policy = kms.get_key_policy(KeyId=name, PolicyName="default")["Policy"]
    key = Key.read(kms.describe_key(KeyId=name)["KeyMetadata"], policy)
    key.usable  # whether anything can be encrypted with it, whoever asks
    key.refusals  # what AWS would not take of its policy

Whether its policy lets somebody use it is `grader.effects.policy`'s answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from grader.effects.policy import Problem, problems

ENABLED: Final = "Enabled"
SYMMETRIC: Final = "SYMMETRIC_DEFAULT"


@dataclass(frozen=True)
class Key:
    """A key by boto3's DescribeKey; what an emulator leaves out is as AWS has it by default."""

    arn: str
    state: str = ENABLED
    spec: str = SYMMETRIC
    aws_managed: bool = False
    policy: str | None = None

    @classmethod
    def read(cls, metadata: Mapping[str, Any], policy: str | None = None) -> Key:
        """The key in DescribeKey's `KeyMetadata`, with the policy of GetKeyPolicy where it was read."""
        spec = metadata.get("KeySpec") or metadata.get("CustomerMasterKeySpec") or SYMMETRIC
        state, managed = metadata.get("KeyState") or ENABLED, metadata.get("KeyManager") == "AWS"
        return cls(str(metadata.get("Arn") or ""), str(state), str(spec), managed, policy or None)

    @property
    def refusals(self) -> tuple[Problem, ...]:
        """Why AWS would not have taken its policy, were it asked in the common way: an emulator does not tell whether
        it was asked to bypass the check that keeps an account from locking itself out."""
        asked = self.policy and not self.aws_managed
        return problems(self.policy, "kms", key_arn=self.arn) if asked else ()

    @property
    def enabled(self) -> bool:
        """Of a key in any other state KMS refuses the use (DisabledException, KMSInvalidStateException).

        https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html (2026-11-26)
        """
        return self.state == ENABLED

    @property
    def makes_data_keys(self) -> bool:
        """GenerateDataKey, by which SQS and SNS encrypt, is for symmetric encryption keys alone: neither asymmetric
        keys nor those for HMAC do it.

        https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-compare.html (2026-11-26)
        """
        return self.spec == SYMMETRIC

    @property
    def usable(self) -> bool:
        """Can anything be encrypted with it?"""
        return self.enabled and self.makes_data_keys
