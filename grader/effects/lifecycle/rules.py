"""A bucket's lifecycle configuration, read from boto3's reply without ever raising.

What a reply leaves out is None or empty here; what makes no sense (a text for a number) is left out.
Nothing is refused while reading: that is the work of `refusals`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.effects.lifecycle.filters import Filter, Miss, read_filter
from grader.effects.lifecycle.storage import ALL_STORAGE_CLASSES_128K, is_kept_back
from grader.effects.lifecycle.values import items, mapping, moment, number, text


@dataclass(frozen=True)
class Expiration:
    """When current versions expire: days after creation, or from a date on; or lone delete markers only."""

    days: int | None
    date: datetime | None
    expired_object_delete_marker: bool | None


@dataclass(frozen=True)
class Transition:
    """When current versions move to a class: days after creation, or from a date on."""

    days: int | None
    date: datetime | None
    storage_class: str | None


@dataclass(frozen=True)
class NoncurrentVersionTransition:
    """When noncurrent versions move to a class, all but the newest so many."""

    noncurrent_days: int | None
    newer_noncurrent_versions: int | None
    storage_class: str | None


@dataclass(frozen=True)
class NoncurrentVersionExpiration:
    """When noncurrent versions are permanently deleted, all but the newest so many."""

    noncurrent_days: int | None
    newer_noncurrent_versions: int | None


@dataclass(frozen=True)
class AbortIncompleteMultipartUpload:
    """When uploads that were never completed are aborted."""

    days_after_initiation: int | None


@dataclass(frozen=True)
class Rule:
    """One rule: `index` is its place in the configuration, from 0; `id` is None where it has none."""

    index: int
    id: str | None
    status: str | None
    filter: Filter
    expiration: Expiration | None
    transitions: tuple[Transition, ...]
    noncurrent_version_transitions: tuple[NoncurrentVersionTransition, ...]
    noncurrent_version_expiration: NoncurrentVersionExpiration | None
    abort_incomplete_multipart_upload: AbortIncompleteMultipartUpload | None

    @property
    def name(self) -> str:
        """What a report calls the rule: its id, or its place counted from 1."""
        return self.id or f"#{self.index + 1}"

    @property
    def enabled(self) -> bool:
        """Whether S3 acts on the rule."""
        return self.status == "Enabled"

    @property
    def actions(self) -> tuple[str, ...]:
        """AWS's names of the actions that the rule has."""
        present = {
            "Expiration": self.expiration,
            "Transition": self.transitions,
            "NoncurrentVersionTransition": self.noncurrent_version_transitions,
            "NoncurrentVersionExpiration": self.noncurrent_version_expiration,
            "AbortIncompleteMultipartUpload": self.abort_incomplete_multipart_upload,
        }
        return tuple(name for name, action in present.items() if action)

    def misses(self, key: str, size: int = 0, tags: Mapping[str, str] | None = None) -> Miss | None:
        """Why the rule does nothing to such an object, or None where it applies; `size` in bytes.

        A disabled rule says so first; `filter.misses` tells what its filter would say.
        """
        if not self.enabled:
            return Miss("disabled", "Enabled", self.status)
        return self.filter.misses(key, size, tags or {})


@dataclass(frozen=True)
class Configuration:
    """All rules, in the order in which they were written."""

    rules: tuple[Rule, ...] = ()
    transition_default_minimum_object_size: str = ALL_STORAGE_CLASSES_128K

    @classmethod
    def read(cls, reply: object) -> "Configuration":
        """Read `get_bucket_lifecycle_configuration`'s reply, or what a template holds; None is no rules.

        An absent TransitionDefaultMinimumObjectSize is all_storage_classes_128K, AWS's default.
        """
        fields = mapping(reply)
        default = text(fields.get("TransitionDefaultMinimumObjectSize"))
        rules = [mapping(rule) for rule in items(fields.get("Rules"))]
        read = tuple(_read_rule(index, rule) for index, rule in enumerate(rules))
        return cls(read, default or ALL_STORAGE_CLASSES_128K)

    def keeps_back(self, rule: Rule, size: int, storage_class: str) -> bool:
        """Whether the default minimum size bars this rule's move of an object of `size` bytes."""
        default = self.transition_default_minimum_object_size
        return not rule.filter.names_a_size and is_kept_back(size, storage_class, default)


def _read_rule(index: int, fields: Mapping[str, Any]) -> Rule:
    expiration, purge = fields.get("Expiration"), fields.get("NoncurrentVersionExpiration")
    abort = fields.get("AbortIncompleteMultipartUpload")
    return Rule(
        index=index,
        id=text(fields.get("ID")) or None,
        status=text(fields.get("Status")),
        filter=read_filter(fields),
        expiration=None if expiration is None else _read_expiration(mapping(expiration)),
        transitions=tuple(_read_transition(item) for item in _either(fields, "Transition")),
        noncurrent_version_transitions=tuple(
            NoncurrentVersionTransition(**_noncurrent(item), storage_class=text(item.get("StorageClass")))
            for item in _either(fields, "NoncurrentVersionTransition")
        ),
        noncurrent_version_expiration=(
            None if purge is None else NoncurrentVersionExpiration(**_noncurrent(mapping(purge)))
        ),
        abort_incomplete_multipart_upload=(
            None if abort is None else AbortIncompleteMultipartUpload(number(mapping(abort).get("DaysAfterInitiation")))
        ),
    )


def _read_expiration(fields: Mapping[str, Any]) -> Expiration:
    marker = fields.get("ExpiredObjectDeleteMarker")
    return Expiration(
        days=number(fields.get("Days")),
        date=moment(fields.get("Date")),
        expired_object_delete_marker=marker if isinstance(marker, bool) else None,
    )


def _read_transition(fields: Mapping[str, Any]) -> Transition:
    storage_class = text(fields.get("StorageClass"))
    return Transition(number(fields.get("Days")), moment(fields.get("Date")), storage_class)


def _noncurrent(fields: Mapping[str, Any]) -> dict[str, int | None]:
    return {
        "noncurrent_days": number(fields.get("NoncurrentDays")),
        "newer_noncurrent_versions": number(fields.get("NewerNoncurrentVersions")),
    }


def _either(fields: Mapping[str, Any], singular: str) -> list[Mapping[str, Any]]:
    """The plural element that boto3 has, and the singular one of the deprecated PutBucketLifecycle."""
    single = fields.get(singular)
    found = [
        *items(fields.get(f"{singular}s")),
        *([] if isinstance(single, list) else [single]),
        *items(single),
    ]
    return [mapping(item) for item in found if item is not None]
