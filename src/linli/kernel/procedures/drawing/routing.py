"""Where lines run between two layers (走线): straight on, to the side on a track of their own, and straight on again."""

from __future__ import annotations

from dataclasses import dataclass

from linli.kernel.procedures.drawing.layering import Segment
from linli.kernel.procedures.drawing.shapes import Gaps

NEAR = 0.5


@dataclass(eq=False)
class Shift:
    """A segment that has to go sideways, and on which track it does (横移)."""

    segment: Segment
    track: int = 0

    @property
    def low(self) -> float:
        return min(self.segment.start, self.segment.end)

    @property
    def high(self) -> float:
        return max(self.segment.start, self.segment.end)


def tracks(segments: list[Segment], gaps: Gaps) -> tuple[dict[int, int], int]:
    """On which track each segment between two layers goes sideways (分配走线轨道), and how many tracks there are.

    Segments that would run over each other have tracks of their own, in the order that crosses least.
    """
    shifts = [Shift(s) for s in segments if abs(s.start - s.end) > NEAR]
    shifts.sort(key=_by_direction)
    _improve(shifts)
    n = 0
    for k, shift in enumerate(shifts):
        before = [o.track + 1 for o in shifts[:k] if _meet(o, shift, gaps.line * 0.6)]
        shift.track = max(before, default=0)
        n = max(n, shift.track + 1)
    return {id(s.segment): s.track for s in shifts}, n


def _by_direction(shift: Shift) -> tuple[int, float]:
    """Those to the right: the rightmost first; those to the left: the leftmost first."""
    start, end = shift.segment.start, shift.segment.end
    return (0, -start) if end > start else (1, start)


def _meet(one: Shift, other: Shift, room: float) -> bool:
    return one.low < other.high + room and other.low < one.high + room


def _improve(shifts: list[Shift]) -> None:
    """Change neighbours as long as that saves crossings or lines that run over each other."""
    for _ in range(len(shifts)):
        changed = False
        for n in range(len(shifts) - 1):
            upper, lower = shifts[n], shifts[n + 1]
            if _cost(lower, upper) < _cost(upper, lower):
                shifts[n], shifts[n + 1] = lower, upper
                changed = True
        if not changed:
            return


def _cost(upper: Shift, lower: Shift) -> int:
    """Crossings when the first runs above the second; lines that would cover each other count most."""
    a, b = upper.segment, lower.segment
    n = int(upper.low < b.start < upper.high) + int(lower.low < a.end < lower.high)
    return n + (100 if abs(a.end - b.start) < NEAR else 0)
