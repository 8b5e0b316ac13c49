"""解决率 and 满意率: what the reporters of closed tickets answered, the first and the last time they were asked.

Kept in daily tallies like those of closed cases (casework/tallies.py): counted when a ticket closes, taken back when it
is reopened, so that pages never count the history. docs/glossary.md says what is divided by what.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_.choices import HANDLED_STATUSES, Satisfaction, Solved
from requests_.models import AnswerTally, Callback

COUNTERS = tuple(
    f"{which}_{what}" for which in ("first", "last") for what in ("answered", "solved", "rated", "satisfied")
)
# One row for a ticket: of its reporters, how many answered each question, and how many well. An answer is what the
# person said the first or the last time they said anything; “no answer” is none.
SAID = """
    SELECT {sums} FROM (
        SELECT (array_agg(k.solved ORDER BY k.at, k.id) FILTER (WHERE k.solved <> 'no_answer'))[1] AS first_solved,
            (array_agg(k.solved ORDER BY k.at DESC, k.id DESC)
                FILTER (WHERE k.solved <> 'no_answer'))[1] AS last_solved,
            (array_agg(k.satisfaction ORDER BY k.at, k.id)
                FILTER (WHERE k.satisfaction <> 'no_answer'))[1] AS first_rated,
            (array_agg(k.satisfaction ORDER BY k.at DESC, k.id DESC)
                FILTER (WHERE k.satisfaction <> 'no_answer'))[1] AS last_rated
        FROM requests_callback k WHERE k.ticket_id = {ticket} AND k.reached GROUP BY k.report_id
    ) person"""
SUMS = ", ".join(
    f"""count({which}_solved)::int AS {which}_answered,
        count(*) FILTER (WHERE {which}_solved = 'yes')::int AS {which}_solved,
        count({which}_rated)::int AS {which}_rated,
        count(*) FILTER (WHERE {which}_rated IN ('satisfied', 'fairly'))::int AS {which}_satisfied"""
    for which in ("first", "last")
)
COMPARED = """
    WITH said AS (
        SELECT c.path, (c.closed_at AT TIME ZONE %s)::date AS day, ARRAY[{sums}]::int[] AS counted
        FROM casework_case c CROSS JOIN LATERAL ({said}) a
        WHERE c.kind = 'ticket' AND c.status IN ({statuses}) AND NOT c.is_secret GROUP BY 1, 2
    ), kept AS (SELECT path, day, ARRAY[{names}] AS count FROM requests_answertally)
    SELECT day, path, coalesce(count, {nothing}), coalesce(counted, {nothing})
    FROM said FULL JOIN kept USING (path, day)
    WHERE coalesce(count, {nothing}) <> coalesce(counted, {nothing}) ORDER BY 1, 2"""


def _said(ticket: str) -> str:
    return SAID.format(sums=SUMS, ticket=ticket)


def count(ticket: Any, now: datetime) -> None:
    """Adds the answers about a ticket that closes now to the tally of the day; figures leave secret ones out."""
    if ticket.is_secret:
        return
    table, names = AnswerTally._meta.db_table, ", ".join(COUNTERS)
    sums = ", ".join(f"{name} = {table}.{name} + EXCLUDED.{name}" for name in COUNTERS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {table} (path, day, {names})
                SELECT %s, %s, {names} FROM ({_said("%s")}) a WHERE first_answered > 0 OR first_rated > 0
                ON CONFLICT (path, day) DO UPDATE SET {sums}""",  # noqa: S608  our names
            [ticket.path, timezone.localtime(now).date(), ticket.pk],
        )


def take_back(ticket: Any) -> None:
    """Takes them out again because the ticket is reopened; call it before anything of the ticket changes."""
    if ticket.is_secret:
        return
    table = AnswerTally._meta.db_table
    less = ", ".join(f"{name} = {table}.{name} - a.{name}" for name in COUNTERS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET {less} FROM ({_said('%s')}) a WHERE path = %s AND day = %s",  # noqa: S608  our names
            [ticket.pk, ticket.path, timezone.localtime(ticket.closed_at).date()],
        )


def answers_since(path: str, since: date) -> Mapping[str, int]:
    """The sums of the tallies of an area from that day on; one query."""
    rows = AnswerTally.objects.filter(path__startswith=path, day__gte=since)
    sums = rows.aggregate(**{name: Sum(name, default=0) for name in COUNTERS})
    return {name: int(value) for name, value in sums.items()}


def wrong_answers() -> Iterator[str]:
    """A sentence for each tally of answers that the callbacks do not add up to."""
    sql = COMPARED.format(
        sums=", ".join(f"sum(a.{name})" for name in COUNTERS),
        said=_said("c.id"),
        names=", ".join(COUNTERS),
        statuses=", ".join(f"'{status}'" for status in sorted(HANDLED_STATUSES)),
        nothing=f"array_fill(0, ARRAY[{len(COUNTERS)}])",
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [timezone.get_current_timezone_name()])
        rows = cursor.fetchall()
    for day, path, kept, counted in rows:
        yield _("Answers of %(day)s, %(path)s: %(count)s instead of %(counted)s.") % {
            "day": day,
            "path": path,
            "count": kept,
            "counted": counted,
        }


EXPORT_HEADINGS = (
    gettext_lazy("Solved, first callback"),
    gettext_lazy("Satisfaction, first callback"),
    gettext_lazy("Solved, last callback"),
    gettext_lazy("Satisfaction, last callback"),
)


def exported(ids: Collection[int]) -> dict[int, list[str]]:
    """Of these tickets, cells under EXPORT_HEADINGS, with as many answers as reporters answered; one query."""
    people: dict[int, dict[int, list[Callback]]] = {}
    calls = Callback.objects.filter(ticket_id__in=ids, reached=True).order_by("at", "pk")
    for call in calls:
        people.setdefault(call.ticket_id, {}).setdefault(call.report_id, []).append(call)
    return {
        ticket: [
            "；".join(str(words) for words in cell)
            for cell in zip(*(_of_person(said) for said in by_report.values()), strict=True)
        ]
        for ticket, by_report in people.items()
    }


def _of_person(calls: list[Callback]) -> list[Any]:
    first, last = calls[0], calls[-1]
    return [
        word
        for call in (first, last)
        for word in (Solved(call.solved).label, Satisfaction(call.satisfaction).label)
    ]
