"""The letter: text that stays on its line, addresses that are addresses."""

import pickle
from datetime import timedelta

import pytest
from django.utils import translation

from casework.channels.base import GiveUp, Letter, Line, TryLater


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("T-2023-000123 已超期", "T-2023-000123 已超期"),
        ("a\r\nBcc: x@example.org", "a Bcc: x@example.org"),
        ("a\x00\x1b\u2028b\u2029c\x85d", "a b c d"),
        ("\u202eevil\u2066", "evil"),
        ("half \ud83d pair", "half pair"),
        ("👨\u200d👩\u200d👧 户", "👨\u200d👩\u200d👧 户"),
    ],
)
def test_text_stays_on_its_line(written, kept):
    assert Letter(key="k", subject=written).subject == kept
    assert Line(written).text == kept


def test_long_texts_are_cut():
    assert len(Letter(key="k", subject="长" * 500).subject) == 100
    assert len(Line("长" * 500).text) == 300


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "/cases/1/", "https://a b/", "https://a/\r\n", "ftp://a/", "https://微格/"]
)
def test_the_address_of_a_line_is_a_web_address(url):
    with pytest.raises(ValueError, match="plain http address"):
        Line("x", url)


def test_an_urgent_letter_says_so():
    with translation.override("en"):
        assert Letter(key="k", subject="x", urgent=True).headline == "Urgent: x"
        assert Letter(key="k", subject="x").headline == "x"


def test_errors_survive_the_way_to_another_process():
    error = pickle.loads(pickle.dumps(TryLater("busy", after=timedelta(minutes=1))))  # noqa: S301
    assert (str(error), error.after, error.status) == ("busy", timedelta(minutes=1), 503)
    assert str(pickle.loads(pickle.dumps(GiveUp("wrong")))) == "wrong"  # noqa: S301
