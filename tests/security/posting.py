"""A POST that is watched and taken back, so that many can be tried on one and the same case."""

from typing import Any

from django.db import connection, transaction

from tests.conftest import WRITE, WRITTEN_BY_ANY_REQUEST


def posted(client: Any, url: str, data: Any) -> tuple[Any, set[str]]:
    """The answer to a POST and the tables it changed; afterwards all is as it was, for the next one."""
    changed = set()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result, found = execute(sql, params, many, context), WRITE.match(sql)
        if found and context["cursor"].rowcount and not found[1].startswith(WRITTEN_BY_ANY_REQUEST):
            changed.add(found[1])
        return result

    with transaction.atomic():
        with connection.execute_wrapper(note):
            response = client.post(url, data)
        transaction.set_rollback(True)
    return response, changed
