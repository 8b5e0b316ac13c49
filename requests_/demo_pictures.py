"""Small drawn pictures that stand for photos in the demonstration; each says DEMO."""

import io
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

SIZE = (640, 480)
Draw = ImageDraw.ImageDraw


def _stairs(draw: Draw, broken: bool) -> None:
    for step in range(6):
        left, top = 60 + step * 85, 400 - step * 55
        draw.rectangle((left, top, left + 85, 440), fill=(176, 172, 164), outline=(120, 116, 108), width=3)
        if broken and step in (2, 3):
            draw.polygon([(left + 10, top), (left + 45, top + 26), (left + 70, top)], fill=(92, 84, 76))


def _lamp(draw: Draw, broken: bool) -> None:
    draw.rectangle((310, 150, 330, 440), fill=(110, 116, 124))
    glow = (150, 152, 156) if broken else (255, 221, 120)
    draw.ellipse((255, 70, 385, 170), fill=glow, outline=(90, 96, 104), width=4)


def _heap(draw: Draw, broken: bool) -> None:
    draw.rectangle((120, 190, 520, 440), fill=(206, 214, 206), outline=(140, 148, 140), width=3)
    if broken:
        for n, colour in enumerate([(122, 98, 74), (84, 110, 92), (138, 120, 96), (96, 90, 110)]):
            draw.rounded_rectangle((150 + n * 80, 320 - n % 2 * 50, 240 + n * 80, 440), 12, fill=colour)


def _pipe(draw: Draw, broken: bool) -> None:
    draw.rectangle((90, 220, 550, 270), fill=(140, 150, 160), outline=(100, 110, 120), width=3)
    if broken:
        for n in range(5):
            draw.ellipse(
                (300 + n % 2 * 14, 285 + n * 28, 322 + n % 2 * 14, 309 + n * 28), fill=(88, 150, 206)
            )


SCENES: tuple[Callable[[Draw, bool], None], ...] = (_stairs, _lamp, _heap, _pipe)


def draw_picture(scene: int, *, broken: bool) -> SimpleUploadedFile:
    """A JPEG of one of the scenes, before (broken) or after."""
    image = Image.new("RGB", SIZE, (226, 232, 236) if broken else (232, 240, 230))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 440, *SIZE), fill=(196, 198, 194))
    SCENES[scene % len(SCENES)](draw, broken)
    draw.rectangle((0, 0, 640, 30), fill=(52, 64, 84))
    draw.text((12, 8), f"DEMO - synthetic picture - {'before' if broken else 'after'}", fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return SimpleUploadedFile("demo.jpg", out.getvalue(), content_type="image/jpeg")
