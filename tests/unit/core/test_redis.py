"""REDIS_URL in all its forms becomes what the client, the cache and Celery each want to hear."""

import pytest
from django.core.cache.backends.redis import RedisCache
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection

from core.redis import (
    SentinelAddress,
    SentinelPool,
    broker_options,
    broker_url,
    cache_settings,
    parse_sentinel_url,
    redis_client,
)

PLAIN = "sentinel://h1:26379,h2:26380,h3/2?master=weige"
GUARDED = (
    "sentinel://site:p%40%2C%3Bs@h1,[fd00::2]:26380?master=weige&sentinel_user=watch&sentinel_password=s%26s"
)


def test_a_sentinel_address_names_hosts_master_and_database():
    assert parse_sentinel_url(PLAIN) == SentinelAddress(
        hosts=(("h1", 26379), ("h2", 26380), ("h3", 26379)), master="weige", database=2
    )


def test_redis_and_its_sentinels_have_each_their_own_password():
    address = parse_sentinel_url(GUARDED)
    assert address.hosts == (("h1", 26379), ("fd00::2", 26380))
    assert (address.user, address.password, address.database) == ("site", "p@,;s", 0)
    assert (address.sentinel_kwargs["username"], address.sentinel_kwargs["password"]) == ("watch", "s&s")
    assert not {"username", "password"} & parse_sentinel_url(PLAIN).sentinel_kwargs.keys()


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("sentinel://:hush@h1/0", "needs ?master=NAME"),
        ("sentinel://:hush@h1/0?sentinel_password=hush", "needs ?master=NAME"),
        ("sentinel://:hush@h1/0?master=weige&tls=hush", "unknown after the question mark: tls"),
        ("sentinel://:hush@h1/zero?master=weige", "expected sentinel://"),
        ("sentinel://:hush@h1:port/0?master=weige", "expected sentinel://"),
        ("sentinel://:hush@h1,,h2/0?master=weige", "expected sentinel://"),
        ("sentinel:///0?master=weige", "expected sentinel://"),
    ],
)
def test_a_wrong_sentinel_address_is_refused_at_start_without_its_password(url, complaint):
    with pytest.raises(ImproperlyConfigured) as refusal:
        parse_sentinel_url(url)
    assert complaint in str(refusal.value)
    assert "hush" not in str(refusal.value)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://:secret@r:6379/1", "redis://:secret@r:6379/1"),
        ("unix:///run/redis.sock?db=1", "redis+socket:///run/redis.sock?virtual_host=1"),
        (PLAIN, "sentinel://h1:26379/2;sentinel://h2:26380/2;sentinel://h3:26379/2"),
        (
            GUARDED,
            "sentinel://site:p%40%2C%3Bs@h1:26379/0;sentinel://site:p%40%2C%3Bs@[fd00::2]:26380/0",
        ),
    ],
)
def test_celery_hears_of_the_same_redis(url, expected):
    assert broker_url(url) == expected


def test_celery_is_told_the_master_and_how_to_ask_a_sentinel():
    assert broker_options("redis://r") == broker_options("unix:///r.sock?db=0") == {}
    options = broker_options(GUARDED)
    assert options["master_name"] == "weige"
    assert options["sentinel_kwargs"]["password"] == "s&s"
    with Connection(broker_url(GUARDED), transport_options=options) as broker:
        assert (broker.userid, broker.password, broker.virtual_host) == ("site", "p@,;s", "0")
        assert len(broker.alt) == 2


def test_the_cache_stays_djangos_and_reaches_the_master_through_the_sentinels():
    plain = cache_settings("redis://:a,b@r:6379/1")
    assert plain == {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ["redis://:a,b@r:6379/1"],
        "OPTIONS": {"socket_timeout": 1.5, "socket_connect_timeout": 1.5},
    }
    guarded = cache_settings(GUARDED)
    assert guarded["BACKEND"] == plain["BACKEND"]
    client = RedisCache(guarded["LOCATION"], guarded)._cache.get_client(write=True)
    pool = client.connection_pool
    assert isinstance(pool, SentinelPool)
    assert (pool.service_name, pool.connection_kwargs["password"]) == ("weige", "p@,;s")


def test_clients_of_one_process_share_their_connections(settings):
    assert redis_client().connection_pool is redis_client().connection_pool
    assert redis_client().ping()
    here = redis_client().connection_pool
    settings.REDIS_URL = PLAIN
    assert redis_client().connection_pool is not here
    assert isinstance(redis_client().connection_pool, SentinelPool)
