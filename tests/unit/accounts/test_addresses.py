"""The client's address: from the right of X-Forwarded-For, or the other end of the connection."""

import pytest
from django.test import RequestFactory

from accounts.addresses import client_address

PROXY = "127.0.0.1"


def asked(settings, proxies, header=None, peer=PROXY):
    settings.TRUSTED_PROXIES = proxies
    headers = {} if header is None else {"X-Forwarded-For": header}
    return client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR=peer))


def test_without_a_proxy_the_header_is_not_believed(settings):
    assert asked(settings, 0, "203.0.113.9", peer="192.0.2.1") == "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9,198.51.100.1,192.0.2.1", "192.0.2.1"),  # several lines, as the server joins them
        (1, " , ,192.0.2.1 ", "192.0.2.1"),
        (2, "203.0.113.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (2, "192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (1, "192.0.2.1:51234", "192.0.2.1"),
        (1, "[2001:db8:1:2:3:4:5:6]:51234", "2001:db8:1:2::"),
        (1, "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "fe80::1%eth0", "fe80::"),
        (1, "::ffff:192.0.2.1", "192.0.2.1"),
    ],
)
def test_behind_proxies_it_is_what_the_outermost_of_ours_wrote(settings, proxies, header, address):
    assert asked(settings, proxies, header) == address


@pytest.mark.parametrize(
    ("proxies", "header"),
    [
        (1, None),
        (1, ""),
        (1, "unknown"),
        (1, "192.0.2.1, unknown"),
        (1, "192.0.2.1,"),
        (1, "192.0.2.1, _hidden"),
        (1, "'; DROP TABLE"),
        (1, "192.0.2.999"),
        (1, "\x00"),
        (1, "1" * 5000),
        (2, "203.0.113.9"),  # one of our proxies was not passed
        (2, None),
    ],
)
@pytest.mark.parametrize(("peer", "address"), [("192.0.2.77", "192.0.2.77"), ("", None)])
def test_a_header_that_none_of_our_proxies_wrote_leaves_the_other_end_of_the_connection(
    settings, caplog, proxies, header, peer, address
):
    """A unix socket has no address at its other end."""
    assert asked(settings, proxies, header, peer) == address
    assert "TRUSTED_PROXIES" in caplog.text


def test_a_network_of_ipv6_is_one_client(settings):
    addresses = {asked(settings, 0, peer=f"2001:db8:1:2::{n:x}") for n in range(100)}
    assert addresses == {"2001:db8:1:2::"}
    assert asked(settings, 0, peer="2001:db8:1:3::1") not in addresses
