"""Whose eyes an emulator is seen through: an endpoint, keys, a region, and the account that these mean."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from grader.xml_answers import parsable

ACCOUNT = "123456789012"
REGION = "us-east-1"
SCRATCH_SESSION = "labgrade-scratch"  # by which an account apart is asked for, and told from the student's


class ForkUnsupported(Exception):
    """This emulator has no snapshot: probe a twin, or judge attributes alone."""


@dataclass(frozen=True)
class Access:
    """How to reach an account of an emulator. Nothing of the caller's own AWS settings has a part in it."""

    endpoint: str
    access_key: str = ACCOUNT  # LocalStack and MiniStack take a 12-digit key id for the account
    secret_key: str = "labgrade"
    region: str = REGION
    account: str = ACCOUNT

    def client(self, service: str, region: str | None = None, *, read_seconds: float = 8, attempts: int = 2) -> Any:
        """A plain boto3 client of `service`, short of patience: the emulator is near, and every wait is bounded."""
        from botocore.config import Config

        # A proxy of the caller's would be asked for 127.0.0.1 otherwise.
        config = Config(
            proxies={}, connect_timeout=3, read_timeout=read_seconds, retries={"total_max_attempts": attempts}
        )
        with _making:
            return _session().client(
                service,
                region_name=region or self.region,
                endpoint_url=self.endpoint,
                aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key,
                config=config,
            )


def get_ready(services: Iterable[str]) -> None:
    """Load what clients of these services are made of, while nobody waits for one: the first of each takes long."""
    from botocore.exceptions import UnknownServiceError

    for service in services:
        if service not in _ready:
            with suppress(UnknownServiceError):  # who asks for its client is told
                Access("http://127.0.0.1:9").client(service).close()
            _ready.add(service)


_ready: set[str] = set()
_making = threading.Lock()  # clients are safe to share between threads, the making of one is not


@cache
def _session() -> Any:
    """One boto3 session for the process (its models load once) that reads no variable and no file of the caller's."""
    import boto3
    from botocore.session import Session

    deaf: dict[str, tuple[Any, ...]] = {
        "profile": (None, None, None, None),
        "config_file": (None, None, "", None),
        "credentials_file": (None, None, "", None),
        "use_fips_endpoint": (None, None, False, None),
        "use_dualstack_endpoint": (None, None, False, None),
    }
    session = Session(session_vars=deaf)
    session.register("before-parse", parsable)
    return boto3.session.Session(botocore_session=session)
