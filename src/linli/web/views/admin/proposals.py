"""A change of a procedure before it holds (改动预览): what the checker says, what differs in words, whom it concerns, and the
file. The forms that change limits and words, and the one that sets a change back, all end here."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpRequest
from django.urls import reverse

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.administration import ADMINISTRATOR
from linli.kernel.people.services.installation import COUNTY_OR_ABOVE
from linli.kernel.places.models import Area
from linli.kernel.procedures.amending import newest
from linli.kernel.procedures.definitions import Procedure
from linli.kernel.procedures.limittrial import Effect, effect_of
from linli.kernel.procedures.loader import lay_over
from linli.kernel.procedures.overrides import Override, load_override, read_override
from linli.kernel.procedures.versions import procedure_of, shipped_files
from linli.web.views.admin.procedurewords import ChangeRow, changes, raw_of, ruling
from linli.web.views.admin.screens import Done

SHOWN = "shown"  # the name of the hidden field that says which file somebody has looked at


@dataclass(frozen=True)
class Proposal:
    """A file that somebody is about to load (待载入的改动)."""

    text: str
    override: Override
    changes: list[tuple[Text, list[ChangeRow]]]
    effect: Effect | None

    @property
    def mark(self) -> str:
        """Says which file was looked at, so that no other one is loaded."""
        return sha256(self.text.encode()).hexdigest()[:16]

    @property
    def is_empty(self) -> bool:
        return not self.changes

    @property
    def may_load(self) -> bool:
        return not self.override.findings and not self.is_empty


def proposal(text: str, *, by: Actor) -> Proposal:
    """Check a file and say what it would do (检查并试算); nothing is kept."""
    override = read_override(text, by=by)
    standing = newest(override.code, override.jurisdiction)
    old = procedure_of(standing.pk)
    would_be = lay_over(shipped_files()[override.code][1], tomllib.loads(text))
    effect = None
    if not override.findings:
        effect = effect_of(old, override.procedure, override.jurisdiction, at=now())
    found = changes(ruling(raw_of(standing)), ruling(would_be))
    return Proposal(text, override, found, effect)


def was_shown(request: HttpRequest, found: Proposal) -> bool:
    """Whether this very change was looked at before it is saved (已预览)."""
    return request.POST.get("act") == "save" and request.POST.get(SHOWN) == found.mark


def save(found: Proposal, *, by: Actor, because: str) -> Done:
    loaded = load_override(found.text, by=by, because=because)
    said = Text(
        f"已保存为第 {loaded.version} 版。新的办件按它办，在办的沿用原来的版本。",
        f"Saved as version {loaded.version}. New cases follow it; running ones keep the version they have.",
    )
    if loaded.valid_from:
        said = Text(
            f"已保存为第 {loaded.version} 版，自 {loaded.valid_from} 起施行。在办的沿用原来的版本。",
            f"Saved as version {loaded.version}, in force from {loaded.valid_from}. Running cases keep theirs.",
        )
    return Done(said, history_url(loaded.code, loaded.jurisdiction))


def history_url(code: str, jurisdiction: str) -> str:
    return f"{reverse('web:admin_procedure_history', args=[code])}?area={jurisdiction}"


def own_areas(actor: Actor) -> list[Area]:
    """The counties (or wider areas) whose procedures somebody may change (可以改程序的区划)."""
    held = {
        hat.area_prefix
        for hat in actor.hats
        if ADMINISTRATOR in hat.roles and hat.area_level in COUNTY_OR_ABOVE
    }
    return list(Area.objects.filter(prefix__in=held).order_by("code"))


def area_chosen(request: HttpRequest, areas: list[Area]) -> Area:
    wanted = request.GET.get("area", "")
    return next((a for a in areas if a.prefix == wanted), areas[0])


def in_hand(code: str, jurisdiction: str) -> Procedure:
    """The procedure that the next change is built on (改动的底本)."""
    return procedure_of(newest(code, jurisdiction).pk)
