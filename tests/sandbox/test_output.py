from __future__ import annotations

import pytest

from grader.sandbox import Ended, joined
from grader.sandbox.output import HALF, KEPT_BYTES, Kept, clipped


def kept(*pieces: bytes) -> Kept:
    output = Kept()
    for piece in pieces:
        output.feed(piece)
    return output


def ended(code: int | None, stdout: str = "", *, truncated: bool = False) -> Ended:
    return Ended(code, code is None, 1.5, stdout, "", truncated)


def test_an_output_of_just_the_limit_is_kept_whole() -> None:
    output = kept(b"a" * KEPT_BYTES)
    assert output.text() == "a" * KEPT_BYTES
    assert not output.cut


def test_of_a_longer_output_the_middle_is_left_out_and_counted() -> None:
    output = kept(b"a" * HALF, b"b" * 7, b"c" * HALF)
    assert output.text() == f"{'a' * HALF}\n[... 7 bytes left out ...]\n{'c' * HALF}"
    assert output.cut


@pytest.mark.parametrize("size", [1, 7, 4096, HALF, HALF + 1, 5 * KEPT_BYTES])
def test_the_size_of_the_pieces_makes_no_difference(size: int) -> None:
    whole = bytes(range(32, 127)) * (6 * KEPT_BYTES // 95)
    pieces = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert kept(*pieces).text() == kept(whole).text()


def test_the_memory_held_does_not_grow_with_the_output() -> None:
    output = Kept()
    for _ in range(1000):
        output.feed(b"x" * KEPT_BYTES)
    assert len(output._tail) <= 17 * HALF
    assert f"[... {999 * KEPT_BYTES} bytes left out ...]" in output.text()


@pytest.mark.parametrize("shift", [0, 1, 2])
def test_the_cut_splits_no_character(shift: int) -> None:
    text = kept(b"x" * shift + "\N{HANGUL SYLLABLE GA}".encode() * KEPT_BYTES).text()
    assert "\N{REPLACEMENT CHARACTER}" not in text


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert kept(b"caf\xe9 \xff!").text() == "caf\N{REPLACEMENT CHARACTER} \N{REPLACEMENT CHARACTER}!"


def test_a_text_with_half_a_surrogate_can_be_clipped() -> None:
    assert clipped("a\ud800") == ("a?", False)


def test_commands_in_turn_end_as_the_last_one_did() -> None:
    whole = joined([ended(0, "one\n"), ended(None, "two\n")])
    assert whole == Ended(None, True, 3.0, "one\ntwo\n", "", False)


def test_the_output_of_commands_in_turn_is_cut_once_more() -> None:
    whole = joined([ended(0, "a" * KEPT_BYTES), ended(0, "b" * KEPT_BYTES)])
    assert whole.stdout == f"{'a' * HALF}\n[... {KEPT_BYTES} bytes left out ...]\n{'b' * HALF}"
    assert whole.truncated


def test_what_one_command_left_out_is_said_of_them_all() -> None:
    assert joined([ended(0, truncated=True), ended(0)]).truncated
