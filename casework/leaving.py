"""What lies with somebody who is to leave, and who hears of it afterwards: cases, sheets and calls by their numbers."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Concat, Extract, JSONObject
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext

from accounts.models import Organisation, User
from casework.choices import Audience, HandlingLevel, Topic
from casework.desks import desk_filter, left_by_handler, lies_with_handler
from casework.models import Case, WhistleCall
from casework.planning import plan_cases, rule
from casework.validity import Lines, holds, pks
from grids.models import AreaAssignment

SHOWN = 30
# How long after a post has ended its cases are looked for.
LOOKED_BACK = timedelta(days=7)
AT_LEVEL = (
    (Q(handling_level__in=(HandlingLevel.GRID, HandlingLevel.COMMUNITY)), (Audience.COMMUNITY_OFFICER,)),
    (
        Q(handling_level__in=(HandlingLevel.SUBDISTRICT, HandlingLevel.DISTRICT)),
        (Audience.SUBDISTRICT_ADMIN,),
    ),
)


def cases_of_person(user: User) -> Iterable[str]:
    return _named(Case.objects.filter(Q(handler_user=user, closed_at__isnull=True) | desk_filter(user)))


def cases_of_post(post: AreaAssignment) -> Iterable[str]:
    """Those of the post's area that lie with who holds it."""
    mine = Q(handler_user=post.user, closed_at__isnull=True) | desk_filter(post.user)
    return _named(Case.objects.filter(mine, path__startswith=post.area.code))


def cases_of_organisation(organisation: Organisation) -> Iterable[str]:
    called = WhistleCall.objects.unanswered().filter(organisation=organisation).values("case_id")
    mine = Q(handler_org=organisation) | Q(pk__in=called)
    return _named(Case.objects.open().filter(mine))


def _named(cases: Any) -> Iterable[str]:
    """How many they are, and the numbers of the first; secret ones are counted without a number."""
    count = cases.count()
    if not count:
        return ()
    numbers = list(cases.filter(is_secret=False).order_by("number").values_list("number", flat=True)[:SHOWN])
    words = ngettext("%(n)s open case: %(numbers)s", "%(n)s open cases: %(numbers)s", count)
    listed = pgettext("between names", ", ").join(numbers) + (" …" if len(numbers) < count else "")
    return (words % {"n": count, "numbers": listed},)


def _since(field: str) -> Concat:
    return Concat(
        "pk", Value(":"), field, Value(":"), Extract("status_since", "epoch"), output_field=CharField()
    )


def _to_the_office(name: str, cases: Any, key: Any, now: datetime) -> int:
    due = cases.order_by().values_list("pk", key, JSONObject(status="status"))
    return sum(plan_cases(name=name, due=due.filter(at), tell=tell, now=now) for at, tell in AT_LEVEL)


@rule(
    "handler_left",
    Topic.TURN,
    _("%(number)s: %(handler)s no longer handles cases; give it to somebody else"),
    outward=_("its handler left"),
)
def handler_left(now: datetime) -> int:
    """Once for a handler who was made inactive, to the office of the community or the subdistrict, by its level."""
    gone = User.objects.filter(is_active=False)
    people = Case.objects.open().filter(lies_with_handler(), handler_user__in=gone)
    bodies = Case.objects.open().filter(left_by_handler(), handler_org__isnull=False)
    return _to_the_office("handler_left", people, _since("handler_user"), now) + _to_the_office(
        "handler_left", bodies, _since("handler_org"), now
    )


@holds("handler_left")
def _still_left(lines: Lines, now: datetime) -> Collection[int]:
    """Nobody has it in hand yet."""
    return pks(lines.filter(case__in=Case.objects.open().filter(left_by_handler())))


@rule(
    "post_ended",
    Topic.TURN,
    _("%(number)s: the post of %(handler)s there has ended; see who goes on with it"),
    outward=_("the post of its handler ended"),
)
def post_ended(now: datetime) -> int:
    """When the last post of a handler over the place of a case has ended, to the same people."""
    today = timezone.localtime(now).date()
    ended = AreaAssignment.objects.filter(to_on__lte=today, to_on__gt=today - LOOKED_BACK)
    still = AreaAssignment.objects.current(today).filter(user=OuterRef("handler_user"))
    cases = Case.objects.open().filter(
        lies_with_handler(), handler_user__in=ended.values("user"), handler_user__is_active=True
    )
    outside = cases.filter(
        Exists(ended.filter(user=OuterRef("handler_user")).filter(_over())), ~Exists(still.filter(_over()))
    )
    return _to_the_office("post_ended", outside, _since("handler_user"), now)


def _over() -> Q:
    """Posts over the outer query's case."""
    columns = ("path", "grid", "community", "subdistrict", "district")
    return Q(area__code__in=[OuterRef(column) for column in columns])
