"""Group robots, played by a real web server that answers as they do, and as they do not."""

import base64
import hashlib
import hmac
import logging
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from casework.channels import robots
from casework.channels.base import GiveUp, Letter, Line, TryLater
from casework.channels.robots import send_robot
from tests.servers import Answer, closed_port, http_server, json_answer, silent_server

NOW = datetime(2023, 2, 20, 8, 40, tzinfo=UTC)
KEY = "73febdcb-1b38-4d1b"
SECRET = "SEC-of-the-robot"
LETTER = Letter(
    key="digest/2023-02-20",
    subject="甘南路网格 今日待办 2 件",
    lines=(
        Line("T-2023-000123 市容环境", "https://weige.example.org/cases/T-2023-000123/"),
        Line("T-2023-000124 🌳"),
    ),
)


@pytest.fixture
def server(settings):
    with http_server() as running:
        running.behaviour = json_answer(errcode=0, errmsg="ok")
        settings.ROBOT_HOSTS = [running.origin]
        yield running


def send(server, kind="wecom", secret="", letter=LETTER, **options):
    url = f"{server.origin}/cgi-bin/webhook/send?key={KEY}"
    send_robot(kind=kind, url=url, secret=secret, letter=letter, now=NOW, **options)


def fails(error, server, **options):
    """Sends, expects this error, and that nothing secret is in it or hangs on it; returns it."""
    with pytest.raises(error) as caught:
        send(server, **options)
    assert KEY not in str(caught.value)
    assert SECRET not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)
    assert caught.value.__context__ is None
    return caught.value


def test_wecom_gets_markdown(server):
    send(server)
    (request,) = server.requests
    assert (request.method, request.path, request.query) == ("POST", "/cgi-bin/webhook/send", {"key": KEY})
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    assert request.headers["Host"] == f"127.0.0.1:{server.port}"
    assert request.json == {
        "msgtype": "markdown",
        "markdown": {
            "content": "**甘南路网格 今日待办 2 件**\n"
            "[T-2023-000123 市容环境](https://weige.example.org/cases/T-2023-000123/)\n"
            "T-2023-000124 🌳"
        },
    }


def test_no_character_is_sent_as_an_escape_which_wecom_refuses(server):
    send(server)
    assert b"\\u" not in server.requests[0].body
    assert "甘南路".encode() in server.requests[0].body


def signed_only(request):
    """DingTalk's side of the signature."""
    text = f"{request.query.get('timestamp', '')}\n{SECRET}".encode()
    right = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
    is_signed = request.query.get("sign") == right and request.query["timestamp"] == "1676882400000"
    return json_answer(errcode=0) if is_signed else json_answer(errcode=310000, errmsg="sign not match")


def test_dingtalk_gets_a_title_and_the_signature_is_right(server):
    server.behaviour = signed_only
    send(server, kind="dingtalk", secret=SECRET)
    (request,) = server.requests
    assert request.query["key"] == KEY
    message = request.json
    assert (message["msgtype"], message["markdown"]["title"]) == ("markdown", "甘南路网格 今日待办 2 件")
    # A single line break shows none in DingTalk.
    assert message["markdown"]["text"].count("\n\n") == 2


@pytest.mark.parametrize("now", [NOW + timedelta(seconds=n) for n in range(8)])
def test_every_signature_survives_the_address(server, now):
    # Plus, slash and equals signs of base64 must arrive as they are.
    def verify(request):
        text = f"{request.query['timestamp']}\n{SECRET}".encode()
        right = base64.b64encode(hmac.new(SECRET.encode(), text, hashlib.sha256).digest()).decode()
        return json_answer(errcode=0 if request.query["sign"] == right else 310000)

    server.behaviour = verify
    send_robot(kind="dingtalk", url=f"{server.origin}/r", secret=SECRET, letter=LETTER, now=now)


@pytest.mark.parametrize("secret", ["", "another"])
def test_a_wrong_secret_is_given_up(server, secret):
    server.behaviour = signed_only
    fails(GiveUp, server, kind="dingtalk", secret=secret)


def test_wecom_has_no_signature(server):
    send(server, secret=SECRET)
    assert set(server.requests[0].query) == {"key"}


@pytest.mark.parametrize(
    ("kind", "code", "error", "after"),
    [
        ("wecom", 45009, TryLater, timedelta(minutes=1)),
        ("wecom", 45033, TryLater, timedelta(minutes=1)),
        ("wecom", -1, TryLater, None),
        ("wecom", 93000, GiveUp, None),
        ("wecom", 40058, GiveUp, None),
        ("wecom", 130101, GiveUp, None),
        ("dingtalk", 130101, TryLater, timedelta(minutes=10)),
        ("dingtalk", -1, TryLater, None),
        ("dingtalk", 300005, GiveUp, None),
        ("dingtalk", 310000, GiveUp, None),
        ("dingtalk", 400102, GiveUp, None),
    ],
)
def test_an_errcode_is_for_now_or_for_good(server, kind, code, error, after):
    server.behaviour = json_answer(errcode=code, errmsg=f"invalid webhook url key={KEY}, from ip: 127.0.0.1")
    assert getattr(fails(error, server, kind=kind), "after", None) == after


OLD = ", more: [https://ding-doc.dingtalk.com/doc#/serverapi2/qf2nxq]"
NEW = ";link:请参考本接口对应文档获得具体要求，或者在https://open.dingtalk.com/document/  搜索相关文档;"


@pytest.mark.parametrize(
    ("words", "error", "is_time"),
    [
        (f"invalid timestamp{OLD}", TryLater, True),
        (
            "description:机器人发送签名过期;solution:签名生成时间和发送时间请保持在 timestampms 以内" + NEW,
            TryLater,
            True,
        ),
        (f"sign not match{OLD}", GiveUp, False),
        (
            "description:机器人发送签名不匹配;solution:请确认签名和生成签名的时间戳必须都放在调用的网址中"
            + NEW,
            GiveUp,
            False,
        ),
        (f"keywords not in content{OLD}", GiveUp, False),
        (f"ip 192.0.2.1 not in whitelist{OLD}", GiveUp, False),
        ("", GiveUp, False),
        (None, GiveUp, False),
    ],
)
def test_dingtalk_that_refuses_the_time_is_tried_again_and_the_words_name_the_clock(
    server, words, error, is_time
):
    server.behaviour = json_answer(errcode=310000, errmsg=words)
    with translation.override("zh-hans"):
        trouble = fails(error, server, kind="dingtalk", secret=SECRET)
        assert ("时钟" in str(trouble), "密钥" in str(trouble)) == (is_time, not is_time)
    assert getattr(trouble, "after", None) is None


@pytest.mark.parametrize(
    ("status", "headers", "error", "after"),
    [
        (500, {}, TryLater, None),
        (502, {}, TryLater, None),
        (503, {"Retry-After": "90"}, TryLater, None),
        (503, {"Retry-After": "0"}, TryLater, None),
        (429, {"Retry-After": "90"}, TryLater, timedelta(seconds=90)),
        (429, {"Retry-After": "0"}, TryLater, timedelta(minutes=1)),
        (429, {"Retry-After": "99999"}, TryLater, timedelta(hours=1)),
        (429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, TryLater, None),
        (429, {"Retry-After": "-5"}, TryLater, None),
        (408, {}, TryLater, None),
        (400, {}, GiveUp, None),
        (401, {}, GiveUp, None),
        (404, {}, GiveUp, None),
    ],
)
def test_a_status_is_for_now_or_for_good(server, status, headers, error, after):
    server.behaviour = Answer(status=status, headers=headers, body=b'{"errcode": 0}')
    assert getattr(fails(error, server), "after", None) == after


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>sign in to the network</html>",
        b"{}",
        b"[]",
        b"0",
        b'{"errcode": "0"}',
        b'{"errcode": false}',
        b'{"errcode": 0.0}',
        b'{"errcode": null}',
        b'{"status": 1111, "wait": 5, "punish": "deny"}',
        b"\xff\xfe",
        b"[" * 16000,
        b'{"errcode": 0' + b" " * 20_000 + b"}",
    ],
)
def test_what_is_no_answer_of_a_robot_is_tried_later(server, body):
    server.behaviour = Answer(body=body)
    fails(TryLater, server)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_the_inside_is_not_followed(server, status):
    with http_server() as inside:
        server.behaviour = Answer(status=status, headers={"Location": f"{inside.origin}/admin"})
        fails(GiveUp, server)
        assert inside.requests == []
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "answer", [Answer(hangs=True), Answer(trickles=True, body=b'{"errcode": 0}')], ids=["hangs", "trickles"]
)
def test_a_server_that_takes_its_time_is_left(server, monkeypatch, answer):
    monkeypatch.setattr(robots, "TOTAL_SECONDS", 0.4)
    server.behaviour = answer
    fails(TryLater, server)


def test_a_server_that_never_says_a_word_is_left(server, monkeypatch, settings):
    monkeypatch.setattr(robots, "TOTAL_SECONDS", 0.4)
    with silent_server() as port:
        server.origin = f"http://127.0.0.1:{port}"
        settings.ROBOT_HOSTS = [server.origin]
        fails(TryLater, server)


@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}])
def test_an_endless_answer_is_cut_off(server, headers):
    server.behaviour = Answer(endless=True, body=b'{"errcode": 0}' + b" " * 4000, headers=headers)
    fails(TryLater, server)


def test_a_server_that_is_away_is_tried_later(server, settings):
    with closed_port() as port:
        server.origin = f"http://127.0.0.1:{port}"
        settings.ROBOT_HOSTS = [server.origin]
        fails(TryLater, server)


def test_the_next_address_is_tried_when_one_does_not_answer(server, settings):
    settings.ROBOT_HOSTS = [f"http://robot.test:{server.port}"]
    server.origin = settings.ROBOT_HOSTS[0]
    # The server listens on 127.0.0.1 alone.
    send(server, resolve=lambda host, port: ["127.0.0.2", "127.0.0.1"])
    assert len(server.requests) == 1


def test_the_name_is_looked_up_once_and_the_checked_address_is_called(server, settings):
    settings.ROBOT_HOSTS = [f"http://robot.test:{server.port}"]
    server.origin = settings.ROBOT_HOSTS[0]
    answers = iter([["127.0.0.1"], ["192.0.2.1"]])
    send(server, resolve=lambda host, port: next(answers))
    assert server.requests[0].headers["Host"] == f"robot.test:{server.port}"
    assert next(answers) == ["192.0.2.1"]


def test_no_proxy_of_the_environment_is_used(server, monkeypatch):
    with http_server() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.origin)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        send(server)
        assert proxy.requests == []
    assert len(server.requests) == 1


def test_a_host_that_is_not_allowed_is_not_called(server, settings):
    settings.ROBOT_HOSTS = ["qyapi.weixin.qq.com"]
    fails(GiveUp, server)
    assert server.requests == []


def test_the_log_does_not_tell_the_address(server, caplog):
    with caplog.at_level(logging.DEBUG):
        send(server, kind="dingtalk", secret=SECRET)
        server.behaviour = Answer(status=404)
        fails(GiveUp, server)
    assert KEY not in caplog.text
    assert "sign=" not in caplog.text


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A file with key and certificate of the name robot.test, signed by itself."""
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=robot.test", "-addext", "subjectAltName=DNS:robot.test",
         "-keyout", folder / "key", "-out", folder / "certificate"],
        check=True, capture_output=True,
    )  # fmt: skip
    both = folder / "both"
    both.write_bytes((folder / "key").read_bytes() + (folder / "certificate").read_bytes())
    return both


@pytest.mark.parametrize(
    ("name", "is_trusted", "arrives"),
    [("robot.test", True, True), ("other.test", True, False), ("robot.test", False, False)],
)
def test_the_certificate_is_checked_against_the_name_not_the_address(
    certificate, settings, monkeypatch, name, is_trusted, arrives
):
    if is_trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with http_server(certificate=certificate) as server:
        server.behaviour = json_answer(errcode=0)
        server.origin = f"https://{name}:{server.port}"
        settings.ROBOT_HOSTS = [server.origin]
        resolve = {"resolve": lambda host, port: ["127.0.0.1"]}
        if arrives:
            send(server, **resolve)
        else:
            fails(TryLater, server, **resolve)
        assert len(server.requests) == arrives
        assert server.server_names == [name]
