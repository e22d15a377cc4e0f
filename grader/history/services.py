"""Which services a signature may be for: some sign with another's name (`monitoring` is CloudWatch)."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SIGNED_AS = re.compile(rb'"(?:signingName|endpointPrefix)"\s*:\s*"([^"]+)"')
METADATA_BYTES = 4096  # where a model's metadata are


def candidates(signed_as: str) -> Iterator[str]:
    """The service of that name first; the others only where it is not meant after all."""
    named = _folders().get(signed_as)
    if named is not None:
        yield signed_as
    yield from (name for name in _by_signature().get(signed_as, ()) if name != signed_as)


@cache
def _folders() -> dict[str, Path]:
    import botocore

    data = Path(botocore.__file__).parent / "data"
    return {place.name: place for place in sorted(data.iterdir()) if place.is_dir()}


@cache
def _by_signature() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, place in _folders().items():
        versions = sorted(place.glob("*/service-2.json*"))
        if not versions:
            continue
        with gzip.open(versions[-1]) if versions[-1].suffix == ".gz" else versions[-1].open("rb") as file:
            for signed_as in set(SIGNED_AS.findall(file.read(METADATA_BYTES))):
                found.setdefault(signed_as.decode(), []).append(name)
    return found
