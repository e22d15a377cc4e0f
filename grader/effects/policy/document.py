"""Policy text read as JSON: any text at all, in bounded time, and never an exception."""

import json
from dataclasses import dataclass
from typing import Any, Final, Literal

# Far above what any service takes (KMS 32 KiB); only so that a stranger's text cannot keep the grader busy: each of a
# thousand statements is weighed for each caller, queue and key.
MAX_CHARACTERS: Final = 1 << 17

Unreadable = Literal["not_text", "too_long", "not_json", "too_deep", "not_an_object"]


@dataclass(frozen=True)
class Document:
    """A policy's JSON object, or why there is none. `twice` names the keys that an object had more than once."""

    content: dict[str, Any]
    unreadable: Unreadable | None = None
    twice: tuple[str, ...] = ()


def read(text: object) -> Document:
    """The document in a policy's text; a mapping is taken for one that was read already."""
    if isinstance(text, dict):
        text = _written(text)
    if not isinstance(text, str):
        return Document({}, "not_text")
    if len(text) > MAX_CHARACTERS:
        return Document({}, "too_long")
    twice: list[str] = []
    try:
        content = json.loads(text, object_pairs_hook=lambda pairs: _object(pairs, twice), parse_constant=_refuse)
    except RecursionError:
        return Document({}, "too_deep")
    except ValueError:
        return Document({}, "not_json")
    if not isinstance(content, dict):
        return Document({}, "not_an_object")
    return Document(content, None, tuple(twice))


def _written(content: dict[Any, Any]) -> str | None:
    try:
        return json.dumps(content)
    except (TypeError, ValueError, RecursionError):
        return None


def _object(pairs: list[tuple[str, Any]], twice: list[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            twice.append(key)
        found[key] = value
    return found


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def strings(value: object) -> tuple[str, ...] | None:
    """A text or a list of texts, as the grammar allows either; None for anything else."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    return None


def scalars(value: object) -> tuple[str, ...] | None:
    """A condition's values as texts: strings, numbers and Booleans, alone or in a list; None for anything else.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html (2026-11-23)
    """
    found = [_scalar(item) for item in (value if isinstance(value, list) else [value])]
    texts = tuple(item for item in found if item is not None)
    return texts if len(texts) == len(found) else None


def _scalar(value: object) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str | float):
        return str(value)
    # Python writes no whole number of more than 4,300 digits; AWS takes none of that length either.
    return str(value) if isinstance(value, int) and value.bit_length() < 1 << 12 else None
