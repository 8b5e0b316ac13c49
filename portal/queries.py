"""What the top pages read: one's work, what is new, and the inbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from casework.desks import desk_filter, left_by_handler
from casework.models import InboxItem
from casework.planning import rules_of, topic_of
from casework.reminders import sentence
from casework.selectors import visible_cases
from grids.choices import Level
from grids.models import Area
from grids.office_calendar import HoursBook
from grids.scope import posts_of, scope_paths
from grids.workdays import ReminderHours
from portal.permissions import summary_paths
from portal.topics import LOOKS, Look

# As many lines as one still reads beside a map.
MAP_AREAS = 60


@dataclass(frozen=True)
class InboxLine:
    """One inbox entry in words, with the look of its topic."""

    item: Any
    sentence: str
    look: Look


@dataclass(frozen=True)
class InboxDay:
    """The entries of one day; `age` in days."""

    day: date
    age: int
    lines: list[InboxLine]


def my_work(user: Any, *, now: datetime | None = None) -> QuerySet[Any]:
    """Open cases that wait for this person."""
    return visible_cases(user).filter(desk_filter(user, now))


def open_topics(user: Any) -> int:
    """How many proactive topics are open where the person sees them."""
    return visible_cases(user).open().filter(kind="topic").count()


def left_cases(user: Any) -> int:
    """How many open cases of the areas the person answers for are with a handler who left."""
    if not summary_paths(user):
        return 0
    return visible_cases(user).open().filter(left_by_handler()).count()


def new_cases(user: Any, *, since: datetime) -> QuerySet[Any]:
    """Open cases reported since then by others and visible to the person, newest first."""
    return (
        visible_cases(user)
        .open()
        .filter(opened_at__gte=since)
        .exclude(reporter=user)
        .order_by("-opened_at", "-pk")
    )


def overdue_cases(user: Any, *, now: datetime) -> QuerySet[Any]:
    """Visible cases past their limit, the latest first."""
    return visible_cases(user).overdue(now).order_by("due_at", "pk")


def inbox_of(user: Any, *, only_unread: bool = False, topic: str = "") -> QuerySet[InboxItem]:
    """The person's entries, of one topic if it is given, each with `is_urgent`."""
    items = InboxItem.objects.visible_to(user).select_related("case")
    items = items.annotate(is_urgent=F("reminder__is_urgent"))
    if topic:
        items = items.filter(rule__in=rules_of(topic))
    return items.unread() if only_unread else items


def in_words(items: Iterable[Any]) -> list[InboxLine]:
    return [InboxLine(item, sentence(item), LOOKS[topic_of(item.rule)]) for item in items]


def by_day(lines: Iterable[InboxLine], *, now: datetime) -> list[InboxDay]:
    """Lines in the order they stand, one group for each day of the office's clock."""
    today = timezone.localdate(now)
    groups = groupby(lines, key=lambda line: timezone.localdate(line.item.created_at))
    return [InboxDay(day, (today - day).days, list(group)) for day, group in groups]


def unread_by_topic(user: Any) -> dict[str, int]:
    """How many unread entries the person has of each topic; one query."""
    rows = InboxItem.objects.visible_to(user).unread().order_by().values_list("rule")
    counts = dict.fromkeys(LOOKS, 0)
    for rule, count in rows.annotate(count=Count("pk")):
        counts[topic_of(rule)] += count
    return counts


def reminder_hours(user: Any) -> ReminderHours:
    """The quiet hours and the hour of the morning list at the person's main post."""
    posts = sorted(posts_of(user), key=lambda post: (post.is_deputy, post.path))
    return HoursBook().hours(posts[0].path if posts else "")


def summary_areas(user: Any) -> list[Area]:
    """Areas whose figures are open to the person, widest first."""
    return list(Area.objects.in_force().defer("boundary").filter(code__in=summary_paths(user)))


def summary_area(user: Any, code: str) -> Area | None:
    """One area in force at or below those whose figures are open to the person."""
    allowed = any(code.startswith(path) for path in summary_paths(user))
    return Area.objects.in_force().defer("boundary").filter(code=code).first() if allowed else None


def map_areas(user: Any) -> list[Area]:
    """What the list beside the map names: the grids the person serves, or the level that is not too long."""
    areas = Area.objects.visible_to(user).in_force()
    paths = scope_paths(user)
    inside = Q(pk__in=[])
    for path in paths:
        inside |= Q(code__startswith=path)
    for level in (Level.GRID, Level.COMMUNITY, Level.SUBDISTRICT, Level.DISTRICT):
        found = list(areas.filter(inside if paths else Q(), level=level)[: MAP_AREAS + 1])
        if 0 < len(found) <= MAP_AREAS:
            return found
    return list(areas.filter(code__in=paths))
