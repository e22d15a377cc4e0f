"""Which objects a lifecycle rule is for, and why it is not for another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from grader.effects.lifecycle.values import items, mapping, number, text

Reason = Literal["disabled", "prefix", "tag", "size_greater", "size_less"]
_PREDICATES: Final = ("Prefix", "Tag", "ObjectSizeGreaterThan", "ObjectSizeLessThan")


@dataclass(frozen=True)
class Miss:
    """The first condition that keeps a rule from an object: what the rule wants and what the object has.

    `wanted` and `found` are prefix and key, `key=value` of a tag and the tag that the object has under
    that key (or None), or sizes in bytes; for a disabled rule, statuses.
    """

    reason: Reason
    wanted: str | int | None
    found: str | int | None


@dataclass(frozen=True)
class Filter:
    """Which objects a rule is for. All conditions hold together; none at all is the whole bucket.

    `forms` names the elements that were written, of "Prefix" (the old form, beside Filter) and "Filter".
    `predicates` counts what stands directly in Filter, `joined` what stands in And (None without And):
    S3 refuses some of these, and an empty Prefix counts.
    """

    prefixes: tuple[str, ...] = ()
    tags: tuple[tuple[str, str], ...] = ()
    size_greater_than: int | None = None
    size_less_than: int | None = None
    forms: tuple[str, ...] = ()
    predicates: int = 0
    joined: int | None = None

    @property
    def prefix(self) -> str:
        """The prefix, empty for none; the longest, where a rule in two forms names two."""
        return max(self.prefixes, key=len, default="")

    @property
    def names_a_size(self) -> bool:
        """Whether there is any size condition, which turns the default minimum of 128 KiB off."""
        return self.size_greater_than is not None or self.size_less_than is not None

    def misses(self, key: str, size: int, tags: Mapping[str, str]) -> Miss | None:
        """The first condition that the object fails, or None where all hold.

        Prefixes are prefixes of text ("logs" takes "logs.txt"), tags must match exactly, and sizes
        "exclude the specified values".
        https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html (2026-11-23)
        """
        return self._misses_prefix(key) or self._misses_tag(tags) or self._misses_size(size)

    def _misses_prefix(self, key: str) -> Miss | None:
        missing = [prefix for prefix in self.prefixes if not key.startswith(prefix)]
        return Miss("prefix", missing[0], key) if missing else None

    def _misses_tag(self, tags: Mapping[str, str]) -> Miss | None:
        for name, value in self.tags:
            if tags.get(name) != value:
                found = f"{name}={tags[name]}" if name in tags else None
                return Miss("tag", f"{name}={value}", found)
        return None

    def _misses_size(self, size: int) -> Miss | None:
        if self.size_greater_than is not None and size <= self.size_greater_than:
            return Miss("size_greater", self.size_greater_than, size)
        if self.size_less_than is not None and size >= self.size_less_than:
            return Miss("size_less", self.size_less_than, size)
        return None


def read_filter(fields: Mapping[str, Any]) -> Filter:
    """Read the filter of a rule, in either form, from the fields of the rule."""
    outer, joined = mapping(fields.get("Filter")), None
    conditions = [outer]
    if outer.get("And") is not None:
        conditions.append(mapping(outer["And"]))
        joined = _count(conditions[1]) + len(items(conditions[1].get("Tags")))
    prefixes = [text(place.get("Prefix")) for place in (fields, *conditions)]
    tags = [_read_tag(tag) for place in conditions for tag in (place.get("Tag"), *items(place.get("Tags")))]
    return Filter(
        prefixes=tuple(prefix for prefix in prefixes if prefix is not None),
        tags=tuple(tag for tag in tags if tag is not None),
        size_greater_than=max(_numbers(conditions, "ObjectSizeGreaterThan"), default=None),
        size_less_than=min(_numbers(conditions, "ObjectSizeLessThan"), default=None),
        forms=tuple(form for form in ("Prefix", "Filter") if fields.get(form) is not None),
        predicates=_count(outer) + (joined is not None),
        joined=joined,
    )


def _count(place: Mapping[str, Any]) -> int:
    return sum(place.get(name) is not None for name in _PREDICATES)


def _numbers(places: list[Mapping[str, Any]], name: str) -> list[int]:
    found = [number(place.get(name)) for place in places]
    return [size for size in found if size is not None]


def _read_tag(tag: object) -> tuple[str, str] | None:
    # "If you specify only a Key element and no Value element, the rule will apply only to objects that
    # match the tag key and that do not have a value specified."
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html (2026-11-23)
    fields = mapping(tag)
    key = text(fields.get("Key"))
    return None if key is None else (key, text(fields.get("Value")) or "")
