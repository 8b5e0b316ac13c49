"""Letters by e-mail, handed to a real mail server that takes, puts off, refuses or falls silent."""

import pytest
from django.test import override_settings

from casework.channels.base import GiveUp, Letter, Line, TryLater
from casework.channels.email import message_id, send_email
from tests.servers import closed_port, silent_server, smtp_server

TO = "wang@example.org"
LETTER = Letter(
    key="overdue/T-2023-000123/7",
    subject="T-2023-000123 已超期",
    lines=(
        Line("市容环境 甘南路网格", "https://weige.example.org/cases/T-2023-000123/"),
        Line("请尽快办理。"),
    ),
)


@pytest.fixture
def server():
    with smtp_server() as running, override_settings(**running.settings, EMAIL_TIMEOUT=5):
        yield running


def test_a_letter_arrives_in_chinese(server, settings):
    settings.DEFAULT_FROM_EMAIL = "微格 <weige@example.gov.cn>"
    send_email(to=TO, letter=LETTER)
    (letter,) = server.letters
    assert letter["To"] == TO
    assert letter["From"] == "微格 <weige@example.gov.cn>"
    assert letter["Subject"] == "T-2023-000123 已超期"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Importance"] is None
    assert (letter.get_content_type(), letter.get_content_charset()) == ("text/plain", "utf-8")
    assert letter.get_content().replace("\r\n", "\n") == (
        "市容环境 甘南路网格\nhttps://weige.example.org/cases/T-2023-000123/\n\n请尽快办理。\n"
    )


def test_an_urgent_letter_is_marked(server):
    send_email(to=TO, letter=Letter(key="k", subject="走失求助", urgent=True))
    (letter,) = server.letters
    assert letter["Importance"] == "high"
    assert letter["Subject"] != "走失求助"
    assert letter["Subject"].endswith("走失求助")


def test_a_letter_sent_again_has_the_same_message_id(server):
    send_email(to=TO, letter=LETTER)
    send_email(to=TO, letter=LETTER)
    send_email(to=TO, letter=Letter(key="another", subject="x"))
    first, again, other = (letter["Message-ID"] for letter in server.letters)
    assert first == again == message_id(LETTER.key)
    assert other != first
    assert "T-2023" not in first


@pytest.mark.parametrize("key", ["k\r\nBcc: spy@example.org", "钥匙", "<>@", "k" * 5000])
def test_no_key_breaks_the_header(server, key):
    send_email(to=TO, letter=Letter(key=key, subject="x"))
    (letter,) = server.letters
    assert letter["Bcc"] is None
    assert letter["Message-ID"] == message_id(key)


def test_no_subject_or_line_adds_a_header(server):
    lines = (Line("a\r\n.\r\nRCPT TO:<spy@example.org>\r\nb"),)
    send_email(to=TO, letter=Letter(key="k", subject="x\r\nBcc: spy@example.org\r\n\r\nbody", lines=lines))
    (letter,) = server.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "x Bcc: spy@example.org body"
    assert letter.get_content().strip() == "a . RCPT TO:<spy@example.org> b"


@pytest.mark.parametrize(
    "to",
    [
        "",
        "wang",
        "wang@example.org\r\nBcc: x@example.org",
        "a@b.org, c@d.org",
        "王 <wang@example.org>",
        "a@b@c.org",
    ],
)
def test_what_is_no_address_is_given_up_before_anybody_is_asked(server, to):
    with pytest.raises(GiveUp):
        send_email(to=to, letter=LETTER)
    assert server.letters == []


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(
    ("reply", "error"),
    [
        ("451 4.7.1 greylisted wang@example.org", TryLater),
        ("421 4.3.2 closing", TryLater),
        ("452 4.2.2 mailbox full", TryLater),
        ("550 5.1.1 no such user wang@example.org", GiveUp),
        ("554 5.7.1 refused", GiveUp),
    ],
)
def test_a_refusal_is_for_now_or_for_good(server, command, reply, error):
    server.answers[command] = reply
    with pytest.raises(error) as caught:
        send_email(to=TO, letter=LETTER)
    assert "example.org" not in str(caught.value)
    assert caught.value.__context__ is None
    server.answers.clear()
    send_email(to=TO, letter=LETTER)
    assert len(server.letters) == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
def test_a_server_that_falls_silent_is_tried_later(server, settings, command):
    settings.EMAIL_TIMEOUT = 0.3
    server.hangs_at = command
    with pytest.raises(TryLater):
        send_email(to=TO, letter=LETTER)
    assert server.letters == []


def test_a_server_without_a_greeting_is_tried_later(server, settings):
    settings.EMAIL_TIMEOUT = 0.3
    with silent_server() as settings.EMAIL_PORT, pytest.raises(TryLater):
        send_email(to=TO, letter=LETTER)


def test_a_server_that_is_away_is_tried_later(server, settings):
    with closed_port() as settings.EMAIL_PORT, pytest.raises(TryLater):
        send_email(to=TO, letter=LETTER)


def test_a_server_without_encryption_does_not_get_the_letter_in_clear(server, settings):
    settings.EMAIL_USE_TLS = True
    with pytest.raises(GiveUp):
        send_email(to=TO, letter=LETTER)
    assert server.letters == []


def test_we_sign_in_where_the_server_asks_for_it(settings):
    with smtp_server(login=("weige", "right")) as server, override_settings(**server.settings):
        send_email(to=TO, letter=LETTER)
        assert len(server.letters) == 1
        settings.EMAIL_HOST_PASSWORD = "wrong-secret"
        with pytest.raises(GiveUp) as caught:
            send_email(to=TO, letter=LETTER)
        assert "wrong-secret" not in str(caught.value)
        assert len(server.letters) == 1


def test_the_log_instead_of_a_server(settings, capsys):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    send_email(to=TO, letter=LETTER)
    assert message_id(LETTER.key) in capsys.readouterr().out
