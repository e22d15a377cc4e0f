"""Ids of any kind as names of files: none of them leads anywhere, hides, or is taken for another."""

from __future__ import annotations

import hashlib
import unicodedata

_KEPT = "@+-_."
_LONGEST = 120  # bytes: file systems take 255, and a suffix is to come
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def file_name(id: str) -> str:
    """The id as it is where that can be a name, with `%2F` for what cannot; matching reads it back."""
    text = "".join(_escaped(letter) for letter in unicodedata.normalize("NFC", id))
    if text.startswith(".") or text.partition(".")[0].casefold() in _RESERVED or not text:
        text = f"%{ord(text[0]):02X}{text[1:]}" if text else "%"
    text = text[:-1] + "%2E" if text.endswith(".") else text
    if len(text.encode()) > _LONGEST:
        number = hashlib.sha256(id.encode("utf-8", "surrogatepass")).hexdigest()[:12]
        text = f"{text.encode()[:_LONGEST].decode('utf-8', 'ignore')}~{number}"
    return text


def _escaped(letter: str) -> str:
    if letter.isalnum() or letter in _KEPT:
        return letter
    return "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogatepass"))
