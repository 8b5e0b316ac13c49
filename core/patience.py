"""How long a process waits for PostgreSQL and Redis: a page a few seconds, a worker longer, a command for ever."""

from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, connections
from kombu.exceptions import OperationalError as QueueError
from redis.exceptions import RedisError

# What is raised when a server does not answer in time, is lost, or lets one wait too long for somebody else's lock.
AWAY = (OperationalError, InterfaceError, RedisError, QueueError)


@dataclass(frozen=True)
class Patience:
    """Seconds. `answer` is ours and holds when PostgreSQL keeps none of its own (core/postgis)."""

    connect: int
    lock: int
    statement: int
    idle_in_transaction: int
    answer: int


def bound_database(patience: Patience) -> None:
    """Gives the connections that this process opens from now on these bounds. Called once, where a process begins."""
    options = connections.settings["default"].setdefault("OPTIONS", {})
    limits = {
        "lock_timeout": patience.lock,
        "statement_timeout": patience.statement,
        "idle_in_transaction_session_timeout": patience.idle_in_transaction,
    }
    own = " ".join(f"-c {name}={seconds}s" for name, seconds in limits.items())
    options["options"] = f"{options.get('options', '')} {own}".strip()
    options |= {"connect_timeout": patience.connect, "answer_seconds": patience.answer}
