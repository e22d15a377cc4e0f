"""boto3, and what it reads of each service, loaded before anybody asks: in a process that others are forked from."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import botocore
from botocore.exceptions import DataNotFoundError
from botocore.loaders import JSONFileLoader, Loader

read = JSONFileLoader.load_file
listed = Loader.list_available_services
OWN = [str(Path(package.__path__[0]) / "data") for package in (boto3, botocore)]
Lists = dict[tuple[str, frozenset[str]], list[str]]  # what there is of a kind of file, by where that is looked for

COMMON = ("endpoints", "partitions", "sdk-default-configuration", "_retry")
OF_A_SERVICE = ("service-2", "endpoint-rule-set-1", "paginators-1", "waiters-2", "resources-1")


class Ahead:
    """The files that boto3 will read, read already, and its own folders looked through.

    What is given out is so once: who reads it may change what it gets.
    No client is made: that would double what this takes, and save nobody anything.
    """

    def __init__(self, copies: int = 1) -> None:
        self._copies = copies
        self._kept: dict[str, list[Any]] = {}
        self._services: set[str] = set()
        self._lists: Lists = {}
        lists = self._lists

        def list_available_services(self: Loader, type_name: str) -> list[str]:
            asked = type_name, places(self)
            return list(lists[asked]) if asked in lists else listed(self, type_name)

        Loader.list_available_services = list_available_services  # type: ignore[method-assign]

    def load(self, services: Iterable[str]) -> None:
        """What a client of each needs, and what a resource does."""
        asked = sorted(set(services) - self._services)
        if not asked:
            return
        self._services.update(asked)
        kept, copies = self._kept, self._copies

        def noted(self: JSONFileLoader, file_path: str) -> Any:
            held = kept.setdefault(file_path, [])
            while len(held) < copies and (found := read(self, file_path)) is not None:
                held.append(found)
            return held[-1] if held else None

        def given(self: JSONFileLoader, file_path: str) -> Any:
            return held.pop() if (held := kept.get(file_path)) else read(self, file_path)

        JSONFileLoader.load_file = noted  # type: ignore[method-assign]
        use(asked, self._lists)
        JSONFileLoader.load_file = given  # type: ignore[method-assign]
        gc.freeze()


def use(services: Iterable[str], lists: Lists) -> None:
    """Ask a loader for all of it, one that looks where boto3's does, and note in `lists` what there is."""
    loader = Loader(extra_search_paths=OWN[:1], include_default_extras=False)  # they would change what they are for
    for name in COMMON:
        with suppress(DataNotFoundError):
            loader.load_data(name)
    for kind in OF_A_SERVICE:
        if places(loader) == set(OWN):  # and none of somebody's, which may change
            lists[kind, places(loader)] = loader.list_available_services(kind)
        for service in services:
            with suppress(DataNotFoundError):  # an unknown service, too: who asks for its client is told
                loader.load_service_model(service, kind)


def places(loader: Loader) -> frozenset[str]:
    return frozenset(filter(os.path.isdir, loader.search_paths))
