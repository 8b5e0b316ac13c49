"""Planning reminders in the database: `INSERT … SELECT … ON CONFLICT DO NOTHING`, in batches, as often as one likes.

A rule is a small function of `now`, registered with `@rule`; it calls `plan_cases` or `plan` and returns how many
reminders it wrote. The sweep runs every minute and may run twice at once: the dedupe key is the promise of once.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from casework.audiences import somebody_sql
from casework.choices import Topic
from casework.models import Deadline, EscalationStep, Reminder
from grids.office_calendar import calendar_for
from grids.workdays import WorkCalendar

log = logging.getLogger(__name__)
BATCH = 5000
# News of a step, and of one that asks for or reports a decision: other people want to hear of it, and sooner.
NEWS, NEWS_DECISION = "news", "news_decision"
Rule = Callable[[datetime], int]
# A part of the sweep by its name.
Job = tuple[str, Callable[[], int]]
_rules: dict[str, Rule] = {}
# rule → what it is about and how it reads; kept together so that a rule without words fails at registration.
TOPICS: dict[str, Topic] = {}
SENTENCES: dict[str, Any] = {}
OUTWARD: dict[str, Any] = {}
# What was told by a rule that a later version no longer has still stands in inboxes and lists.
RULE_IS_GONE = _("A reminder of a kind that is no longer made")


def sentence_of(rule: str) -> str:
    """How a reminder of this rule reads in the inbox, a template for its facts."""
    return str(SENTENCES.get(rule, RULE_IS_GONE))


def outward_of(rule: str) -> str:
    """How it reads outside, a template for its facts."""
    return str(OUTWARD.get(rule, RULE_IS_GONE))


def topic_of(rule: str) -> Topic:
    """What a reminder of this rule is about; one of a rule that no longer exists concerns the system."""
    return TOPICS.get(rule, Topic.SYSTEM)


def rules_of(topic: str) -> list[str]:
    """The rules about a topic."""
    return [name for name, about in TOPICS.items() if about == topic]


def register_words(rule: str, topic: Topic, sentence: Any, *, outward: Any) -> None:
    """How a reminder of this rule reads in the inbox, and the topic under which people choose how to hear of it.

    `outward` is what leaves the house beside number, category and grid: no names, no headline.
    """
    TOPICS[rule], SENTENCES[rule], OUTWARD[rule] = topic, sentence, outward


def rule(name: str, topic: Topic, sentence: Any, *, outward: Any) -> Callable[[Rule], Rule]:
    """Registers a function of `now` that plans what is due; planning a known key again is harmless."""

    def register(function: Rule) -> Rule:
        register_words(name, topic, sentence, outward=outward)
        _rules[name] = transaction.atomic(function)
        return function

    return register


@dataclass(frozen=True)
class Swept:
    """What a sweep did: how many reminders and other messages were planned, and the names of what failed."""

    planned: int
    failed: tuple[str, ...] = ()


def sweep(*, now: datetime, also: Iterable[Job] = ()) -> Swept:
    """Plans what the limits, every rule and the other jobs find due at `now`.

    What fails is undone, logged under its name and named in the result; it keeps nothing else from being planned.
    """
    rules: Iterator[Job] = ((name, partial(function, now)) for name, function in _rules.items())
    planned, failed = 0, []
    for name, plan_due in (*_limit_jobs(now), *rules, *also):
        try:
            planned += plan_due()
        except Exception:
            log.exception("planning reminders failed: %s", name)
            failed.append(name)
    return Swept(planned, tuple(failed))


def plan(reminders: Iterable[Reminder]) -> int:
    """Writes reminders made in Python (a few, such as the news of one step); returns how many were offered."""
    rows = list(reminders)
    if rows:
        Reminder.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return len(rows)


INSERT = """
    INSERT INTO casework_reminder (dedupe_key, rule, recipient_id, case_id, facts, is_urgent, state, attempts,
        planned_at, last_error)
    SELECT %(rule)s || ':' || due.key || ':' || person.id, %(rule)s, person.id, c.id,
        due.facts || jsonb_build_object('number', c.number, 'title', c.title, 'kind', c.kind,
            'handler', COALESCE(hu.name, ho.name, '')),
        c.urgency <> 'normal', 'planned', 0, %(now)s, ''
    FROM due JOIN casework_case c ON c.id = due.case_id
    LEFT JOIN accounts_user hu ON hu.id = c.handler_user_id
    LEFT JOIN accounts_organisation ho ON ho.id = c.handler_org_id
    CROSS JOIN LATERAL ({people}) person (id)
    ON CONFLICT (dedupe_key) DO NOTHING"""


def plan_cases(*, name: str, due: QuerySet[Any], tell: Sequence[str], now: datetime) -> int:
    """One reminder for each case of `due` and each person of the audiences; returns how many were new.

    What would reach nobody reaches the case's desk and those above it.

    `due` yields `case_id`, `key` (text that names the occasion) and `facts` (JSON), in this order.
    """
    sql, params = due.query.sql_with_params()
    names = {f"due_{place}": value for place, value in enumerate(params)}
    # Django's SQL has positional parameters, ours has names: they may not be mixed.
    named = sql.replace("%%", "\0") % tuple(f"%({key})s" for key in names)
    insert = INSERT.format(people=somebody_sql(tell))
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH due (case_id, key, facts) AS ({named.replace(chr(0), '%%')}) {insert}",
            {"rule": name, "now": now, "today": timezone.localtime(now).date(), **names},
        )
        return int(cursor.rowcount)


CONDITIONS = {
    "due_soon": "d.yellow_at < %(threshold)s AND d.due_at >= %(threshold)s",
    "late": "d.due_at < %(threshold)s",
}
# One batch of one step: the rows are locked, marked and told in one statement, so that a killed worker leaves
# nothing half done and a second sweep passes over what the first has in hand.
ESCALATE = """
    WITH taken AS (
        SELECT d.id, d.case_id, d.due_at, d.step FROM casework_deadline d
        JOIN casework_case k ON k.id = d.case_id AND k.kind = %(kind)s
        WHERE d.ended_at IS NULL AND d.paused_at IS NULL AND d.told = ANY(%(before)s) AND d.step = %(step)s
            AND {condition}
        LIMIT %(batch)s FOR UPDATE OF d SKIP LOCKED
    ), marked AS (
        UPDATE casework_deadline d SET told = %(after)s FROM taken WHERE d.id = taken.id RETURNING d.id
    ), due AS (
        SELECT taken.case_id, taken.id || ':' || EXTRACT(EPOCH FROM taken.due_at)::bigint || ':' || %(after)s AS key,
            jsonb_build_object('step', taken.step, 'days', %(after)s, 'due_at', taken.due_at) AS facts
        FROM taken
    ), told AS ({insert} RETURNING 1)
    SELECT (SELECT count(*) FROM marked), (SELECT count(*) FROM told)"""


def sweep_deadlines(*, now: datetime) -> int:
    """Tells every limit that is due soon or passed, step by step of its escalation; returns the reminders written.

    Each step is told once per deadline; one that was moved is told anew. A step that would reach nobody reaches the
    case's desk and those above it.
    """
    return sum(job() for _name, job in _limit_jobs(now))


def _limit_jobs(now: datetime) -> Iterator[Job]:
    calendar = calendar_for("")
    for (kind, step, after), tell in escalation_audiences().items():
        yield f"{kind} {step} {after:+}", partial(_tell_step, kind, step, after, tell, now, calendar)


def _tell_step(
    kind: str, step: str, after: int, tell: Sequence[str], now: datetime, calendar: WorkCalendar
) -> int:
    rule_name = "due_soon" if after == EscalationStep.DUE_SOON else "late"
    params: dict[str, Any] = {
        "kind": kind,
        "step": step,
        "after": after,
        "before": list(range(Deadline.NOTHING_TOLD, after)),
        "threshold": late_since(after, now, calendar),
        "batch": BATCH,
        "rule": rule_name,
        "now": now,
        "today": timezone.localtime(now).date(),
    }
    sql = ESCALATE.format(condition=CONDITIONS[rule_name], insert=INSERT.format(people=somebody_sql(tell)))
    written, taken = 0, BATCH
    while taken == BATCH:
        with transaction.atomic(), connection.cursor() as cursor:
            # Compiling the statement costs more than running it: 1.9 of 3.1 s for a batch of 5,000.
            cursor.execute("SET LOCAL jit = off")
            cursor.execute(sql, params)
            taken, told = cursor.fetchone()
        written += told
    return written


def escalation_audiences() -> dict[tuple[str, str, int], list[str]]:
    """The audiences by kind, step and workdays late, in ascending order."""
    steps: dict[tuple[str, str, int], list[str]] = {}
    rows = EscalationStep.objects.order_by("kind", "step", "after_workdays")
    for kind, step, after, tell in rows.values_list("kind", "step", "after_workdays", "tell"):
        steps.setdefault((kind, step, after), []).append(tell)
    return steps


def late_since(after: int, now: datetime, calendar: WorkCalendar) -> datetime:
    """What was due before this moment is at least `after` workdays late now; a workday counts once it has opened."""
    if after <= 0:
        return now
    today = calendar.local(now).date()
    if now < calendar.opening(today):
        today -= timedelta(days=1)
    day = calendar.add_workdays(calendar.on_or_before(today), 1 - after)
    return calendar.at(day, datetime.min.time())
