"""What must hold between cases and what is kept beside them; `check_consistency` asks it, as after a restore."""

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from casework.choices import Step
from casework.limits import limit_for, service_levels
from casework.models import Deadline
from casework.registry import kinds
from casework.tallies import COUNTERS, SORTS, limits_kept

# A tally of nothing: what a day without cases has.
NONE = f"array_fill(0, ARRAY[{len(COUNTERS) + 1}])"
# A case was counted under the status that its closing event led to; archiving does not count it anew (tallies.py).
TALLIES = f"""
    WITH closed AS (
        SELECT c.path, (c.closed_at AT TIME ZONE %s)::date AS day, c.kind, c.handling_level, e.to_status AS status,
            ARRAY[count(*), {", ".join(f"sum(l.{name})" for name in COUNTERS)}]::int[] AS counted
        FROM casework_case c
        LEFT JOIN LATERAL (
            SELECT to_status FROM casework_caseevent
            WHERE case_id = c.id AND at = c.closed_at AND to_status <> from_status ORDER BY seq DESC LIMIT 1
        ) e ON true
        CROSS JOIN LATERAL ({limits_kept("c.id")}) l
        WHERE c.closed_at IS NOT NULL AND NOT c.is_secret
        GROUP BY 1, 2, 3, 4, 5
    ), kept AS (
        SELECT path, day, kind, handling_level, status, ARRAY[count, {", ".join(COUNTERS)}] AS count
        FROM casework_closedtally
    )
    SELECT day, path, kind, handling_level, coalesce(status, '—'), count, counted
    FROM closed FULL JOIN kept USING (path, day, kind, handling_level, status)
    WHERE coalesce(count, {NONE}) <> coalesce(counted, {NONE})
    ORDER BY 1, 2, 3, 4, 5"""  # noqa: S608  our names
TIMELINES = """
    SELECT c.number, c.status, coalesce(e.to_status, '—')
    FROM casework_case c
    LEFT JOIN LATERAL (
        SELECT to_status FROM casework_caseevent
        WHERE case_id = c.id AND to_status <> '' ORDER BY seq DESC LIMIT 1
    ) e ON true
    WHERE e.to_status IS DISTINCT FROM c.status
    ORDER BY c.id"""

# A suspended case has no due time; nor has one whose main limit is missing (see `missing_limits`).
DUE_TIMES = """
    SELECT c.number, c.due_at, CASE WHEN d.paused_at IS NULL THEN d.due_at END
    FROM casework_case c
    JOIN casework_deadline d ON d.case_id = c.id AND d.is_main AND d.ended_at IS NULL
    WHERE c.closed_at IS NULL AND (c.due_at, c.paused_at)
        IS DISTINCT FROM (CASE WHEN d.paused_at IS NULL THEN d.due_at END, d.paused_at)
    ORDER BY c.id"""
SERIES = """
    WITH used AS (
        SELECT split_part(number, '-', 1) AS prefix, split_part(number, '-', 2)::int AS year,
            max(split_part(number, '-', 3)::bigint) AS last
        FROM (SELECT number FROM casework_case UNION ALL SELECT number FROM casework_supervision) numbers
        WHERE number ~ '^[A-Z]{1,4}-[0-9]{4}-[0-9]{1,9}$'
        GROUP BY 1, 2
    )
    SELECT prefix, year, used.last, coalesce(series.last, 0)
    FROM used LEFT JOIN casework_numberseries series USING (prefix, year)
    WHERE used.last > coalesce(series.last, 0)
    ORDER BY 1, 2"""


def wrong_tallies() -> Iterator[str]:
    """A sentence for each tally of closed cases that the cases do not add up to."""
    for day, path, kind, level, status, count, counted in _rows(
        TALLIES, [timezone.get_current_timezone_name()]
    ):
        yield _("Tally of %(day)s, %(path)s, %(what)s: %(count)s instead of %(counted)s.") % {
            "day": day,
            "path": path,
            "what": f"{kind} {level} {status}",
            "count": _in_words(count),
            "counted": _in_words(counted),
        }


def _in_words(numbers: list[int] | None) -> str:
    """“3 (handling 2/3, …)”: the cases, and of each sort of limit how many kept it of how many had it."""
    if numbers is None:
        return "0"
    cases, *pairs = numbers
    limits = zip(SORTS, pairs[::2], pairs[1::2], strict=True)
    words = ", ".join(f"{sort} {kept}/{due}" for sort, due, kept in limits if due or kept)
    return f"{cases} ({words})" if words else str(cases)


def wrong_statuses() -> Iterator[str]:
    """A sentence for each case whose timeline ends in another status than its own."""
    for number, status, told in _rows(TIMELINES):
        yield _("%(number)s is “%(status)s”; by its timeline it is “%(told)s”.") % {
            "number": number,
            "status": status,
            "told": told,
        }


def missing_limits() -> Iterator[str]:
    """A sentence for each open case that lacks a limit which begins when its status is entered.

    A limit that was not in force yet when the case was opened may be missing.
    """
    for kind in kinds():
        levels = service_levels(kind.name)
        for clock in kind.clocks:
            steps = {clock.step, *clock.limit_after.values()}
            running = Deadline.objects.running().filter(case_id=OuterRef("pk"), step=clock.step)
            cases = kind.model.objects.for_step().filter(
                ~Exists(running), closed_at=None, status__in=clock.starts_in or clock.runs_in
            )
            for case in cases.order_by("pk").iterator():
                on = timezone.localdate(case.opened_at)
                if clock.wanted(case) and all(limit_for(case, step, on=on, levels=levels) for step in steps):
                    yield _("%(number)s is “%(status)s” and has no running limit of “%(step)s”.") % {
                        "number": case.number,
                        "status": kind.workflow.statuses(case.status).label,
                        "step": Step(clock.step).label,
                    }


def wrong_due_times() -> Iterator[str]:
    """A sentence for each open case whose own due time is not that of the limit which governs its light."""
    for number, shown, counted in _rows(DUE_TIMES):
        yield _("%(number)s is due at %(shown)s; by its limit at %(counted)s.") % {
            "number": number,
            "shown": _moment(shown),
            "counted": _moment(counted),
        }


def series_behind() -> Iterator[str]:
    """A sentence for each number series whose last number is lower than one in use: the next would be given twice."""
    for prefix, year, used, last in _rows(SERIES):
        yield _("Numbers %(prefix)s-%(year)s are in use up to %(used)s; their series stands at %(last)s.") % {
            "prefix": prefix,
            "year": year,
            "used": used,
            "last": last,
        }


def _moment(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else "—"


def _rows(sql: str, params: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
