"""Extensions, suspensions, supervision and whistle calls for the demonstration, on tickets that are being handled."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Organisation, User
from casework.services import apply_transition
from grids.choices import Duty
from grids.posts import main_holder
from requests_.choices import TicketStatus
from requests_.demo_clock import OfficeTime
from requests_.models import Ticket


class Scene:
    """The people of one community and the clock: the last hour of the office before now."""

    def __init__(self, community: str, now: datetime) -> None:
        self.office = OfficeTime(community, now)
        self.secretary = self._holder(Duty.COMMUNITY_SECRETARY, community)
        self.officer = self._holder(Duty.COMMUNITY_OFFICER, community)
        self.minutes = 50

    @staticmethod
    def _holder(duty: Duty, community: str) -> User:
        person = main_holder(duty, community)
        if person is None:
            raise ValueError(f"nobody is {duty} of {community}")
        return person

    def take(self, ticket: Ticket, verb: str, actor: Any, **data: Any) -> None:
        """A step within that hour, each a little later than the last."""
        self.minutes -= 1
        at = self.office.back(max(self.minutes, 1) / 60)
        apply_transition(number=ticket.number, verb=verb, actor=actor, data=data, now=at)

    def handler_of(self, ticket: Ticket) -> User:
        organisations = [ticket.handler_org_id] if ticket.handler_org_id else []
        return ticket.handler_user or User.objects.acting_for(organisations).order_by("pk")[0]


def make_measures(*, community: str, now: datetime) -> None:
    """Some of every measure, on tickets that were handled before the last hour; fewer when there are fewer tickets."""
    scene = Scene(community, now)
    handled = Ticket.objects.filter(
        community=community, status=TicketStatus.HANDLING, status_since__lt=scene.office.back(1)
    ).select_related("category", "handler_user", "handler_org")
    in_time = iter(handled.filter(due_at__gt=scene.office.closing_in(0)).order_by("pk")[:12])
    late = iter(handled.filter(due_at__lt=now).order_by("due_at")[:4])
    for story in (_suspended, _extension_waits, _extension_granted, _suspension_waits, _whistle):
        story(scene, in_time)
    for _n in range(2):
        _supervised(scene, late)


def _extension_waits(scene: Scene, tickets: Iterator[Ticket]) -> None:
    for ticket in _some(tickets, 2):
        handler = scene.handler_of(ticket)
        scene.take(
            ticket, "request_extension", handler, workdays=3, reason="配件需要订购，预计三个工作日到货"
        )


def _extension_granted(scene: Scene, tickets: Iterator[Ticket]) -> None:
    for ticket in _some(tickets, 1):
        handler = scene.handler_of(ticket)
        scene.take(ticket, "request_extension", handler, workdays=5, reason="需等停水作业窗口")
        scene.take(ticket, "approve_extension", scene.secretary, opinion="同意，做好解释")


def _suspension_waits(scene: Scene, tickets: Iterator[Ticket]) -> None:
    for ticket in _some(tickets, 1):
        scene.take(
            ticket,
            "propose_suspension",
            scene.officer,
            reason="产权单位暂不明确",
            review_on=_in_days(scene, 20),
        )


def _suspended(scene: Scene, tickets: Iterator[Ticket]) -> None:
    for ticket in _some(tickets, 2):
        scene.take(
            ticket,
            "propose_suspension",
            scene.officer,
            reason="待旧改施工到该楼栋一并处理",
            review_on=_in_days(scene, 30),
        )
        decider = (
            scene.secretary
            if not ticket.external_number
            else main_holder(Duty.SUBDISTRICT_ADMIN, ticket.path)
        )
        scene.take(ticket, "suspend", decider, opinion="同意挂账，到期复核")


def _whistle(scene: Scene, tickets: Iterator[Ticket]) -> None:
    departments = list(
        Organisation.objects.active().filter(takes_cases=True, kind="department").order_by("name")
    )[:2]
    for ticket in _some(tickets, 1):
        scene.take(
            ticket,
            "whistle",
            scene.secretary,
            organisations=departments,
            ground="residents",
            demand="请派员到现场会商处置方案",
            respond_by=scene.office.closing_in(2),
        )
        first = User.objects.acting_for([departments[0].pk]).order_by("pk").first()
        if first is not None:
            scene.take(ticket, "report_in", first, note="已派两人到场")
            scene.take(ticket, "answer_whistle", first, outcome="现场确认管线归属，明日抢修")


def _supervised(scene: Scene, tickets: Iterator[Ticket]) -> None:
    for ticket in _some(tickets, 1):
        scene.take(
            ticket,
            "supervise",
            scene.secretary,
            leader=scene.officer,
            answer_by=scene.office.closing_in(3),
            demand="已超期，三个工作日内办结并书面说明原因",
        )


def _some(tickets: Iterator[Ticket], count: int) -> list[Ticket]:
    return [ticket for _n, ticket in zip(range(count), tickets, strict=False)]


def _in_days(scene: Scene, days: int) -> Any:
    return scene.office.today + timedelta(days=days)
