"""Whether pictures and their files agree; `check_consistency` asks it, as after a restore or a full disk."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import chain
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import Storage
from django.utils import timezone
from django.utils.translation import gettext as _

from casework.models import Attachment, StagedPhoto
from casework.photo_models import FOLDER

# The row of a picture that is being saved comes with the commit, after its files.
NEW = timedelta(hours=1)


def missing_files() -> Iterator[str]:
    """A sentence for each picture whose file or thumbnail is gone or empty."""
    for picture in _pictures():
        for file in (picture.file, picture.thumbnail):
            if not file.storage.exists(file.name):
                yield _("The file %(name)s is missing.") % {"name": file.name}
            elif not file.storage.size(file.name):
                yield _("The file %(name)s is empty.") % {"name": file.name}


def files_without_row(*, now: datetime | None = None) -> Iterator[str]:
    """A sentence for each file older than an hour that belongs to no picture."""
    storage = Attachment._meta.get_field("file").storage
    before = (now or timezone.now()) - NEW
    known = {file.name for picture in _pictures() for file in (picture.file, picture.thumbnail)}
    for name in sorted(_files(storage, FOLDER)):
        if name not in known and storage.get_modified_time(name) < before:
            yield _("The file %(name)s belongs to no picture.") % {"name": name}


def _pictures() -> Iterator[Any]:
    kept: tuple[Any, ...] = (Attachment.objects, StagedPhoto.objects)
    return chain.from_iterable(rows.order_by("pk").only("file", "thumbnail").iterator() for rows in kept)


def _files(storage: Storage, folder: str) -> Iterator[str]:
    if not storage.exists(folder):
        return
    folders, names = storage.listdir(folder)
    for name in names:
        yield str(PurePosixPath(folder, name))
    for name in folders:
        yield from _files(storage, str(PurePosixPath(folder, name)))
