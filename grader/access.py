"""Whose eyes an emulator is seen through: an endpoint, keys, a region, and the account that these mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ACCOUNT = "123456789012"
REGION = "us-east-1"


class ForkUnsupported(Exception):
    """This emulator has no snapshot: probe a twin, or judge attributes alone."""


@dataclass(frozen=True)
class Access:
    """Whose eyes an emulator is seen through: an endpoint, keys, a region and the account that these mean."""

    endpoint: str
    access_key: str = ACCOUNT  # LocalStack and MiniStack take a 12-digit key id for the account
    secret_key: str = "labgrade"
    region: str = REGION
    account: str = ACCOUNT

    def client(self, service: str, region: str | None = None) -> Any:
        """A plain boto3 client of `service`, short of patience: the emulator is near, and every wait is bounded."""
        import boto3  # 0.15 s: only what grades pays for it
        from botocore.config import Config

        config = Config(connect_timeout=3, read_timeout=8, retries={"total_max_attempts": 2, "mode": "standard"})
        session: Any = boto3.session.Session(self.access_key, self.secret_key, region_name=region or self.region)
        return session.client(service, endpoint_url=self.endpoint, config=config)
