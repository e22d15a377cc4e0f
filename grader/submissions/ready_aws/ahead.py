"""What the next call of `aws` will look up and read of the program's data, found already; for serve.py."""

from __future__ import annotations

import gc
import os
from contextlib import suppress
from typing import Any

from botocore import loaders

NAMED_OTHERWISE = {"s3api": "s3"}
OF_ALL = ("endpoints", "partitions")
OF_A_SERVICE = ("service-2", "endpoint-rule-set-1", "waiters-2", "paginators-1")


class Ahead:
    """Each file is given out once: who reads it may change what it gets."""

    def __init__(self) -> None:
        Loader: Any = loaders.Loader  # noqa: N806
        JSONFileLoader: Any = loaders.JSONFileLoader  # noqa: N806
        places = os.environ["AWS_DATA_PATH"].split(os.pathsep)
        self._loader = Loader(places, include_default_extras=False)  # they would change what they are for
        self._own = self._loader.BUILTIN_DATA_PATH.rpartition("/botocore/")[0] + os.sep
        self._loaded: set[str] = set()
        self._files: dict[str, Any] = {}
        self._lists: dict[tuple[str, ...], list[str]] = {}
        self._noting = False
        files, lists = self._files, self._lists
        read, listed = JSONFileLoader.load_file, Loader.list_available_services

        def load_file(loader: Any, file_path: str) -> Any:
            if file_path in files and not self._noting:
                return files.pop(file_path)
            found = read(loader, file_path)
            if self._noting and found is not None and file_path.startswith(self._own):
                files[file_path] = found
            return found

        def list_available_services(loader: Any, type_name: str) -> list[str]:
            places = (type_name, *filter(os.path.isdir, loader.search_paths))
            if places in lists and not self._noting:
                return list(lists[places])
            found: list[str] = listed(loader, type_name)
            if self._noting and all(place.startswith(self._own) for place in places[1:]):
                lists[places] = found
            return found

        JSONFileLoader.load_file = load_file
        Loader.list_available_services = list_available_services

    def load(self, words: list[str]) -> None:
        """What a command of these words needs."""
        service = next(filter(None, map(self._service, words)), "")
        if service in self._loaded:
            return
        self._noting = True
        if not self._loaded:
            for name in OF_ALL:
                self._try(self._loader.load_data, name)
            for kind in OF_A_SERVICE:
                self._try(self._loader.list_available_services, kind)
        for kind in OF_A_SERVICE if service else ():
            self._try(self._loader.load_service_model, service, kind)
        self._noting = False
        self._loaded |= {"", service}
        gc.freeze()

    def _service(self, word: str) -> str:
        name = NAMED_OTHERWISE.get(word, word)
        plain = name.replace("-", "").isalnum()
        return name if plain and os.path.isdir(f"{self._loader.BUILTIN_DATA_PATH}/{name}") else ""  # noqa: PTH112

    @staticmethod
    def _try(how: Any, *what: str) -> None:
        with suppress(Exception):  # the call itself will say so
            how(*what)
