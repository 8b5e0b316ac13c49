"""What a text may hold once it is ours."""

import re

# Pictures made of several signs (a family, a flag) are held together by U+200D between two of these.
_SIGN = "\u2190-\u2bff\ufe0f\U0001f000-\U0001faff"
# SECURITY: a mark of direction turns the rest of a line around ("exe.jpg" is read "gpj.exe"), and texts that differ by
# a mark without width look the same. U+202A-E, U+2066-9, U+200E-F and U+061C are the marks of direction of Unicode 16.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200e\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\ud800-\udfff\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
    f"|(?<![{_SIGN}])\u200d|\u200d(?![{_SIGN}])"
)
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")


def clean_text(text: str) -> str:
    """The text as it is stored and shown, without what nobody sees.

    The rule for every text that enters, by a form, an address, a file of areas or a table: marks of direction, marks
    without width, invisible letters, halves of characters and control characters are dropped. Tabs and line ends stay,
    and Unicode's own line ends become ordinary ones. Kept are rare and private characters of names, marks that choose a
    form (U+FE0F, U+E0100), and the joiner inside a picture of several signs.
    """
    return _HIDDEN.sub("", _LINE_ENDS.sub("\n", text))


def has_words(text: str) -> bool:
    """Whether the text says anything: it holds a letter, a sign of writing or a digit."""
    return any(character.isalnum() for character in text)
