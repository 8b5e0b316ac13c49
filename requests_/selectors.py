"""Reads that forms and pages of tickets share."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.gis.db.models.functions import Distance
from django.contrib.gis.geos import Point
from django.contrib.gis.measure import D
from django.db.models import Case, Q, QuerySet, When

from accounts.choices import Role
from accounts.models import Organisation, User
from casework.limit_models import parameter
from grids.choices import Duty
from grids.posts import holders, staff_within
from grids.scope import holds
from requests_.models import Category, Ticket, TicketQuerySet

ON_THE_SPOT = (Role.GRID_WORKER, Role.MICRO_GRID_WORKER, Role.GRID_LEADER)
DUTIES_WITH_ORGANISATIONS = (Duty.COMMUNITY_OFFICER, Duty.COMMUNITY_SECRETARY, Duty.SUBDISTRICT_ADMIN)


def handlers_for(user: Any, ticket: Any) -> tuple[QuerySet[User], QuerySet[Organisation]]:
    """People and organisations this person may dispatch the ticket to.

    A grid leader: people of the grid. An officer or secretary: people of the community, and the organisations that
    take cases. The subdistrict: its own people and the organisations. A secret ticket goes to a person only, since
    everybody of an organisation would see it. Who works on the spot comes first.
    """
    if not holds(user, DUTIES_WITH_ORGANISATIONS, ticket.path):
        reach = ticket.grid
    elif holds(user, (Duty.SUBDISTRICT_ADMIN,), ticket.path):
        reach = ticket.subdistrict
    else:
        reach = ticket.community
    nearness = Case(*[When(role=role, then=place) for place, role in enumerate(ON_THE_SPOT)], default=9)
    people = User.objects.active().filter(pk__in=staff_within(reach)).exclude(role=Role.LEADER_VIEW)
    people = people.order_by(nearness, "name")
    organisations = Organisation.objects.active().filter(takes_cases=True)
    takes = reach != ticket.grid and not ticket.is_secret
    return people, organisations if takes else organisations.none()


def leaders_for(ticket: Any) -> QuerySet[User]:
    """Who may be named to answer for a supervised ticket: the secretary, the officers and the subdistrict.

    Of a secret ticket those of them who see it.
    """
    people = User.objects.active().filter(pk__in=holders(DUTIES_WITH_ORGANISATIONS, ticket.path))
    if ticket.is_secret:
        same = Ticket.objects.filter(pk=ticket.pk)
        people = people.filter(pk__in=[user.pk for user in people if same.visible_to(user).exists()])
    return people.order_by("name")


def leads_for(topic: Any) -> QuerySet[User]:
    """Who may lead a topic: everybody who works in its community."""
    people = User.objects.active().filter(pk__in=staff_within(topic.community))
    return people.exclude(role=Role.LEADER_VIEW).order_by("name")


def mergeable_into(user: Any, ticket: Any) -> TicketQuerySet:
    """Open tickets of the same community the person sees, newest first; secret ones for a secret ticket only, since
    each names the other in its timeline.
    """
    return (
        Ticket.objects.visible_to(user)
        .open()
        .filter(community=ticket.community, is_secret=ticket.is_secret)
        .exclude(pk=ticket.pk)
        .order_by("-opened_at")
    )


def is_awaited(ticket: Ticket) -> bool:
    """Whether somebody is to be called back about it: its own resident, or one whose report was merged into it."""
    if ticket.wants_callback:
        return True
    return any(other.wants_callback for other in Ticket.objects.filter(merged_into=ticket))


def people_to_name(ticket: Ticket) -> QuerySet[User]:
    """Who may be let in on a secret ticket: everybody who works in its community, and the subdistrict above it."""
    above = holders((Duty.SUBDISTRICT_ADMIN,), ticket.path)
    people = User.objects.active().filter(pk__in=[*staff_within(ticket.community), *above])
    return people.exclude(role=Role.LEADER_VIEW).order_by("name")


def open_nearby(user: Any, *, category: Category, point: Point | None, building: Any = None) -> list[Ticket]:
    """Open tickets of the same category within the duplicate radius or in the same building; at most five.

    Only what the person may see anyway: a hint must not tell of a secret case.
    """
    metres = parameter("duplicate_radius_m")
    place = Q(pk__in=[])
    if building is not None:
        place |= Q(building=building)
    if point is not None:
        place |= Q(point__dwithin=(point, degrees(metres)))
    found = Ticket.objects.visible_to(user).open().filter(place, category=category).for_list()
    if point is not None:
        found = found.annotate(distance=Distance("point", point))
    near = [t for t in found.order_by("-opened_at")[:50] if _near(t, building, D(m=metres))]
    return near[:5]


def _near(ticket: Any, building: Any, radius: D) -> bool:
    distance = getattr(ticket, "distance", None)
    return (building is not None and ticket.building_id == building.pk) or (
        distance is not None and distance <= radius
    )


def degrees(metres: float) -> float:
    """An upper bound of `metres` in degrees of longitude up to 60° north; used to let the index narrow the search."""
    return metres / 55_000


def offered_categories() -> list[Category]:
    """The categories a ticket may be given, with their groups."""
    return list(Category.objects.offered())


def category_choices(offered: Iterable[Category] | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """The categories a ticket may be given, as groups of (code, name)."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for category in offered_categories() if offered is None else offered:
        group = category.parent.name if category.parent else category.name
        groups.setdefault(group, []).append((category.code, category.name))
    return list(groups.items())


def reported_before(user: Any, key: UUID) -> Ticket | None:
    """The ticket this person's form with this key has made already."""
    return Ticket.objects.filter(reporter=user, idempotency_key=key).first()


def due_for_archive(before: datetime) -> QuerySet[Ticket]:
    """Closed tickets whose closing lies before that moment, not archived yet and no longer supervised."""
    return Ticket.objects.filter(status="closed", closed_at__lt=before, is_supervised=False).order_by("pk")
