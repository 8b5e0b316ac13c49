"""The worst pictures one can make: none takes more memory or computing time than was set."""

import fcntl
import io
import json
import re
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

import casework.decoding
from casework.images import PictureTooLarge, read_picture

ROOT = Path(__file__).parents[3]
# What the site may hold beyond itself and the file, what the program may hold in all, and how long it may compute.
WEB_MB, PROGRAM_MB, SECONDS = 40, 240, 12

MEASURE = """
import json, resource, sys
from django.conf import settings
settings.configure(UPLOAD_MAX_BYTES=15 * 1024**2, USE_I18N=False, BASE_DIR=".")
from django.core.files.uploadedfile import SimpleUploadedFile
from casework.images import PictureRefused, read_picture
def peak(who): return resource.getrusage(who).ru_maxrss // 1024
upload = SimpleUploadedFile("photo", sys.stdin.buffer.read())
before = peak(resource.RUSAGE_SELF)
try:
    picture = read_picture(upload)
    said = f"{picture.width} x {picture.height}"
except PictureRefused as error:
    said = str(error)
program = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"said": said, "web": peak(resource.RUSAGE_SELF) - before,
    "program": program.ru_maxrss // 1024, "seconds": program.ru_utime + program.ru_stime}))
"""


def measured(data: bytes) -> dict:
    """What reading the picture answers and takes, in a site process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEASURE],
        input=data,
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    return json.loads(done.stdout)


def saved(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *, colours: int = 0, more: bytes = b"", rows: bytes | None = None) -> bytes:
    """Written by hand, since Pillow needs the whole picture; grey (0) or red, green, blue and alpha (6)."""
    packed = zlib.compressobj(9)
    line = b"\0" * (1 + width * (4 if colours == 6 else 1))
    if rows is None:
        rows = b"".join(packed.compress(line) for _ in range(height)) + packed.flush()
    head = struct.pack(">IIBBBBB", width, height, 8, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def exif_of_many_copies(size: int) -> bytes:
    """Each of its thousands of tags points at nearly the whole block."""
    tags = min(60_000, size // 40)
    entries = b"".join(struct.pack("<HHII", 1 + n, 7, size - 20, 10) for n in range(tags))
    block = b"II*\0\x08\0\0\0" + struct.pack("<H", tags) + entries
    return block + b"\0" * (size - len(block))


def jpeg_with(segments: list[tuple[int, bytes]]) -> bytes:
    plain = saved(Image.new("RGB", (640, 480), "teal"), "JPEG")
    return (
        plain[:2]
        + b"".join(bytes((0xFF, mark)) + struct.pack(">H", len(b) + 2) + b for mark, b in segments)
        + plain[20:]
    )


def webp_with(kind: bytes, body: bytes) -> bytes:
    """A picture that says it is of the extended kind and carries another part."""
    still = saved(Image.new("RGB", (640, 480), "teal"), "WEBP")[12:]
    flag = {b"EXIF": 8, b"XMP ": 4}[kind]
    head = (
        b"VP8X" + struct.pack("<IB3x", 10, flag) + (639).to_bytes(3, "little") + (479).to_bytes(3, "little")
    )
    body += b"\0" * (len(body) % 2)
    parts = b"WEBP" + head + still + kind + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


def webp_that_says(width: int, height: int) -> bytes:
    head = b"VP8X" + struct.pack("<IB3x", 10, 2)
    head += (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    whole = saved(
        Image.new("RGB", (64, 48)),
        "WEBP",
        save_all=True,
        append_images=[Image.new("RGB", (64, 48), "red")],
    )
    parts = b"WEBP" + head + whole[12 + 18 :]
    return b"RIFF" + struct.pack("<I", len(parts)) + parts


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 90).convert("RGB")


def frames(kind: str, count: int, **options) -> bytes:
    images = [Image.new("RGB", (320, 240), (n % 256, n // 256, 90)) for n in range(count)]
    return saved(images[0], kind, save_all=True, append_images=images[1:], **options)


def heic(*images: Image.Image) -> bytes:
    file = pillow_heif.HeifFile()
    for image in images:
        file.add_from_pillow(image)
    out = io.BytesIO()
    file.save(out, enc_params={"preset": "ultrafast"})
    return out.getvalue()


def heic_that_says(data: bytes, width: int, height: int) -> bytes:
    """The same pictures, which the file's own table calls as large as this."""
    at = data.index(b"ispe") + 8
    return data[:at] + struct.pack(">II", width, height) + data[at + 8 :]


def texts(count: int) -> bytes:
    """Packed remarks of a megabyte each, which are kept four times as large."""
    packed = zlib.compress(("x" * 1_000_000 + "😀").encode(), 9)
    return b"".join(chunk(b"iTXt", b"k%d\0\1\0\0\0" % n + packed) for n in range(count))


READ, SIDE, PIXELS = r"^\d+ x \d+$", "pixels on one side", "million pixels"
EITHER = "|".join((READ, "too much memory or time", "not a picture", PIXELS))
WORST = {
    "a PNG of 24,000,000 x 1": (lambda: png(24_000_000, 1), SIDE),
    "a PNG of 1 x 16,000,000": (lambda: png(1, 16_000_000, rows=b""), SIDE),
    "a PNG of 30,000 x 800": (lambda: png(30_000, 800), READ),
    "a PNG of 800 x 30,000": (lambda: png(800, 30_000), READ),
    "a transparent PNG of 25 million": (lambda: png(5_000, 4_990, colours=6), READ),
    "a PNG that unpacks to a gigabyte": (
        lambda: png(100, 100, rows=zlib.compress(b"\0" * 1_000_000_000, 9)),
        READ,
    ),
    "a PNG with 60 packed remarks": (lambda: png(640, 480, more=texts(60)), EITHER),
    "a PNG whose EXIF is a bomb": (
        lambda: png(640, 480, more=chunk(b"eXIf", exif_of_many_copies(2_000_000))),
        EITHER,
    ),
    "a JPEG of 12,000 x 9,000": (lambda: saved(Image.new("RGB", (12_000, 9_000), "teal"), "JPEG"), READ),
    "a noisy JPEG of 20 million in many scans": (
        lambda: saved(noise(5_000, 4_000), "JPEG", progressive=True, subsampling=0, quality=60),
        READ,
    ),
    "a JPEG of 65,000 x 1": (lambda: saved(Image.new("L", (65_000, 1)), "JPEG"), SIDE),
    "a JPEG whose EXIF is a bomb": (
        lambda: jpeg_with([(0xE1, b"Exif\0\0" + exif_of_many_copies(65_000))]),
        EITHER,
    ),
    "a JPEG whose list of pictures is a bomb": (
        lambda: jpeg_with([(0xE2, b"MPF\0" + exif_of_many_copies(65_000))]),
        EITHER,
    ),
    "a JPEG with 14 MB of metadata": (
        lambda: jpeg_with([(0xE1, b"Exif\0\0" + b"\0" * 65_000)] * 220),
        READ,
    ),
    "a JPEG of 300 pictures": (lambda: frames("MPO", 300), READ),
    "a WebP of 6.9 million": (lambda: saved(noise(2_650, 2_600), "WEBP", method=0), READ),
    "a WebP of 2,000 pictures": (lambda: frames("WEBP", 2_000, method=0, quality=10), READ),
    "a WebP that says 16,000 x 16,000": (
        lambda: webp_that_says(16_000, 16_000),
        EITHER,
    ),
    "a WebP whose EXIF is a bomb": (lambda: webp_with(b"EXIF", exif_of_many_copies(2_000_000)), EITHER),
    "a HEIC of 24 million": (lambda: heic(Image.new("RGB", (5_700, 4_200), "olive")), READ),
    "a HEIC of 30 million": (lambda: heic(Image.new("RGB", (6_000, 5_000), "olive")), PIXELS),
    "a HEIC of 100 pictures": (lambda: heic(*[Image.new("RGB", (320, 240), "olive")] * 100), READ),
    "a HEIC that says less than it holds": (
        lambda: heic_that_says(heic(Image.new("RGB", (8_000, 7_000), "olive")), 640, 480),
        EITHER,
    ),
    "a HEIC that says 60,000 x 2": (
        lambda: heic_that_says(heic(Image.new("RGB", (640, 480), "olive")), 60_000, 2),
        f"{SIDE}|not a picture",
    ),
}


@pytest.mark.parametrize(("picture", "said"), WORST.values(), ids=WORST)
def test_no_picture_takes_more_memory_or_time_than_was_set(picture, said):
    data = picture()
    assert len(data) <= 15 * 1024**2
    answer = measured(data)
    assert re.search(said, answer["said"]), answer["said"]
    assert answer["web"] < WEB_MB
    assert answer["program"] < PROGRAM_MB
    assert answer["seconds"] < SECONDS


def test_what_the_header_betrays_does_not_wait_while_another_picture_is_unpacked():
    with Path(casework.decoding.__file__).open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        with pytest.raises(PictureTooLarge):
            read_picture(SimpleUploadedFile("strip.png", png(24_000_000, 1, rows=b"")))
