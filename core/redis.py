"""The one place where a client of Redis is made."""

from django.conf import settings
from redis import Redis

TIMEOUT_SECONDS = 5


def redis_client() -> Redis:
    """A client of the configured Redis; use it in a `with` block, which closes its connections."""
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
    )
