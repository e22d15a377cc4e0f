"""The languages that labgrade speaks: which one is meant, its catalogues, and a sentence said in it.

English is the language of the source, and has no catalogue: nothing is loaded for it. A sentence that a catalogue
lacks is said in English.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.texts import Argument, Text, Translate, untranslated

if TYPE_CHECKING:
    from gettext import NullTranslations

LANGUAGES = ("en", "ko")
ENGLISH = "en"
VARIABLE = "LABGRADE_LANG"
OWN = Path(__file__).parent / "locale"
COMPILED = "messages.mo"  # in the folder of a lab's language

_spoken: ContextVar[str] = ContextVar("language", default=ENGLISH)


def preferred(environ: Mapping[str, str] = os.environ) -> str:
    """The caller's: LABGRADE_LANG, else the locale, else English."""
    chosen = environ.get(VARIABLE, "").strip().lower()
    if chosen in LANGUAGES:
        return chosen
    names = (environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "")
    return next((lang for lang in LANGUAGES if _is_of(locale, lang)), ENGLISH)


def current() -> str:
    """The language that is spoken here and now; English unless somebody has said another."""
    return _spoken.get()


def speak(lang: str) -> None:
    """From now on, in this thread: what a command does once it knows whom it talks to."""
    _spoken.set(lang if lang in LANGUAGES else ENGLISH)


@contextmanager
def speaking(lang: str) -> Iterator[None]:
    """For as long as it takes."""
    token = _spoken.set(lang if lang in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _spoken.reset(token)


def spoken(template: str, /, **args: Argument) -> str:
    """labgrade's own sentence in the language that is spoken here: `spoken("{count} calls", count=3)`."""
    return Text(template, args).render(translator(current()))


def told(text: Text | str | None) -> str:
    """A Text in the language that is spoken here; a string as it is, None as nothing."""
    return text.render(translator(current())) if isinstance(text, Text) else text or ""


def translator(lang: str, folder: Path | None = None) -> Translate:
    """Looks templates up in the catalogue of a lab's folder, if one is given, then in labgrade's own."""
    if lang == ENGLISH or lang not in LANGUAGES:
        return untranslated
    catalogues = [own(lang)] if folder is None else [folder / lang / COMPILED, own(lang)]
    return lambda template: _looked_up(template, catalogues)


def own(lang: str) -> Path:
    """labgrade's own catalogue of that language."""
    return OWN / lang / "LC_MESSAGES" / "labgrade.mo"


def retold(report: Mapping[str, Any], lang: str, folder: Path | None = None) -> dict[str, Any]:
    """A report's object with every text said anew in that language, from its template and arguments.

    A text without them stays as it is, and so does one whose template cannot be filled.
    """
    say_it = translator(lang, folder)
    run = report.get("run")
    if run is not None:
        run = {**run, "stages": [_retold(stage, say_it) for stage in run["stages"]]}
    return {
        **report,
        "lang": lang,
        "lab": _retold(report["lab"], say_it),
        "run": run,
        "checks": [_retold(check, say_it) for check in report["checks"]],
        "notes": [_retold(note, say_it) for note in report.get("notes") or []],
        "model": _retold(report["model"], say_it),
    }


def apart(value: Any) -> dict[str, Any]:
    """An object whose Texts became strings; their templates and arguments are in `texts`, by path: `rows/2/text`."""
    texts: dict[str, Any] = {}
    plain: dict[str, Any] = _plain(value, (), texts)
    return {**plain, "texts": texts} if texts else plain


def _plain(value: Any, path: tuple[str, ...], texts: dict[str, Any]) -> Any:
    if isinstance(value, Text):
        texts["/".join(path)] = value.to_json()
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item, (*path, str(key)), texts) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, (*path, str(n)), texts) for n, item in enumerate(value)]
    return value


def _retold(value: Mapping[str, Any], translate: Translate) -> dict[str, Any]:
    changed: dict[str, Any] = dict(value)
    texts = value.get("texts")
    for path, text in (texts if isinstance(texts, Mapping) else {}).items():
        try:
            said = Text.from_json(text).render(translate)
        except (LookupError, ValueError, TypeError, AttributeError, RecursionError):
            continue  # not as `to_json` writes it: what was said stands
        changed = _with(changed, path.split("/"), said)
    return changed


def _with(value: Any, path: Sequence[str], text: str) -> Any:
    """A copy with the text at that place; as it was where there is no string there."""
    if not path:
        return text if isinstance(value, str) else value
    first, *rest = path
    if isinstance(value, Mapping) and first in value:
        return {**value, first: _with(value[first], rest, text)}
    if isinstance(value, list) and first.isdecimal() and int(first) < len(value):
        n = int(first)
        return [*value[:n], _with(value[n], rest, text), *value[n + 1 :]]
    return value


def _looked_up(template: str, catalogues: Sequence[Path]) -> str:
    if not template:
        return ""  # for which a catalogue holds its own header
    found = (_catalogue(path).gettext(template) for path in catalogues)
    return next((text for text in found if text != template), template)


@lru_cache(maxsize=64)
def _catalogue(path: Path) -> NullTranslations:
    """Empty where there is none, or none that can be read: then English is spoken."""
    import gettext
    import struct

    try:
        with path.open("rb") as file:
            return gettext.GNUTranslations(file)
    except (OSError, ValueError, LookupError, struct.error):
        return gettext.NullTranslations()


def _is_of(locale: str, lang: str) -> bool:
    return locale.lower().replace("-", "_").partition(".")[0].split("_")[0] == lang
