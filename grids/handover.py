"""Giving, ending and handing over posts. The database has the last word: one main holder of a duty at a time."""

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

    Where two main holders of a single duty meet in one area, the one of the lower code stays main and the other
    becomes deputy. Called inside the transaction of a split or merge, which checked who may.
    """
    given: list[AreaAssignment] = []
    main: set[tuple[str, str]] = set()
    held: set[tuple[int, str, str]] = set()
    posts = AreaAssignment.objects.select_for_update(of=("self",)).filter(area__in=old)
    lasting = posts.filter(Q(to_on__isnull=True) | Q(to_on__gt=today)).select_related("user")
    for post in lasting.order_by("is_deputy", "area__code", "pk"):
        until, post.to_on = post.to_on, max(today, post.from_on)
        post.save(update_fields=["to_on"])
        for area in new:
            if (post.user_id, post.duty, area.code) in held:
                continue
            held.add((post.user_id, post.duty, area.code))
            taken = post.duty in SINGLE_DUTIES and (post.duty, area.code) in main
            main.add((post.duty, area.code))
            successor = AreaAssignment(
                user=post.user, area=area, duty=post.duty, is_deputy=post.is_deputy or taken,
                specialty=post.specialty, from_on=max(today, post.from_on), to_on=until,
            )  # fmt: skip
            _save(successor)
            given.append(successor)
    return given


def _check_permission(actor: Any, area: Area) -> None:
    if not can_reshape(actor, area):
        raise NotAllowed(_("You may not give posts in %(name)s.") % {"name": area.name})


def _save(post: AreaAssignment) -> None:
    try:
        post.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
    post.save()
