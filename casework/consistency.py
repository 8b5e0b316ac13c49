"""What must hold between cases and what is kept beside them; `check_consistency` asks it, as after a restore."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import Attachment, StagedPhoto

# A case was counted under the status that its closing event led to; archiving does not count it anew (tallies.py).
TALLIES = """
    WITH closed AS (
        SELECT c.path, (c.closed_at AT TIME ZONE %s)::date AS day, c.kind, c.handling_level, e.to_status AS status,
            coalesce(coalesce(c.handled_at, c.closed_at) <= c.due_at, true) AS on_time, count(*) AS counted
        FROM casework_case c
        LEFT JOIN LATERAL (
            SELECT to_status FROM casework_caseevent
            WHERE case_id = c.id AND at = c.closed_at AND to_status <> from_status ORDER BY seq DESC LIMIT 1
        ) e ON true
        WHERE c.closed_at IS NOT NULL AND NOT c.is_secret
        GROUP BY 1, 2, 3, 4, 5, 6
    )
    SELECT day, path, kind, handling_level, coalesce(status, '—'), coalesce(count, 0), coalesce(counted, 0)
    FROM closed FULL JOIN casework_closedtally USING (path, day, kind, handling_level, status, on_time)
    WHERE coalesce(count, 0) <> coalesce(counted, 0)
    ORDER BY 1, 2, 3, 4, 5"""
TIMELINES = """
    SELECT c.number, c.status, coalesce(e.to_status, '—')
    FROM casework_case c
    LEFT JOIN LATERAL (
        SELECT to_status FROM casework_caseevent
        WHERE case_id = c.id AND to_status <> '' ORDER BY seq DESC LIMIT 1
    ) e ON true
    WHERE e.to_status IS DISTINCT FROM c.status
    ORDER BY c.id"""


def wrong_tallies() -> Iterator[str]:
    """A sentence for each tally of closed cases that the cases do not add up to."""
    for day, path, kind, level, status, count, counted in _rows(
        TALLIES, [timezone.get_current_timezone_name()]
    ):
        yield _("Tally of %(day)s, %(path)s, %(what)s: %(count)s instead of %(counted)s.") % {
            "day": day,
            "path": path,
            "what": f"{kind} {level} {status}",
            "count": count,
            "counted": counted,
        }


def wrong_statuses() -> Iterator[str]:
    """A sentence for each case whose timeline ends in another status than its own."""
    for number, status, told in _rows(TIMELINES):
        yield _("%(number)s is “%(status)s”; by its timeline it is “%(told)s”.") % {
            "number": number,
            "status": status,
            "told": told,
        }


def missing_files() -> Iterator[str]:
    """A sentence for each picture whose file or thumbnail is gone."""
    kept: tuple[Any, ...] = (Attachment.objects, StagedPhoto.objects)
    for picture in chain.from_iterable(p.order_by("pk").only("file", "thumbnail").iterator() for p in kept):
        for file in (picture.file, picture.thumbnail):
            if not file.storage.exists(file.name):
                yield _("The file %(name)s is missing.") % {"name": file.name}


def _rows(sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
