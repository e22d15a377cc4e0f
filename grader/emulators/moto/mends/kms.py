"""Keys whose policy moto 5.2.5 cannot read: it fails whenever such a key is described."""

from __future__ import annotations

from moto.kms.responses import KmsResponse


def apply() -> None:
    """A key is described whatever its policy says, as no other call of KMS heeds it either.

    moto looks for a Deny in the policy of a key that is described, by its shape alone: one with a condition denies
    everybody, and a single statement, which AWS takes, is an internal error, like all that is not JSON of its kind.
    """
    KmsResponse._validate_key_policy = _never  # type: ignore[method-assign]


def _never(self: KmsResponse, key_id: str, action: str) -> None:
    """Denies nothing."""
