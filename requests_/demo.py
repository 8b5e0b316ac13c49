"""About 400 synthetic tickets in every status, played through the services with a clock that runs up to now."""

import random
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.models import User
from casework.models import InboxItem, Reminder, ServiceLevel
from casework.photos import stage_photo
from casework.reminders import deliver_all
from casework.services import add_note, apply_transition, set_watch
from grids.choices import Duty
from grids.models import Building
from grids.office_calendar import calendar_for
from grids.posts import holders
from requests_.demo_pictures import draw_picture
from requests_.demo_time import make_measures
from requests_.models import Category, Ticket
from requests_.services import Report, report_ticket

# (category, scene of the picture, descriptions); invented, marked synthetic on every row.
MATTERS: tuple[tuple[str, int, tuple[str, ...]], ...] = (
    ("stairs-handrail", 0, ("单元门口踏步破损，老人易绊倒。", "三楼扶手松动，晃得厉害。", "楼道墙皮脱落。")),
    ("lighting", 1, ("楼道声控灯不亮，夜里看不清台阶。", "院内庭院灯坏了两盏。")),
    ("exposed-rubbish", 2, ("垃圾桶旁堆放生活垃圾，有异味。", "绿化带里有散落垃圾。")),
    ("piled-goods", 2, ("楼道堆放旧家具，占了消防通道。", "一楼楼梯间堆纸箱。")),
    ("small-ads", 2, ("单元门和外墙新贴小广告。",)),
    ("parking", 2, ("私家车停在消防通道口。", "院内乱停车，轮椅过不去。")),
    ("pets", 2, ("有人遛狗不牵绳，草坪上有粪便。",)),
    ("ebike-charging", 1, ("电动车推进楼道充电。", "从窗户拉线给电动车充电。")),
    ("water-drain", 3, ("一楼下水堵塞返水。", "地下室公共管道渗水。")),
    ("manhole", 0, ("院内井盖松动，车过有响声。",)),
    ("noise", 1, ("楼下商铺夜间音响声音大。", "午休时间装修电钻扰民。")),
    ("fire-lane", 2, ("消防通道被隔离桩堵住。",)),
    ("house-safety", 0, ("外墙瓷砖空鼓，有掉落风险，已拉警戒线。",)),
    ("heating", 3, ("暖气不热，室温偏低。", "楼道暖气管接头滴水。")),
    ("elderly-help", 1, ("独居老人需要代买药品。", "老人家中灯泡坏了，够不着。")),
    ("dispute", 1, ("楼上漏水，两家协商不下来。", "为楼道放鞋柜争吵。")),
    ("construction-waste", 2, ("装修垃圾堆在单元门口三天没清。",)),
    (
        "renovation-works",
        0,
        ("旧改施工扬尘大，窗户打不开。", "施工后单元门口地面没恢复。", "停水没有提前通知。"),
    ),
    ("social-help", 1, ("咨询临时救助怎么申请。",)),
)
# How many tickets end where; open ones are placed in the last days so that some are due today, some overdue.
ENDINGS = (
    ("reported", 14),
    ("to_dispatch", 10),
    ("to_sign", 14),
    ("handling", 34),
    ("to_review", 12),
    ("to_call_back", 10),
    ("declined", 8),
    ("merged", 6),
    ("cancelled", 6),
    ("settled", 60),
    ("closed", 216),
    ("reopened", 4),
    ("returned", 4),
    ("escalated", 6),
)
OPEN_ENDINGS = frozenset(
    {"reported", "to_dispatch", "to_sign", "handling", "to_review", "to_call_back", "returned", "reopened"}
)
# How many days back an open ticket was reported at most; later steps need more room before now.
OPEN_DAYS = {"handling": 8.0, "to_review": 3.5, "to_call_back": 5.0, "returned": 2.5, "reopened": 9.0}
# The published date of the works stands in the remark; the demonstration's own dates are laid around today.
WORKS, ESTATE = "renovation-works", "甘南路省政府家属院"
WORKS_REMARK = "据公开报道，施工队于2023年2月20日进场。"
SAFE_PHONE = "0931-0000000"


@dataclass
class Story:
    """One ticket's way, with its own clock that jumps over nights and weekends."""

    rng: random.Random
    clock: datetime
    now: datetime
    ticket: Ticket = field(init=False)
    accept_at: datetime | None = None

    def pause(self, low: float, high: float) -> None:
        """Lets some hours pass; office steps fall on workdays between 8:30 and 18:00."""
        self.clock = office_time(self.clock + timedelta(hours=self.rng.uniform(low, high)), self.rng)

    def do(self, verb: str, actor: User | None, **data: Any) -> bool:
        """Takes the step if the clock has not run past now; False ends the story early."""
        if self.clock >= self.now:
            return False
        self.ticket = apply_transition(
            number=self.ticket.number, verb=verb, actor=actor, data=data, now=self.clock
        )
        return True


def office_time(moment: datetime, rng: random.Random) -> datetime:
    """The moment itself in office hours of a workday, else a time in the next office morning."""
    calendar = calendar_for("")
    day = calendar.on_or_after(calendar.local(moment).date())
    if calendar.opening(day) <= moment <= calendar.closing(day):
        return moment
    if moment > calendar.closing(day):
        day = calendar.add_workdays(day, 1)
    return calendar.opening(day) + timedelta(minutes=rng.randint(0, 40))


class Desk:
    """Who acts at a place: looked up by post, as in life."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.users = {u.pk: u for u in User.objects.select_related("organisation")}
        self.departments = sorted(
            {u.organisation for u in self.users.values() if u.organisation and u.organisation.takes_cases},
            key=lambda o: o.name,
        )
        self.known: dict[tuple[str, str], list[User]] = {}

    def at(self, duty: Duty, path: str) -> User:
        key = (duty, path)
        if key not in self.known:
            self.known[key] = [self.users[pk] for pk in sorted(holders((duty,), path))]
        return self.rng.choice(self.known[key])

    def of(self, organisation: Any) -> User:
        return next(u for u in self.users.values() if u.organisation_id == organisation.pk)


def make_tickets(*, community: str, now: datetime, scale: float = 1.0) -> int:
    """Synthetic tickets of one community (its code); returns how many. The same every time for the same `now`."""
    rng = random.Random(2023)
    desk = Desk(rng)
    buildings = list(
        Building.objects.filter(compound__micro_grid__code__startswith=community)
        .select_related("compound__micro_grid")
        .order_by("compound__code", "no")
    )
    categories = {c.code: c for c in Category.objects.select_related("parent")}
    endings = [name for name, count in ENDINGS for _ in range(max(1, round(count * scale)))]
    rng.shuffle(endings)
    previous: list[Ticket] = []
    for ending in endings:
        story = _begin(ending, rng, desk, buildings, categories, now)
        ENDING_STEPS.get(ending, _handled)(story, desk, ending, previous)
        if ending in ("to_dispatch", "handling"):
            previous.append(story.ticket)
    make_measures(community=community, now=now)
    _spread_inbox(now)
    return len(endings)


def _begin(
    ending: str,
    rng: random.Random,
    desk: Desk,
    buildings: Sequence[Building],
    categories: dict[str, Category],
    now: datetime,
) -> Story:
    small_only = ending == "settled"
    code, scene, texts = rng.choice([m for m in MATTERS if not small_only or categories[m[0]].is_small])
    building = rng.choice([b for b in buildings if b.compound.name == ESTATE] if code == WORKS else buildings)
    area = building.compound.micro_grid
    if area is None:
        raise ValueError(f"{building} lies in no micro-grid")
    days = rng.uniform(0.05, OPEN_DAYS.get(ending, 1.2)) if ending in OPEN_ENDINGS else rng.uniform(3, 88)
    clock = office_time(now - timedelta(days=days), rng)
    if clock >= now:
        clock = now - timedelta(hours=rng.uniform(1, 4))
    accept_at = _due_today(categories[code], now) if ending == "handling" and rng.random() < 0.4 else None
    if accept_at is not None:
        clock = accept_at - timedelta(minutes=rng.randint(5, 25))
    by_resident = (rng.random() < 0.45 and ending != "settled") or ending == "to_call_back"
    reporter = desk.at(Duty.MICRO_GRID_WORKER if rng.random() < 0.6 else Duty.GRID_WORKER, area.code)
    if by_resident and rng.random() < 0.5:
        reporter = desk.at(Duty.COMMUNITY_OFFICER, area.code)
    hotline = by_resident and rng.random() < 0.4
    report = Report(
        category=categories[code],
        area=area,
        description=rng.choice(texts) + (WORKS_REMARK if code == WORKS else "") + "（演示数据）",
        source=("hotline" if hotline else "walk_in")
        if by_resident
        else rng.choice(["patrol", "patrol", "visit"]),
        type=rng.choice(["help", "complaint", "consult", "suggestion"]) if by_resident else "help",
        compound=building.compound,
        building=building,
        entrance=building.entrances.first(),
        place_text=f"{rng.randint(1, 6)}层",
        point=building.point or building.compound.point,
        caller_name=rng.choice(["演示居民甲", "演示居民乙", "演示居民丙"]) if by_resident else "",
        caller_phone=SAFE_PHONE if by_resident else "",
        external_number=f"LZ{clock:%Y%m%d}{rng.randint(1000, 9999)}" if hotline else "",
        is_synthetic=True,
    )
    photos = (
        [stage_photo(owner=reporter, upload=draw_picture(scene, broken=True))] if rng.random() < 0.5 else []
    )
    story = Story(rng=rng, clock=clock, now=now, accept_at=accept_at)
    key = uuid.UUID(int=rng.getrandbits(128), version=4)
    story.ticket, _new = report_ticket(actor=reporter, report=report, key=key, photos=photos, now=clock)
    if rng.random() < 0.1:
        set_watch(case=story.ticket, user=reporter, watching=True)
    return story


def _due_today(category: Category, now: datetime) -> datetime | None:
    """When it had to be accepted to be due at the end of today; None on a day off."""
    calendar = calendar_for("")
    today = calendar.local(now).date()
    fitting = ServiceLevel.objects.filter(kind="ticket", step="handle", unit="workday", urgency="")
    level = "grid" if category.default_level == "grid" else "community"
    limit = fitting.filter(subject=category.code).first() or fitting.get(subject="", level=level)
    if not calendar.is_workday(today):
        return None
    return calendar.opening(calendar.add_workdays(today, -limit.amount)) + timedelta(hours=1)


Steps = Callable[[Story, Desk, str, list[Ticket]], None]


def _accept(story: Story, desk: Desk) -> bool:
    ticket = story.ticket
    level = "grid" if ticket.category.default_level == "grid" else "community"
    duty = Duty.GRID_LEADER if ticket.category.is_small and level == "grid" else Duty.COMMUNITY_OFFICER
    story.pause(0.2, 3)
    if story.accept_at is not None:
        story.clock = story.accept_at
    urgency = "normal" if story.accept_at else story.rng.choice(["normal"] * 6 + ["urgent"])
    return story.do("accept", desk.at(duty, ticket.path), urgency=urgency, handling_level=level)


def _dispatch(story: Story, desk: Desk) -> User | None:
    """Dispatches to the grid's worker or to a department; returns who will handle it, None if time ran out."""
    ticket = story.ticket
    story.pause(0.1, 2)
    if ticket.handling_level == "grid":
        worker = desk.at(Duty.GRID_WORKER, ticket.path)
        dispatcher = desk.at(Duty.GRID_LEADER, ticket.path)
        return (
            worker
            if story.do("dispatch", dispatcher, handler=(worker, None), opinion="请今日到现场查看")
            else None
        )
    organisation = story.rng.choice(desk.departments)
    officer = desk.at(
        Duty.SUBDISTRICT_ADMIN if ticket.handling_level == "subdistrict" else Duty.COMMUNITY_OFFICER,
        ticket.path,
    )
    if story.do("dispatch", officer, handler=(None, organisation), opinion="请按时限办理并反馈"):
        return desk.of(organisation)
    return None


def _finish(story: Story, handler: User, slow: bool) -> bool:
    story.pause(60 if slow else 1, 160 if slow else 9)
    result = story.rng.choice(
        ["已现场处理完毕，恢复正常。", "已维修，住户确认可用。", "已清理并劝导，后续加强巡查。"]
    )
    if story.clock >= story.now:
        return False
    photos = [stage_photo(owner=handler, upload=draw_picture(story.rng.randrange(4), broken=False))]
    contacted = "yes" if story.ticket.caller_phone else "not_needed"
    return story.do("finish", handler, result=result, contacted=contacted, photos=photos)


def _handled(story: Story, desk: Desk, ending: str, previous: list[Ticket]) -> None:
    """Reported, accepted, dispatched, signed, finished, reviewed, called back, closed; stops at its ending."""
    if ending == "reported" or not _accept(story, desk) or ending == "to_dispatch":
        return
    if ending == "escalated" and not _escalate(story, desk):
        return
    handler = _dispatch(story, desk)
    if handler is None or ending == "to_sign":
        return
    story.pause(0.1, 1.5)
    if not story.do("sign", handler):
        return
    if ending == "handling":
        if story.rng.random() < 0.4:
            text = "已联系产权单位，约定现场查看。"
            key = uuid.UUID(int=story.rng.getrandbits(128), version=4)
            add_note(
                number=story.ticket.number, actor=handler, text=text, key=key, now=min(story.clock, story.now)
            )
        return
    if not _finish(story, handler, slow=story.rng.random() < 0.08) or ending == "to_review":
        return
    story.pause(0.5, 8)
    grid_level = story.ticket.handling_level == "grid"
    reviewer = desk.at(Duty.GRID_LEADER if grid_level else Duty.COMMUNITY_OFFICER, story.ticket.path)
    if not story.do("pass_review", reviewer, opinion="现场核查属实") or ending == "to_call_back":
        return
    officer = desk.at(Duty.COMMUNITY_OFFICER, story.ticket.path)
    if story.ticket.status == "to_call_back":
        story.pause(2, 20)
        satisfaction = story.rng.choice(["satisfied"] * 8 + ["fairly"] * 2)
        if not story.do("callback", officer, solved="yes", satisfaction=satisfaction):
            return
    if ending == "reopened":
        story.pause(20, 60)
        story.do("reopen", officer, reason="同一处又出现问题")
        return
    if story.now - story.clock > timedelta(days=31):
        story.clock += timedelta(days=30, hours=3)
        story.do("archive", None)


def _escalate(story: Story, desk: Desk) -> bool:
    path = story.ticket.path
    story.pause(0.2, 2)
    if story.ticket.handling_level == "grid" and not story.do(
        "escalate", desk.at(Duty.GRID_LEADER, path), reason="需要社区协调资金"
    ):
        return False
    story.pause(0.5, 4)
    return story.do("escalate", desk.at(Duty.COMMUNITY_SECRETARY, path), reason="涉及多个部门，提请街道协调")


def _settled(story: Story, desk: Desk, ending: str, previous: list[Ticket]) -> None:
    worker = desk.at(Duty.GRID_WORKER, story.ticket.path)
    story.pause(0.1, 2)
    if story.clock < story.now:
        photos = [stage_photo(owner=worker, upload=draw_picture(story.rng.randrange(4), broken=False))]
        story.do("settle_on_spot", worker, result="当场处理完毕。", photos=photos)
    if story.ticket.status == "to_review":
        story.pause(1, 10)
        story.do("pass_review", desk.at(Duty.GRID_LEADER, story.ticket.path), opinion="抽查属实")


def _declined(story: Story, desk: Desk, ending: str, previous: list[Ticket]) -> None:
    story.pause(0.3, 4)
    officer = desk.at(Duty.COMMUNITY_OFFICER, story.ticket.path)
    story.do("decline", officer, decline_reason="not_ours", told_how="当面说明，并告知应向哪个部门反映")


def _merged(story: Story, desk: Desk, ending: str, previous: list[Ticket]) -> None:
    story.pause(0.3, 4)
    main = next((t for t in reversed(previous) if Ticket.objects.open().filter(pk=t.pk).exists()), None)
    if main is not None:
        story.do("merge", desk.at(Duty.COMMUNITY_OFFICER, story.ticket.path), main_ticket=main)


def _cancelled(story: Story, desk: Desk, ending: str, previous: list[Ticket]) -> None:
    story.pause(0.3, 4)
    story.do("cancel", desk.at(Duty.COMMUNITY_OFFICER, story.ticket.path), reason="误报，现场无此情况")


def _returned(story: Story, desk: Desk, ending: str, previous: list[Ticket]) -> None:
    if _accept(story, desk) and (handler := _dispatch(story, desk)):
        story.pause(0.2, 2)
        story.do("send_back", handler, reason="不在本单位职责范围")


ENDING_STEPS: dict[str, Steps] = {
    "settled": _settled,
    "declined": _declined,
    "merged": _merged,
    "cancelled": _cancelled,
    "returned": _returned,
}


def _spread_inbox(now: datetime) -> None:
    """Delivers everything, then dates each entry to its day and marks what is older than two days as read."""
    deliver_all(now=now)
    planned = Reminder.objects.filter(pk=OuterRef("reminder_id")).values("planned_at")
    InboxItem.objects.update(created_at=Subquery(planned))
    InboxItem.objects.filter(created_at__lt=now - timedelta(days=2), read_at=None).update(read_at=now)
