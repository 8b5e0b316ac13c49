"""Locks by name, held to the end of the transaction, for rules about rows which may not be there yet."""

from django.db import connection


def hold(*names: str, shared: bool = False) -> None:
    """Waits for every name, in this order, in one statement; shared ones go together and keep out who holds alone."""
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join([f'{function}(hashtextextended(%s, 0))'] * len(names))}", names)
