"""The guard of robots' addresses: a table of what may be called and what may not. Nobody is asked in the network."""

import socket

import pytest

from casework.channels.addresses import check_webhook_url, find_target, parse_origin
from casework.channels.base import GiveUp, TryLater
from casework.channels.checks import channel_settings

WECOM = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=73febdcb"
DINGTALK = "https://oapi.dingtalk.com/robot/send?access_token=566cc69d"
PUBLIC = "119.147.3.166"


def answering(*addresses):
    """A resolver that gives these addresses, and remembers for what."""

    def resolve(host, port):
        resolve.asked.append((host, port))
        return addresses

    resolve.asked = []
    return resolve


@pytest.mark.parametrize(
    "url", [WECOM, DINGTALK, WECOM.replace(".com/", ".com:443/"), WECOM.replace("qyapi", "QYAPI")]
)
def test_the_two_services_are_allowed_from_the_start(url):
    check_webhook_url(url)
    target = find_target(url, resolve=answering(PUBLIC))
    assert target.urls[0].startswith(f"https://{PUBLIC}:443/")
    assert target.host_header == target.name
    assert target.name in ("qyapi.weixin.qq.com", "oapi.dingtalk.com")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "robot",
        "//qyapi.weixin.qq.com/send",
        "http://qyapi.weixin.qq.com/send",
        "ftp://qyapi.weixin.qq.com/send",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_FLUSHALL",
        "https:///send",
        "https:qyapi.weixin.qq.com/send",
        # other ports
        "https://qyapi.weixin.qq.com:8443/send",
        "https://qyapi.weixin.qq.com:80/send",
        "https://qyapi.weixin.qq.com:0/send",
        "https://qyapi.weixin.qq.com:99999/send",
        "https://qyapi.weixin.qq.com:443:80/send",
        # users
        "https://user@qyapi.weixin.qq.com/send",
        "https://user:password@qyapi.weixin.qq.com/send",
        "https://qyapi.weixin.qq.com@example.org/send",
        "https://qyapi.weixin.qq.com:443@127.0.0.1/send",
        "https://@qyapi.weixin.qq.com/send",
        # look-alikes
        "https://qyapi.weixin.qq.com.example.org/send",
        "https://xqyapi.weixin.qq.com/send",
        "https://qyapi-weixin.qq.com/send",
        "https://qyapi.weixin.qq.com./send",
        "https://qyapi.weixin.qq.co/send",
        "https://example.org/qyapi.weixin.qq.com/send",
        "https://example.org?qyapi.weixin.qq.com",
        "https://example.org#qyapi.weixin.qq.com",
        "https://qyapi.weixin.qq.com#@example.org/",
        "https://example.org\\@qyapi.weixin.qq.com/send",
        "https://qyapi.weixin.qq.com\\.example.org/send",
        "https://qyapi.weixin.qq.com%2eexample.org/send",
        "https://qyapi%2eweixin.qq.com/send",
        # other scripts
        "https://qyapi.weіxin.qq.com/send",
        "https://qyapi。weixin.qq.com/send",
        "https://ｑyapi.weixin.qq.com/send",
        "https://qyapi.weixin.qq.com／@example.org/send",
        "https://xn--qyapi-4ve.weixin.qq.com/send",
        # white space and line breaks, which some parsers drop
        " https://qyapi.weixin.qq.com/send",
        "https://qyapi.weixin.qq.com/send\n",
        "https://qyapi.wei\txin.qq.com/send",
        "https://qyapi.weixin.qq.com/send HTTP/1.1\r\nHost: example.org",
        "https://qyapi.weixin.qq.com/\x00",
        # addresses instead of names
        "https://127.0.0.1/send",
        "https://2130706433/send",
        "https://0x7f.1/send",
        "https://[::1]/send",
        "https://[::ffff:127.0.0.1]/send",
        "https://[::1",
        "https://localhost/send",
        f"https://{PUBLIC}/send",
        "https://qyapi.weixin.qq.com/" + "x" * 1000,
    ],
)
def test_every_other_address_is_refused_before_its_name_is_looked_up(url):
    with pytest.raises(GiveUp):
        check_webhook_url(url)
    resolve = answering(PUBLIC)
    with pytest.raises(GiveUp):
        find_target(url, resolve=resolve)
    assert resolve.asked == []


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["127.8.8.8"],
        ["10.1.2.3"],
        ["172.16.0.1"],
        ["192.168.1.1"],
        ["169.254.169.254"],
        ["100.64.0.1"],
        ["0.0.0.0"],  # noqa: S104
        ["224.0.0.251"],
        ["240.0.0.1"],
        ["255.255.255.255"],
        ["198.18.0.7"],
        ["192.0.2.1"],
        ["::1"],
        ["::"],
        ["fe80::1"],
        ["fe80::1%eth0"],
        ["fc00::1"],
        ["fd12:3456::1"],
        ["fec0::1"],
        ["ff02::1"],
        ["ff0e::1"],
        ["2001:db8::1"],
        ["::ffff:127.0.0.1"],
        ["::ffff:10.0.0.1"],
        ["::ffff:224.0.0.1"],
        ["::127.0.0.1"],
        ["2002:7f00:1::"],
        ["2002:a00:1::1"],
        ["64:ff9b::7f00:1"],
        ["64:ff9b::10.0.0.1"],
        ["64:ff9b:1::1"],
        ["4000::1"],
        ["not an address"],
        [PUBLIC, "192.168.1.1"],
        ["192.168.1.1", PUBLIC],
        [PUBLIC, "::1"],
    ],
)
def test_a_name_that_leads_inside_is_refused_even_among_others(addresses):
    with pytest.raises(GiveUp) as caught:
        find_target(WECOM, resolve=answering(*addresses))
    assert addresses[0] not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "url"),
    [
        (PUBLIC, f"https://{PUBLIC}:443/cgi-bin/webhook/send?key=73febdcb"),
        ("240e:928:1400:10::25", "https://[240e:928:1400:10::25]:443/cgi-bin/webhook/send?key=73febdcb"),
        ("64:ff9b::7793:3a6", "https://[64:ff9b::7793:3a6]:443/cgi-bin/webhook/send?key=73febdcb"),
    ],
)
def test_the_connection_goes_to_the_address_that_was_checked(address, url):
    resolve = answering(address)
    assert find_target(WECOM, resolve=resolve).urls == (url,)
    assert resolve.asked == [("qyapi.weixin.qq.com", 443)]


def test_several_addresses_are_tried_in_order_each_once_and_not_all_of_many():
    many = [PUBLIC, PUBLIC, *(f"119.147.3.{n}" for n in range(1, 9))]
    urls = find_target(WECOM, resolve=answering(*many)).urls
    assert [url.split("/")[2] for url in urls] == [f"{PUBLIC}:443", "119.147.3.1:443", "119.147.3.2:443"]


def test_a_name_nobody_knows_now_is_tried_later():
    def fails(host, port):
        raise socket.gaierror(socket.EAI_AGAIN, f"no answer for {host}")

    for resolve in (fails, answering()):
        with pytest.raises(TryLater) as caught:
            find_target(WECOM, resolve=resolve)
        assert "weixin" not in str(caught.value)


def test_a_whole_origin_is_the_operators_word_and_may_be_inside(settings):
    settings.ROBOT_HOSTS = ["http://127.0.0.1:8123", "https://robots.example.gov.cn", "http://[::1]:81"]
    inside = find_target("http://127.0.0.1:8123/send?key=a", resolve=answering("127.0.0.1"))
    assert (inside.urls, inside.host_header) == (("http://127.0.0.1:8123/send?key=a",), "127.0.0.1:8123")
    named = find_target("https://robots.example.gov.cn/", resolve=answering("10.1.2.3"))
    assert (named.urls, named.host_header, named.name) == (
        ("https://10.1.2.3:443/",),
        "robots.example.gov.cn",
        "robots.example.gov.cn",
    )
    assert find_target("http://[::1]:81", resolve=answering("::1")).urls == ("http://[::1]:81/",)
    for refused in ("http://127.0.0.1/", "https://127.0.0.1:8123/", "http://127.0.0.1:8124/", WECOM):
        with pytest.raises(GiveUp):
            check_webhook_url(refused)


def test_the_sentence_tells_a_wrong_port_from_a_wrong_server():
    sentences = set()
    for url in (
        WECOM.replace("https", "http"),
        "https://example.org/",
        "https://u@qyapi.weixin.qq.com/",
        "x",
        "微",
    ):
        with pytest.raises(GiveUp) as caught:
            check_webhook_url(url)
        sentences.add(str(caught.value))
    assert len(sentences) == 5


@pytest.mark.parametrize(
    ("entry", "is_origin"),
    [
        ("qyapi.weixin.qq.com", True),
        ("http://127.0.0.1:8123", True),
        ("https://robots.example.gov.cn", True),
        ("", False),
        ("*.example.org", False),
        ("example.org:8443", False),
        ("example.org/path", False),
        ("https://example.org/", False),
        ("https://example.org?x", False),
        ("https://user@example.org", False),
        ("ftp://example.org", False),
        ("https://example.org:x", False),
        ("exаmple.org", False),
        ("two words", False),
    ],
)
def test_entries_of_the_setting_are_understood_or_reported(settings, entry, is_origin):
    settings.ROBOT_HOSTS = [entry]
    assert (parse_origin(entry) is not None) == is_origin
    assert [error.id for error in channel_settings(None)] == ([] if is_origin else ["casework.E101"])


@pytest.mark.parametrize("sender", ["weige@localhost", "微格 <weige@example.gov.cn>"])
def test_a_sender_may_have_a_name(settings, sender):
    settings.DEFAULT_FROM_EMAIL = sender
    assert channel_settings(None) == []


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("SITE_URL", "weige.example.gov.cn", "casework.E102"),
        ("SMS_GATEWAY", "casework.channels.sms.Nothing", "casework.E103"),
        ("SMS_GATEWAY", "casework.channels.sms.gateway", "casework.E103"),
        ("SMS_GATEWAY", "builtins.dict", "casework.E103"),
        ("DEFAULT_FROM_EMAIL", "微格", "casework.E104"),
    ],
)
def test_other_settings_that_cannot_work_are_reported(settings, name, value, error):
    setattr(settings, name, value)
    assert [found.id for found in channel_settings(None)] == [error]
