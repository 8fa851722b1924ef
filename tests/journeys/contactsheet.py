"""Many pictures on one sheet (联系表): side by side, each under its name, so that a person sees whether they belong together."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

WIDTH = {"phone": 300, "desktop": 620}  # of one picture on the sheet
COLUMNS = {"phone": 8, "desktop": 4}
TALLEST = {"phone": 2.2, "desktop": 0.8}  # times its width; what is longer is cut at its foot
GAP, NAME = 16, 18
GROUND, INK = (136, 136, 136), (0, 0, 0)


def write(out: Path, pictures: list[Path], device: str) -> None:
    """Puts the pictures of one face, device and language on one sheet."""
    width = WIDTH[device]
    small = [(path.stem, _fitted(path, width, TALLEST[device])) for path in pictures]
    rows = [small[n : n + COLUMNS[device]] for n in range(0, len(small), COLUMNS[device])]
    heights = [max(picture.height for _, picture in row) + NAME + GAP for row in rows]
    columns = max(len(row) for row in rows)
    sheet = Image.new("RGB", (GAP + columns * (width + GAP), GAP + sum(heights)), GROUND)
    pen, y = ImageDraw.Draw(sheet), GAP
    for row, height in zip(rows, heights, strict=True):
        for n, (name, picture) in enumerate(row):
            x = GAP + n * (width + GAP)
            pen.text((x, y), name, fill=INK)
            sheet.paste(picture, (x, y + NAME))
        y += height
    sheet.quantize(192).save(out, "PNG", optimize=True)


def _fitted(path: Path, width: int, most: float) -> Image.Image:
    picture = Image.open(path).convert("RGB")
    tallest = round(picture.width * most)
    picture = picture.crop((0, 0, picture.width, min(picture.height, tallest)))
    return picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
