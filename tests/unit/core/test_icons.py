"""static/icons.txt names the icons that set-up copies: all that are used and no other."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template, TemplateSyntaxError

ROOT = Path(settings.BASE_DIR)
LISTED = (ROOT / "static/icons.txt").read_text(encoding="utf-8").split()


def used():
    names = set()
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text(encoding="utf-8")
        names |= set(re.findall(r"{% icon [\"']([\w-]+)[\"']", text))
        names |= set(re.findall(r"\bicon=[\"']([\w-]+)[\"']", text))
    in_code = "".join(
        (ROOT / f"portal/{name}.py").read_text(encoding="utf-8") for name in ("navigation", "topics")
    )
    return names | {name for name in re.findall(r"\"([a-z0-9-]+)\",", in_code) if name in LISTED}


def test_the_list_is_sorted_and_without_repetition():
    assert sorted(set(LISTED)) == LISTED


def test_every_icon_used_is_listed():
    assert used() - set(LISTED) == set()


def test_every_icon_listed_is_used():
    assert set(LISTED) - used() == set()


def test_an_icon_is_hidden_from_readers():
    drawn = Template('{% icon "bell" "big" %}').render(Context())
    assert 'class="icon big"' in drawn
    assert 'aria-hidden="true"' in drawn
    assert "<path" in drawn


def test_an_unknown_icon_is_a_mistake_in_the_template():
    with pytest.raises(TemplateSyntaxError, match="no-such-icon"):
        Template('{% icon "no-such-icon" %}').render(Context())
