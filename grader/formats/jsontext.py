"""An object as JSON text: UTF-8, two spaces; safe to print, and nothing in it is lost."""

from __future__ import annotations

import json
from typing import Any

from grader.formats.escaping import COMMAND, hides


class _Escapes(dict[int, int | str]):
    """For `str.translate`: what acts on a terminal, or UTF-8 cannot hold, as an escape that reads back."""

    def __missing__(self, code: int) -> int | str:
        units = chr(code).encode("utf-16-be", "surrogatepass").hex()
        escape = "".join(f"\\u{units[n : n + 4]}" for n in range(0, len(units), 4))
        self[code] = escape if hides(code) else code
        return self[code]


_ESCAPES = _Escapes()


def written(value: Any, *, indent: int | None = 2) -> str:
    """The value; on one line where `indent` is None. It ends in a newline."""
    # A lab's model may hold a date as boto3 gave it: better its text than a report that cannot be written.
    text = json.dumps(value, indent=indent, ensure_ascii=False, default=str)
    return COMMAND.sub(r"#\\u0023", text.translate(_ESCAPES)) + "\n"
