"""The case page, shown by every view that acts on a case: as it is, with an open form, or after a refusal."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.choices import AttachmentKind
from casework.deliveries import deliveries_of
from casework.desks import waits_for
from casework.forms import NoteForm, RevealForm
from casework.lights import light_of
from casework.panel import panel_of
from casework.permissions import is_final
from casework.registry import kind_of
from casework.selectors import offered_steps, primary_step, related_cases, visible_case
from casework.timeline import paragraphs, sentence
from casework.workflow import Transition
from grids.maps import MapView, bounds_of, collection, feature


@dataclass(frozen=True)
class EventLine:
    """One event of the timeline in words."""

    event: Any
    sentence: str
    paragraphs: list[str]
    photos: list[Any]


def find_case(request: HttpRequest, number: str, *, whole: bool = True) -> Any:
    """The case in its own kind, `whole` for its page; 404 when there is none or the person may not see it."""
    case = visible_case(request.user, number, whole=whole)
    if case is None:
        raise Http404
    return case


def course_of(case: Any) -> list[EventLine]:
    """The steps of a case in words, oldest first, without notes, looks at personal data, texts and photos."""
    kind = kind_of(case.kind)
    events = case.events.exclude(verb__in=("note", "reveal")).select_related("actor").order_by("seq")
    return [EventLine(event, sentence(event, kind), [], []) for event in events]


def map_of(case: Any, light: str) -> MapView | None:
    """The case's point with the outline of its area; None while it has no point."""
    if case.point is None:
        return None
    outline = feature(case.area.boundary, kind="area", name=str(case.area))
    pin = feature(
        case.point,
        light=light,
        supervised=case.is_supervised,
        number=case.number,
        title=case.title,
        lines=[case.place],
    )
    return MapView(
        id="case-map",
        size="small",
        label=_("The place on the map"),
        features=collection([outline, pin]),
        bounds=bounds_of([case.area.boundary]),
    )


def find_step(case: Any, verb: str) -> Transition:
    """The step of that name; 404 when the kind has none."""
    step = kind_of(case.kind).workflow.get(verb)
    if step is None:
        raise Http404
    return step


def new_note_form(user: Any, text: str = "") -> NoteForm:
    return NoteForm(owner=user, initial={"key": uuid.uuid4(), "text": text})


def case_page(request: HttpRequest, case: Any, *, status: int = 200, **open_parts: Any) -> HttpResponse:
    """Renders the page. `open_parts`: step and step_form, note_form, reveal_form, contact."""
    return render(
        request,
        "casework/case_detail.html",
        page_context(request.user, case, timezone.now()) | open_parts,
        status=status,
    )


def page_context(user: Any, case: Any, now: datetime) -> dict[str, Any]:
    """Everything the page shows when nothing is open on it."""
    kind = kind_of(case.kind)
    kind.prepare(user, [case])
    lines = [
        EventLine(event, sentence(event, kind), paragraphs(event), list(event.attachments.all()))
        for event in case.events.for_timeline()
    ]
    photos = [photo for line in lines for photo in line.photos]
    people = list(case.people.select_related("user"))
    offered = offered_steps(user, case)
    not_yet = kind.not_yet(case, [step.verb for step in offered], now)
    steps = [step for step in offered if step.verb not in not_yet]
    primary = primary_step(steps)
    return {
        "case": case,
        "kind": kind,
        "now": now,
        "lines": lines[::-1],
        "before": [photo for photo in photos if photo.kind != AttachmentKind.AFTER],
        "after": [photo for photo in photos if photo.kind == AttachmentKind.AFTER],
        "watchers": [person for person in people if person.kind == "watcher"],
        "named": [person for person in people if person.kind == "named"],
        "is_watching": any(p.kind == "watcher" and p.user_id == user.pk for p in people),
        "primary": primary,
        "others": [step for step in steps if step is not primary],
        "not_yet": [(step, not_yet[step.verb]) for step in offered if not_yet.get(step.verb)],
        "waits_for": waits_for(case, now) if case.closed_at is None and not offered else "",
        "related": related_cases(user, case),
        "deliveries": deliveries_of(user, case),
        "map": map_of(case, light_of(case, now)),
        "panel": panel_of(user, case, now),
        "facts": kind.facts(user, case),
        "may_reveal": bool(kind.contact(case)) and kind.may_reveal(user, case),
        "may_note": not is_final(case),
        "note_form": new_note_form(user),
        "reveal_form": RevealForm(),
        "contact": "",
        "step": None,
        "step_form": None,
    }
