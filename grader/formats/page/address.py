"""Addresses that a browser may open."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from grader.formats.escaping import visible

_LONGEST_ADDRESS = 2048


def address(text: object) -> str:
    """The text if it is an address that a browser may open; otherwise empty."""
    shown = visible(text).strip()
    try:
        parts = urlsplit(shown)
    except ValueError:
        return ""
    fits = shown == str(text).strip() and len(shown) <= _LONGEST_ADDRESS and not re.search(r"\s", shown)
    return shown if fits and parts.scheme in ("http", "https") and parts.netloc else ""
