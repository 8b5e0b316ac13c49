"""Pictures: what people send is decoded, shrunk, stripped and written anew; everything else is refused in words."""

import io
import random
import struct
import zlib

import pillow_heif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageChops

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


def heic(image: Image.Image) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, enc_params={"preset": "ultrafast"})
    return out.getvalue()


def test_a_phones_heic_is_read():
    half = Image.new("RGB", (320, 240), "olive")
    half.paste("navy", (0, 120, 320, 240))
    picture = read_picture(upload(heic(half), "IMG_0001.HEIC"))
    with Image.open(io.BytesIO(picture.data)) as out:
        assert out.size == (320, 240)
        assert out.getpixel((5, 5))[2] < 60 < out.getpixel((5, 235))[2]


def test_a_large_photo_is_shrunk_and_gets_a_thumbnail():
    picture = read_picture(upload(encoded(Image.new("RGB", (4000, 3000), "navy"), "JPEG")))
    assert (picture.width, picture.height) == (2000, 1500)
    with Image.open(io.BytesIO(picture.thumbnail)) as small:
        assert max(small.size) == 320


@pytest.mark.parametrize("size", [(2500, 1000), (1000, 2500), (2049, 3), (3, 2049), (1, 1)])
def test_a_picture_of_any_shape_is_shrunk_without_a_seam(size):
    ramp = Image.linear_gradient("L").resize(size)
    picture = read_picture(upload(encoded(ramp, "PNG"), "ramp.png"))
    expected = ramp.resize((picture.width, picture.height), Image.Resampling.LANCZOS)
    assert max(picture.width, picture.height) == min(2048, max(size))
    with Image.open(io.BytesIO(picture.data)) as out:
        difference = ImageChops.difference(out.convert("L"), expected)
    assert difference.getextrema()[1] <= 6


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


def test_a_photo_with_damaged_exif_is_taken_as_it_stands():
    data = encoded(Image.new("RGB", (400, 200)), "JPEG", exif=b"Exif\0\0 nonsense")
    assert (read_picture(upload(data)).width, read_picture(upload(data)).height) == (400, 200)


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


@pytest.mark.parametrize("seed", range(4))
def test_a_damaged_heic_is_refused_or_read_but_never_an_error(seed):
    rng = random.Random(seed)
    whole = heic(Image.effect_noise((64, 48), 60).convert("RGB"))
    refused = 0
    for _ in range(20):
        damaged = bytearray(whole[: rng.choice((len(whole), rng.randrange(12, len(whole))))])
        for _ in range(rng.randrange(1, 6)):
            damaged[rng.randrange(12, len(damaged))] = rng.randrange(256)
        try:
            read_picture(upload(bytes(damaged), "IMG_0001.HEIC"))
        except PictureRefused:
            refused += 1
    assert refused > 8


def test_two_hundred_megapixels_are_refused_before_they_are_unpacked():
    with pytest.raises(PictureTooLarge):
        read_picture(upload(png_of_size(20_000, 10_000), "huge.png"))


def jpeg_that_says(width: int, height: int, **options) -> bytes:
    """A small photo whose header promises a huge one."""
    data = bytearray(encoded(Image.new("RGB", (32, 32)), "JPEG", **options))
    frame = data.index(b"\xff\xc2" if options else b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def colour_by_colour(jpeg: bytes) -> bytes:
    """The same with a first scan of one colour only: its decoder keeps the whole picture until the last one."""
    start = jpeg.index(b"\xff\xda")
    return jpeg[:start] + b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00" + jpeg[start + 14 :]


@pytest.mark.parametrize(
    "data",
    [
        jpeg_that_says(13_000, 10_000),
        jpeg_that_says(9_000, 8_000, progressive=True),
        colour_by_colour(jpeg_that_says(9_000, 8_000)),
        png_of_size(6_000, 5_000),
        encoded(Image.new("RGB", (4000, 2000)), "WEBP", lossless=True, method=0),
    ],
    ids=["jpeg", "progressive jpeg", "jpeg in three scans", "png", "webp"],
)
def test_each_kind_has_as_many_pixels_as_its_decoder_can_bear(data):
    with pytest.raises(PictureTooLarge, match=r"\d+ ?(million|百万)"):
        read_picture(upload(data))


@pytest.mark.parametrize("kind", ["JPEG", "MPO"])
def test_a_photo_in_one_scan_is_as_large_as_a_phone_makes_it(kind):
    """MPO: a JPEG with a second picture behind it, as phones write it for depth or brightness."""
    photo, second = Image.new("RGB", (7_000, 6_000), "teal"), Image.new("RGB", (70, 60))
    more = {"save_all": True, "append_images": [second]} if kind == "MPO" else {}
    assert read_picture(upload(encoded(photo, kind, **more))).width == 1750


def test_a_filler_between_the_segments_of_a_photo_is_read_over():
    photo = encoded(Image.new("RGB", (7_000, 6_000), "teal"), "JPEG")
    assert read_picture(upload(photo[:2] + b"\xff\xff" + photo[2:])).width == 1750


def test_more_than_fifteen_megabytes_are_refused():
    file = upload(b"x", "big.jpg")
    file.size = 15 * 1024 * 1024 + 1
    with pytest.raises(PictureTooLarge, match=r"15 ?MB"):
        read_picture(file)
