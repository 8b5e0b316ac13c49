"""The site by gunicorn behind a real nginx with deploy/nginx.conf: whose address counts.

Clients ask from 127.0.0.2 and 127.0.0.3; nginx asks gunicorn from 127.0.0.1.
"""

import re

import httpx
import pytest
from axes.models import AccessFailureLog

from tests.factories.accounts import PASSWORD
from tests.processes import web
from tests.proxies import NAME, nginx

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
HERE, ELSEWHERE = "127.0.0.2", "127.0.0.3"
SIGN_IN = "/accounts/sign-in/"


@pytest.fixture
def proxy():
    with (
        web(workers=1, TRUSTED_PROXIES="1", ALLOWED_HOSTS=NAME) as site,
        nginx(site.address.removeprefix("http://")) as proxy,
    ):
        yield proxy


def sign_in(proxy, user, password, *, at, forwarded=()):
    """The code of a sign-in from the address `at`, with these lines of X-Forwarded-For by the client itself."""
    transport = httpx.HTTPTransport(verify=False, local_address=at)
    lines = [("Host", NAME), *(("X-Forwarded-For", line) for line in forwarded)]
    with httpx.Client(base_url=proxy.address, transport=transport, headers=lines) as client:
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
