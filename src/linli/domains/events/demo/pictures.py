"""Drawn photos for the demo (演示照片): a street scene before and after. Nothing is a picture of a real place."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

WIDTH, HEIGHT = 800, 600
HORIZON = 250
SCENES = ("hole", "cover", "heap", "debris", "shed", "plants", "cars")
# The category of a photo → its scene; any other is a heap.
SCENE_OF = {
    "0102": "hole",
    "0103": "cover",
    "0201": "heap",
    "0205": "debris",
    "0305": "shed",
    "0403": "plants",
    "0601": "cars",
}
WALLS = ("#c9b8a3", "#b7c0c4", "#d4c7b0", "#a9b4a4", "#c4a99a")
CARS = ("#8c3b34", "#37536b", "#d8d8d4", "#4b4f52")
RUBBISH = ("#3d4c57", "#7b6f57", "#58764f", "#8f8a80", "#a34f3d", "#d2c9b4")


@lru_cache(maxsize=64)
def picture(scene: str, *, after: bool, variant: int) -> bytes:
    """A JPEG of 800 × 600 (示意照片); the same scene and variant look at the same place before and after."""
    random = Random(f"{scene}-{variant}")  # noqa: S311  a picture, not a secret
    image = Image.new("RGB", (WIDTH, HEIGHT), "#cfdbe2")
    draw = ImageDraw.Draw(image)
    _street(draw, random)
    if scene in SCENES:
        _DRAW[scene](draw, random, after)
    image = _grain(image.filter(ImageFilter.GaussianBlur(0.8)), variant * 2 + after)
    ImageDraw.Draw(image).text((12, HEIGHT - 24), "DEMO / drawn, not a photo", fill="#ffffff")
    out = BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _street(draw: ImageDraw.ImageDraw, random: Random) -> None:
    x = 0
    while x < WIDTH:
        width = random.randint(90, 190)
        top = random.randint(30, 140)
        draw.rectangle((x, top, x + width, HORIZON), fill=random.choice(WALLS))
        for wx in range(x + 14, x + width - 24, 38):
            for wy in range(top + 16, HORIZON - 30, 44):
                draw.rectangle(
                    (wx, wy, wx + 18, wy + 24), fill=random.choice(("#6d7b85", "#889aa5", "#4f5b63"))
                )
        x += width
    draw.polygon([(0, HORIZON), (WIDTH, HORIZON), (WIDTH, 330), (0, 350)], fill="#b9b2a6")
    for tile in range(0, WIDTH, 46):
        draw.line((tile, HORIZON, tile - 30, 345), fill="#a69f93", width=2)
    draw.polygon([(0, 350), (WIDTH, 330), (WIDTH, HEIGHT), (0, HEIGHT)], fill="#6f7072")
    draw.line((0, 352, WIDTH, 332), fill="#d8d4ca", width=6)
    for dash in range(20, WIDTH, 150):
        draw.line((dash, 500, dash + 80, 496), fill="#e4e1d6", width=7)


def _blob(random: Random, x: int, y: int, rx: int, ry: int) -> list[tuple[int, int]]:
    angles = np.linspace(0, 2 * np.pi, 18, endpoint=False)
    return [
        (
            int(x + rx * np.cos(a) * random.uniform(0.7, 1.1)),
            int(y + ry * np.sin(a) * random.uniform(0.7, 1.1)),
        )
        for a in angles
    ]


def _hole(draw: ImageDraw.ImageDraw, random: Random, after: bool) -> None:
    x, y = random.randint(260, 540), random.randint(430, 500)
    if after:
        draw.rectangle((x - 120, y - 44, x + 120, y + 44), fill="#4f5052")
        return
    draw.polygon(_blob(random, x, y, 115, 40), fill="#4a4339")
    draw.polygon(_blob(random, x, y + 6, 80, 24), fill="#7d8b8f")
    for _ in range(7):
        cx, cy = x + random.randint(-200, 200), y + random.randint(-60, 60)
        draw.line((x, y, cx, cy), fill="#55534f", width=2)


def _cover(draw: ImageDraw.ImageDraw, random: Random, after: bool) -> None:
    x, y = random.randint(280, 520), random.randint(430, 490)
    draw.ellipse((x - 80, y - 34, x + 80, y + 34), fill="#8d8f90")
    if not after:
        draw.ellipse((x - 68, y - 27, x + 68, y + 27), fill="#17191a")
        draw.line((x - 4, y, x + 30, y - 120), fill="#6b5230", width=7)
        return
    draw.ellipse((x - 68, y - 27, x + 68, y + 27), fill="#5c5f61")
    for step in range(-48, 60, 24):
        draw.line((x + step, y - 16, x + step, y + 16), fill="#45484a", width=4)


def _bags(draw: ImageDraw.ImageDraw, random: Random, n: int, colours: tuple[str, ...], size: int) -> None:
    x = random.randint(200, 500)
    for i in range(n):
        bx, by = x + random.randint(-130, 130), 360 - i + random.randint(-14, 34)
        draw.polygon(
            _blob(random, bx, by, random.randint(size // 2, size), random.randint(size // 2, size)),
            fill=random.choice(colours),
        )


def _heap(draw: ImageDraw.ImageDraw, random: Random, after: bool) -> None:
    draw.rectangle((640, 270, 690, 350), fill="#2f6b4a")
    draw.rectangle((634, 262, 696, 274), fill="#24543a")
    if not after:
        _bags(draw, random, 26, RUBBISH, 40)


def _debris(draw: ImageDraw.ImageDraw, random: Random, after: bool) -> None:
    if not after:
        _bags(draw, random, 60, ("#a59a8a", "#8b8276", "#b1664a", "#c2bcb0"), 26)


def _shed(draw: ImageDraw.ImageDraw, random: Random, after: bool) -> None:
    x = random.randint(220, 460)
    if after:
        draw.rectangle((x, 238, x + 190, 252), fill="#8d8479")
        return
    draw.rectangle((x, 150, x + 190, 260), fill="#7f9bb0")
    for rib in range(x + 8, x + 190, 14):
        draw.line((rib, 150, rib, 260), fill="#6b8699", width=3)
    draw.polygon([(x - 14, 150), (x + 204, 150), (x + 180, 122), (x + 6, 122)], fill="#3f5f78")


def _plants(draw: ImageDraw.ImageDraw, random: Random, after: bool) -> None:
    draw.polygon([(120, 270), (700, 262), (730, 330), (90, 344)], fill="#5d8a46" if after else "#7d6a4c")
    for _ in range(900 if after else 160):
        x, y = random.randint(120, 710), random.randint(272, 334)
        draw.line(
            (x, y, x + random.randint(-3, 3), y - 9), fill=random.choice(("#4c7a39", "#74a259", "#3f6b31"))
        )


def _cars(draw: ImageDraw.ImageDraw, random: Random, after: bool) -> None:
    for step in range(0, WIDTH, 60):
        draw.line((step, 560, step + 30, 400), fill="#d9b52c", width=6)
    if after:
        return
    for i in range(3):
        x, y = 90 + i * 220 + random.randint(-15, 15), 400
        colour = random.choice(CARS)
        draw.rounded_rectangle((x, y, x + 180, y + 60), 16, fill=colour)
        draw.polygon([(x + 30, y + 4), (x + 56, y - 38), (x + 128, y - 38), (x + 152, y + 4)], fill=colour)
        draw.polygon([(x + 44, y), (x + 62, y - 30), (x + 122, y - 30), (x + 138, y)], fill="#b9c9d2")
        for wheel in (x + 38, x + 140):
            draw.ellipse((wheel - 20, y + 40, wheel + 20, y + 80), fill="#1d1f20")


_DRAW = {
    "hole": _hole,
    "cover": _cover,
    "heap": _heap,
    "debris": _debris,
    "shed": _shed,
    "plants": _plants,
    "cars": _cars,
}


def _grain(image: Image.Image, seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).normal(0, 7, (HEIGHT, WIDTH, 1))
    shade = np.linspace(6, -10, HEIGHT)[:, None, None]
    return Image.fromarray(
        np.clip(np.asarray(image, dtype=np.float64) + noise + shade, 0, 255).astype(np.uint8)
    )
