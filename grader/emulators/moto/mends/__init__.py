"""What labgrade mends in moto: the smallest patches, each dropped the day moto does it itself."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import import_module
from pathlib import Path

# moto's name of a service -> the mends to load before it is first served.
MENDS: dict[str, tuple[str, ...]] = {
    "s3": ("s3", "s3_versions"),
    "sns": ("sns", "sqs", "queue_policies"),
    "sqs": ("sqs", "queue_policies"),
    "ec2": ("ec2",),
    "kms": ("kms",),
    "cloudformation": (
        *("s3", "s3_templates", "bucket_policies"),
        *("sqs", "queue_policies", "sns", "sns_templates", "kms_templates"),
        *("ec2", "ec2_templates", "network_acls"),
        *("templates", "cloudformation"),
    ),
}


def apply(service: str) -> None:
    """Patches what serves `service`; again does nothing."""
    for name in MENDS.get(service, ()):
        _apply(name)


def make_ahead(service: str) -> None:
    """What the first request that needs it would wait for."""
    if service == "sns":
        from grader.emulators.moto.mends.sns import private_key

        private_key()


@cache
def _apply(name: str) -> None:
    import_module(f"{__name__}.{name}").apply()


@cache
def fingerprint() -> str:
    """Changes with any mend."""
    sources = sorted(Path(__file__).parent.glob("*.py"))
    return hashlib.sha256(b"\0".join(source.read_bytes() for source in sources)).hexdigest()[:12]
