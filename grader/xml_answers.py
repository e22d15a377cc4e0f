"""Answers in XML that no parser takes, as an emulator sends them of what AWS would have refused."""

from __future__ import annotations

import re
import sys
from functools import cache
from typing import Any

PROTOCOLS = ("query", "ec2", "rest-xml")  # those that answer in XML
# https://www.w3.org/TR/xml/#charsets, 2026-11-26
NO_CHARACTER = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
REFERENCE = "&#(?:x0*([0-9A-Fa-f]{1,6})|0*([0-9]{1,7}));"


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Once, when it is wanted: it takes 5 ms."""
    return re.compile(pattern)


def parsable(**event: Any) -> None:
    """For botocore's event `before-parse`: a character that XML cannot hold becomes U+FFFD."""
    response, protocol = event["response_dict"], event["operation_model"].service_model.resolved_protocol
    if isinstance(response["body"], bytes) and protocol in PROTOCOLS:
        text = compiled(NO_CHARACTER).sub("\ufffd", response["body"].decode("utf-8", "replace"))
        response["body"] = compiled(REFERENCE).sub(_reference, text).encode()


def _reference(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else int(match[2])
    known = number <= sys.maxunicode and not compiled(NO_CHARACTER).fullmatch(chr(number))
    return match[0] if known else "\ufffd"
