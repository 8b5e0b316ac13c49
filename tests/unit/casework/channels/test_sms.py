"""Text messages: what is in one, who gets it, and what the log may say."""

import logging

import pytest

from casework.channels.base import GiveUp, Letter, TryLater
from casework.channels.sms import LoggingSms, SmsGateway, compose, gateway, send_sms

PHONE = "13800138000"
SENT = []


class Carrier(SmsGateway):
    """A gateway as an operator writes one."""

    def send(self, *, phone, text):
        if phone.endswith("9"):
            raise TryLater("the carrier is busy")
        SENT.append((phone, text))


@pytest.fixture
def carrier(settings):
    settings.SMS_GATEWAY = f"{__name__}.Carrier"
    SENT.clear()
    return SENT


def units(text):
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("T-2023-000123 已超期", "【微格】T-2023-000123 已超期"),
        ("T-2023-000123 【某某】已超期", "【微格】T-2023-000123 [某某]已超期"),
        ("长" * 66, "【微格】" + "长" * 66),
        ("长" * 67, "【微格】" + "长" * 65 + "…"),
        ("🌳" * 33, "【微格】" + "🌳" * 33),
        ("🌳" * 34, "【微格】" + "🌳" * 32 + "…"),
    ],
)
def test_a_text_is_one_message_of_the_carrier(subject, text):
    assert compose(Letter(key="k", subject=subject)) == text
    assert units(text) <= 70


def test_the_signature_is_the_operators(settings):
    settings.SMS_SIGNATURE = "一只船社区"
    assert compose(Letter(key="k", subject="x")) == "【一只船社区】x"


@pytest.mark.parametrize("to", [PHONE, "138 0013 8000", "138-0013-8000", "+86 13800138000", "8613800138000"])
def test_a_mobile_phone_gets_the_text(carrier, to):
    send_sms(to=to, letter=Letter(key="k", subject="T-2023-000123 已超期"))
    assert carrier == [(PHONE, "【微格】T-2023-000123 已超期")]


@pytest.mark.parametrize(
    "to", ["", "0931-8888888", "1380013800", "138001380001", "１3800138000", "+1 2025550123"]
)
def test_another_number_is_given_up(carrier, to):
    with pytest.raises(GiveUp) as caught:
        send_sms(to=to, letter=Letter(key="k", subject="x"))
    assert carrier == []
    assert not to or to not in str(caught.value)


def test_what_the_carrier_says_is_passed_on(carrier):
    with pytest.raises(TryLater):
        send_sms(to="13800138009", letter=Letter(key="k", subject="x"))


def test_without_a_carrier_the_log_tells_neither_number_nor_words(caplog):
    assert isinstance(gateway(), LoggingSms)
    with caplog.at_level(logging.INFO, logger="casework.channels.sms"):
        send_sms(to=PHONE, letter=Letter(key="k", subject="T-2023-000123 已超期"))
    assert "138****8000" in caplog.text
    assert PHONE not in caplog.text
    assert "T-2023" not in caplog.text
