"""The backend itself; its name and place are those that Django looks for."""

from threading import Event, Lock
from types import SimpleNamespace
from typing import Any

import psycopg
from django.contrib.gis.db.backends.postgis import base

from core.postgis.connections import Connection

# How long a connection that was kept may take to show that it still works.
CHECK_SECONDS = 2.0
# While PostgreSQL is away, one thread of the process at a time tries it, and the others do not wait for that.
_is_away, _trying = Event(), Lock()


class DatabaseWrapper(base.DatabaseWrapper):
    """`OPTIONS["answer_seconds"]` bounds every wait for an answer; without it nothing differs from Django's backend."""

    # Django asks this module for `connect` and for the classes of errors.
    Database: Any = SimpleNamespace(**{**vars(psycopg), "connect": Connection.connect})

    @property
    def is_bounded(self) -> bool:
        return "answer_seconds" in self.settings_dict["OPTIONS"]

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        if not self.is_bounded:
            return super().get_new_connection(conn_params)
        was_away = _is_away.is_set()
        if was_away and not _trying.acquire(blocking=False):
            raise psycopg.OperationalError("PostgreSQL is away; another thread tries it")
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.Error:
            _is_away.set()
            raise
        finally:
            if was_away:
                _trying.release()
        _is_away.clear()
        return connection

    def is_usable(self) -> bool:
        """Asked before the first query of a request; a frozen PostgreSQL is found out in two seconds."""
        if self.connection is None or not self.is_bounded:
            return bool(super().is_usable())
        patience, self.connection.answer_seconds = self.connection.answer_seconds, CHECK_SECONDS
        try:
            return bool(super().is_usable())
        finally:
            self.connection.answer_seconds = patience
