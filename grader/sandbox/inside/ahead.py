"""boto3, and what it reads of each service, loaded before anybody asks: in a process that others are forked from."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from typing import Any

import boto3
from botocore.loaders import JSONFileLoader

read = JSONFileLoader.load_file


class Ahead:
    """The files that boto3 will read, read already. Each is given out once: who reads it may change what it gets."""

    def __init__(self) -> None:
        self._kept: dict[str, Any] = {}
        self._services: set[str] = set()

    def load(self, services: Iterable[str]) -> None:
        """What a client of each needs, and what a resource does."""
        asked = sorted(set(services) - self._services)
        if not asked:
            return
        self._services.update(asked)
        paths: list[str] = []
        before = set(sys.modules)
        kept = self._kept

        def noted(self: JSONFileLoader, file_path: str) -> Any:
            paths.append(file_path)
            return read(self, file_path)

        def given(self: JSONFileLoader, file_path: str) -> Any:
            return kept.pop(file_path) if file_path in kept else read(self, file_path)

        JSONFileLoader.load_file = noted  # type: ignore[method-assign]
        use(asked)
        JSONFileLoader.load_file = given  # type: ignore[method-assign]
        loader = JSONFileLoader()
        kept.update({path: read(loader, path) for path in dict.fromkeys(paths) if path not in kept})
        forget(set(sys.modules) - before)
        gc.collect()
        gc.freeze()


def use(services: Iterable[str]) -> None:
    """As scripts do; in a function, by whose end all that it made can be collected."""
    session: Any = boto3.session.Session("none", "none", region_name="us-east-1")
    with_resource = session.get_available_resources()
    for service in set(services) & set(session.get_available_services()):
        client = session.client(service)
        client.can_paginate(next(iter(client.meta.method_to_api_mapping)))
        client.waiter_names  # noqa: B018
        if service in with_resource:
            session.resource(service)


def forget(names: Iterable[str]) -> None:
    """Modules that a client imports, and `import boto3` does not: a script finds those that it has asked for."""
    for name in names:
        module = sys.modules.pop(name)
        parent, _, child = name.rpartition(".")
        if getattr(sys.modules.get(parent), child, None) is module:
            delattr(sys.modules[parent], child)
