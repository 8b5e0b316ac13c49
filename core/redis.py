"""One address, REDIS_URL, for everything that talks to Redis: our own client, Django's cache, Celery's queues.

Besides redis:// and unix:// it may name the Sentinels that know which Redis is the master:
sentinel://[[user]:password@]host[:port],host[:port],…[/db]?master=NAME[&sentinel_user=…][&sentinel_password=…]
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Self
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError
from redis.retry import Retry
from redis.sentinel import Sentinel, SentinelConnectionPool, SentinelManagedConnection

SENTINEL_PORT = 26379
# A Sentinel that does not answer in this time is passed over for the next one.
SENTINEL_SECONDS = 1.0
# A page waits for a Redis that does not answer for no longer: our own client, the cache, a task that is queued.
TIMEOUT_SECONDS = 1.5
TIMEOUTS = {"socket_timeout": TIMEOUT_SECONDS, "socket_connect_timeout": TIMEOUT_SECONDS}
SENTINEL_OPTIONS = {"master", "sentinel_user", "sentinel_password"}


@dataclass(frozen=True)
class SentinelAddress:
    """A REDIS_URL of the form sentinel://, taken apart."""

    hosts: tuple[tuple[str, int], ...]
    master: str
    database: int = 0
    user: str | None = None
    password: str | None = None
    sentinel_user: str | None = None
    sentinel_password: str | None = None

    @property
    def sentinel_kwargs(self) -> dict[str, Any]:
        """How a Sentinel is connected to; one try each (retry None), because the next Sentinel is the retry."""
        options = {
            "socket_timeout": SENTINEL_SECONDS,
            "socket_connect_timeout": SENTINEL_SECONDS,
            "retry": None,
            "username": self.sentinel_user,
            "password": self.sentinel_password,
        }
        return {name: value for name, value in options.items() if value is not None or name == "retry"}


def is_sentinel(url: str) -> bool:
    return url.startswith("sentinel://")


def parse_sentinel_url(url: str) -> SentinelAddress:
    """Takes a sentinel:// address apart; ImproperlyConfigured says what is wrong, without repeating a password."""
    # By hand: urlsplit knows of one host only.
    address, _, query = url.removeprefix("sentinel://").partition("?")
    address, _, path = address.partition("/")
    credentials, _, hosts = address.rpartition("@")
    user, _, password = credentials.partition(":")
    try:
        options = {name: values[-1] for name, values in parse_qs(query, strict_parsing=True).items()}
        database = int(path or 0)
        addresses = tuple(_host_and_port(host) for host in hosts.split(","))
    except ValueError:
        raise ImproperlyConfigured(
            "REDIS_URL: expected sentinel://host:port,host:port/db?master=NAME"
        ) from None
    if unknown := options.keys() - SENTINEL_OPTIONS:
        raise ImproperlyConfigured(
            f"REDIS_URL: unknown after the question mark: {', '.join(sorted(unknown))}"
        )
    if "master" not in options:
        raise ImproperlyConfigured("REDIS_URL: a sentinel:// address needs ?master=NAME")
    return SentinelAddress(
        hosts=addresses,
        database=database,
        user=unquote(user) or None,
        password=unquote(password) or None,
        **options,
    )


def _host_and_port(text: str) -> tuple[str, int]:
    parts = urlsplit(f"//{text}")  # understands [IPv6]:port
    if not parts.hostname:
        raise ValueError("no host")
    return parts.hostname, parts.port or SENTINEL_PORT


def broker_url(url: str) -> str:
    """The same Redis as Celery spells it, for the queues and for results."""
    if not is_sentinel(url):
        return url.replace("unix://", "redis+socket://").replace("?db=", "?virtual_host=")
    address = parse_sentinel_url(url)
    user, password = quote(address.user or "", safe=""), quote(address.password or "", safe="")
    credentials = f"{user}:{password}@" if address.password else ""
    # Whatever stands in one part must stand in each: Celery takes the next part when one fails.
    return ";".join(
        f"sentinel://{credentials}{f'[{host}]' if ':' in host else host}:{port}/{address.database}"
        for host, port in address.hosts
    )


def broker_options(url: str) -> dict[str, Any]:
    """What `broker_url` cannot say: the transport options of the queues and of results."""
    if not is_sentinel(url):
        return {}
    address = parse_sentinel_url(url)
    return {"master_name": address.master, "sentinel_kwargs": address.sentinel_kwargs}


def cache_settings(url: str) -> dict[str, Any]:
    """An entry of Django's CACHES. A list of one address, because Django splits a string at commas."""
    options: dict[str, Any] = {**TIMEOUTS}
    if is_sentinel(url):
        options["pool_class"] = "core.redis.SentinelPool"
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": [url],
        "OPTIONS": options,
    }


class SentinelConnection(SentinelManagedConnection):
    """The library leaves a connection open whose answer did not come in time, unless it tries once more itself.

    Left open it would go on asking a frozen master, and take its late answer for that of the next command.
    """

    def read_response(self, *args: Any, disconnect_on_error: bool = True, **options: Any) -> Any:  # type: ignore[override]
        return super().read_response(*args, disconnect_on_error=disconnect_on_error, **options)


class SentinelPool(SentinelConnectionPool):
    """Connections to whichever Redis is the master now, made from a sentinel:// address as Django makes pools."""

    @classmethod
    def from_url(cls, url: str, **options: Any) -> Self:
        address = parse_sentinel_url(url)
        return cls(
            address.master,
            Sentinel(address.hosts, sentinel_kwargs=address.sentinel_kwargs),
            db=address.database,
            username=address.user,
            password=address.password,
            # A former master refuses to write; the second try asks the Sentinels and goes to the new one. One that
            # does not answer is not tried again.
            retry=Retry(NoBackoff(), 1, supported_errors=(ConnectionError,)),
            connection_class=SentinelConnection,
            **options,
        )


@lru_cache(maxsize=8)
def _pool(url: str) -> ConnectionPool:
    kind: Any = SentinelPool if is_sentinel(url) else ConnectionPool
    pool: ConnectionPool = kind.from_url(url, **TIMEOUTS)
    return pool


def redis_client() -> Redis:
    """A client of the Redis in REDIS_URL, always its master; cheap, the connections are shared by the process."""
    return Redis(connection_pool=_pool(settings.REDIS_URL))
