"""Repeated complaints for the demonstration: two buildings whose complaints raise a proactive topic, and one resident
who reports the same matter for the third time.

Callers of the demonstration have synthetic numbers that begin like the office's, with 0931-0000; those here end in 001
to 099, those of requests_/demo.py in 100 and above: each caller is somebody else, as tickets of one phone are repeats.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from casework.services import apply_transition
from grids.choices import Duty
from grids.models import Building
from grids.posts import main_holder
from requests_.demo_clock import OfficeTime
from requests_.models import Category, ProactiveTopic, Ticket
from requests_.services import Report, report_ticket

# Workdays before today; far enough apart to be told one by one, the complaints of a topic within thirty days.
HEATING, WATER, NOISE = (13, 6, 1), (4, 2, 1), (45, 25, 2)
TEXTS = {
    "heating": ("暖气不热，室温只有十五度。", "供暖不稳，夜里没有温度。", "暖气片一直是凉的，老人孩子受冻。"),
    "water-drain": ("一楼下水返水，厨房进水。", "卫生间下水慢，有异味。", "地漏返水，楼道有积水。"),
    "noise": ("楼下商铺音响扰民。", "楼下商铺音响又开到很晚。", "已反映两次，楼下商铺夜间仍放音响。"),
}


class Scene:
    """The people of one community, its buildings without such complaints, and the days before today."""

    def __init__(self, community: str, now: datetime) -> None:
        self.office = OfficeTime(community, now)
        self.officer = _holder(Duty.COMMUNITY_OFFICER, community)
        self.secretary = _holder(Duty.COMMUNITY_SECRETARY, community)
        told = Ticket.objects.filter(category__code__in=TEXTS, community=community)
        quiet = Building.objects.filter(compound__micro_grid__code__startswith=community)
        quiet = quiet.exclude(pk__in=told.exclude(building=None).values("building"))
        self.buildings = list(
            quiet.select_related("compound__micro_grid").order_by("compound__code", "no")[:3]
        )
        self.callers = 0

    def at(self, workdays: int, hours: float) -> datetime:
        """So many hours after the office opened, so many workdays ago."""
        calendar = self.office.calendar
        return calendar.opening(calendar.add_workdays(self.office.today, -workdays)) + timedelta(hours=hours)

    def next_caller(self) -> str:
        self.callers += 1
        return f"0931-0000{self.callers:03d}"

    def report(self, code: str, place: int, text: str, phone: str, at: datetime) -> Ticket:
        building = self.buildings[place]
        if building.compound.micro_grid is None:
            raise ValueError(f"{building} lies in no micro-grid")
        report = Report(
            category=Category.objects.select_related("parent").get(code=code),
            area=building.compound.micro_grid,
            description=f"{text}（演示数据）",
            source="hotline",
            type="complaint",
            compound=building.compound,
            building=building,
            point=building.point or building.compound.point,
            caller_name="演示居民",
            caller_phone=phone,
            external_number=f"LZ{at:%Y%m%d}{phone[-4:]}",
            is_synthetic=True,
        )
        key = uuid.uuid5(uuid.NAMESPACE_OID, f"{code} {phone} {at:%Y-%m-%d}")
        return report_ticket(actor=self.officer, report=report, key=key, now=at)[0]

    def close(self, ticket: Ticket) -> None:
        """Handled by the grid's worker and closed on the day it was reported, the resident says partly."""
        worker = _holder(Duty.GRID_WORKER, ticket.path)
        steps: list[tuple[str, User, dict[str, Any]]] = [
            ("accept", self.officer, {"urgency": "normal", "handling_level": "community"}),
            ("dispatch", self.officer, {"handler": (worker, None), "opinion": "请今日到现场查看"}),
            ("sign", worker, {}),
            ("finish", worker, {"result": "已联系责任单位上门处理，暂时恢复。", "contacted": "yes"}),
            ("pass_review", self.secretary, {"opinion": "电话核查属实"}),
            ("callback", self.officer, {"solved": "partly", "satisfaction": "fairly"}),
        ]
        for place, (verb, actor, data) in enumerate(steps, start=1):
            at = self.office.after(ticket.opened_at, 0.75 * place)
            apply_transition(number=ticket.number, verb=verb, actor=actor, data=data, now=at)


def make_repeats(*, community: str, now: datetime) -> None:
    """Nine complaints, two topics: one in hand, one to be taken up. Nothing where three quiet buildings are missing."""
    scene = Scene(community, now)
    if len(scene.buildings) < 3:
        return
    one = scene.next_caller()
    for n, days in enumerate(NOISE):
        ticket = scene.report("noise", 2, TEXTS["noise"][n], one, scene.at(days, 1))
        if n < 2:
            scene.close(ticket)
    for code, place, workdays in (("heating", 0, HEATING), ("water-drain", 1, WATER)):
        for n, days in enumerate(workdays):
            ticket = scene.report(code, place, TEXTS[code][n], scene.next_caller(), scene.at(days, 0.5 + n))
            if code == "heating" and n < 2:
                scene.close(ticket)
    _take_up(scene, ProactiveTopic.objects.get(building=scene.buildings[0], category__code="heating"))


def _take_up(scene: Scene, topic: ProactiveTopic) -> None:
    plan = "联系热力公司检修该楼栋换热支线，逐户测温登记，三日内张贴情况说明。"
    at = scene.office.back(1 / 2)
    data: dict[str, Any] = {"lead": scene.officer, "plan": plan}
    apply_transition(number=topic.number, verb="take_up", actor=scene.secretary, data=data, now=at)
    note = "热力公司已答复，明日上午到场排查支线阀门。"
    at = scene.office.back(1 / 12)
    apply_transition(
        number=topic.number, verb="report_progress", actor=scene.officer, data={"note": note}, now=at
    )


def _holder(duty: Duty, path: str) -> User:
    person = main_holder(duty, path)
    if person is None:
        raise ValueError(f"nobody is {duty} of {path}")
    return person
