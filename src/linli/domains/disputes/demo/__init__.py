"""The demo of this domain (纠纷化解演示): petitions with their reviews, mediations, reconsiderations, at every interesting step.

Played by the verbs alone over the past months (`kernel/procedures/rehearsal.py`); everybody in it is invented.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from linli.domains.disputes.demo.decisions import reconsiderations
from linli.domains.disputes.demo.mediations import mediations
from linli.domains.disputes.demo.petitions import petitions
from linli.kernel.places.models import Area
from linli.kernel.procedures.rehearsal import Rehearsal, Story, Troupe

SMALL = 3  # one story of so many where the demo is small


def load(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Play petitions and mediations in a county whose demo people are there (载入信访、调解演示)."""
    troupe = Troupe.of(county, at=at)
    _play(troupe, [*petitions(troupe), *mediations(troupe)], progress, small=small)


def load_remedies(county: Area, *, progress: Callable[[int, int], None], small: bool, at: datetime) -> None:
    """Ask for reconsideration of what other domains' demos decided (对其他演示办件的决定申请复议)."""
    troupe = Troupe.of(county, at=at)
    _play(troupe, reconsiderations(troupe), progress, small=small)


def _play(troupe: Troupe, stories: list[Story], progress: Callable[[int, int], None], *, small: bool) -> None:
    Rehearsal(troupe).run(stories[::SMALL] if small else stories, progress)
