"""From where a request comes: the address that lock-outs count and that sign-in records hold."""

import ipaddress
import logging
import re

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)

# A provider gives a household or an office a whole network of this length; its owner uses any address of it.
IPV6_PREFIX = 64
WITH_PORT = re.compile(r"\[([^\]]*)\](?::\d+)?|([^:]*):\d+")


def client_address(request: HttpRequest) -> str | None:
    """The client's IPv4 address or IPv6 network; None when nobody we trust has written it.

    Without a proxy it is the other end of the connection. Behind n proxies of ours (TRUSTED_PROXIES) it is the n-th
    entry of X-Forwarded-For from the right: the entry that our outermost proxy wrote. What stands to the left of it
    was written by the client. Several header lines count as one line, as the server joins them.

    A header with fewer entries has not passed all our proxies, and an entry that is no address was not written by one:
    then the other end of the connection counts, which cannot be forged. On a unix socket there is none: such requests
    have no address and are counted together.
    """
    peer = _parsed(request.META.get("REMOTE_ADDR", ""))
    proxies = settings.TRUSTED_PROXIES
    if not proxies:
        return peer
    entries = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    # SECURITY: from the right. The left-most entries are the client's own words.
    address = _parsed(entries[-proxies]) if len(entries) >= proxies else None
    if address is None:
        logger.warning(
            "X-Forwarded-For has no address at place %s from the right; is TRUSTED_PROXIES right?", proxies
        )
        return peer
    return address


def _parsed(text: str) -> str | None:
    """The address in one entry, which may have a port; None when there is none."""
    text = text.strip()
    if found := WITH_PORT.fullmatch(text):
        text = found[1] if found[1] is not None else found[2]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    # SECURITY: by single addresses an attacker with one IPv6 line would have any number of tries.
    return str(ipaddress.ip_network((int(address), IPV6_PREFIX), strict=False).network_address)
