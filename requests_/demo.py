"""About 400 synthetic tickets in every status, played through the services with a clock that runs up to now.

Each caller has a number of their own, 0931-0000100 and so on: synthetic like the office's 0931-0000000, and distinct,
because tickets of one phone and category are repeats of one person (requests_/repeats.py).
"""

import random
from datetime import datetime, timedelta

from django.db.models import DateTimeField, Exists, OuterRef, Q, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Least

from accounts.models import User
from casework.choices import Step, Unit, Urgency
from casework.limits import limit_for, service_levels
from casework.models import CaseEvent, InboxItem, Reminder
from casework.planning import sweep
from casework.reminders import deliver_all
from grids.choices import Duty
from grids.models import Area, Building
from grids.office_calendar import calendar_for
from requests_.demo_clock import OfficeTime
from requests_.demo_repeats import make_repeats
from requests_.demo_stories import Desk, Story, level_of, play
from requests_.demo_time import make_measures
from requests_.models import Category, Ticket
from requests_.services import Report

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
    ("greenery", 2, ("草坪枯死一大片。", "树枝伸到二楼窗前，挡光又招虫。")),
)
# How many tickets end where, and how many office hours ago they were reported; a workday has seven.
ENDINGS = (
    ("reported", 14, 0.2, 8),
    ("to_dispatch", 10, 1, 8),
    ("to_sign", 14, 1, 8),
    ("urgent", 3, 4, 20),
    ("to_review", 12, 3, 20),
    ("to_call_back", 10, 8, 30),
    ("returned", 4, 2, 12),
    ("reopened", 4, 15, 55),
    ("merged", 6, 1, 8),
    ("declined", 8, 20, 430),
    ("cancelled", 6, 20, 430),
    ("settled", 60, 20, 430),
    ("escalated", 6, 20, 430),
    ("closed", 90, 25, 140),
    ("archived", 126, 260, 430),
)
# How many are being handled, and from which to which workday they are due; 0 is the day the office closes next.
HANDLED = (
    ("in_time", 12, 1, 4),
    ("due_today", 11, 0, 0),
    ("overdue", 8, -5, -1),
)
# Due on the next workday at the latest: never one of those with time left.
BRIEF = "exposed-rubbish"
# The published date of the works stands in the remark; the demonstration's own dates are laid around today.
WORKS, ESTATE = "renovation-works", "甘南路省政府家属院"
WORKS_REMARK = "据公开报道，施工队于2023年2月20日进场。"
CALLER_PHONE = "0931-0000{:03d}"


def make_tickets(*, community: str, now: datetime, scale: float = 1.0) -> int:
    """Synthetic tickets of one community (its code); returns how many. The same every time for the same `now`."""
    rng = random.Random(2023)
    author = _Author(rng, community, now)
    parts = [row for row in (*ENDINGS, *HANDLED) for _ in range(max(1, round(row[1] * scale)))]
    rng.shuffle(parts)
    stories = [author.draw(ending, low, high) for ending, _count, low, high in parts]
    # Reported in the order of time: a repeat has its number from what was there before it.
    for story in sorted(stories, key=lambda story: story.clock):
        story.begin()
    # Merged last: into tickets that are being handled.
    for story in sorted(stories, key=lambda story: story.ending == "merged"):
        play(story, author.desk)
    make_measures(community=community, now=now)
    make_repeats(community=community, now=now)
    _spread_inbox(now)
    return len(stories)


class _Author:
    """Invents what is reported where, by whom and when."""

    def __init__(self, rng: random.Random, community: str, now: datetime) -> None:
        self.rng, self.desk, self.office = rng, Desk(rng), OfficeTime(community, now)
        buildings = Building.objects.filter(compound__micro_grid__code__startswith=community)
        buildings = buildings.select_related("compound__micro_grid").order_by("compound__code", "no")
        self.buildings = list(buildings)
        self.categories = {c.code: c for c in Category.objects.select_related("parent")}
        self.levels = service_levels("ticket")

    def draw(self, ending: str, low: float, high: float) -> Story:
        """A story to that ending. `low` and `high` as in ENDINGS, or in HANDLED for what is being handled."""
        rng, categories = self.rng, self.categories
        matters = [
            matter
            for matter in MATTERS
            if (categories[matter[0]].is_small or ending != "settled")
            and (matter[0] != BRIEF or ending != "in_time")
        ]
        code, scene, texts = rng.choice(matters)
        there = [b for b in self.buildings if code != WORKS or b.compound.name == ESTATE]
        building = rng.choice(there)
        area = building.compound.micro_grid
        if area is None:
            raise ValueError(f"{building} lies in no micro-grid")
        by_resident = (rng.random() < 0.45 and ending != "settled") or ending == "to_call_back"
        type = rng.choice(["help", "complaint", "consult", "suggestion"]) if by_resident else "help"
        accept_at = None
        if ending in {name for name, *_ in HANDLED}:
            accept_at = self._accepted_for(categories[code], type, rng.randint(int(low), int(high)))
            clock = accept_at - timedelta(minutes=rng.randint(5, 25))
        else:
            clock = self.office.back(rng.uniform(low, high))
        reporter = self._reporter(area, by_resident=by_resident)
        hotline = by_resident and rng.random() < 0.4
        if by_resident:
            source = "hotline" if hotline else "walk_in"
        else:
            source = rng.choice(["patrol", "patrol", "visit"])
        report = Report(
            category=categories[code],
            area=area,
            description=rng.choice(texts) + (WORKS_REMARK if code == WORKS else "") + "（演示数据）",
            source=source,
            type=type,
            compound=building.compound,
            building=building,
            entrance=building.entrances.first(),
            place_text=f"{rng.randint(1, 6)}层",
            point=building.point or building.compound.point,
            caller_name=rng.choice(["演示居民甲", "演示居民乙", "演示居民丙"]) if by_resident else "",
            caller_phone=CALLER_PHONE.format(next(self.desk.callers)) if by_resident else "",
            external_number=f"LZ{clock:%Y%m%d%H%M}{rng.randint(1000, 9999)}" if hotline else "",
            is_synthetic=True,
        )
        return Story(ending, rng, self.office, clock, reporter, report, scene, accept_at=accept_at)

    def _reporter(self, area: Area, *, by_resident: bool) -> User:
        duty = Duty.MICRO_GRID_WORKER if self.rng.random() < 0.6 else Duty.GRID_WORKER
        if by_resident and self.rng.random() < 0.5:
            duty = Duty.COMMUNITY_OFFICER
        return self.desk.at(duty, area.code)

    def _accepted_for(self, category: Category, type: str, workdays: int) -> datetime:
        """When it was accepted to be due when the office closes, so many workdays from the next time it does."""
        level = level_of(category)
        ticket = Ticket(
            kind="ticket", category=category, type=type, handling_level=level, urgency=Urgency.NORMAL
        )
        limit = limit_for(ticket, Step.HANDLE, on=self.office.today, levels=self.levels)
        if limit is None or limit.unit != Unit.WORKDAY:
            raise ValueError(f"{category} has no limit in workdays")
        due_in = min(workdays, limit.amount - 1)
        calendar = self.office.calendar
        day = calendar.local(self.office.closing_in(due_in - limit.amount)).date()
        return calendar.opening(day) + timedelta(hours=1)


def _spread_inbox(now: datetime) -> None:
    """Plans and delivers everything, then dates each entry to its day: what is late to the moment its words fit, the
    rest as planned.

    Read is what is older than two days, and what a person was told before they acted on the case.
    """
    sweep(now=now)
    deliver_all(now=now)
    due = Cast(KeyTextTransform("due_at", "facts"), DateTimeField())
    planned = Reminder.objects.filter(pk=OuterRef("reminder_id"))
    InboxItem.objects.update(created_at=Subquery(planned.values(at=Least("planned_at", due))))
    calendar = calendar_for("")
    for item in InboxItem.objects.filter(rule="late", facts__days__gt=0):
        day = calendar.local(item.created_at).date()
        item.created_at = calendar.opening(calendar.add_workdays(day, item.facts["days"]))
        item.save(update_fields=["created_at"])
    acted = CaseEvent.objects.filter(
        case=OuterRef("case"), actor=OuterRef("recipient"), at__gte=OuterRef("created_at")
    )
    read = Q(created_at__lt=now - timedelta(days=2)) | Exists(acted)
    InboxItem.objects.unread().filter(read).update(read_at=now)
