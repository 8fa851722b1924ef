"""街乡吹哨、部门报到 (whistle and report): who came and who did not, who reported a result and who did not."""

from __future__ import annotations

from linli.kernel.procedures.models import Task
from linli.kernel.procedures.registry import effect
from linli.kernel.procedures.state import Move


def _waited_for(move: Move) -> list[str]:
    """The departments whose part of this step is still open."""
    waiting = Task.objects.filter(case_id=move.case.id, part="helper", done_at__isnull=True)
    return sorted(waiting.values_list("organisation__code", flat=True))


@effect("events.whistle_started")
def started(move: Move) -> None:
    """Attendance (报到情况): who had not reported in when the joint work began is on the record."""
    move.show(absent=_waited_for(move))


@effect("events.whistle_summed")
def summed(move: Move) -> None:
    move.show(unfinished=_waited_for(move))
