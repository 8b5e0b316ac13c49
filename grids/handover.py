"""Giving, ending and handing over posts. The database has the last word: one main holder of a duty at a time."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core.errors import DomainError, NotAllowed, NotOffered
from grids.choices import SINGLE_DUTIES
from grids.models import Area, AreaAssignment
from grids.periods import OPEN, Period, minus
from grids.permissions import can_reshape
from grids.succession import hold_in_force


@transaction.atomic
def assign_post(
    *,
    actor: Any,
    user: Any,
    area: Area,
    duty: str,
    from_on: date,
    is_deputy: bool = False,
    specialty: str = "",
) -> AreaAssignment:
    """Give a post from that day on. DomainError when the duty has a main holder then or does not fit the level,
    or when the area is no longer in force.
    """
    _check_permission(actor, area)
    if not hold_in_force(area):
        raise NotOffered(_("%(name)s is no longer in force.") % {"name": area.name})
    post = AreaAssignment(
        user=user, area=area, duty=duty, is_deputy=is_deputy, specialty=specialty, from_on=from_on
    )
    _save(post)
    return post


@transaction.atomic
def end_post(*, actor: Any, post: AreaAssignment, on: date) -> AreaAssignment:
    """The post is held until the day before; nothing is deleted, since the history of posts counts."""
    post = (
        AreaAssignment.objects.select_for_update(of=("self",)).select_related("area__parent").get(pk=post.pk)
    )
    _check_permission(actor, post.area)
    if post.to_on is not None and post.to_on <= on:
        raise DomainError(_("This post ended already."))
    post.to_on = max(on, post.from_on)
    post.save(update_fields=["to_on"])
    return post


@transaction.atomic
def hand_over_post(*, actor: Any, post: AreaAssignment, to: Any, on: date) -> AreaAssignment:
    """End one person's post and give the same post to another from that day on."""
    if to == post.user:
        raise DomainError(_("Choose another person than the one who holds the post."))
    hold_in_force(post.area)  # asked again below; before the post, as a split or merge locks them
    old = end_post(actor=actor, post=post, on=on)
    return assign_post(
        actor=actor,
        user=to,
        area=old.area,
        duty=old.duty,
        from_on=on,
        is_deputy=old.is_deputy,
        specialty=old.specialty,
    )


def hand_over_posts(*, old: Sequence[Area], new: Sequence[Area], today: date) -> list[AreaAssignment]:
    """End the posts of retired areas and give them in every area that replaces them; returns the new posts.

    Where two main holders of a single duty meet in one area, the one of the lower code stays main and the other is
    deputy for the days both hold it. Called inside the transaction of a split or merge, which checked who may.
    """
    given: list[AreaAssignment] = []
    # Days on which a duty has its main holder, and on which a person holds it, per new area.
    main: dict[Any, list[Period]] = defaultdict(list)
    held: dict[Any, list[Period]] = defaultdict(list)
    posts = AreaAssignment.objects.select_for_update(of=("self",)).filter(area__in=old)
    lasting = posts.filter(Q(to_on__isnull=True) | Q(to_on__gt=today)).select_related("user")
    for post in lasting.order_by("is_deputy", "area__code", "from_on", "pk"):
        period = (max(today, post.from_on), post.to_on or OPEN)
        post.to_on = period[0]
        post.save(update_fields=["to_on"])
        is_single = post.duty in SINGLE_DUTIES and not post.is_deputy
        for area in new:
            own = held[post.user_id, post.duty, post.specialty, area.pk]
            others = main[post.duty, area.pk] if is_single else []
            free = minus(period, own)
            as_main = [part for days in free for part in minus(days, others)]
            as_deputy = [part for days in free for part in minus(days, as_main)]
            given += [_successor(post, area, days, post.is_deputy) for days in as_main]
            given += [_successor(post, area, days, True) for days in as_deputy]
            own += free
            others += as_main
    return given


def _successor(post: AreaAssignment, area: Area, days: Period, is_deputy: bool) -> AreaAssignment:
    """The same post in a new area for these days."""
    successor = AreaAssignment(
        user=post.user, area=area, duty=post.duty, is_deputy=is_deputy, specialty=post.specialty,
        from_on=days[0], to_on=None if days[1] == OPEN else days[1],
    )  # fmt: skip
    _save(successor)
    return successor


def _check_permission(actor: Any, area: Area) -> None:
    if not can_reshape(actor, area):
        raise NotAllowed(_("You may not give posts in %(name)s.") % {"name": area.name})


def _save(post: AreaAssignment) -> None:
    try:
        post.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
    post.save()
