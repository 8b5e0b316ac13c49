"""Tickets with limits and measures for tests: what is asked for and ordered, by the steps that do it in life."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from requests_.models import Ticket
from tests.factories.requests import accept, dispatch, report, take

ZONE = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int = 10, minute: int = 0, *, month: int = 3) -> datetime:
    """A moment of March 2023, a month without a holiday, in which the 1st is a Wednesday."""
    return datetime(2023, month, day, hour, minute, tzinfo=ZONE)


def signed(area: Any, officer: Any, handler: Any, *, now: datetime | None = None, **fields: Any) -> Ticket:
    """A ticket of the community that its handler has signed for; an organisation with `organisation`."""
    organisation = fields.pop("organisation", None)
    level = fields.pop("level", "community")
    # A category without a limit of its own: the level's holds, seven workdays at the community.
    ticket = report(officer, area, category="dispute", now=now, **fields)
    accept(ticket, officer, level, now=now)
    dispatch(ticket, officer, None if organisation else handler, organisation, now=now)
    return take(ticket, "sign", handler, now=now)


def extend(ticket: Any, handler: Any, workdays: int = 3, *, now: datetime | None = None) -> Ticket:
    """The handler asks for an extension."""
    return take(ticket, "request_extension", handler, workdays=workdays, reason="等待配件到货", now=now)


def propose_suspension(ticket: Any, officer: Any, days: int = 30, *, now: datetime | None = None) -> Ticket:
    """Proposes to suspend it, to be reviewed in so many days."""
    review_on = timezone.localtime(now).date() + timedelta(days=days)
    reason = "等待旧改施工完成后统一处理"
    return take(ticket, "propose_suspension", officer, reason=reason, review_on=review_on, now=now)


def suspend(
    ticket: Any, officer: Any, secretary: Any, days: int = 30, *, now: datetime | None = None
) -> Ticket:
    propose_suspension(ticket, officer, days, now=now)
    return take(ticket, "suspend", secretary, now=now)


def supervise(
    ticket: Any, secretary: Any, leader: Any, *, days: int = 5, now: datetime | None = None
) -> Ticket:
    """Issues a supervision sheet with that leader."""
    answer_by = (now or timezone.now()) + timedelta(days=days)
    demand = "请限期办结并书面说明原因"
    return take(ticket, "supervise", secretary, leader=leader, answer_by=answer_by, demand=demand, now=now)


def whistle(
    ticket: Any, secretary: Any, *organisations: Any, hours: int = 4, now: datetime | None = None
) -> Ticket:
    """Calls the departments to the spot."""
    return take(
        ticket,
        "whistle",
        secretary,
        organisations=organisations,
        ground="residents",
        demand="请到现场联合处置",
        respond_by=(now or timezone.now()) + timedelta(hours=hours),
        now=now,
    )
