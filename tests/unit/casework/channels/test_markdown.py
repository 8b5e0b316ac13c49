"""A letter as markdown: never longer than a robot takes, cut at whole lines, nothing acted on but our own marks."""

from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from casework.channels.base import Letter, Line
from casework.channels.markdown import MAX_BYTES, escape, markdown

TEXT = st.text(max_size=400)
URL = st.sampled_from(
    ["", "https://weige.example.org/cases/T-2023-000123/", "https://weige.example.org/?" + "x" * 900]
)
LETTERS = st.builds(
    Letter,
    key=st.just("k"),
    subject=TEXT,
    lines=st.lists(st.builds(Line, TEXT, URL), max_size=60).map(tuple),
    urgent=st.booleans(),
)


@examples(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(letter=LETTERS, between=st.sampled_from(["\n", "\n\n"]))
def test_no_letter_is_longer_than_a_robot_takes(letter, between):
    assert len(markdown(letter, between=between).encode()) <= MAX_BYTES


@pytest.mark.parametrize("between", ["\n", "\n\n"])
@pytest.mark.parametrize("text", ["网格内有一处路灯不亮", "🌳🚧👨\u200d👩\u200d👧 x", "a"])
def test_what_does_not_fit_is_left_out_by_whole_lines_and_counted(text, between):
    lines = tuple(Line(f"{n:04d} {text * 5}", f"https://weige.example.org/{n}/") for n in range(300))
    with translation.override("en"):
        shown = markdown(Letter(key="k", subject="今日待办", lines=lines), between=between)
    head, *middle, last = shown.split(between)
    assert head == "**今日待办**"
    assert [line[:5] for line in middle] == [f"[{n:04d}" for n in range(len(middle))]
    assert all(line.endswith(f"/{n}/)") for n, line in enumerate(middle))
    assert last == f"… {300 - len(middle)} more lines"
    next_line = markdown(Letter(key="k", subject="x", lines=lines[len(middle) :][:1]), between="\n")
    assert len(shown.encode()) <= MAX_BYTES < len(shown.encode()) + len(next_line.encode())


def test_what_is_not_listed_is_counted_in_one_number_and_leads_to_the_page_that_lists_it():
    lines = tuple(Line("x" * 99) for _ in range(60))
    letter = Letter(
        key="k", subject="s", lines=lines, more=25, rest_url="https://weige.example.org/cases/?a=1"
    )
    with translation.override("en"):
        shown = markdown(letter, between="\n").split("\n")
        short = markdown(replace(letter, lines=lines[:2]), between="\n").split("\n")
    left_out = 60 - (len(shown) - 2) + 25
    assert shown[-1] == f"[… {left_out} more lines](https://weige.example.org/cases/?a=1)"
    assert short == ["**s**", "x" * 99, "x" * 99, "[… 25 more lines](https://weige.example.org/cases/?a=1)"]


def test_a_letter_that_just_fits_is_whole():
    lines = [Line("x" * 99) for _ in range(40)]
    room = MAX_BYTES - len(markdown(Letter(key="k", subject="s", lines=tuple(lines)), between="\n").encode())
    fits = Letter(key="k", subject="s", lines=(*lines, Line("y" * (room - 1))))
    assert len(markdown(fits, between="\n").encode()) == MAX_BYTES
    longer = Letter(key="k", subject="s", lines=(*lines, Line("y" * room)))
    with translation.override("en"):
        assert markdown(longer, between="\n").endswith("\n… 1 more line")


def test_a_single_line_that_never_fits_leaves_the_headline():
    letter = Letter(key="k", subject="s", lines=(Line("x", "https://weige.example.org/" + "x" * 5000),))
    with translation.override("en"):
        assert markdown(letter, between="\n") == "**s**\n… 1 more line"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("T-2023-000123 已超期。", "T-2023-000123 已超期。"),
        ("**a** _b_ `c`", "＊＊a＊＊ ＿b＿ ｀c｀"),
        ("[x](http://example.org)", "［x］(http://example.org)"),
        ("![x](http://example.org/x.png)", "！［x］(http://example.org/x.png)"),
        ("<@all> <font color=red>", "＜＠all＞ ＜font color=red＞"),
        ("&lt;b&gt;", "＆lt;b＆gt;"),
        ("# x", "＃ x"),
        ("> x", "＞ x"),
        ("- x - y", "－ x - y"),
        ("---", "－--"),
        ("\\*", "＼＊"),
        ("", ""),
    ],
)
def test_no_text_acts_as_markdown(text, shown):
    assert escape(text) == shown


def test_no_address_ends_its_link():
    letter = Letter(key="k", subject="s", lines=(Line("a](x)[b", "https://a.org/(1)?q=a%20b&c=[2]"),))
    assert markdown(letter, between="\n") == "**s**\n[a］(x)［b](https://a.org/%281%29?q=a%20b&c=%5B2%5D)"
