"""Tickets for tests, made by the services that make them in life, never by writing a status."""

import io
import uuid
from datetime import datetime
from functools import cache
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from casework.images import Picture, read_picture
from casework.models import Deadline, StagedPhoto
from casework.photos import keep_picture
from casework.services import apply_transition
from requests_.models import Category, Ticket
from requests_.services import Report, report_ticket

SMALL, COMMUNITY = "stairs-handrail", "noise"


def picture(
    name: str = "photo.jpg", size: tuple[int, int] = (64, 48), colour: str = "teal"
) -> SimpleUploadedFile:
    """A small JPEG as a browser sends it."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


@cache
def _read() -> Picture:
    return read_picture(picture())


def staged(owner: Any) -> StagedPhoto:
    """A small picture the owner has sent and no form has taken over yet. It is read once: that starts a program."""
    return keep_picture(owner=owner, picture=_read(), name="photo.jpg")


def report(actor: Any, area: Any, *, category: str = SMALL, now: Any = None, **fields: Any) -> Ticket:
    """A reported ticket."""
    fields.setdefault("description", "三单元二楼踏步破损，老人易绊倒。")
    made = Report(category=Category.objects.get(code=category), area=area, **fields)
    return report_ticket(actor=actor, report=made, key=uuid.uuid4(), now=now)[0]


def take(ticket: Any, verb: str, actor: Any, *, now: Any = None, **data: Any) -> Ticket:
    """Takes one step and returns the fresh ticket."""
    return apply_transition(
        number=ticket.number, verb=verb, actor=actor, data=data, now=now or timezone.now()
    )


def accept(ticket: Any, actor: Any, level: str = "grid", **more: Any) -> Ticket:
    return take(ticket, "accept", actor, urgency="normal", handling_level=level, **more)


def dispatch(ticket: Any, actor: Any, handler: Any = None, organisation: Any = None, **more: Any) -> Ticket:
    return take(ticket, "dispatch", actor, handler=(handler, organisation), opinion="请尽快处理", **more)


def finish(ticket: Any, actor: Any, *, photo: bool = True, **more: Any) -> Ticket:
    photos = [staged(actor)] if photo else []
    return take(ticket, "finish", actor, result="已修复", contacted="not_needed", photos=photos, **more)


def due(ticket: Any, step: str) -> datetime:
    """When this limit of the ticket runs out."""
    return Deadline.objects.running().get(case_id=ticket.pk, step=step).due_at
