"""Imports areas and compounds from a file: everything or nothing, and a preview by the same path."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import DomainError, NotAllowed, NotOffered, StalePage
from grids.exchange_base import Column, Limits, Problem
from grids.exchange_process import read_file
from grids.exchange_writing import CHANGED_MEANWHILE, Outcome, Upload, bring_in
from grids.models import AreaImport
from grids.permissions import can_keep_areas

WAITS_FOR = timedelta(days=1)
FORGOTTEN = gettext_lazy("This upload is no longer kept. Upload the file again.")


class Unseen(DomainError):
    """Repairs that change much wait for an explicit word."""


@dataclass(frozen=True)
class Staged:
    """An upload kept until it is confirmed, with its preview; no upload when nothing can come of it."""

    upload: AreaImport | None
    outcome: Outcome


def stage_import(
    *, actor: Any, content: bytes, file_name: str, crs: str, repair: bool, limits: Limits | None = None
) -> Staged:
    """Preview a file by doing it and taking it back; keep it until it is confirmed.

    One with problems is kept only when reading it otherwise may mend them. An earlier upload of the
    same person that was not confirmed is forgotten.
    """
    if not can_keep_areas(actor):
        raise NotAllowed(_("You may not import boundaries."))
    outcome = _tried(actor, Upload(content, file_name, crs, repair), limits)
    if not (outcome.is_sound or outcome.may_be_read_anew):
        return Staged(None, outcome)
    with transaction.atomic():
        AreaImport.objects.waiting(actor).delete()
        upload = AreaImport.objects.create(
            owner=actor, content=content, file_name=file_name[-120:], source_crs=crs, repair=repair
        )
    return Staged(upload, outcome)


def read_anew(
    *, actor: Any, upload: AreaImport, crs: str, reading: Mapping[str, str], limits: Limits
) -> Staged:
    """Preview a kept upload with another coordinate system or other properties; it is kept with them."""
    if not can_keep_areas(actor):
        raise NotAllowed(_("You may not import boundaries."))
    upload.source_crs, upload.reading = crs, dict(reading)
    outcome = preview(actor=actor, upload=upload, limits=limits)
    with transaction.atomic():
        if (
            not AreaImport.objects.waiting(actor)
            .filter(pk=upload.pk)
            .update(source_crs=crs, reading=upload.reading)
        ):
            raise StalePage(FORGOTTEN)
    return Staged(upload, outcome)


def columns_of(upload: AreaImport, limits: Limits | None) -> list[Column]:
    """The properties of a kept upload, each with an example."""
    kept = _kept(upload)
    return read_file(kept.content, kept.file_name, crs=kept.crs, limits=limits).columns


def preview(*, actor: Any, upload: AreaImport, limits: Limits | None) -> Outcome:
    """What the confirmation of a kept upload would do now."""
    return _tried(actor, _kept(upload), limits)


@transaction.atomic
def confirm_import(
    *, actor: Any, upload: AreaImport, limits: Limits | None, is_looked_at: bool = False
) -> Outcome:
    """Save every row of the upload. StalePage when it has problems by now or is no longer kept.

    Repairs that change much are saved only when somebody says that they were looked at: DomainError otherwise.
    """
    kept = AreaImport.objects.select_for_update().filter(pk=upload.pk).first()
    if kept is None:
        raise StalePage(FORGOTTEN)
    if kept.confirmed_at is not None:
        raise NotOffered(_("This file was imported already."))
    outcome = bring_in(actor, _kept(kept), limits)
    if not outcome.is_sound:
        raise StalePage(CHANGED_MEANWHILE)
    if outcome.in_question and not is_looked_at:
        raise Unseen(_("Look at the repaired outlines and say so."))
    _record(kept, outcome, timezone.now())
    return outcome


@transaction.atomic
def import_areas(
    *,
    actor: Any,
    content: bytes,
    file_name: str,
    crs: str,
    now: datetime,
    repair: bool = False,
    is_looked_at: bool = False,
) -> Outcome:
    """Import in one go, any size, as the command does; `actor` None stands for the operator at the console.

    With problems nothing is saved and they are returned; so are repairs that change much, unless they were looked
    at, and names of properties that say too little.
    """
    outcome = bring_in(actor, Upload(content, file_name, crs, repair), None)
    if outcome.is_unnamed:
        outcome.problems.append(
            Problem(0, "", _("The names of the properties say too little: name and code."))
        )
    if not is_looked_at:
        outcome.problems += [
            Problem(result.row.row, result.row.label, " ".join(result.repairs))
            for result in outcome.in_question
        ]
    if outcome.is_sound:
        upload = AreaImport(
            owner=actor, file_name=file_name[-120:], source_crs=crs, repair=repair, uploaded_at=now
        )
        _record(upload, outcome, now)
    else:
        transaction.set_rollback(True)
    return outcome


def drop_waiting_imports(*, now: datetime | None = None) -> int:
    """Deletes uploads that were previewed more than a day ago and not confirmed; returns how many."""
    old = AreaImport.objects.filter(
        confirmed_at__isnull=True, uploaded_at__lt=(now or timezone.now()) - WAITS_FOR
    )
    return old.delete()[0]


def _kept(upload: AreaImport) -> Upload:
    return Upload(bytes(upload.content), upload.file_name, upload.source_crs, upload.repair, upload.reading)


def _tried(actor: Any, upload: Upload, limits: Limits | None) -> Outcome:
    with transaction.atomic():
        outcome = bring_in(actor, upload, limits)
        transaction.set_rollback(True)
    return outcome


def _record(upload: AreaImport, outcome: Outcome, now: datetime) -> None:
    upload.content = b""
    upload.confirmed_at = now
    upload.area_count, upload.compound_count = outcome.area_count, outcome.compound_count
    upload.save()
