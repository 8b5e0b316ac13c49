"""Staged and attached photos: a refused form forgets no picture, a saved one takes them over."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from casework.choices import AttachmentKind
from casework.images import read_picture
from casework.models import Attachment, StagedPhoto

STAGED_FOR = timedelta(days=1)
KIND_BY_VERB = {
    "report": AttachmentKind.BEFORE,
    "finish": AttachmentKind.AFTER,
    "settle_on_spot": AttachmentKind.AFTER,
}


def stage_photo(*, owner: Any, upload: Any) -> StagedPhoto:
    """Re-encodes and keeps an uploaded picture for a day. Raises PictureRefused."""
    picture = read_picture(upload)
    staged = StagedPhoto(owner=owner, width=picture.width, height=picture.height)
    staged.file.save("photo.jpg", ContentFile(picture.data), save=False)
    staged.thumbnail.save("small.jpg", ContentFile(picture.thumbnail), save=False)
    staged.save()
    return staged


def staged_by_keys(*, owner: Any, keys: Iterable[UUID]) -> list[StagedPhoto]:
    """The owner's staged photos with these keys; others' are not found."""
    return list(StagedPhoto.objects.filter(owner=owner, key__in=list(keys)).order_by("pk"))


def attach_photos(*, case: Any, event: Any, photos: Sequence[StagedPhoto], actor: Any, now: datetime) -> None:
    """Turns staged photos into attachments of the event; runs inside the event's transaction."""
    if not photos:
        return
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
    StagedPhoto.objects.filter(pk__in=[photo.pk for photo in photos]).delete()


def drop_stale_photos(*, now: datetime | None = None) -> int:
    """Deletes staged photos older than a day with their files; returns how many."""
    old = list(StagedPhoto.objects.filter(staged_at__lt=(now or timezone.now()) - STAGED_FOR))
    for photo in old:
        with transaction.atomic():
            photo.delete()
            transaction.on_commit(partial(_delete_files, photo))
    return len(old)


def _delete_files(photo: StagedPhoto) -> None:
    photo.file.delete(save=False)
    photo.thumbnail.delete(save=False)
