"""A `fix` nudges. What would do the student's work for them is recognised here."""

from __future__ import annotations

import re

_FINISHED = (
    re.compile(r"\baws\s+[a-z0-9-]+\s+[a-z][a-z0-9-]*"),  # aws s3api put-bucket-tagging
    re.compile(r"(?<![\w-])--[a-z][a-z0-9-]+[ =]\S+"),  # --versioning-configuration Status=Enabled
    re.compile(r"\b[A-Za-z_]\w*\.[a-z_]\w*\s*\("),  # client.put_bucket_tagging(
    re.compile(r"\b(?:put|create|delete|set|modify|update|attach|enable|tag|copy|restore)_\w+\s*\("),
    re.compile(r"\{+\s*[\"']\w+[\"']\s*:"),  # {"Version": …
    re.compile(r"[\"']\w+[\"']\s*:\s*[\"'\[{]"),  # "Effect": "Allow"
)


def finished_call(text: str) -> str:
    """The part of a hint that is a command line, a call of boto3, or a policy; empty where none is."""
    for pattern in _FINISHED:
        if match := pattern.search(text):
            return match[0].strip()
    return ""
