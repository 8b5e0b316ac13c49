"""Where a group robot may live: only at configured origins, and at the very network address that was checked.

SECURITY: the address of a robot is typed by an administrator and called by the server. Without this guard it would be
a way to reach machines inside the network.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from casework.channels.base import GiveUp, TryLater

MAX_URL = 1000
MAX_ADDRESSES = 3
PORTS = {"http": 80, "https": 443}
# Addresses of the internet in IPv6, and the prefix under which a gateway offers those of IPv4.
GLOBAL_V6 = ipaddress.ip_network("2000::/3")
NAT64 = ipaddress.ip_network("64:ff9b::/96")

# From a host name and a port to the addresses it stands for, as text.
Resolver = Callable[[str, int], Sequence[str]]


class Origin(NamedTuple):
    """Scheme, host and port of a web address; an operator who writes one in full means it, inside or not."""

    scheme: str
    host: str
    port: int
    may_be_inside: bool


@dataclass(frozen=True)
class Target:
    """Where to connect: ready URLs that name a checked address, the `Host` header and the certificate's name."""

    urls: tuple[str, ...]
    host_header: str
    name: str


def system_resolver(host: str, port: int) -> list[str]:
    """The addresses the machine's own resolver gives, in its order of preference."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def parse_origin(entry: str) -> Origin | None:
    """An entry of ROBOT_HOSTS: a host name (https implied) or `scheme://host[:port]`; None when it is neither."""
    has_scheme = "://" in entry
    try:
        parts = urlsplit(entry if has_scheme else f"https://{entry}")
        port = parts.port
    except ValueError:
        return None
    is_whole = parts.scheme in PORTS and parts.hostname and not (parts.path or parts.query or parts.fragment)
    if (
        not is_whole
        or not _is_plain(entry)
        or "@" in parts.netloc
        or "*" in entry
        or (port is not None and not has_scheme)
    ):
        return None
    return Origin(parts.scheme, parts.hostname or "", _port(parts.scheme, port), has_scheme)


def check_webhook_url(url: str) -> None:
    """Returns when the address may be a robot's; otherwise raises `GiveUp` with a sentence for the form.

    Asks nobody: what the name stands for in the network is checked whenever a message is sent.
    """
    _parts_and_origin(url)


def find_target(url: str, *, resolve: Resolver = system_resolver) -> Target:
    """Where a message to this address is to be sent. Raises `GiveUp` when it may not, `TryLater` without an answer."""
    parts, origin = _parts_and_origin(url)
    try:
        addresses = list(dict.fromkeys(resolve(origin.host, origin.port)))
    except (OSError, UnicodeError):
        addresses = []
    if not addresses:
        raise TryLater(_("The name of the robot's server is not known at the moment."))
    # SECURITY: one inside address among several is enough to refuse; a name that answers both ways is an attack.
    if not origin.may_be_inside and not all(map(is_public, addresses)):
        raise GiveUp(_("The name of the robot's server leads to an address inside a network."))
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Target(
        urls=tuple(
            f"{origin.scheme}://{_in_url(address)}:{origin.port}{target}"
            for address in addresses[:MAX_ADDRESSES]
        ),
        host_header=_host_header(origin),
        name=origin.host,
    )


def is_public(address: str) -> bool:
    """Whether this is the address of one machine on the internet; in doubt it is not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour or (_last_four_bytes(ip) if ip in NAT64 else None)
        if embedded is None:
            return ip in GLOBAL_V6 and ip.is_global and not ip.is_multicast
        ip = embedded
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def _parts_and_origin(url: str) -> tuple[SplitResult, Origin]:
    # SECURITY: only printable ASCII without a backslash. Wide letters, dots of other scripts, tabs and line breaks are
    # read differently by different parsers.
    if len(url) > MAX_URL or not _is_plain(url):
        raise GiveUp(_("The address of the robot is too long or holds characters that do not belong there."))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise GiveUp(_("This is not a web address.")) from None
    if "@" in parts.netloc:
        raise GiveUp(_("The address of the robot may not hold a user name or password."))
    if parts.fragment or parts.scheme not in PORTS or not parts.hostname:
        raise GiveUp(_("This is not a web address."))
    origins = [origin for entry in settings.ROBOT_HOSTS if (origin := parse_origin(entry))]
    asked = (parts.scheme, parts.hostname, _port(parts.scheme, port))
    for origin in origins:
        if asked == origin[:3]:
            return parts, origin
    if any(origin.host == parts.hostname for origin in origins):
        raise GiveUp(
            _("The robot's server is not allowed with this scheme or port; https without a port is usual.")
        )
    raise GiveUp(_("This server is not among those where robots of ours may live (setting ROBOT_HOSTS)."))


def _is_plain(url: str) -> bool:
    return all("!" <= c <= "~" and c != "\\" for c in url)


def _port(scheme: str, port: int | None) -> int:
    return PORTS[scheme] if port is None else port


def _last_four_bytes(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address:
    return ipaddress.IPv4Address(ip.packed[-4:])


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _host_header(origin: Origin) -> str:
    host = _in_url(origin.host)
    return host if origin.port == PORTS[origin.scheme] else f"{host}:{origin.port}"
