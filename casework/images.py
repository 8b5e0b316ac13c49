"""Pictures as people send them, made safe: decoded, turned upright, shrunk, stripped, written anew by us."""

import io
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any, BinaryIO

import pillow_heif
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from core.errors import DomainError

FORMATS = ("JPEG", "PNG", "WEBP")  # and HEIF, which has a reader of its own
LONGEST_SIDE, THUMBNAIL_SIDE = 2048, 320
# A JPEG may come out of its decoder a little smaller: 2000 px without ever holding the 4000 px of an ordinary phone.
DRAFT_SIDE = 1600
# SECURITY: a picture of a few kilobytes can unpack to gigabytes; its header is weighed before decoding. What it needs
# at its worst moment is bytes a pixel, measured with Pillow 13 and libheif 1.23, times its pixels. The sum lets an
# iPhone's HEIC of 24 million pixels through, and any photo a phone writes as JPEG.
MOST_BYTES = 125_000_000
PNG_BYTES, WEBP_BYTES, HEIF_BYTES = 5, 18, 5
MOST_PIXELS = 120_000_000
# The unpacked picture is shrunk strip by strip, so that no second copy of it is ever needed.
STRIP_ROWS = 64
# Pillow's own check warns and only refuses at twice its limit; ours in `_weigh` stands in for it.
Image.MAX_IMAGE_PIXELS = None
# What the decoders raise for a damaged file; pillow_heif passes on whatever it runs into.
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, RuntimeError, struct.error, LookupError, TypeError, AttributeError,
    ArithmeticError, MemoryError,
)  # fmt: skip
# The threads of one process take turns, so that it never holds more than one picture unpacked.
one_at_a_time = Lock()

# Size, metadata, and what cuts out the rows from one up to another.
Source = tuple[tuple[int, int], dict[Any, Any], Callable[[int, int], Image.Image]]


class PictureRefused(DomainError):
    """The file is not a picture we take; the sentence says what to do."""

    status = 400


class PictureTooLarge(PictureRefused):
    status = 413


class TooManyPixels(Exception):
    """Carries how many pixels a picture of this kind may have."""


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
        with one_at_a_time:
            image = _decode(upload)
    except TooManyPixels as error:
        raise PictureTooLarge(
            _("%(name)s has more than %(n)s million pixels. Send it smaller, or as JPEG.")
            % {"name": upload.name, "n": error.args[0] // 1_000_000}
        ) from error
    except BROKEN as error:
        raise PictureRefused(
            _("%(name)s is not a picture that can be read. Send JPEG, PNG, WebP or HEIC.")
            % {"name": upload.name}
        ) from error
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Picture(data=_jpeg(image, 85), thumbnail=_jpeg(small, 80), width=image.width, height=image.height)


def _decode(stream: BinaryIO) -> Image.Image:
    """The picture on white paper, upright, at most 2048 px."""
    stream.seek(0)
    (width, height), info, strip = _heif(stream) if pillow_heif.is_supported(stream) else _opened(stream)
    scale = max(1, max(width, height) / LONGEST_SIDE)
    paper = Image.new("RGB", (max(1, round(width / scale)), max(1, round(height / scale))), "white")
    step = height / paper.height  # rows of the picture to one of the paper
    around = 3 * math.ceil(step)  # what the filter looks at beyond a strip
    for top in range(0, paper.height, STRIP_ROWS):
        rows = min(STRIP_ROWS, paper.height - top)
        first, last = top * step, (top + rows) * step
        start, end = max(0, int(first) - around), min(height, math.ceil(last) + around)
        part = strip(start, end)
        part = part.convert("RGBA" if _is_transparent(part) else "RGB").resize(
            (paper.width, rows), Image.Resampling.LANCZOS, box=(0, first - start, width, last - start)
        )
        paper.paste(part, (0, top), mask=part if part.mode == "RGBA" else None)
    paper.info.update(info)
    ImageOps.exif_transpose(paper, in_place=True)
    return paper


def _opened(stream: BinaryIO) -> Source:
    image = Image.open(stream, formats=FORMATS)
    if isinstance(image, JpegImageFile):
        _weigh(image.size, _scan_bytes(image, stream))
        part = DRAFT_SIDE / max(image.size)
        image.draft(None, (max(1, int(image.width * part)), max(1, int(image.height * part))))
    else:
        _weigh(image.size, WEBP_BYTES if image.format == "WEBP" else PNG_BYTES)
    image.load()
    return image.size, image.info, lambda start, end: image.crop((0, start, image.width, end))


def _scan_bytes(image: JpegImageFile, stream: BinaryIO) -> float:
    """What libjpeg keeps of each pixel: nothing of a photo in one scan, all coefficients of one in several."""
    if "progressive" not in image.info and _colours_of_first_scan(stream) == image.layers:
        return 0
    most = max(h for _id, h, _v, _q in image.layer) * max(v for _id, _h, v, _q in image.layer)
    return 2 * sum(h * v for _id, h, v, _q in image.layer) / most


def _colours_of_first_scan(stream: BinaryIO) -> int:
    """As its header says; 0 when the segments before it cannot be followed."""
    stream.seek(2)
    while (start := stream.read(4))[:1] == b"\xff" and len(start) == 4:
        if start[1] == 0xFF:  # a filler
            stream.seek(-3, io.SEEK_CUR)
        elif start[1] == 0xDA:
            return stream.read(1)[0]
        else:
            stream.seek(int.from_bytes(start[2:]) - 2, io.SEEK_CUR)
    return 0


def _heif(stream: BinaryIO) -> Source:
    """The main picture, which its decoder turns upright; Pillow's own copy of it is spared."""
    image = pillow_heif.open_heif(stream, convert_hdr_to_8bit=True)
    _weigh(image.size, HEIF_BYTES)
    data, stride, mode, width = image.data, image.stride, image.mode, image.size[0]

    def strip(start: int, end: int) -> Image.Image:
        rows = data[start * stride : end * stride]
        return Image.frombuffer(mode, (width, end - start), rows, "raw", mode, stride, 1)

    return image.size, {}, strip


def _weigh(size: tuple[int, int], bytes_a_pixel: float) -> None:
    most = min(MOST_PIXELS, int(MOST_BYTES / bytes_a_pixel) if bytes_a_pixel else MOST_PIXELS)
    if size[0] * size[1] > most:
        raise TooManyPixels(most)


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def _jpeg(image: Image.Image, quality: int) -> bytes:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
