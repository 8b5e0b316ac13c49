"""On whose desk an open case lies. Each kind gives its table (`Kind.desks`); what every kind shares stands here.

The table is read in two ways that must agree: as a condition in SQL for one's work, and for one case as the people who
are told that it waits for them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import pgettext

from accounts.models import User
from accounts.permissions import takes_cases_on
from casework.choices import HandlingLevel, WhistleState
from casework.models import Case, Supervision, Suspension, WhistleCall
from casework.registry import Desk, Kind, kind_of, kinds
from casework.scope import COLUMN_OF_LENGTH
from grids.choices import CODE_LENGTH, DUTY_LEVELS, Duty
from grids.models import AreaAssignment
from grids.scope import posts_of

WITHIN_COMMUNITY = (HandlingLevel.GRID, HandlingLevel.COMMUNITY)
# A suspended case is looked at again by the office of the community.
REVIEWERS = (Duty.COMMUNITY_OFFICER, Duty.COMMUNITY_SECRETARY)
# Who may be named on a supervision sheet.
LEADERS = (*REVIEWERS, Duty.SUBDISTRICT_ADMIN)
# Whoever blew the whistle rates the department, as far as they still command the case.
CALLERS = {Duty.COMMUNITY_SECRETARY: Q(handling_level__in=WITHIN_COMMUNITY), Duty.SUBDISTRICT_ADMIN: Q()}
NOTHING = Q(pk__in=[])


def _column(duty: Duty) -> str:
    """The column of a case that holds the code of the area in which this duty is held over it."""
    return COLUMN_OF_LENGTH[CODE_LENGTH[next(iter(DUTY_LEVELS[duty]))]]


def has_nobody() -> Q:
    """Cases whose handler no longer acts: a person who was made inactive, an organisation that was or has nobody left
    who takes its cases.
    """
    acting = User.objects.acting().filter(organisation=OuterRef("handler_org"))
    gone = Q(handler_org__is_active=False) | ~Exists(acting)
    return Q(Q(handler_user__is_active=False) | Q(handler_org__isnull=False) & Q(gone))


def lies_with_handler() -> Q:
    """Cases in a status in which their handler has them."""
    lies = NOTHING
    for kind in kinds():
        lies |= Q(kind=kind.name, status__in=kind.handled_in)
    return lies


def left_by_handler() -> Q:
    """Cases that lie with a handler who no longer acts."""
    return lies_with_handler() & has_nobody()


def desk_filter(user: Any, now: datetime | None = None) -> Q:
    """Open cases that wait for this person: handled by them or their organisation, or asking for their decision.

    Every alternative names an area, a handler or keys, so that each is found by an index of open cases.
    """
    today = timezone.localtime(now).date()
    handled = _is_own(("handler_user", "handler_org"), user.pk, user.organisation_id)
    mine = Q(pk__in=_called(user)) | lies_with_handler() & handled
    for post in posts_of(user):
        duty, here = Duty(post.duty), Q(**{COLUMN_OF_LENGTH[len(post.path)]: post.path})
        for kind in kinds():
            for desk in _table(kind, today):
                mine |= Q(kind=kind.name) & here & _share(desk, duty, user, today)
        mine |= here & _by_name(user, duty, now or timezone.now())
    return Q(closed_at__isnull=True) & mine


def people_at(case: Any, now: datetime | None = None) -> set[int]:
    """Ids of the people on whose desk a case that waits for no handler lies; read from the row as it is saved."""
    return {holder.user_id for holders in holders_at(case, now).values() for holder in holders}


def waits_for(case: Any, now: datetime | None = None) -> str:
    """In words, on whose desk it lies: the duties, each with the names of who holds it; empty when on none."""
    by_duty = holders_at(case, now).items()
    return _list(f"{duty.label} {_list(holder.name for holder in holders)}" for duty, holders in by_duty)


def _list(words: Iterable[str]) -> str:
    return pgettext("between names", ", ").join(words)


def holders_at(case: Any, now: datetime | None = None) -> Mapping[Duty, list["Holder"]]:
    """Who holds the desk on which it lies, by the duty that makes it theirs, in the order of the table."""
    today = timezone.localtime(now).date()
    if not (table := _table(kind_of(case.kind), today)):
        return {}
    sql, params = _lies_sql(case.kind, today)
    with connection.cursor() as cursor:
        cursor.execute(sql, (*params[:-1], case.pk))
        flags = cursor.fetchone()
    desks = [desk for desk, flag in zip(table, flags, strict=True) if flag]
    posts = _posts_over(case, today) if desks else []
    found: dict[Duty, dict[int, Holder]] = {}
    for desk in desks:
        for duty, holders in _first_held(desk, case, posts).items():
            found.setdefault(duty, {}).update({holder.user_id: holder for holder in holders})
    return {duty: list(holders.values()) for duty, holders in found.items()}


@lru_cache(maxsize=32)
def _lies_sql(kind: str, today: date) -> tuple[str, tuple[Any, ...]]:
    """Whether a case of the kind lies on each desk of its table, as SQL with parameters, the case's key the last one.

    Kept for the day: making it takes ten times as long as running it, and every step asks.
    """
    table = _table(kind_of(kind), today)
    lies = {f"on_{place}": ExpressionWrapper(desk.when, BooleanField()) for place, desk in enumerate(table)}
    sql, params = Case.objects.filter(pk=0).annotate(**lies).values_list(*lies).query.sql_with_params()
    return sql, tuple(params)


def _table(kind: Kind, today: date) -> tuple[Desk, ...]:
    """The desks of a kind, and the review of what is suspended."""
    due = Suspension.objects.in_force().filter(review_on__lte=today)
    suspended = Q(status__in=sorted(kind.workflow.paused), pk__in=due.values("case_id"))
    review = (Desk(suspended, (REVIEWERS, (Duty.SUBDISTRICT_ADMIN,))),) if kind.workflow.paused else ()
    return (*kind.desks, *review)


def _share(desk: Desk, duty: Duty, user: Any, today: date) -> Q:
    """What of this desk lies with who holds the duty: it is theirs, or nobody has a duty that comes before."""
    if duty not in desk.also and not any(duty in tier for tier in desk.tiers):
        return NOTHING
    share = desk.when
    if desk.own:
        share &= ~_is_own(desk.own, user.pk, user.organisation_id)
    for tier in desk.tiers if duty not in desk.also else ():
        if duty in tier:
            break
        for other in tier:
            share &= Q(~Exists(_able(desk, other, today)))
    return share


def _able(desk: Desk, duty: Duty, today: date) -> Any:
    """Posts of that duty over the outer query's case whose holders are not left out."""
    posts = AreaAssignment.objects.current(today).filter(duty=duty, area__code=OuterRef(_column(duty)))
    for name in desk.own:
        match = "user__organisation" if name == "handler_org" else "user"
        # 0 is nobody's key: a comparison with NULL would leave everybody out.
        posts = posts.exclude(**{match: Coalesce(OuterRef(name), 0)})
    return posts


def _is_own(names: Iterable[str], user_id: int, organisation_id: int | None) -> Q:
    """Cases the person has to do with under one of these names of the case's people."""
    own = NOTHING
    for name in names:
        key = organisation_id if name == "handler_org" else user_id
        own |= Q(**{name: key}) if key else NOTHING
    return own


@dataclass(frozen=True)
class Holder:
    """A person with a post over the place of a case."""

    user_id: int
    name: str
    organisation_id: int | None
    duty: str


def _posts_over(case: Any, today: date) -> list[Holder]:
    prefixes = [case.path[:n] for n in COLUMN_OF_LENGTH if n <= len(case.path)]
    rows = AreaAssignment.objects.current(today).filter(area__code__in=prefixes).order_by("is_deputy", "pk")
    return [
        Holder(*row) for row in rows.values_list("user_id", "user__name", "user__organisation_id", "duty")
    ]


def _first_held(desk: Desk, case: Any, posts: list[Holder]) -> dict[Duty, list[Holder]]:
    """The people of the first tier that somebody holds who is not left out."""
    for tier in desk.tiers:
        held = {
            duty: holders
            for duty in tier
            if (holders := [p for p in posts if p.duty == duty and not _has_to_do(desk, case, p)])
        }
        if held:
            return held
    return {}


def _has_to_do(desk: Desk, case: Any, person: Holder) -> bool:
    for name in desk.own:
        key = getattr(case, f"{name.rpartition('__')[2]}_id")
        if key and key == (person.organisation_id if name == "handler_org" else person.user_id):
            return True
    return False


def _by_name(user: Any, duty: Duty, now: datetime) -> Q:
    """What lies with this person by name: a supervision sheet, a department they called that is to be rated."""
    mine = NOTHING
    if duty in LEADERS:
        sheets = Supervision.objects.filter(lifted_at__isnull=True, leader=user)
        mine |= Q(is_supervised=True, pk__in=sheets.values("case_id"))
    if duty in CALLERS:
        answered = WhistleCall.objects.to_rate(now).filter(called_by=user)
        mine |= CALLERS[duty] & Q(pk__in=answered.values("case_id"))
    return mine


def _called(user: Any) -> list[int]:
    """Keys of the cases whose whistle called the person's department, until it has dealt with them."""
    if not takes_cases_on(user):
        return []
    calls = WhistleCall.objects.filter(
        organisation=user.organisation_id, state__in=(WhistleState.CALLED, WhistleState.REPORTED_IN)
    )
    return list(calls.values_list("case_id", flat=True))
