"""The program that unpacks one picture, run as a child process with set limits of memory and time.

`python -m casework.decoding` reads a file from its input. It writes one line of JSON, and behind it the picture and
its thumbnail as JPEG, or the reason why not. It imports nothing of Django: it must start in a moment.
"""

import fcntl
import io
import json
import math
import struct
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pillow_heif
from PIL import Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin
from PIL.JpegImagePlugin import JpegImageFile

from core.limited import limit

FORMATS = ("JPEG", "PNG", "WEBP")  # and HEIF, which has a reader of its own
PLUGINS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin)
LONGEST_SIDE, THUMBNAIL_SIDE = 2048, 320
# A JPEG may come out of its decoder a little smaller: 2000 px without ever holding the 4000 px of an ordinary phone.
DRAFT_SIDE = 1600
# SECURITY: a picture of a few kilobytes can unpack to gigabytes; its header is weighed before decoding. What it needs
# at its worst moment is bytes a pixel, measured with Pillow 13 and libheif 1.23, times its pixels. The sum lets an
# iPhone's HEIC of 24 million pixels through, and any photo a phone writes as JPEG.
MOST_BYTES = 125_000_000
PNG_BYTES, WEBP_BYTES, HEIF_BYTES = 5, 18, 5
MOST_PIXELS = 120_000_000
# SECURITY: the filter that shrinks a picture keeps numbers for each pixel of a side: 24,000,000 x 1 pixels took
# 1.4 GB. The longest panorama of a phone has about 20,000 on a side.
MOST_ON_A_SIDE = 30_000
# The unpacked picture is shrunk strip by strip, so that no second copy of it is ever needed.
STRIP_ROWS = 64
# Pillow's own check warns and only refuses at twice its limit; ours in `_weigh` stands in for it.
Image.MAX_IMAGE_PIXELS = None
# SECURITY: whatever a header says, and whatever hides in metadata, the kernel ends it here: bytes beyond what the
# program has at its start, while the header is read and while the picture is unpacked, and seconds of computing.
HEADER_BYTES, PICTURE_BYTES, SECONDS = 96_000_000, 220_000_000, 10
# What the decoders raise for a damaged file; pillow_heif passes on whatever it runs into.
BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, RuntimeError, struct.error, LookupError, TypeError, AttributeError,
    ArithmeticError,
)  # fmt: skip

# Size, metadata, and what unpacks the picture and then cuts out the rows from one up to another.
Cut = Callable[[int, int], Image.Image]
Source = tuple[tuple[int, int], dict[Any, Any], Callable[[], Cut]]


class TooLarge(Exception):
    """Carries which bound, `pixels` or `side`, and how many pixels it is."""


def main() -> None:
    answer: dict[str, Any]
    parts: list[bytes] = []
    allow = limit(seconds=SECONDS, most_bytes=PICTURE_BYTES)
    try:
        allow(HEADER_BYTES)
        size, info, unpack = header(io.BytesIO(sys.stdin.buffer.read()))
        # One picture at a time on the whole machine. What the header betrays never waits for its turn, nor holds it.
        with Path(__file__).open() as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            allow(PICTURE_BYTES)
            image = _shrunk(size, info, unpack())
            small = image.copy()
            small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
            parts = [_jpeg(image, 85), _jpeg(small, 80)]
        answer = {"width": image.width, "height": image.height, "bytes": len(parts[0])}
    except TooLarge as error:
        answer = {"refused": error.args[0], "most": error.args[1]}
    except MemoryError:
        answer = {"refused": "costly"}
    except BROKEN:
        answer = {"refused": "broken"}
    sys.stdout.buffer.write(b"\n".join([json.dumps(answer).encode(), b"".join(parts)]))


def header(stream: BinaryIO) -> Source:
    """What the file says of its first picture; nothing of it is unpacked yet. Raises TooLarge or one of BROKEN."""
    if pillow_heif.is_supported(stream):
        return _heif(stream)
    image = Image.open(stream, formats=FORMATS)
    if isinstance(image, JpegImageFile):
        _weigh(image.size, _scan_bytes(image, stream))
        part = DRAFT_SIDE / max(image.size)
        image.draft(None, (max(1, int(image.width * part)), max(1, int(image.height * part))))
    else:
        _weigh(image.size, WEBP_BYTES if image.format == "WEBP" else PNG_BYTES)

    def unpack() -> Cut:
        image.load()
        return lambda start, end: image.crop((0, start, image.width, end))

    return image.size, image.info, unpack


def _shrunk(size: tuple[int, int], info: dict[Any, Any], cut: Cut) -> Image.Image:
    """The picture on white paper, upright, at most 2048 px."""
    width, height = size
    scale = max(1, max(width, height) / LONGEST_SIDE)
    paper = Image.new("RGB", (max(1, round(width / scale)), max(1, round(height / scale))), "white")
    step = height / paper.height  # rows of the picture to one of the paper
    around = 3 * math.ceil(step)  # what the filter looks at beyond a strip
    for top in range(0, paper.height, STRIP_ROWS):
        rows = min(STRIP_ROWS, paper.height - top)
        first, last = top * step, (top + rows) * step
        start, end = max(0, int(first) - around), min(height, math.ceil(last) + around)
        part = cut(start, end)
        part = part.convert("RGBA" if _is_transparent(part) else "RGB").resize(
            (paper.width, rows), Image.Resampling.LANCZOS, box=(0, first - start, width, last - start)
        )
        paper.paste(part, (0, top), mask=part if part.mode == "RGBA" else None)
    paper.info.update(info)
    with suppress(*BROKEN):  # damaged EXIF costs a photo its direction only
        ImageOps.exif_transpose(paper, in_place=True)
    return paper


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

    def unpack() -> Cut:
        data, stride, mode, width = image.data, image.stride, image.mode, image.size[0]

        def cut(start: int, end: int) -> Image.Image:
            rows = data[start * stride : end * stride]
            return Image.frombuffer(mode, (width, end - start), rows, "raw", mode, stride, 1)

        return cut

    return image.size, {}, unpack


def _weigh(size: tuple[int, int], bytes_a_pixel: float) -> None:
    if max(size) > MOST_ON_A_SIDE:
        raise TooLarge("side", MOST_ON_A_SIDE)
    most = min(MOST_PIXELS, int(MOST_BYTES / bytes_a_pixel) if bytes_a_pixel else MOST_PIXELS)
    if size[0] * size[1] > most:
        raise TooLarge("pixels", most)


def _is_transparent(image: Image.Image) -> bool:
    return image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info


def _jpeg(image: Image.Image, quality: int) -> bytes:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


if __name__ == "__main__":
    main()
