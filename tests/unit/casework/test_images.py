"""Pictures: what people send is decoded, shrunk, stripped and written anew; everything else is refused in words."""

import io
import struct
import zlib

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from casework.images import PictureRefused, PictureTooLarge, read_picture


def upload(data: bytes, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def encoded(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A well-formed header that promises a huge picture; the bytes behind it never come."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_usual_kinds_come_out_as_jpeg(kind):
    picture = read_picture(upload(encoded(Image.new("RGB", (300, 200), "teal"), kind)))
    with Image.open(io.BytesIO(picture.data)) as out:
        assert (out.format, out.size) == ("JPEG", (300, 200))


def test_a_phones_heic_is_read():
    heic = io.BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (320, 240), "olive")).save(heic)
    assert read_picture(upload(heic.getvalue(), "IMG_0001.HEIC")).width == 320


def test_a_large_photo_is_shrunk_and_gets_a_thumbnail():
    picture = read_picture(upload(encoded(Image.new("RGB", (4000, 3000), "navy"), "JPEG")))
    assert (picture.width, picture.height) == (2048, 1536)
    with Image.open(io.BytesIO(picture.thumbnail)) as small:
        assert max(small.size) == 320


def test_the_place_where_it_was_taken_is_gone_and_it_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "PhoneMaker"
    picture = read_picture(upload(encoded(Image.new("RGB", (400, 200)), "JPEG", exif=exif)))
    with Image.open(io.BytesIO(picture.data)) as out:
        assert out.size == (200, 400)
        assert not out.getexif()
    assert b"PhoneMaker" not in picture.data


def test_transparent_parts_become_white():
    picture = read_picture(upload(encoded(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")))
    with Image.open(io.BytesIO(picture.data)) as out:
        assert out.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [
        b"hello, this is a text",
        b"<html><script>alert(1)</script></html>",
        b"",
        b"\xff\xd8\xff\xe0 broken",
        b"\0" * 64,
    ],
)
def test_what_is_no_picture_is_refused_with_its_name(data):
    with pytest.raises(PictureRefused, match=r"notes\.jpg"):
        read_picture(upload(data, "notes.jpg"))


def test_a_cut_off_photo_is_refused():
    whole = encoded(Image.effect_noise((600, 400), 60).convert("RGB"), "JPEG")
    with pytest.raises(PictureRefused):
        read_picture(upload(whole[: len(whole) // 2]))


def test_a_gif_or_svg_is_not_taken():
    with pytest.raises(PictureRefused):
        read_picture(upload(encoded(Image.new("P", (10, 10)), "GIF"), "a.gif"))
    with pytest.raises(PictureRefused):
        read_picture(upload(b'<svg xmlns="http://www.w3.org/2000/svg"/>', "a.svg"))


def test_two_hundred_megapixels_are_refused_before_they_are_unpacked():
    with pytest.raises(PictureTooLarge):
        read_picture(upload(png_of_size(20_000, 10_000), "huge.png"))


def test_more_than_fifteen_megabytes_are_refused():
    file = upload(b"x", "big.jpg")
    file.size = 15 * 1024 * 1024 + 1
    with pytest.raises(PictureTooLarge, match=r"15 ?MB"):
        read_picture(file)
