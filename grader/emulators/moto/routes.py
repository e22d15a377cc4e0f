"""Which requests are for moto's own control routes rather than for AWS."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

CONTROL = "moto-api"
CONTROL_HOST = "motoapi"
MOST_DECODINGS = 8  # a path that is still encoded after so many rounds was not encoded by an SDK


def refusal(environ: dict[str, Any]) -> str | None:
    """Why the request is not let through, None where it is.

    A courtesy: the dispatcher behind the gate has no control routes to give. So a bucket that is named like
    them works, as what is signed for a service can only ever reach that service.
    """
    if is_signed(environ):
        return None
    host = str(environ.get("HTTP_HOST", "")).lower()
    paths = (environ.get("PATH_INFO", ""), urlsplit(str(environ.get("RAW_URI", ""))).path)
    if host.startswith(CONTROL_HOST) or any(first_segment(path) == CONTROL for path in paths):
        return "the emulator's control routes are closed; `labgrade reset` starts a workspace over"
    return None


def is_signed(environ: dict[str, Any]) -> bool:
    """Does it name the service that it is for, in a header or in a presigned URL?"""
    scope = str(environ.get("HTTP_AUTHORIZATION", "")) + unquote(str(environ.get("QUERY_STRING", "")))
    return "/aws4_request" in scope


def first_segment(path: str) -> str:
    """Of the path that a lenient server would see: decoded, slashes either way, dots resolved."""
    for _ in range(MOST_DECODINGS):
        decoded = unquote(path)
        if decoded == path:
            break
        path = decoded
    segments: list[str] = []
    for segment in path.replace("\\", "/").split("/"):
        if segment == "..":
            del segments[-1:]
        elif segment.strip() not in ("", "."):
            segments.append(segment)
    return segments[0].strip().split(";")[0].lower() if segments else ""
