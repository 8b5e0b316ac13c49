"""The site by gunicorn behind a real nginx with deploy/nginx.conf: whose address counts, who sends too much or slowly.

Clients ask from 127.0.0.2 and 127.0.0.3; nginx asks gunicorn from 127.0.0.1.
"""

import re
import socket
import ssl
from contextlib import ExitStack, contextmanager

import httpx
import pytest
from axes.models import AccessFailureLog

from tests.factories.accounts import PASSWORD
from tests.processes import HOST, web
from tests.proxies import NAME, nginx

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
HERE, ELSEWHERE = "127.0.0.2", "127.0.0.3"
SIGN_IN = "/accounts/sign-in/"


MB = 1024**2


@pytest.fixture
def site():
    """One worker with two threads: two that wait for a body are all. It has begun when the test begins."""
    with web(workers=1, TRUSTED_PROXIES="1", ALLOWED_HOSTS=NAME) as site:
        httpx.get(f"{site.address}{SIGN_IN}", headers={"Host": NAME}, timeout=60)
        yield site


@pytest.fixture
def proxy(site):
    with nginx(site.address.removeprefix("http://")) as proxy:
        yield proxy


def sign_in(proxy, user, password, *, at, forwarded=()):
    """The code of a sign-in from the address `at`, with these lines of X-Forwarded-For by the client itself."""
    transport = httpx.HTTPTransport(verify=False, local_address=at)
    lines = [("Host", NAME), *(("X-Forwarded-For", line) for line in forwarded)]
    with httpx.Client(base_url=proxy.address, transport=transport, headers=lines, timeout=30) as client:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', client.get(SIGN_IN).text)[1]
        data = {"csrfmiddlewaretoken": token, "username": user.username, "password": password}
        return client.post(SIGN_IN, data=data, headers={"Referer": f"https://{NAME}{SIGN_IN}"}).status_code


def test_forged_missing_and_doubled_headers_change_nothing_and_another_address_gets_in(proxy, officer):
    sent = [
        ["203.0.113.1"],
        [],
        ["203.0.113.2", "203.0.113.3"],
        [f"{ELSEWHERE}, 203.0.113.4"],
        ["not an address, 203.0.113.5:80, [2001:db8::1]"],
    ]
    codes = [sign_in(proxy, officer, f"wrong-{n}", at=HERE, forwarded=lines) for n, lines in enumerate(sent)]
    assert codes == [200, 200, 200, 200, 429]
    assert sign_in(proxy, officer, PASSWORD, at=HERE, forwarded=["203.0.113.6"]) == 429
    assert sign_in(proxy, officer, PASSWORD, at=ELSEWHERE) == 302
    assert set(AccessFailureLog.objects.values_list("ip_address", "username")) == {(HERE, officer.username)}


# --- too much and too slowly ---


@contextmanager
def connection_to(port, *, at=HERE, tls=True):
    """An open connection from the address `at`."""
    with socket.create_connection((HOST, port), timeout=20, source_address=(at, 0)) as plain:
        if not tls:
            yield plain
            return
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(plain, server_hostname=NAME) as secure:
            yield secure


def begin(connection, path, length=None, *, body=b""):
    """The head of a request, ended only when it says how long its body is; then as much of that as is given."""
    lines = [f"{'GET' if length is None else 'POST'} {path} HTTP/1.1", f"Host: {NAME}"]
    if length is None:
        connection.sendall("\r\n".join(lines).encode())
        return
    # With what makes Django look for the form's token in the body.
    lines += [f"Cookie: csrftoken={'x' * 32}", f"Referer: https://{NAME}{SIGN_IN}"]
    lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {length}", "", ""]
    connection.sendall("\r\n".join(lines).encode() + body)


def answer(connection):
    """Status and text of what comes back until the other side closes."""
    received = b""
    while data := connection.recv(65536):
        received += data
        if b"</html>" in data or b"\xe3\x80\x82" in data[-5:]:
            break
    return int(received.split()[1]), received.decode()


@pytest.mark.parametrize(
    ("path", "length", "sentence"),
    [
        ("/tickets/report/", 200 * MB, "提交的内容太大"),
        ("/accounts/sign-in/", 65 * 1024, "提交的内容太大"),
        ("/cases/", 7 * MB, "提交的内容太大"),
    ],
)
def test_nginx_refuses_a_large_body_by_its_length_alone(proxy, path, length, sentence):
    with connection_to(proxy.port) as connection:
        begin(connection, path, length)
        status, text = answer(connection)
    assert status == 413
    assert sentence in text


def test_gunicorn_alone_refuses_a_large_form_of_somebody_not_signed_in_before_a_byte_of_it_is_sent(site):
    with connection_to(int(site.address.rpartition(":")[2]), at=HOST, tls=False) as connection:
        begin(connection, "/tickets/report/", 100 * MB)
        status, text = answer(connection)
    assert status == 413
    assert "尚未登录" in text


def page_from(proxy, at):
    """The code of the sign-in page asked for from the address `at`, within ten seconds."""
    transport = httpx.HTTPTransport(verify=False, local_address=at)
    with httpx.Client(
        base_url=proxy.address, transport=transport, headers={"Host": NAME}, timeout=10
    ) as client:
        return client.get(SIGN_IN).status_code


def test_half_open_connections_block_no_worker_behind_nginx(proxy):
    with ExitStack() as stack:
        for _n in range(6):
            begin(stack.enter_context(connection_to(proxy.port)), SIGN_IN)
            begin(stack.enter_context(connection_to(proxy.port)), SIGN_IN, 1000, body=b"username=")
        assert [page_from(proxy, at) for at in (HERE, ELSEWHERE)] == [200, 200]


def test_who_keeps_too_many_requests_open_is_refused_and_nobody_else(site):
    few = {"limit_conn weige_requests 64;": "limit_conn weige_requests 4;"}
    with nginx(site.address.removeprefix("http://"), changes=few) as proxy, ExitStack() as stack:
        for _n in range(4):
            begin(stack.enter_context(connection_to(proxy.port)), SIGN_IN, 1000, body=b"username=")
        assert [page_from(proxy, at) for at in (HERE, ELSEWHERE)] == [429, 200]
