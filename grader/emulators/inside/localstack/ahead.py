"""LocalStack, imported: in a process that emulators are forked from. What each computes once is computed here.

Of LocalStack 4.14.0. What another version has elsewhere is left out, and costs each emulator its time again. Nothing
here may begin a thread, hold a descriptor or make a name up: a fork has no threads, and each would share the rest.
Twisted's reactor is therefore none of it.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from importlib import import_module

MODULES = (
    "localstack.runtime.current",
    "localstack.runtime.runtime",
    "localstack.runtime.components",
    "localstack.runtime.patches",
    "localstack.aws.components",
    "localstack.aws.app",
    "localstack.aws.patches",
    "localstack.aws.handlers.response",
    "localstack.dns.server",
    "localstack.http.duplex_socket",
    "localstack.http.resources.swagger.endpoints",
    "localstack.packages.core",
    "localstack.services.internal",
    "localstack.services.moto",
    "localstack.services.providers",
    "localstack.services.cloudformation.v2.provider",
    "twisted.internet.epollreactor",
    "twisted.internet.endpoints",
    "twisted.internet.ssl",
    "twisted.web.wsgi",
    "boto3.s3.inject",
    "boto3.s3.transfer",
    "dill",
    "email.policy",
    "wsproto",
)
ALWAYS = ("cloudformation", "iam", "s3", "sts")  # whatever a lab is about: templates need them, and who asks for all
COPIES = 3  # of what sessions and clients read for themselves


class Loader:
    """Asked for services, it is ready for these."""

    def __init__(self) -> None:
        from inside.ahead import Ahead  # type: ignore[import-not-found]  # the sandbox's, beside

        gc.disable()
        self._ahead = Ahead(copies=COPIES)
        for name in MODULES:
            _import(name)
        self._computed: set[str] = set()
        self.load(ALWAYS)
        gc.enable()

    def load(self, services: Iterable[str]) -> None:
        """Import what serves them; what they read is read."""
        asked = sorted(set(services) - self._computed)
        if not asked:
            return
        for service in asked:
            _import(f"localstack.services.{service}.provider")
            _compute(service)
        self._ahead.load(asked)
        self._computed.update(asked)
        # What was written on the way would be in every fork, and belong to nobody there.
        for name in os.listdir(os.environ["HOME"]):  # noqa: PTH208
            shutil.rmtree(os.path.join(os.environ["HOME"], name), ignore_errors=True)  # noqa: PTH118
        gc.freeze()


def _import(name: str) -> None:
    with suppress(Exception):
        import_module(name)


def _compute(service: str) -> None:
    """What LocalStack and moto keep once they have it."""
    with suppress(Exception):
        from localstack.aws import spec  # type: ignore[import-not-found]

        spec.get_service_catalog()
        spec.load_service(service)
    with suppress(Exception):
        from localstack.utils.aws import aws_stack  # type: ignore[import-not-found]

        aws_stack.get_valid_regions()
        aws_stack.get_valid_regions_for_service(service)
    with suppress(Exception):
        from moto.core import utils

        utils.get_service_model(service)
