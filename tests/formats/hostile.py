"""A report in which every text that a stranger may have written is the same hostile one."""

from __future__ import annotations

import copy
from typing import Any

from grader.report import ReportJson

PAYLOADS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "]]></style></title></pre></textarea><!-- --><script>alert(1)//",
    "{{ 7 * 7 }}{% raw %}${7*7}<%= 7 %>",
    "javascript:alert(1)",
    "`<b>` &lt;i&gt; &#x3c;u> &amp;",
    "\x1b[31m\x1b]8;;http://evil.example\x07 \x00\x07\x7f\x9b",
    "\u202egnp.exe\u2066\u200b\u200d\ufeff\u2028 \ud800 \udfff \U000e0041",
    "##[error] ::error:: [[ATTACHMENT|/etc/passwd]]",
    "x" * 2000,
    "한글" * 300 + "👩\u200d🚀",
    "مرحبا بالعالم " * 40,
)
_FIXED = {"schema", "outcome", "drawing", "about", "feedback", "lang"}  # words of a closed list, which labgrade writes


def hostile(report: ReportJson, payload: str) -> ReportJson:
    """The same report, with the payload in each text; numbers and closed lists are left."""
    changed: ReportJson = _walk(copy.deepcopy(report), payload)
    return changed


def _walk(value: Any, payload: str, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _walk(item, payload, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_walk(item, payload, key) for item in value]
    return payload if isinstance(value, str) and key not in _FIXED else value
