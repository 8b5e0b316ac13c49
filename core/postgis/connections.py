"""A connection of psycopg that gives its server so many seconds for an answer."""

from typing import Any, Self

import psycopg
from psycopg import errors


class Connection(psycopg.Connection[Any]):
    """`answer_seconds` is the longest wait for one answer; None waits as long as it takes.

    PostgreSQL's own timeouts need a PostgreSQL that runs: one that is frozen, or swaps, keeps none of them, and its
    kernel answers keepalives in its name.
    """

    answer_seconds: float | None = None

    @classmethod
    def connect(cls, conninfo: str = "", *, answer_seconds: float | None = None, **options: Any) -> Self:  # type: ignore[override]
        connection = super().connect(conninfo, **options)
        connection.answer_seconds = answer_seconds
        return connection

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """As psycopg waits; after `answer_seconds` the connection is closed and OperationalError raised.

        It cannot be used again: the answer may still come, and would be taken for that of the next statement.
        """
        if self.answer_seconds is None or timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, self.answer_seconds)
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise errors.OperationalError(f"PostgreSQL gave no answer in {self.answer_seconds:g} s") from None
