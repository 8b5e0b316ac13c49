"""For each step of each kind of case: a case that waits for it, who takes it, and good data for its fields."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from requests_.models import ProactiveTopic
from tests.factories.grids import BuildingFactory, CompoundFactory
from tests.factories.measures import extend, propose_suspension, signed, supervise, suspend, whistle
from tests.factories.requests import COMMUNITY, accept, dispatch, finish, report, staged, take

PHONE = {"caller_phone": "0931-8412345"}


@dataclass
class Stage:
    """The people of community 005 and the area their cases lie in."""

    area: Any
    department: Any
    officer: User
    secretary: User
    worker: User
    caller: User  # of the department

    def case_for(self, verb: str) -> tuple[Any, User]:
        """A case whose next step may be `verb`, and who may take it."""
        return SCENES[verb](self)

    def good(self, field: str, case: Any, actor: User) -> dict[str, Any]:
        """Data that the field takes."""
        ahead = timezone.localtime() + timedelta(days=10)
        choices = {
            "urgency": "normal", "handling_level": "community", "decline_reason": "no_facts", "solved": "yes",
            "satisfaction": "satisfied", "contacted": "no", "ground": "residents", "rating": "good",
            "called_by": "community", "category": "lighting", "entrance": "", "position": "103.8405, 36.041",
            "area": self.area.code,
            "handler": f"person:{self.worker.pk}", "person": self.worker.pk, "leader": self.officer.pk,
            "lead": self.worker.pk, "organisations": [self.department.pk], "workdays": "3",
            "review_on": f"{ahead:%Y-%m-%d}", "answer_by": f"{ahead:%Y-%m-%d}", "respond_by": f"{ahead:%Y-%m-%dT%H:%M}",
        }  # fmt: skip
        if field == "place":
            building = BuildingFactory(compound=CompoundFactory(micro_grid=self.area))
            return {field: f"building:{building.pk}"}
        if field == "photos":
            return {"photos_staged": str(staged(actor).key)}
        if field == "main_ticket":
            return {field: report(self.worker, self.area, category=COMMUNITY).number}
        if field == "report":
            return {field: case.number}
        if field == "call":
            return {field: case.whistle_calls.values_list("pk", flat=True)[0]}
        return {field: choices.get(field, "情况属实，同意。")}

    # --- tickets at each turn of their life ------------------------------------------------------------------
    def reported(self, **fields: Any) -> Any:
        return report(self.officer, self.area, **PHONE, **fields)

    def waiting(self) -> Any:
        return accept(self.reported(), self.officer, "community")

    def sent(self) -> Any:
        return dispatch(self.waiting(), self.officer, self.worker)

    def handled(self) -> Any:
        return signed(self.area, self.officer, self.worker, **PHONE)

    def whistled(self, *verbs: str) -> Any:
        ticket = whistle(self.handled(), self.secretary, self.department)
        for verb in verbs:
            ticket = take(ticket, verb, self.caller, outcome="已处置")
        return ticket

    def finished(self) -> Any:
        return finish(self.handled(), self.worker, photo=False)

    def reviewed(self) -> Any:
        return take(self.finished(), "pass_review", self.officer)

    def tried(self) -> Any:
        ticket, now = self.reviewed(), timezone.now()
        for hours in (0, 24, 48):
            ticket = take(ticket, "try_contact", self.officer, now=now + timedelta(hours=hours))
        return ticket

    def closed(self) -> Any:
        return take(self.reviewed(), "callback", self.officer, solved="yes", satisfaction="satisfied")

    def repeated(self) -> Any:
        self.reported()
        return self.reported()

    # --- topics ------------------------------------------------------------------------------------------------
    def topic(self, *steps: str) -> Any:
        building = BuildingFactory(compound=CompoundFactory(micro_grid=self.area))
        for _n in range(3):
            report(self.worker, self.area, building=building, compound=building.compound)
        topic: Any = ProactiveTopic.objects.get()
        for verb in steps:
            actor = self.officer if verb == "take_up" else self.worker
            topic = take(topic, verb, actor, lead=self.worker, plan="集中整治", result="已整治")
        return topic


Scene = Callable[[Stage], tuple[Any, User]]
SCENES: dict[str, Scene] = {
    "accept": lambda s: (s.reported(), s.officer),
    "settle_on_spot": lambda s: (s.reported(), s.worker),
    "decline": lambda s: (s.reported(), s.officer),
    "merge": lambda s: (s.reported(), s.officer),
    "cancel": lambda s: (s.reported(), s.officer),
    "dispatch": lambda s: (s.waiting(), s.officer),
    "request_escalation": lambda s: (s.waiting(), s.officer),
    "escalate": lambda s: (s.waiting(), s.secretary),
    "sign": lambda s: (s.sent(), s.worker),
    "send_back": lambda s: (s.sent(), s.worker),
    "record_contact": lambda s: (s.handled(), s.worker),
    "request_extension": lambda s: (s.handled(), s.worker),
    "approve_extension": lambda s: (extend(s.handled(), s.worker), s.secretary),
    "refuse_extension": lambda s: (extend(s.handled(), s.worker), s.secretary),
    "propose_suspension": lambda s: (s.handled(), s.officer),
    "suspend": lambda s: (propose_suspension(s.handled(), s.officer), s.secretary),
    "refuse_suspension": lambda s: (propose_suspension(s.handled(), s.officer), s.secretary),
    "resume": lambda s: (suspend(s.handled(), s.officer, s.secretary), s.officer),
    "whistle": lambda s: (s.handled(), s.secretary),
    "report_in": lambda s: (s.whistled(), s.caller),
    "answer_whistle": lambda s: (s.whistled("report_in"), s.caller),
    "rate_whistle": lambda s: (s.whistled("report_in", "answer_whistle"), s.secretary),
    "finish": lambda s: (s.handled(), s.worker),
    "reassign": lambda s: (s.handled(), s.officer),
    "pass_review": lambda s: (s.finished(), s.officer),
    "rework": lambda s: (s.finished(), s.officer),
    "callback": lambda s: (s.reviewed(), s.officer),
    "try_contact": lambda s: (s.reviewed(), s.officer),
    "close_unreached": lambda s: (s.tried(), s.officer),
    "reopen": lambda s: (s.closed(), s.officer),
    "supervise": lambda s: (s.handled(), s.secretary),
    "lift_supervision": lambda s: (supervise(s.handled(), s.secretary, s.officer), s.secretary),
    "name_person": lambda s: (s.reported(is_secret=True), s.officer),
    "unlink_repeat": lambda s: (s.repeated(), s.officer),
    "correct": lambda s: (s.handled(), s.officer),
    "topic take_up": lambda s: (s.topic(), s.officer),
    "topic report_progress": lambda s: (s.topic("take_up"), s.worker),
    "topic finish": lambda s: (s.topic("take_up"), s.worker),
    "topic pass_review": lambda s: (s.topic("take_up", "finish"), s.secretary),
    "topic rework": lambda s: (s.topic("take_up", "finish"), s.secretary),
    "topic dismiss": lambda s: (s.topic(), s.secretary),
}
