"""Which requests are for an emulator's own control routes rather than for AWS, however they are spelled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote

# LocalStack 4.14.0 and MiniStack 1.5.33, from their sources. No bucket's name begins with an underscore, and
# both take these paths for their own before they look for a bucket in the host name: none of them was ever an object.
CLOSED = frozenset({"_aws", "_extension", "_localstack", "_localstack_lambda", "_ministack"})
# What stands for a host name of AWS's own, or for a presigned URL that AWS gives out.
OPEN = (
    *("_aws/execute-api/", "_aws/lambda-url/", "_aws/sns/simplenotificationservice-"),
    *("_ministack/cfn-response/", "_ministack/cfn-signal/", "_ministack/lambda-code/", "_ministack/lambda-layers/"),
)
MOST_DECODINGS = 8  # a path that is still encoded after so many rounds was not encoded by an SDK
ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")
# LocalStack's own (X-Localstack-Data makes a request an internal one); moto's, which LocalStack's backends read.
SWITCHES = ("x-localstack", "x-moto-", "x-ministack", "x-labgrade")


def is_control(target: str) -> bool:
    """Would any reading of this target, in its origin form, lead to a control route?"""
    path = target.partition("?")[0].partition("#")[0]
    return any(_closed(segments) for segments in _readings(path))


def origin_form(target: str) -> str:
    """The target without the host that an absolute URI repeats. Raises ValueError for what is neither."""
    if target.startswith("/") or target == "*":
        return target
    host = ABSOLUTE.match(target)
    if host is None:
        raise ValueError(target)
    rest = target[host.end() :]
    return rest if rest.startswith("/") else f"/{rest}"


def is_switch(header: str) -> bool:
    """Does this header choose an account, or speak to the emulator rather than to AWS?"""
    return header.lower().replace("_", "-").startswith(SWITCHES)


def _readings(path: str) -> Iterator[list[str]]:
    """The segments that servers of all tempers would see: decoded once or often, dots resolved or kept."""
    for _ in range(MOST_DECODINGS):
        plain = [part.strip().lower() for part in re.split(r"[/\\]+", path)]
        yield [part for part in plain if part not in ("", ".")]
        yield _resolved(plain)
        decoded = unquote(path)
        if decoded == path:
            return
        path = decoded


def _resolved(parts: list[str]) -> list[str]:
    segments: list[str] = []
    for part in parts:
        if part == "..":
            del segments[-1:]
        elif part not in ("", "."):
            segments.append(part)
    return segments


def _closed(segments: list[str]) -> bool:
    first = re.split(r"[;?#\s\x00]", segments[0])[0] if segments else ""
    return first in CLOSED and not "/".join([first, *segments[1:3]]).startswith(OPEN)
