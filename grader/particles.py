"""Korean particles: which of `을` and `를` follows a word is decided by how its last sound ends."""

from __future__ import annotations

import re

_FIRST, _LAST, _FINALS, _RIEUL = 0xAC00, 0xD7A3, 28, 8
# How a digit ends when it is read: 영 일 이 삼 사 오 육 칠 팔 구. What ends in 0 is 십, 백, 천, 만 or 영.
_DIGITS = dict(zip("0123456789", "clvcvvcllv", strict=True))
# How a capital is read, where it is a letter by itself: 엘, 엠, 엔, 알 end in a consonant.
_CAPITALS = {"L": "l", "M": "c", "N": "c", "R": "l"}
_CLOSING = "\"'`”’»」』>]}…"
_ASIDE = re.compile(r"(?<=.)\s*\([^()]*\)\Z", re.DOTALL)
_LETTERS = re.compile(r"[A-Za-z]+\Z")
_VOWELS = "aeiouy"


def particle(word: str, pair: str) -> str:
    """The one of `을/를` (the form after a consonant, then the form after a vowel) that follows the word.

    What stands in brackets behind a word, and quotes around it, are not read. After what nobody can read aloud both
    forms are written, as in `을(를)`.
    """
    after_consonant, slash, after_vowel = pair.partition("/")
    if not slash:
        raise ValueError(f"a particle has two forms, as in 을/를, and not {pair!r}")
    match _ending(_spoken_part(word)):
        case "v":
            return after_vowel
        case "l":
            # 으로 is 로 after ㄹ as well.
            return after_vowel if after_consonant == f"으{after_vowel}" else after_consonant
        case "c":
            return after_consonant
    return f"(으){after_vowel}" if after_consonant == f"으{after_vowel}" else f"{after_consonant}({after_vowel})"


def _spoken_part(word: str) -> str:
    bare = word.rstrip().rstrip(_CLOSING).rstrip()
    return _ASIDE.sub("", bare).rstrip().rstrip(f"{_CLOSING})")


def _ending(word: str) -> str:
    """`v` for a vowel, `l` for ㄹ, `c` for any other consonant; empty where that cannot be told."""
    last = word[-1:]
    if not last:
        return ""
    if _FIRST <= ord(last) <= _LAST:
        final = (ord(last) - _FIRST) % _FINALS
        return "v" if not final else "l" if final == _RIEUL else "c"
    if last in _DIGITS:
        return "c" if last == "0" else _DIGITS[last]
    if last in "%/":  # 퍼센트, 슬래시
        return "v"
    letters = _LETTERS.search(word)
    return _english(letters[0]) if letters else ""


def _english(word: str) -> str:
    """As English words are mostly written in Korean: 버킷, 리스트, 파일, 네임, 로그."""
    if word[-1].isupper():
        return _CAPITALS.get(word[-1], "v")
    word = word.lower()
    if len(word) == 1:
        return _CAPITALS.get(word.upper(), "v")
    if word.endswith("e") and word[-2] in "lmn":
        word = word[:-1]
    last, before = word[-1], word[-2:-1]
    if last == "l":
        return "l"
    if last in "mn" or word.endswith("ng"):
        return "c"
    # A stop closes the syllable after a vowel (버킷, 앱, 스택), and has one of its own after a consonant (리스트).
    closes = last in "bckpt" and (before in _VOWELS or word.endswith("ck"))
    return "c" if closes else "v"
