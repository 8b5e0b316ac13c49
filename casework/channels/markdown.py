"""A letter in the little markdown that both group robots show: bold, links, lines."""

from urllib.parse import quote

from django.utils.translation import ngettext

from casework.channels.base import Letter, Line

MAX_BYTES = 4096
# Neither robot promises to know backslashes, so what markdown would read as its own is written in its wide form.
WIDE = {ord(c): ord(c) + 0xFEE0 for c in "\\`*_[]<>#|~@&!"}
# What makes a list or a rule of a line, but only where it begins.
AT_THE_START = "-+="
# Kept in an address; brackets would end the link.
IN_ADDRESS = "%/:?&=#;,+$@~-._"


def markdown(letter: Letter, *, between: str) -> str:
    """The letter in at most 4,096 bytes of UTF-8, its lines separated by `between`.

    What does not fit is left out from the end by whole lines. A last line says how many are not listed, with the
    letter's `more` among them, and leads to the page that lists them.
    """
    head, lines = f"**{escape(letter.headline)}**", [_line(line) for line in letter.lines]
    for kept in range(len(lines), 0, -1):
        left_out = len(lines) - kept + letter.more
        text = between.join([head, *lines[:kept], *_rest(left_out, letter.rest_url)])
        if len(text.encode()) <= MAX_BYTES:
            return text
    return between.join([head, *_rest(len(lines) + letter.more, letter.rest_url)])


def escape(text: str) -> str:
    """The text as it is to be read, without anything markdown would act on."""
    text = text.translate(WIDE)
    return chr(ord(text[0]) + 0xFEE0) + text[1:] if text.startswith(tuple(AT_THE_START)) else text


def _line(line: Line) -> str:
    return f"[{escape(line.text)}]({quote(line.url, safe=IN_ADDRESS)})" if line.url else escape(line.text)


def _rest(count: int, url: str) -> list[str]:
    """The line that says how many are not listed; none when all are."""
    if not count:
        return []
    words = ngettext("… %(count)d more line", "… %(count)d more lines", count) % {"count": count}
    return [_line(Line(words, url))]
