"""What nobody sees is dropped from a text; what is seen stays."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.texts import clean_text

DIRECTION = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
WITHOUT_WIDTH = "\u200b\u200c\u2060\ufeff\xad\u034f\u180e\u115f\u3164\u2064\U000e0041"


@pytest.mark.parametrize("mark", DIRECTION + WITHOUT_WIDTH + "\x00\x07\x1b\x7f\x9f\ud800\ufffe", ids=ascii)
def test_marks_of_direction_marks_without_width_and_control_characters_are_dropped(mark):
    assert clean_text(f"{mark}楼道{mark}灯{mark}") == "楼道灯"


@pytest.mark.parametrize(
    "text",
    [
        "👨‍👩‍👧", "🏳️‍🌈", "❤️‍🔥", "🧑🏽‍🚒", "👩🏻‍❤️‍👨🏿", "𠮷野", "葛\U000e0100城", "\ue000", "阿卜杜拉·买买提",
        "a\tb\nc\r\nd",         "１２３　四",         "٢٠٢٣", "שלום", "é", "한글",
    ],
)  # fmt: skip
def test_what_is_seen_stays(text):
    assert clean_text(text) == text


def test_a_joiner_that_joins_no_picture_is_dropped():
    assert clean_text("张\u200d三👍\u200d") == "张三👍"


def test_the_line_ends_of_unicode_become_ordinary_ones():
    assert clean_text("a\u2028b\u2029c\x85d") == "a\nb\nc\nd"


@given(st.text())
def test_a_clean_text_stays_as_it_is_and_holds_nothing_hidden(text):
    once = clean_text(text)
    assert clean_text(once) == once
    assert not set(once) & set(DIRECTION)
    assert all(unicodedata.category(c) not in ("Cc", "Cs") or c in "\t\n\r" for c in once)
