"""Sentences that a student reads: a template and its arguments, kept apart so that they can be translated later."""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Argument: TypeAlias = "str | int | float | bool | Text | list[Any] | tuple[Any, ...] | None"
Translate: TypeAlias = Callable[[str], str]


def untranslated(template: str) -> str:
    """The English template itself."""
    return template


@dataclass(frozen=True)
class Text:
    """A sentence: `template` is English with `{name}` fields (and the key of its translation), `args` fill them.

    An argument is a string, a number, another Text, or a list of these (joined by commas). What a student
    wrote only ever stands in an argument, so it is never read as a template.
    """

    template: str
    args: Mapping[str, Argument] = field(default_factory=dict)

    def render(self, translate: Translate = untranslated) -> str:
        """The sentence in the language that `translate` gives. Raises KeyError for a field without an argument."""
        values = _Filling({name: _shown(value, translate) for name, value in self.args.items()})
        translated = translate(self.template)
        if translated != self.template:
            # A translation that cannot be filled is as good as none.
            with suppress(LookupError, ValueError, AttributeError):
                return translated.format_map(values)
        return self.template.format_map(values)

    def __str__(self) -> str:
        return self.render()

    def to_json(self) -> dict[str, Any]:
        """`{"template": …, "args": {…}}`, Texts among the arguments likewise."""
        return {"template": self.template, "args": {k: _to_json(v) for k, v in self.args.items()}}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Text:
        """The Text that `to_json` wrote. Raises ValueError for a template that asks for more than names."""
        template: str = value["template"]
        for _, name, form, conversion in string.Formatter().parse(template):
            if name is not None and (form or conversion or not name.isidentifier()):
                raise ValueError(f"no template of a report: {template!r}")
        return cls(template, {k: _from_json(v) for k, v in value["args"].items()})


def say(template: str, /, **args: Argument) -> Text:
    """A sentence for the student: `say("{key} is gone on day {day}", key=key, day=30)`."""
    return Text(template, args)


def sentences(*texts: Text | None) -> Text:
    """Several sentences after one another; None is left out."""
    kept = [text for text in texts if text is not None]
    if len(kept) == 1:
        return kept[0]
    return Text(" ".join(f"{{s{n}}}" for n in range(len(kept))), {f"s{n}": text for n, text in enumerate(kept)})


def listed(items: Sequence[Argument]) -> Text:
    """`a, b and c`."""
    *first, last = items
    return say("{first} and {last}", first=first, last=last) if first else Text("{last}", {"last": last})


def joined(items: Sequence[Argument]) -> Text:
    """`a; b; c`."""
    fields = {f"s{n}": item for n, item in enumerate(items)}
    return Text("; ".join(f"{{{name}}}" for name in fields), fields)


def plain(text: str) -> Text:
    """A text without fields: braces in it stand for themselves."""
    return Text(text.replace("{", "{{").replace("}", "}}"))


def fields(template: str) -> set[str]:
    """The names of the fields of a template."""
    return {name.partition("|")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


def filled(template: str, values: Mapping[str, Argument]) -> Text:
    """The template with just those of `values` that it names."""
    return Text(template, {name: values[name] for name in sorted(fields(template)) if name in values})


class _Filling(dict[str, str]):
    """What fills a template. `{key|을/를}` is the particle that follows what `{key}` is filled with, in Korean."""

    def __missing__(self, field: str) -> str:
        name, mark, pair = field.partition("|")
        if not mark or name not in self:
            raise KeyError(field)
        from grader.particles import particle  # English does without

        return particle(self[name], pair)


def _shown(value: Argument, translate: Translate) -> str:
    if isinstance(value, Text):
        return value.render(translate)
    if isinstance(value, list | tuple):
        return ", ".join(_shown(item, translate) for item in value)
    return str(value)


def _to_json(value: Argument) -> Any:
    if isinstance(value, Text):
        return value.to_json()
    if isinstance(value, list | tuple):
        return [_to_json(item) for item in value]
    return value


def _from_json(value: Any) -> Argument:
    if isinstance(value, Mapping):
        return Text.from_json(value)
    if isinstance(value, list):
        return [_from_json(item) for item in value]
    return value  # type: ignore[no-any-return]
