"""The timeline speaks the language of whoever reads it, not of whoever acted."""

import pytest
from django.utils.translation import override

from casework.timeline import event_sentence
from requests_.kinds import TICKET


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "looked at “the resident's contact”"), ("zh-hans", "查看了“居民联系方式”")],
)
def test_what_was_revealed_is_named_in_the_readers_language(language, words):
    with override(language):
        assert event_sentence("reveal", {"what": "the resident's contact"}, TICKET) == words


def test_a_step_that_no_longer_exists_stays_in_the_history():
    with override("zh-hans"):
        assert event_sentence("hand_on", {}, TICKET) == "办理了旧版本的步骤（hand_on）"


@pytest.mark.parametrize(
    ("language", "words"), [("en", "escalated it: Community level"), ("zh-hans", "提级到社区")]
)
def test_a_level_is_named_in_the_readers_language(language, words):
    with override(language):
        assert event_sentence("escalate", {"level": "community"}, TICKET) == words
