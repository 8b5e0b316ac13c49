"""Queries over outlines that somebody uploaded, with a time after which PostgreSQL gives up."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection
from psycopg.errors import QueryCanceled


class TooLong(Exception):
    """A query took longer than it may; the transaction around it must be taken back."""


@contextmanager
def bounded_queries(seconds: int | None) -> Iterator[None]:
    """SECURITY: each query inside ends after so many seconds with TooLong. Two outlines that cross each other in a
    million places take PostGIS minutes and gigabytes. Inside of a transaction; None sets no bound.
    """
    if seconds:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(seconds * 1000)])
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, QueryCanceled):
            raise TooLong from error
        raise
    if seconds:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = DEFAULT")
