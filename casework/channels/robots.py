"""Group robots of WeCom (企业微信) and DingTalk (钉钉): one POST each, answered at once with an `errcode`."""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

import httpx
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from casework.channels.addresses import Resolver, Target, find_target, system_resolver
from casework.channels.base import ChannelError, GiveUp, Letter, TryLater
from casework.channels.markdown import markdown

Kind = Literal["wecom", "dingtalk"]

TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 4.0
MAX_ANSWER_BYTES = 16 * 1024
MIN_WAIT, MAX_WAIT = timedelta(minutes=1), timedelta(hours=1)
# WeCom counts by the minute; DingTalk silences a robot for ten minutes that sent more than twenty in one.
TOO_FAST = {
    ("wecom", 45009): timedelta(minutes=1),
    ("wecom", 45033): timedelta(minutes=1),
    ("dingtalk", 130101): timedelta(minutes=10),
    ("dingtalk", 410100): timedelta(minutes=10),
    ("dingtalk", 90030): timedelta(minutes=10),
}
BUSY = -1
UNKNOWN_ROBOT = {("wecom", 93000), ("dingtalk", 300001), ("dingtalk", 300005), ("dingtalk", 400101)}
# DingTalk's one code for every security setting; which of them refused stands in words, older ones and newer ones.
REFUSED = ("dingtalk", 310000)
WRONG_TIME = ("invalid timestamp", "签名过期")


class _TooLong(Exception):
    """The answer went on after the limit."""


def send_robot(
    *,
    kind: Kind,
    url: str,
    secret: str,
    letter: Letter,
    now: datetime,
    resolve: Resolver = system_resolver,
) -> None:
    """Puts the letter into the group of the robot at `url`. Raises `TryLater` or `GiveUp`.

    `secret` signs a message to DingTalk and is not used for WeCom. The caller counts the call (bucket.py).
    """
    target = find_target(_signed(url, secret, now) if kind == "dingtalk" and secret else url, resolve=resolve)
    # ensure_ascii=False: WeCom refuses \uXXXX.
    content = json.dumps(_message(kind, letter), ensure_ascii=False).encode()
    failure: ChannelError | None
    try:
        # A loop in a thread of its own: only a cancelled task ends an answer that trickles, and the caller's thread
        # may have a loop already.
        with ThreadPoolExecutor(max_workers=1) as thread:
            status, headers, body = thread.submit(asyncio.run, _post(target, content)).result()
        failure = _read_answer(kind, status, headers, body)
    except (TimeoutError, httpx.TimeoutException):
        failure = TryLater(_("The robot's server did not answer in time."))
    except _TooLong:
        failure = TryLater(_("The robot's server gave an answer that is no robot's."))
    except (httpx.HTTPError, OSError):
        failure = TryLater(_("The robot's server cannot be reached, or not securely."))
    except httpx.InvalidURL:
        failure = GiveUp(_("This is not a web address."))
    # SECURITY: raised here and not in an `except`, so that no traceback carries the library's error with the address.
    if failure is not None:
        raise failure


def _signed(url: str, secret: str, now: datetime) -> str:
    timestamp = int(now.timestamp() * 1000)
    digest = hmac.new(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256).digest()
    signature = urlencode({"timestamp": timestamp, "sign": base64.b64encode(digest).decode()})
    return f"{url}{'&' if '?' in url else '?'}{signature}"


def _message(kind: Kind, letter: Letter) -> dict[str, Any]:
    if kind == "wecom":
        return {"msgtype": "markdown", "markdown": {"content": markdown(letter, between="\n")}}
    # A single line break is none in DingTalk.
    text = markdown(letter, between="\n\n")
    return {"msgtype": "markdown", "markdown": {"title": letter.headline, "text": text}}


async def _post(target: Target, content: bytes) -> tuple[int, httpx.Headers, bytes]:
    """Status, headers and body of the answer, from the first address that can be connected to."""
    # SECURITY: trust_env=False, so no proxy of the environment sees the address; the certificate is checked against
    # the name although the URL holds the address that was checked. SSL_CERT_FILE may name an operator's authority.
    async with (
        asyncio.timeout(TOTAL_SECONDS),
        httpx.AsyncClient(
            trust_env=False,
            verify=httpx.create_ssl_context(),
            follow_redirects=False,
            timeout=httpx.Timeout(TOTAL_SECONDS, connect=CONNECT_SECONDS),
        ) as client,
    ):
        for url in target.urls[:-1]:
            with contextlib.suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await _post_to(client, url, target, content)
        return await _post_to(client, target.urls[-1], target, content)


async def _post_to(
    client: httpx.AsyncClient, url: str, target: Target, content: bytes
) -> tuple[int, httpx.Headers, bytes]:
    headers = {
        "Host": target.host_header,
        "User-Agent": "Weige",
        "Content-Type": "application/json; charset=utf-8",
        "Accept-Encoding": "identity",
    }
    async with client.stream(
        "POST", url, content=content, headers=headers, extensions={"sni_hostname": target.name}
    ) as response:
        body = b""
        # Raw: a packed answer is not unpacked, so it cannot swell.
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > MAX_ANSWER_BYTES:
                raise _TooLong
        return response.status_code, response.headers, body


def _read_answer(kind: Kind, status: int, headers: httpx.Headers, body: bytes) -> ChannelError | None:
    """What the answer means; None is the one good answer."""
    if status == 429:
        return TryLater(_("The robot has sent too many messages."), after=_retry_after(headers))
    # Whatever a server that is out of order says about when it is back: each try counts, or they would never end.
    if status >= 500 or status == 408:
        return TryLater(_("The robot's server is overloaded or out of order."))
    if 300 <= status < 400:
        return GiveUp(_("The robot's server sends us on to another address; enter the robot's own address."))
    if status >= 400:
        return GiveUp(
            gettext("The robot's server refuses this address (HTTP %(status)d).") % {"status": status}
        )
    code, words = _errcode(body)
    if code is None:
        return TryLater(_("The robot's server gave an answer that is no robot's."))
    if code == 0:
        return None
    if (kind, code) in TOO_FAST:
        return TryLater(_("The robot has sent too many messages."), after=TOO_FAST[kind, code])
    if code == BUSY:
        return TryLater(_("The robot's server is overloaded or out of order."))
    if (kind, code) in UNKNOWN_ROBOT:
        return GiveUp(
            _("The robot's server does not know this robot; it was removed, or the address is wrong.")
        )
    if (kind, code) == REFUSED and any(text in words for text in WRONG_TIME):
        return TryLater(
            _("DingTalk refuses the time of the message: the clock of the database server is wrong.")
        )
    if (kind, code) == REFUSED:
        return GiveUp(_("The robot's security settings refuse the message: secret, keyword or our address."))
    return GiveUp(gettext("The robot's server refuses the message (code %(code)d).") % {"code": code})


def _retry_after(headers: httpx.Headers) -> timedelta | None:
    """What the server asks for, within bounds; None when it asks for nothing we can read."""
    seconds = headers.get("Retry-After", "")
    if not seconds.isdecimal():
        return None
    return min(max(timedelta(seconds=int(seconds[:6])), MIN_WAIT), MAX_WAIT)


def _errcode(body: bytes) -> tuple[int | None, str]:
    """The code of an answer and its words; None for what is no robot's. SECURITY: the words may quote the address."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None, ""
    code = answer.get("errcode") if isinstance(answer, dict) else None
    if not isinstance(code, int) or isinstance(code, bool):
        return None, ""
    return code, str(answer.get("errmsg", ""))
