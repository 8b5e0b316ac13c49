"""Real processes for tests of faults: Celery workers and beats, the web server, a Redis and a PostgreSQL.

Each is a context manager. Whatever happens, the process and all it started are gone at its end; when the tests
themselves are killed, the kernel ends it.
"""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection
from redis import Redis
from redis.exceptions import RedisError

HOST = "127.0.0.1"
_database = settings.DATABASES["default"]
# Where the servers of this run have their sockets: a short path, and its owner is who runs servers.
SOCKETS = Path(_database["HOST"] or _database["OPTIONS"]["host"])


def eventually(question: Callable[[], Any], *, seconds: float = 60.0, pause: float = 0.05) -> Any:
    """Asks again until the answer is true and returns it; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (answer := question()):
        assert time.monotonic() < end, f"still not so after {seconds:g} s"
        time.sleep(pause)
    return answer


def lock_waiters() -> int:
    """How many connections to the test database wait for another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


class Process:
    """A running program, the leader of a process group of its own."""

    def __init__(self, command: Sequence[Any], *, user: int | None = None, **options: Any) -> None:
        # setpriv turns into the program, so the number is the program's. SIGTERM when the tests are gone.
        prefix = ["setpriv", "--pdeathsig", "TERM"]
        if user is not None and user != os.geteuid():
            group = pwd.getpwuid(user).pw_gid
            prefix += ["--reuid", str(user), "--regid", str(group), "--clear-groups"]
        self._popen = subprocess.Popen(
            [*prefix, "--", *map(str, command)], stdin=subprocess.DEVNULL, start_new_session=True, **options
        )

    @property
    def pid(self) -> int:
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        return self._popen.poll() is None

    def children(self) -> list[int]:
        """The numbers of its child processes."""
        return [int(pid) for pid in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def wait(self) -> int:
        """Its exit code, when it has ended by itself."""
        return self._popen.wait(timeout=60)

    def signal(self, number: int) -> None:
        """A signal to the program alone."""
        self._popen.send_signal(number)

    def end(self, number: int) -> None:
        """A signal to the program alone; returns when it has ended."""
        self.signal(number)
        self.wait()

    def freeze(self) -> None:
        """The program and all it started stand still: its sockets take what comes, and nobody answers."""
        self.signal(signal.SIGSTOP)
        for pid in self.children():  # PostgreSQL's have groups of their own
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """They go on; harmless when they never stood still, or have ended."""
        with suppress(ProcessLookupError, FileNotFoundError):
            for pid in self.children():
                os.kill(pid, signal.SIGCONT)
            self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL to the program and all it started; returns when it has ended."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self.wait()


@contextmanager
def running(command: Sequence[Any], **options: Any) -> Iterator[Process]:
    """A program for the time of the block; its output is the tests' own."""
    process = Process(command, **options)
    try:
        yield process
    finally:
        process.kill()


# --- servers ---


@contextmanager
def owned_directory(prefix: str, inside: Path) -> Iterator[Path]:
    """A directory of the user who runs servers: PostgreSQL refuses to run as root."""
    owner = SOCKETS.stat()
    path = Path(tempfile.mkdtemp(prefix=prefix, dir=inside))
    try:
        os.chown(path, owner.st_uid, owner.st_gid)
        yield path
    finally:
        shutil.rmtree(path)


class RedisServer:
    """A Redis that keeps nothing: started again it is empty."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.socket = directory / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self.process: Process | None = None

    def start(self) -> None:
        """Returns when it answers."""
        self.process = Process(
            ["redis-server", "--port", 0, "--unixsocket", self.socket, "--save", "", "--appendonly", "no"],
            user=self.directory.stat().st_uid,
            cwd=self.directory,
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()

    def client(self) -> Redis:
        """To be used in a `with` block, which closes its connections."""
        return Redis.from_url(self.url, retry=None)

    def empty(self) -> None:
        with self.client() as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except RedisError:
            return False


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """A Redis of the test's own."""
    with owned_directory("redis-", SOCKETS) as directory:
        server = RedisServer(directory)
        try:
            server.start()
            yield server
        finally:
            server.kill()


class PostgresServer:
    """A PostgreSQL that loses no commit when it is killed; fsync is for machines that lose power."""

    OPTIONS = ("listen_addresses=", "synchronous_commit=on", "fsync=off", "max_connections=60",
               "timezone=UTC", "log_timezone=UTC", "log_min_messages=panic")  # fmt: skip

    def __init__(self, programs: Path, data: Path, host: Path) -> None:
        self.programs, self.data, self.host = programs, data, host
        self.process: Process | None = None

    def start(self) -> None:
        """Starts it, after a crash too; returns when it answers."""
        self._spawn()
        eventually(self._answers)

    def stop_at_once(self) -> None:
        """Immediate shutdown: every connection is cut, nothing is finished, and the next start recovers."""
        if self.process is not None and self.process.is_running:
            self.process.thaw()
            self.process.end(signal.SIGQUIT)

    def kill(self) -> None:
        """SIGKILL to the server and all its processes."""
        assert self.process is not None
        self.process.kill()

    def _spawn(self) -> None:
        options = [f"-c{option}" for option in (*self.OPTIONS, f"unix_socket_directories={self.host}")]
        clock = f"LD_PRELOAD={os.environ.get('CLOCK_LIBRARY', '')}"
        self.process = Process(
            ["env", clock, self.programs / "postgres", "-D", self.data, *options],
            user=self.data.stat().st_uid,
            cwd=self.data,
        )

    def _answers(self) -> bool:
        # While the last process of a killed server is there, its memory is in use and a new server gives up.
        if self.process is None or not self.process.is_running:
            self._spawn()
        asked = [self.programs / "pg_isready", "-q", "-h", self.host]
        return subprocess.run(asked, check=False).returncode == 0


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL of the test's own, a copy of the run's with everything that is in it now.

    In the block Django's `connection` leads to it, and so does that of each process started there.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_config WHERE name = 'BINDIR'")
        programs = Path(cursor.fetchone()[0])
    state = Path(settings.MEDIA_ROOT).parent
    with owned_directory("pg-", SOCKETS) as host, owned_directory("pg-", state) as data:
        command = [programs / "pg_basebackup", "-h", SOCKETS, "-U", connection.settings_dict["USER"],
                   "-D", data, "--checkpoint=fast", "--no-sync", "--no-manifest"]  # fmt: skip
        with running(command, user=data.stat().st_uid, cwd=data) as copying:
            assert copying.wait() == 0
        server = PostgresServer(programs, data, host)
        try:
            server.start()
            with _connection_to(host):
                yield server
        finally:
            server.stop_at_once()


@contextmanager
def _connection_to(host: Path) -> Iterator[None]:
    kept = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(HOST=str(host), OPTIONS=kept["OPTIONS"] | {"host": str(host)})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)


# --- our own programs ---


def environment(name: str = "test", **more: str) -> dict[str, str]:
    """What a process of ours reads: the database that `connection` leads to, where it is called `name`, and `more`."""
    database = connection.settings_dict
    host = database["HOST"] or database["OPTIONS"]["host"]
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.process_settings",
        "DATABASE_URL": f"postgis://{database['USER']}@/{database['NAME']}?host={host}&application_name={name}",
        # The system checks are a step of their own in bin/test; here they only cost time.
        "CELERY_SKIP_CHECKS": "1",
        **more,
    }


def _celery(*arguments: Any, clock: float, env: dict[str, str]) -> Any:
    command = [
        sys.executable,
        "-m",
        "tests.shifted",
        clock,
        "celery",
        "-A",
        "config",
        *arguments,
        "--loglevel",
        "WARNING",
    ]
    return running(command, env=env, cwd=settings.BASE_DIR)


@contextmanager
def worker(
    queue: str = "default", *, name: str = "worker", lanes: int = 1, clock: float = 0, **env: str
) -> Iterator[Process]:
    """A Celery worker that does so many tasks at once; its clock is wrong by `clock` seconds.

    It listens on `queue` (or several, with commas); what its tasks send goes to the first. `env` is for environment
    variables such as REDIS_URL.
    """
    arguments = ("worker", "-Q", queue, "--concurrency", lanes, "-n", f"{name}-{uuid.uuid4().hex}@test",
                 "--without-gossip", "--without-mingle")  # fmt: skip
    with _celery(
        *arguments, clock=clock, env=environment(name, TEST_QUEUE=queue.partition(",")[0], **env)
    ) as process:
        yield process


@contextmanager
def beat(schedule: Path, queue: str = "default", *, clock: float = 0, **env: str) -> Iterator[Process]:
    """A Celery beat that keeps its schedule in this file."""
    arguments = ("beat", "--schedule", schedule, "--pidfile", "")
    with _celery(*arguments, clock=clock, env=environment("beat", TEST_QUEUE=queue, **env)) as process:
        yield process


class Site(NamedTuple):
    """The running site."""

    address: str
    process: Process


@contextmanager
def web(*, workers: int = 2, **env: str) -> Iterator[Site]:
    """The site by gunicorn. Its socket is there before the process: no request comes too early."""
    with socket.create_server((HOST, 0)) as listening:
        number = listening.fileno()
        command = [sys.executable, "-m", "tests.shifted", 0, "gunicorn", "config.wsgi:application", "--bind", f"fd://{number}",
                   "--workers", workers, "--threads", 2, "--no-control-socket", "--log-level", "warning"]  # fmt: skip
        with running(
            command, env=environment("web", **env), cwd=settings.BASE_DIR, pass_fds=[number]
        ) as process:
            yield Site(f"http://{HOST}:{listening.getsockname()[1]}", process)
