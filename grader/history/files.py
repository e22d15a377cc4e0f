"""What goes to AWS by way of a file: bodies of objects, templates. Short ones stand in the script itself."""

from __future__ import annotations

import base64

from grader.history.words import quoted

INLINE_BYTES = 1 << 16
FOLDER = "$FILES"


class Files:
    """Those of one script. `beside` is the folder next to it for what is too large to stand in it."""

    def __init__(self, beside: str = "") -> None:
        self._beside = beside
        self._count = 0
        self.made: list[str] = []  # lines that make the files of the command that is being written
        self.large: dict[str, bytes] = {}  # what is to lie beside the script
        self.temporary = False

    def body(self, content: bytes) -> str:
        """A word that names a file with that content."""
        self._count += 1
        if len(content) > INLINE_BYTES and self._beside:
            name = f"{self._beside}/{self._count}"
            self.large[name] = content
            return f'"$(dirname "$0")"/{quoted(name)}'
        self.temporary = True
        word = f'"{FOLDER}/{self._count}"'
        self.made.append(_written(content, word))
        return word

    def blob(self, content: bytes) -> str:
        """For an option that takes bytes."""
        return "fileb://" + self.body(content)

    def text(self, content: str) -> str:
        """For an option that takes text."""
        return "file://" + self.body(content.encode())


def _written(content: bytes, word: str) -> str:
    text = _readable(content)
    if text is None:
        lines = base64.encodebytes(content).decode()
        return f"base64 -d > {word} <<'END'\n{lines}END"
    if text.endswith("\n"):
        end = "END"
        while end in text.split("\n"):
            end += "_"
        return f"cat > {word} <<'{end}'\n{text}{end}"
    return f"printf %s {quoted(text) if text else chr(39) * 2} > {word}"


def _readable(content: bytes) -> str | None:
    """None for what a here-document would not keep as it is, or nobody would read."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    odd = any(not (letter.isprintable() or letter in "\n\t") for letter in text)
    return None if odd else text
