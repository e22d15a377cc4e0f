"""One self-contained HTML file: everything in it is escaped, and the browser is told to fetch and run nothing else."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.formats.escaping import inert, visible
from grader.formats.page.address import address
from grader.formats.words import say

_CODE = re.compile(r"`([^`\n]{1,200})`")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}\Z")


def document(
    template: str, *, lang: object = "en", styles: tuple[str, ...] = (), script: str = "", **parts: object
) -> str:
    """The template's page. `styles` are further files of CSS, `script` one of JavaScript, which may be missing.

    Every text among `parts` is escaped when it is shown; only Markup is taken as it is.
    """
    style = Markup("\n".join(map(asset, ("page/style.css", *styles))))  # our own file
    code = Markup(asset(script)) if script else Markup("")  # our own file
    page = _environment().get_template(template)
    text = page.render(
        lang=lang if isinstance(lang, str) and _LANGUAGE.match(lang) else "en",
        policy=_policy(style, code),
        style=style,
        script=code,
        **parts,
    )
    return inert(text.rstrip("\n")) + "\n"  # no file of our own has such a line, so no digest changes


@cache
def asset(path: str) -> str:
    """One of our own files, below `grader/formats`."""
    from importlib.resources import files

    return files("grader.formats").joinpath(*path.split("/")).read_text(encoding="utf-8")


def prose(text: object) -> Markup:
    """A sentence, with what stands between backticks as code."""
    return Markup(_CODE.sub(r"<code>\1</code>", str(escape(visible(text)))))  # escaped just now


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("grader.formats", "page"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["say"] = say
    made.filters |= {"prose": prose, "address": address}
    return made


def _shown(value: Any) -> Any:
    """What is put into a page: nothing that acts or hides, whichever field it came from."""
    return value if isinstance(value, Markup | int | float) else visible(value)


def _policy(style: str, script: str) -> str:
    allowed = [f"default-src 'none'; style-src {_hash(style)}; img-src data:"]
    if script:
        allowed.append(f"script-src {_hash(script)}")
    return "; ".join([*allowed, "base-uri 'none'; form-action 'none'"])


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
