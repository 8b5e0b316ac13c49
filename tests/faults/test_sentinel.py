"""Redis Sentinel by REDIS_URL alone: the master is killed or freezes, and after the failover everything works again."""

import signal
import socket
import subprocess
import sys
from urllib.parse import quote

import pytest
from celery import current_app
from django.core.cache import caches
from kombu import Connection
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from core.redis import broker_options, broker_url, cache_settings, redis_client
from tests.processes import Process, environment, eventually

pytestmark = [pytest.mark.faults_long, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
# With every character that means something in an address.
PASSWORD, SENTINEL_PASSWORD = "p:a@s/s,w?o;r&d#1", "s%e=n+t i"


def free_ports(count):
    listening = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in listening]
    for each in listening:
        each.close()
    return ports


class Servers:
    """A master, its replica and three Sentinels on free ports of the loopback address."""

    def __init__(self, directory):
        self.directory = directory
        self.processes = {}
        self.master, self.replica, *self.sentinels = free_ports(5)
        password = f'requirepass "{PASSWORD}"\nmasterauth "{PASSWORD}"\nsave ""\nrepl-diskless-sync-delay 0\n'
        self.start(self.master, password)
        self.start(self.replica, f"{password}replicaof 127.0.0.1 {self.master}\n")

    def start(self, port, configuration, *options):
        home = self.directory / str(port)
        home.mkdir()
        file = home / "redis.conf"
        file.write_text(f"port {port}\nbind 127.0.0.1\ndir {home}\nlogfile {home}/log\n{configuration}")
        self.processes[port] = Process(["redis-server", file, *options], stdout=subprocess.DEVNULL)

    def start_sentinels(self):
        """Once the replica has copied the master, or there would be nothing to fail over to."""
        for port in self.sentinels:
            self.start(
                port,
                f'requirepass "{SENTINEL_PASSWORD}"\nsentinel sentinel-pass "{SENTINEL_PASSWORD}"\n'
                f"sentinel monitor weige 127.0.0.1 {self.master} 2\n"
                f'sentinel auth-pass weige "{PASSWORD}"\n'
                "sentinel down-after-milliseconds weige 1000\nsentinel failover-timeout weige 5000\n",
                "--sentinel",
            )

    def ask(self, port, *command, password=PASSWORD):
        """The answer, or None while nobody answers."""
        try:
            with Redis(port=port, password=password, retry=None, decode_responses=True) as client:
                return client.execute_command(*command)
        except RedisError:
            return None

    def has_replica(self):
        replication = self.ask(self.replica, "INFO", "replication")
        return replication is not None and replication["master_link_status"] == "up"

    def is_watched(self):
        """Every Sentinel knows the replica and both others."""

        def knows(port):
            found = self.ask(port, "SENTINEL", "MASTER", "weige", password=SENTINEL_PASSWORD)
            return found and (int(found["num-slaves"]), int(found["num-other-sentinels"])) == (1, 2)

        return all(knows(port) for port in self.sentinels)

    def send(self, port, what):
        self.processes[port].signal(what)

    def stop(self):
        for process in self.processes.values():
            process.kill()

    @property
    def url(self):
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.sentinels)
        return (
            f"sentinel://:{quote(PASSWORD, safe='')}@{hosts}/3"
            f"?master=weige&sentinel_password={quote(SENTINEL_PASSWORD, safe='')}"
        )


@pytest.fixture
def servers(tmp_path):
    running = Servers(tmp_path)
    try:
        eventually(running.has_replica)
        running.start_sentinels()
        eventually(running.is_watched)
        yield running
    finally:
        running.stop()


def works(action):
    """Whether it succeeds; during a failover it may not."""
    try:
        return action()
    except (RedisError, OperationalError):
        return False


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "frozen"])
def test_without_its_master_client_cache_queue_and_worker_go_on(
    blow, servers, settings, start_worker, not_eager
):
    settings.REDIS_URL = servers.url
    settings.CACHES = {"default": cache_settings(servers.url)}
    settings_of_processes = {"REDIS_URL": servers.url, "DJANGO_SETTINGS_MODULE": "tests.faults.settings"}
    client, cache = redis_client(), caches["default"]
    broker = Connection(
        broker_url(servers.url),
        transport_options=settings.CELERY_BROKER_TRANSPORT_OPTIONS | broker_options(servers.url),
    )

    def cache_keeps(value):
        cache.set("probe", value)
        return cache.get("probe") == value

    def queue_takes(word):
        current_app.send_task(
            "core.tasks.ping", args=[word], queue="nobody-listens", connection=broker, retry=False
        )
        return client.llen("nobody-listens")

    def a_worker_answers():
        command = [sys.executable, "manage.py", "ping_worker", "--timeout", "5"]
        done = subprocess.run(
            command,
            env=environment("ping", **settings_of_processes),
            cwd=settings.BASE_DIR,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    worker = start_worker("default,deliver,bulk", name="sentinel", **settings_of_processes)
    assert client.set("probe", "before")
    assert cache_keeps("before")
    assert queue_takes("before")
    eventually(a_worker_answers, seconds=60)
    assert client.connection_pool.master_address == ("127.0.0.1", servers.master)

    servers.send(servers.master, blow)
    servers.send(servers.sentinels[0], blow)  # the two others are enough, also for the clients

    eventually(lambda: works(lambda: client.set("probe", "after")))
    assert client.connection_pool.master_address == ("127.0.0.1", servers.replica)
    eventually(lambda: works(lambda: cache_keeps("after")))
    eventually(lambda: works(lambda: queue_takes("after")))
    eventually(a_worker_answers, seconds=120)
    assert worker.is_running
    broker.close()
    # In the database that the address names, on the one that was the replica.
    assert servers.ask(servers.replica, "INFO", "keyspace").keys() == {"db3"}
