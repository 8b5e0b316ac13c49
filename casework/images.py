"""Pictures as people send them, made safe: decoded, turned upright, shrunk, stripped, written anew by us."""

import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import DomainError
from core.limited import answer_of


class PictureRefused(DomainError):
    """The file is not a picture we take; the sentence says what to do."""

    status = 400


class PictureTooLarge(PictureRefused):
    status = 413


@dataclass(frozen=True)
class Picture:
    """A re-encoded JPEG without metadata, its thumbnail, and its size in pixels."""

    data: bytes
    thumbnail: bytes
    width: int
    height: int


def read_picture(upload: Any) -> Picture:
    """Decodes JPEG, PNG, WebP or HEIC up to 15 MB; the longest side becomes at most 2048 px, EXIF is gone.

    Of a file with several pictures the first is taken. A child process decodes it, with limits of memory and time.
    Raises PictureRefused (400) or PictureTooLarge (413).
    """
    name = upload.name
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise PictureTooLarge(
            _("%(name)s is larger than %(size)s MB. Send a smaller picture.")
            % {"name": name, "size": settings.UPLOAD_MAX_BYTES // 1024**2}
        )
    upload.seek(0)
    try:
        written = answer_of("casework.decoding", upload.read())
    except TimeoutError as error:
        raise PictureRefused(
            _("%(name)s could not be read, many pictures are being sent. Send it again.") % {"name": name}
        ) from error
    first, _line, parts = written.partition(b"\n")
    answer: dict[str, Any] = json.loads(first) if first else {"refused": "costly"}
    if reason := answer.get("refused"):
        raise _refusal(name, reason, answer.get("most", 0))
    size = answer["bytes"]
    return Picture(parts[:size], parts[size:], answer["width"], answer["height"])


def _refusal(name: str, reason: str, most: int) -> PictureRefused:
    if reason == "pixels":
        return PictureTooLarge(
            _("%(name)s has more than %(n)s million pixels. Send it smaller, or as JPEG.")
            % {"name": name, "n": most // 1_000_000}
        )
    if reason == "side":
        return PictureTooLarge(
            _("%(name)s is longer than %(n)s pixels on one side. Send a smaller picture.")
            % {"name": name, "n": most}
        )
    if reason == "costly":
        return PictureTooLarge(
            _("%(name)s takes too much memory or time to open. Send it smaller, or as an ordinary JPEG.")
            % {"name": name}
        )
    return PictureRefused(
        _("%(name)s is not a picture that can be read. Send JPEG, PNG, WebP or HEIC.") % {"name": name}
    )
