"""A lab's task as a page: its Markdown, the student's names and numbers, and what to call when it is done."""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

from grader.formats.escaping import visible
from grader.formats.page.document import document
from grader.formats.words import say
from grader.languages import speaking

# An address as it stands in a sentence: what ends the sentence is no part of it.
_ADDRESS = re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?)\]'\"]")


@dataclass(frozen=True)
class Task:
    """What the page is made of. `text` is Markdown; `variables` are name, value and what it is for."""

    id: str
    title: str
    minutes: int
    text: str
    variables: Sequence[tuple[str, str, str]] = ()


def page(task: Task, *, lang: str = "en") -> str:
    """The whole page. Nothing is lost without its script, which only adds buttons to copy with."""
    with speaking(lang):
        return document(
            "task.html.j2",
            lang=lang,
            styles=("page/task.css",),
            script="page/copy.js",
            title=say("task of", lab=task.title),
            task=task,
            # Its HTML comes from a renderer that escapes, and lets no HTML of the task's through.
            text=Markup(html(task.text)),
            command=f"labgrade run {task.id} main.py",
        )


def html(markdown: str) -> str:
    """The task's Markdown as HTML; its first heading is the page's."""
    parser = MarkdownIt("commonmark", {"html": False}, renderer_cls=_Renderer)
    parser.enable("table").disable("image")  # a page fetches nothing
    text: str = parser.render(visible(markdown))
    return text


class _Renderer(RendererHTML):
    """Bare addresses can be followed; what scrolls by itself can be reached by keyboard."""

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        content = tokens[idx].content
        inside = sum(token.nesting for token in tokens[:idx] if token.type in ("link_open", "link_close"))
        return str(escape(content)) if inside else _linked(content)

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return _block(tokens[idx].content)

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return _block(tokens[idx].content)

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(say("table"))}"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        tokens[idx].attrSet("rel", "noopener noreferrer")
        rendered: str = self.renderToken(tokens, idx, options, env)
        return rendered


def _block(code: str) -> str:
    return f'<pre tabindex="0" role="group" aria-label="{escape(say("code"))}"><code>{escape(code)}</code></pre>\n'


def _linked(text: str) -> str:
    pieces, end = [], 0
    for found in _ADDRESS.finditer(text):
        link = escape(found[0])
        pieces += [str(escape(text[end : found.start()])), f'<a href="{link}" rel="noopener noreferrer">{link}</a>']
        end = found.end()
    return "".join([*pieces, str(escape(text[end:]))])
