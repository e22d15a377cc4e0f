"""S3's storage classes: which may follow which, which is preferred, and what each charges at least.

Classes carry the names of S3's API (`GLACIER` is S3 Glacier Flexible Retrieval).
"""

from collections.abc import Iterable
from typing import Final

STANDARD: Final = "STANDARD"

# "Lower-cost storage class" first. S3 Intelligent-Tiering stands third because it "is favored by S3
# Lifecycle over any storage class, aside from the S3 Glacier and S3 Glacier Deep Archive storage classes".
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html (2026-11-23)
# The page does not rank the other classes; they stand by their list price per GB.
PREFERENCE: Final = (
    "DEEP_ARCHIVE",
    "GLACIER",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "ONEZONE_IA",
    "STANDARD_IA",
)

# The waterfall: "S3 Standard to any other storage class", "any storage class to S3 Glacier Flexible
# Retrieval or S3 Glacier Deep Archive", and what is listed between them; nothing ever moves up.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
# (2026-11-23; its edition of 2022 lacks Intelligent-Tiering to Glacier Instant Retrieval, later ones have it)
_ARCHIVES = frozenset({"GLACIER", "DEEP_ARCHIVE"})
_BELOW: Final[dict[str, frozenset[str]]] = {
    STANDARD: frozenset(PREFERENCE),
    "STANDARD_IA": frozenset({"INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR"}) | _ARCHIVES,
    "INTELLIGENT_TIERING": frozenset({"ONEZONE_IA", "GLACIER_IR"}) | _ARCHIVES,
    "ONEZONE_IA": _ARCHIVES,
    "GLACIER_IR": _ARCHIVES,
    "REDUCED_REDUNDANCY": _ARCHIVES,
    "GLACIER": frozenset({"DEEP_ARCHIVE"}),
}

# Days that are paid for however soon an object leaves the class.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html#sc-compare (2026-11-23)
MINIMUM_DAYS: Final = {
    "STANDARD_IA": 30,
    "ONEZONE_IA": 30,
    "GLACIER_IR": 90,
    "GLACIER": 90,
    "DEEP_ARCHIVE": 180,
}

FLOOR_BYTES: Final = 128 * 1024
ALL_STORAGE_CLASSES_128K: Final = "all_storage_classes_128K"
VARIES_BY_STORAGE_CLASS: Final = "varies_by_storage_class"


def can_move(source: str, target: str) -> bool:
    """Whether lifecycle may move an object from one class to another."""
    return target in _BELOW.get(source, frozenset())


def preferred(targets: Iterable[str]) -> str:
    """The class that S3 picks where an object is due for several on one day.

    The targets are members of PREFERENCE, at least one.
    """
    return min(targets, key=PREFERENCE.index)


def is_kept_back(size: int, target: str, default_minimum: str) -> bool:
    """Whether the default minimum size keeps an object of `size` bytes from moving to `target`.

    Only for rules that name no size of their own: "Custom filters always take precedence over the
    default transition behavior." An object of exactly 128 KiB moves.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html (2026-11-23)
    """
    if size >= FLOOR_BYTES:
        return False
    return default_minimum != VARIES_BY_STORAGE_CLASS or target not in _ARCHIVES
