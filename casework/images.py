"""Pictures as people send them, made safe: decoded, turned upright, shrunk, stripped, written anew by us."""

import io
from dataclasses import dataclass
from typing import Any, BinaryIO

import pillow_heif
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from core.errors import DomainError

pillow_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "HEIF")
LONGEST_SIDE, THUMBNAIL_SIDE = 2048, 320
# SECURITY: a picture of a few kilobytes can unpack to gigabytes; the header's size is checked before decoding.
MAX_PIXELS = 100_000_000
# Pillow's own check warns and only refuses at twice its limit; ours in `_decode` stands in for it.
Image.MAX_IMAGE_PIXELS = None


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

    Raises PictureRefused (400) or PictureTooLarge (413).
    """
    if upload.size > settings.UPLOAD_MAX_BYTES:
        raise PictureTooLarge(
            _("%(name)s is larger than %(size)s MB. Send a smaller picture.")
            % {"name": upload.name, "size": settings.UPLOAD_MAX_BYTES // 1024**2}
        )
    try:
        image = _decode(upload)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise PictureRefused(
            _("%(name)s is not a picture that can be read. Send JPEG, PNG, WebP or HEIC.")
            % {"name": upload.name}
        ) from error
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Picture(data=_jpeg(image, 85), thumbnail=_jpeg(small, 80), width=image.width, height=image.height)


def _decode(upload: Any) -> Image.Image:
    stream: BinaryIO = upload
    stream.seek(0)
    with Image.open(stream, formats=FORMATS) as source:
        if source.width * source.height > MAX_PIXELS:
            raise PictureTooLarge(
                _("%(name)s has more than 100 million pixels. Send a smaller picture.")
                % {"name": upload.name}
            )
        source.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG decodes straight to a smaller size
        upright = ImageOps.exif_transpose(source)
        if upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info:
            paper = Image.new("RGB", upright.size, "white")
            paper.paste(upright, mask=upright.convert("RGBA").getchannel("A"))
            return paper
        return upright.convert("RGB")


def _jpeg(image: Image.Image, quality: int) -> bytes:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
