"""The outlines of steps (环节外形): each kind has a shape of its own, told apart without colour."""

from __future__ import annotations

from linli.kernel.procedures.drawing.shapes import Point

ROUND, CUT, FOLD, STACK = 9.0, 13.0, 15.0, 5.0


def outline(kind: str, x: float, y: float, w: float, h: float) -> str:
    """The shape of a box whose upper left corner is (x, y) (外形)."""
    if kind == "start":
        return f'<circle cx="{x + w / 2:.1f}" cy="{y + h / 2:.1f}" r="{w / 2:.1f}"/>'
    draw = {
        "joint": _stack,
        "publicity": _notice,
        "timer": _octagon,
        "vote": _double_sides,
        "end": _pill,
    }.get(kind)
    return draw(x, y, w, h) if draw else _rect(x, y, w, h, ROUND)


def meets(kind: str, end: Point, centre: Point, size: tuple[float, float]) -> Point:
    """Where a line that comes from above or below at this place meets the outline (连接点)."""
    x, y = end
    aside = abs(x - centre[0]) - size[0] / 2
    inset = 0.0
    if kind == "timer" and aside > -CUT:
        inset = aside + CUT
    elif kind == "end":
        radius = size[1] / 2
        if aside > -radius:
            inset = radius - (radius**2 - (aside + radius) ** 2) ** 0.5
    elif kind == "publicity" and y < centre[1] and x - centre[0] > size[0] / 2 - FOLD:
        inset = x - centre[0] - size[0] / 2 + FOLD
    return (x, y + inset if y < centre[1] else y - inset)


def _rect(x: float, y: float, w: float, h: float, r: float, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    return f'<rect{named} x="{x:.1f}" y="{y:.1f}" width="{w:.1f}" height="{h:.1f}" rx="{r:.1f}"/>'


def _stack(x: float, y: float, w: float, h: float) -> str:
    """Several sheets, one behind the other: many hands."""
    w, h = w - 2 * STACK, h - 2
    sheets = [_rect(x + n * STACK, y + (2 - n) + 0.0, w, h, ROUND) for n in (2, 1, 0)]
    return "".join(sheets)


def _notice(x: float, y: float, w: float, h: float) -> str:
    """A sheet with a folded corner: put up for everybody to read."""
    right = x + w
    return (
        f'<path d="M{x:.1f} {y:.1f}H{right - FOLD:.1f}L{right:.1f} {y + FOLD:.1f}V{y + h:.1f}H{x:.1f}z"/>'
        f'<path class="fold" d="M{right - FOLD:.1f} {y:.1f}V{y + FOLD:.1f}H{right:.1f}"/>'
    )


def _octagon(x: float, y: float, w: float, h: float) -> str:
    right, bottom = x + w, y + h
    return (
        f'<path d="M{x + CUT:.1f} {y:.1f}H{right - CUT:.1f}L{right:.1f} {y + CUT:.1f}V{bottom - CUT:.1f}'
        f'L{right - CUT:.1f} {bottom:.1f}H{x + CUT:.1f}L{x:.1f} {bottom - CUT:.1f}V{y + CUT:.1f}z"/>'
    )


def _double_sides(x: float, y: float, w: float, h: float) -> str:
    sides = f'<path class="fold" d="M{x + 7:.1f} {y:.1f}v{h:.1f}M{x + w - 7:.1f} {y:.1f}v{h:.1f}"/>'
    return _rect(x, y, w, h, 2) + sides


def _pill(x: float, y: float, w: float, h: float) -> str:
    return _rect(x, y, w, h, h / 2) + _rect(x + 4, y + 4, w - 8, h - 8, h / 2 - 4, "inner")
