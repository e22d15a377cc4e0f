"""A page of a terminal: lines of styled pieces, wrapped by the cells that characters take."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len, chop_cells

_NARROWEST, _WIDEST = 40, 100  # beyond, a line is hard to follow
_LABEL = 8
_COMMAND = re.compile(r"^( *?) {,3}::")
_ADDRESS = re.compile(r"\S*[a-z]://\S{,300}")


def cells(text: str) -> int:
    """How many columns the text takes."""
    return cell_len(text)


def padded(text: str, width: int) -> str:
    """The text with spaces behind it, up to this many columns."""
    return text + " " * (width - cells(text))


def folded(line: str, width: int) -> list[str]:
    """A line of output in pieces of this many columns, cut at a space where there is one late enough."""
    pieces: list[str] = []
    while cells(line) > width:
        piece = chop_cells(line, width)[0]
        space = piece.rfind(" ") + 1
        cut = space if space > len(piece) // 2 else len(piece)
        pieces.append(line[:cut])
        line = line[cut:]
    return [*pieces, line]


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of this many columns. Only an address is longer; any other long word is cut."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in _words(paragraph, width):
            if line and cells(line) + 1 + cells(word) > width:
                lines.append(line)
                line = ""
            line = f"{line} {word}" if line else word
        lines += [line] if line else []
    return lines or [""]


def _words(paragraph: str, width: int) -> Iterator[str]:
    for word in paragraph.split():
        if cells(word) <= width or _ADDRESS.fullmatch(word):
            yield word
        else:
            yield from chop_cells(word, max(width, 2))


class Page:
    """Lines in the making. With or without colour it has the same words in the same places."""

    def __init__(self, width: int) -> None:
        self.width = min(max(width, _NARROWEST), _WIDEST) - 2
        self._lines: list[list[tuple[str, str]]] = []

    def line(self, *pieces: str | tuple[str, str]) -> None:
        """One line as it is: texts, or pairs of a text and its style."""
        styled = [(piece, "") if isinstance(piece, str) else piece for piece in pieces]
        bare = "".join(text for text, _ in styled)
        if bare.lstrip().startswith("::"):  # GitHub would take the line for a command
            styled = [(_COMMAND.sub(r"\1\\x3a:", bare, count=1), "")]
        self._lines.append(styled)

    def blank(self) -> None:
        """An empty line, unless there is one already."""
        if not self._lines or self._lines[-1]:
            self.line()

    def paragraph(self, text: str, *lead: str | tuple[str, str], style: str = "") -> None:
        """The text behind its lead, each further line under the first."""
        indent = sum(cells(piece if isinstance(piece, str) else piece[0]) for piece in lead)
        first, *others = wrapped(text, self.width - indent)
        self.line(*lead, (first, style))
        for other in others:
            self.line(" " * indent, (other, style))

    def labelled(self, label: str, text: str) -> None:
        """A text of a check's evidence behind its label, where it has one."""
        lead = [(padded(label, _LABEL), "dim")] if label else []
        self.paragraph(text, "     ", *lead)

    def ends(self, lead: str, left: str, right: str, style: str = "bold") -> None:
        """A heading: text on the left, hanging under itself, and something short at the right margin."""
        room = self.width - cells(lead) - cells(right) - 2
        first, *others = wrapped(left, room)
        self.line(lead, (padded(first, room + 2), style), (right, style))
        for other in others:
            self.line(" " * cells(lead), (other, style))

    def text(self, colour: bool = False) -> str:
        """The page as text, ending in a newline."""
        plain = ("".join(text for text, _ in line).rstrip() for line in self._lines)
        return (self._coloured() if colour else "\n".join(plain)).rstrip("\n") + "\n"

    def _coloured(self) -> str:
        import io

        from rich.console import Console
        from rich.text import Text

        # Nothing of the environment may speak here: the caller has decided.
        decided: dict[str, Any] = {"force_terminal": True, "color_system": "standard", "no_color": False}
        console = Console(file=io.StringIO(), legacy_windows=False, **decided)
        with console.capture() as captured:
            for line in self._lines:
                text = Text.assemble(*line)
                text.rstrip()
                console.print(text, soft_wrap=True, highlight=False)
        return captured.get()
