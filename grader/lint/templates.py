"""Templates of sentences: can they be rendered with what they are given?"""

from __future__ import annotations

from collections.abc import Iterator

from grader.texts import Text, fields


def unrendered(template: str, given: set[str]) -> Iterator[str]:
    """Why this template cannot be rendered with arguments of these names; nothing where it can."""
    named = named_in(template)
    if missing := sorted(named - given):
        yield f"names {', '.join(f'{{{name}}}' for name in missing)}, which it is not given: {template!r}"
        return
    try:
        Text(template, dict.fromkeys(named, "x")).render()
    except (ValueError, LookupError, AttributeError) as error:
        yield f"cannot be rendered ({error}): {template!r}"


def named_in(template: str) -> set[str]:
    """The names of its fields; none where it is no template at all, which rendering tells."""
    try:
        return fields(template)
    except ValueError:
        return set()
