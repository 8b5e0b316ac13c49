"""Staged and attached photos: a refused form forgets no picture, a saved one takes them over."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.choices import AttachmentKind
from casework.images import Picture, PictureRefused, read_picture
from casework.models import Attachment, StagedPhoto
from core.errors import DomainError
from core.files import is_lost
from core.forms import NO_ROOM

log = logging.getLogger(__name__)
STAGED_FOR = timedelta(days=1)
KIND_BY_VERB = {
    "report": AttachmentKind.BEFORE,
    "finish": AttachmentKind.AFTER,
    "settle_on_spot": AttachmentKind.AFTER,
}


class NoRoom(PictureRefused):
    """The disk is full, or cannot be written to."""

    status = 507


def stage_photo(*, owner: Any, upload: Any) -> StagedPhoto:
    """Re-encodes and keeps an uploaded picture for a day. Raises PictureRefused, and leaves no file behind then."""
    if is_lost(upload):
        raise NoRoom(NO_ROOM % {"name": upload.name})
    return keep_picture(owner=owner, picture=read_picture(upload), name=upload.name)


def keep_picture(*, owner: Any, picture: Picture, name: str) -> StagedPhoto:
    """Keeps a picture that was read, `name` being that of its file. Raises NoRoom, and leaves no file behind then."""
    staged = StagedPhoto(owner=owner, width=picture.width, height=picture.height)
    try:
        staged.file.save("photo.jpg", ContentFile(picture.data), save=False)
        staged.thumbnail.save("small.jpg", ContentFile(picture.thumbnail), save=False)
        staged.save()
    except OSError as error:
        log.exception("a picture could not be kept")
        _delete_files(staged)
        raise NoRoom(NO_ROOM % {"name": name}) from error
    except BaseException:
        _delete_files(staged)
        raise
    return staged


def staged_by_keys(*, owner: Any, keys: Iterable[UUID]) -> list[StagedPhoto]:
    """The owner's staged photos with these keys; others' are not found."""
    return list(StagedPhoto.objects.filter(owner=owner, key__in=list(keys)).order_by("pk"))


def attach_photos(*, case: Any, event: Any, photos: Sequence[StagedPhoto], actor: Any, now: datetime) -> None:
    """Turns staged photos into attachments of the event; runs inside the event's transaction.

    Raises DomainError when one is no longer staged: its files went with it, or belong to another event by now.
    """
    if not photos:
        return
    taken_over, _rows = StagedPhoto.objects.filter(pk__in=[photo.pk for photo in photos]).delete()
    if taken_over != len(photos):
        raise DomainError(_("A picture of the form is no longer there. Choose the pictures again."))
    kind = KIND_BY_VERB.get(event.verb, AttachmentKind.EVIDENCE)
    Attachment.objects.bulk_create(
        Attachment(
            case_id=case.pk,
            event=event,
            kind=kind,
            file=photo.file.name,
            thumbnail=photo.thumbnail.name,
            width=photo.width,
            height=photo.height,
            uploaded_by=actor,
            uploaded_at=now,
        )
        for photo in photos
    )


def drop_stale_photos(*, now: datetime | None = None) -> int:
    """Deletes staged photos older than a day with their files; returns how many."""
    dropped = 0
    for photo in list(StagedPhoto.objects.filter(staged_at__lt=(now or timezone.now()) - STAGED_FOR)):
        with transaction.atomic():
            # No row: a form has just taken the picture over, and its files with it.
            if photo.delete()[0]:
                transaction.on_commit(partial(_delete_files, photo))
                dropped += 1
    return dropped


def _delete_files(photo: StagedPhoto) -> None:
    photo.file.delete(save=False)
    photo.thumbnail.delete(save=False)
