"""Lists of an S3 bucket's versions, for each page of which moto 5.2.5 copies the whole bucket, bodies and all."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from moto.s3.models import FakeKey, S3Backend

_list_object_versions = S3Backend.list_object_versions


def apply() -> None:
    """A page costs what it shows: else a full bucket cannot be listed in time, and takes its own size once more."""
    S3Backend.list_object_versions = list_object_versions  # type: ignore[method-assign]


def list_object_versions(
    self: S3Backend,
    bucket_name: str,
    delimiter: str | None = None,
    key_marker: str | None = None,
    max_keys: int | None = 1000,
    prefix: str = "",
    version_id_marker: str | None = None,
) -> Any:
    """moto's, of a bucket that holds no more than the page."""
    keys = self.get_bucket(bucket_name).keys
    names = sorted(name for name in keys if name.startswith(prefix) and name >= (key_marker or ""))
    most = None if delimiter or max_keys is None else max_keys  # with a delimiter many keys are one entry
    page: Any = _Page(dict(_first({name: keys.getlist(name) for name in names}, key_marker, most)))
    return _list_object_versions(page, bucket_name, delimiter, key_marker, max_keys, prefix, version_id_marker)


def _first(lists: dict[str, list[Any]], key_marker: str | None, most: int | None) -> Iterator[tuple[str, list[Any]]]:
    """As many as fill a page, and one more, which tells that there is another; of the marker's key some were shown."""
    count = 0
    for name, versions in lists.items():
        if most is not None and count > most:
            return
        yield name, versions
        count += 0 if name == key_marker else len(versions)


class _Page:
    """Stands for the backend, the bucket and its keys where moto looks for them to list versions."""

    def __init__(self, lists: dict[str, list[Any]]) -> None:
        self._lists = lists
        self.keys = self

    def get_bucket(self, bucket_name: str) -> _Page:
        return self

    def iterlists(self) -> Iterator[tuple[str, list[Any]]]:
        """What moto then copies deeply is ours alone, and as it is."""
        return ((name, _Copied(map(_copy, versions))) for name, versions in self._lists.items())


class _Copied(list[Any]):
    def __deepcopy__(self, memo: dict[int, Any]) -> _Copied:
        return self


class _Shown(FakeKey):
    """A version without a body of its own, which goes without closing the other's."""

    def __init__(self, version: FakeKey) -> None:
        self.__dict__.update(version.__dict__)

    def dispose(self, garbage: bool = False) -> None:
        """Nothing."""


def _copy(version: Any) -> Any:
    return _Shown(version) if isinstance(version, FakeKey) else copy.copy(version)
