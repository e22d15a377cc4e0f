"""Reports that can be told from forged ones: HMAC-SHA256 with the assignment's secret.

Signed are the canonical form (every verdict, every text of it), the content that was submitted, the lab's version, and
what class grading adds (whose, which attempt, how late). Not signed is what differs between two gradings of the same
work: times, versions, and what programs print.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from typing import Any

from grader.errors import UsageError
from grader.report import SCHEMA, ReportJson, canonical

ALGORITHM = "HMAC-SHA256"
SHORTEST = 16  # characters; less is guessed


class NoReport(ValueError):
    """It is not what labgrade writes."""


def secret(variable: str) -> bytes | None:
    """The secret in that environment variable; None where it is not set. Raises UsageError for one that is none."""
    value = os.environ.get(variable, "")
    if value and len(value) < SHORTEST:
        raise UsageError(
            f"{variable}: a secret of {len(value)} characters is soon guessed; it takes {SHORTEST} or more "
            "(openssl rand -hex 32 makes one)."
        )
    return value.encode("utf-8", "surrogateescape") or None


def signed(report: Mapping[str, Any], key: bytes) -> ReportJson:
    """The report with its signature in `grading.signature`. Change nothing of it afterwards."""
    bare = _bare(report)
    signature = {"algorithm": ALGORITHM, "value": _value(bare, key)}
    return {**bare, "grading": {**bare["grading"], "signature": signature}}


def holds(report: Any, key: bytes) -> bool | None:
    """Is it ours and unchanged? None where it is not signed. Raises NoReport."""
    try:
        if report["schema"] != SCHEMA:
            raise NoReport(f"its schema is {report['schema']!r}, and not {SCHEMA}")
        signature = report["grading"].get("signature")
        if signature is None:
            return None
        value = _value(_bare(report), key)
        return signature["algorithm"] == ALGORITHM and hmac.compare_digest(value, str(signature["value"]))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NoReport(f"is no report of labgrade's ({type(error).__name__}: {error})") from None


def _bare(report: Mapping[str, Any]) -> ReportJson:
    grading = {key: value for key, value in report["grading"].items() if key != "signature"}
    return {**report, "grading": grading}


def _value(bare: ReportJson, key: bytes) -> str:
    submission = bare["submission"]
    said = {
        "report": canonical(bare),
        "submission": None if submission is None else submission["sha256"],
        "lab": bare["lab"],
        "grading": bare["grading"],
    }
    text = json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
