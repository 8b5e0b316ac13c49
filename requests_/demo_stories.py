"""How a ticket of the demonstration goes on to its ending, step by step through the services, in office hours."""

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from accounts.models import User
from casework.choices import HandlingLevel
from casework.photos import stage_photo
from casework.services import add_note, apply_transition, set_watch
from grids.choices import Duty
from grids.posts import holders
from requests_.choices import TicketStatus
from requests_.demo_clock import OfficeTime
from requests_.demo_pictures import draw_picture
from requests_.models import Category, Ticket
from requests_.services import Report, report_ticket

FIRST_CALLER = 100


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
        self.callers = count(FIRST_CALLER)

    def at(self, duty: Duty, path: str) -> User:
        key = (duty, path)
        if key not in self.known:
            self.known[key] = [self.users[pk] for pk in sorted(holders((duty,), path))]
        return self.rng.choice(self.known[key])

    def of(self, organisation: Any) -> User:
        return next(u for u in self.users.values() if u.organisation_id == organisation.pk)


@dataclass
class Story:
    """One ticket's way, with its own clock that stands in office hours and never passes now."""

    ending: str
    rng: random.Random
    office: OfficeTime
    clock: datetime
    reporter: User
    report: Report
    scene: int
    ticket: Ticket = field(init=False)
    accept_at: datetime | None = None

    def begin(self) -> None:
        """Reports it; half of the reporters take a picture, a few want to hear how it goes on."""
        photos = []
        if self.rng.random() < 0.5:
            photos = [stage_photo(owner=self.reporter, upload=draw_picture(self.scene, broken=True))]
        self.ticket, _new = report_ticket(
            actor=self.reporter, report=self.report, key=self.key(), photos=photos, now=self.clock
        )
        if self.rng.random() < 0.1:
            set_watch(case=self.ticket, user=self.reporter, watching=True)

    def key(self) -> uuid.UUID:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4)

    def pause(self, low: float, high: float) -> None:
        """Lets some office hours pass, fewer when few are left: the steps still to come need some too."""
        self.clock = self.office.after(
            self.clock, self.rng.uniform(low, high), share=self.rng.uniform(0.2, 0.6)
        )

    def do(self, verb: str, actor: User | None, **data: Any) -> None:
        self.ticket = apply_transition(
            number=self.ticket.number, verb=verb, actor=actor, data=data, now=self.clock
        )


Steps = Callable[[Story, Desk], None]


def play(story: Story, desk: Desk) -> None:
    """Takes the ticket to its ending; what was closed long ago is archived."""
    ENDING_STEPS.get(story.ending, _handled)(story, desk)
    if story.ticket.status == TicketStatus.CLOSED and story.office.now - story.clock > timedelta(days=31):
        story.clock += timedelta(days=30, hours=3)
        story.do("archive", None)


def level_of(category: Category) -> HandlingLevel:
    """At which level the demonstration accepts it."""
    is_grid = category.default_level == HandlingLevel.GRID
    return HandlingLevel.GRID if is_grid else HandlingLevel.COMMUNITY


def _handled(story: Story, desk: Desk) -> None:
    """Accepted, dispatched, signed, finished, reviewed, called back, closed; stops at its ending."""
    _accept(story, desk)
    if story.ending == "to_dispatch":
        return
    if story.ending == "escalated":
        _escalate(story, desk)
    handler = _dispatch(story, desk)
    if story.ending == "to_sign":
        return
    story.pause(0.1, 1.5)
    story.do("sign", handler)
    if story.ticket.wants_first_contact and story.rng.random() < 0.8:
        story.pause(0.1, 0.5)
        story.do("record_contact", handler)
    if story.ending in ("in_time", "due_today", "overdue", "urgent"):
        if story.rng.random() < 0.4:
            text = "已联系产权单位，约定现场查看。"
            add_note(number=story.ticket.number, actor=handler, text=text, key=story.key(), now=story.clock)
        return
    _finish(story, handler, slow=story.rng.random() < 0.08)
    if story.ending == "to_review":
        return
    story.pause(0.5, 6)
    duty = Duty.GRID_LEADER if story.ticket.handling_level == HandlingLevel.GRID else Duty.COMMUNITY_OFFICER
    story.do("pass_review", desk.at(duty, story.ticket.path), opinion="现场核查属实")
    if story.ending != "to_call_back":
        _close(story, desk)


def _accept(story: Story, desk: Desk) -> None:
    ticket, level = story.ticket, level_of(story.ticket.category)
    is_grids = ticket.category.is_small and level == HandlingLevel.GRID
    duty = Duty.GRID_LEADER if is_grids else Duty.COMMUNITY_OFFICER
    story.pause(0.2, 3)
    story.clock = story.accept_at or story.clock
    urgency = "normal" if story.accept_at else story.rng.choice(["normal"] * 6 + ["urgent"])
    if story.ending == "urgent":
        urgency = "urgent"
    story.do("accept", desk.at(duty, ticket.path), urgency=urgency, handling_level=level)


def _dispatch(story: Story, desk: Desk) -> User:
    """Dispatches to the grid's worker or to a department; returns who will handle it."""
    path, level = story.ticket.path, story.ticket.handling_level
    story.pause(0.1, 2)
    if level == HandlingLevel.GRID:
        worker = desk.at(Duty.GRID_WORKER, path)
        leader = desk.at(Duty.GRID_LEADER, path)
        story.do("dispatch", leader, handler=(worker, None), opinion="请今日到现场查看")
        return worker
    organisation = story.rng.choice(desk.departments)
    duty = Duty.SUBDISTRICT_ADMIN if level == HandlingLevel.SUBDISTRICT else Duty.COMMUNITY_OFFICER
    story.do("dispatch", desk.at(duty, path), handler=(None, organisation), opinion="请按时限办理并反馈")
    return desk.of(organisation)


def _finish(story: Story, handler: User, *, slow: bool) -> None:
    story.pause(40 if slow else 1, 80 if slow else 9)
    result = story.rng.choice(
        ["已现场处理完毕，恢复正常。", "已维修，住户确认可用。", "已清理并劝导，后续加强巡查。"]
    )
    photos = [stage_photo(owner=handler, upload=draw_picture(story.rng.randrange(4), broken=False))]
    contacted = "yes" if story.ticket.caller_phone else "not_needed"
    story.do("finish", handler, result=result, contacted=contacted, photos=photos)


def _close(story: Story, desk: Desk) -> None:
    """Called back when a resident waits for an answer; opened again when the story says so."""
    officer = desk.at(Duty.COMMUNITY_OFFICER, story.ticket.path)
    if story.ticket.status == TicketStatus.TO_CALL_BACK:
        story.pause(1, 8)
        satisfaction = story.rng.choice(["satisfied"] * 8 + ["fairly"] * 2)
        story.do("callback", officer, solved="yes", satisfaction=satisfaction)
    if story.ending == "reopened":
        story.pause(7, 20)
        story.do("reopen", officer, reason="同一处又出现问题")


def _escalate(story: Story, desk: Desk) -> None:
    path = story.ticket.path
    story.pause(0.2, 2)
    if story.ticket.handling_level == HandlingLevel.GRID:
        story.do("escalate", desk.at(Duty.GRID_LEADER, path), reason="需要社区协调资金")
    story.pause(0.5, 4)
    secretary = desk.at(Duty.COMMUNITY_SECRETARY, path)
    story.do("escalate", secretary, reason="涉及多个部门，提请街道协调")


def _reported(story: Story, desk: Desk) -> None:
    """Nobody has taken it up yet."""


def _settled(story: Story, desk: Desk) -> None:
    path = story.ticket.path
    worker = desk.at(Duty.GRID_WORKER, path)
    story.pause(0.1, 2)
    photos = [stage_photo(owner=worker, upload=draw_picture(story.rng.randrange(4), broken=False))]
    story.do("settle_on_spot", worker, result="当场处理完毕。", photos=photos)
    if story.ticket.status == TicketStatus.TO_REVIEW:
        story.pause(1, 7)
        story.do("pass_review", desk.at(Duty.GRID_LEADER, path), opinion="抽查属实")


def _declined(story: Story, desk: Desk) -> None:
    story.pause(0.3, 4)
    officer = desk.at(Duty.COMMUNITY_OFFICER, story.ticket.path)
    story.do("decline", officer, decline_reason="not_ours", told_how="当面说明，并告知应向哪个部门反映")


def _merged(story: Story, desk: Desk) -> None:
    """Into one that was there before it and is being handled."""
    story.pause(0.3, 4)
    handled = Ticket.objects.filter(
        community=story.ticket.community, status=TicketStatus.HANDLING, opened_at__lt=story.ticket.opened_at
    )
    officer = desk.at(Duty.COMMUNITY_OFFICER, story.ticket.path)
    story.do("merge", officer, main_ticket=handled.latest("opened_at"))


def _cancelled(story: Story, desk: Desk) -> None:
    story.pause(0.3, 4)
    story.do("cancel", desk.at(Duty.COMMUNITY_OFFICER, story.ticket.path), reason="误报，现场无此情况")


def _returned(story: Story, desk: Desk) -> None:
    _accept(story, desk)
    handler = _dispatch(story, desk)
    story.pause(0.2, 2)
    story.do("send_back", handler, reason="不在本单位职责范围")


ENDING_STEPS: dict[str, Steps] = {
    "reported": _reported,
    "settled": _settled,
    "declined": _declined,
    "merged": _merged,
    "cancelled": _cancelled,
    "returned": _returned,
}
