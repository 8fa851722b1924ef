"""What is set, in words (设定一览): each room says its own in a sentence; the overview adds who changed it last."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from linli.base.i18n import Text
from linli.kernel.calendar.queries import published_years
from linli.kernel.notices.templates import known_templates
from linli.kernel.notices.texts import newest_in_force
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import AuditEntry
from linli.kernel.people.queries import audit_page
from linli.kernel.procedures.amending import all_in_hand, limit_rows
from linli.kernel.procedures.models import ProcedureVersion
from linli.web.views.admin.logbook import Line, entries
from linli.web.views.admin.proposals import own_areas

LOOKED_AT = 200  # of the newest entries of the log
SHOWN = 8
# Reading and coming in change nothing.
NO_CHANGE = frozenset({"people.signed_in", "people.signed_out", "people.sign_in_failed", "retention.run"})


@dataclass(frozen=True)
class Setting:
    """One thing that a county sets (一项设定). `said(actor)` is the sentence; `acts` name its changes in the log."""

    code: str
    title: Text
    url_name: str
    said: Callable[[Actor], Text]
    acts: tuple[str, ...]
    order: int


_known: dict[str, Setting] = {}


def setting(
    code: str,
    title: Text,
    url_name: str,
    said: Callable[[Actor], Text],
    *,
    acts: Sequence[str],
    order: int = 100,
) -> None:
    """Adds a line to what is set (登记一项设定); domains call this from their `apps.py`."""
    entry = Setting(code, title, url_name, said, tuple(acts), order)
    if code in _known and _known[code] != entry:
        raise ValueError(f"registered twice: {code}")
    _known[code] = entry


def settings_of(actor: Actor, recent: Sequence[AuditEntry]) -> list[tuple[Setting, Text, AuditEntry | None]]:
    """Every line with its sentence and its last change, of those entries (各项设定及最近改动)."""
    return [
        (each, each.said(actor), next((e for e in recent if e.act.startswith(each.acts)), None))
        for each in sorted(_known.values(), key=lambda s: (s.order, s.code))
    ]


def changes_of(actor: Actor) -> list[AuditEntry]:
    """What was changed last (最近改动), the newest first; without who signed in."""
    found = audit_page(actor, limit=LOOKED_AT).items
    return [e for e in found if e.act not in NO_CHANGE and not e.act.startswith("people.person_")]


def in_lines(rows: Sequence[AuditEntry]) -> list[Line]:
    return entries(rows[:SHOWN])


def _limits(actor: Actor) -> Text:
    areas = own_areas(actor)
    rows = [r for p, _ in all_in_hand(areas[0].prefix if areas else "") for r in limit_rows(p)]
    n = sum(row.sample for row in rows)
    return Text("共 {n} 项时限，{s} 项还是样例。", "{n} limits, {s} of them samples.").format(
        n=len(rows), s=n
    )


def _procedures(actor: Actor) -> Text:
    own = {a.prefix for a in own_areas(actor)}
    codes = set(
        ProcedureVersion.objects.filter(jurisdiction__in=own).values_list("code", flat=True) if own else ()
    )
    n = len(all_in_hand(""))
    return Text(
        "共 {n} 个程序，{m} 个有本地的改动。", "{n} procedures, {m} with changes of your own."
    ).format(n=n, m=len(codes))


def _messages(actor: Actor) -> Text:
    own = sum(row.texts is not None for row in newest_in_force().values())
    return Text("共 {n} 种通知，{m} 种用本地文字。", "{n} messages, {m} in your own words.").format(
        n=len(known_templates()), m=own
    )


def _years(actor: Actor) -> Text:
    last = published_years().values_list("year", flat=True).first()
    if last is None:
        return Text("一年也没有录入。", "No year is entered.")
    return Text(f"录到 {last} 年。", f"Entered up to {last}.")


def register() -> None:
    """What this floor itself sets (本层设定)."""
    by_file = ("procedures.override_loaded",)
    setting("limits", Text("时限", "Limits"), "web:admin_limits", _limits, acts=by_file, order=30)
    setting(
        "procedures", Text("程序", "Procedures"), "web:admin_procedures", _procedures, acts=by_file, order=40
    )
    setting(
        "messages",
        Text("通知文字", "Messages"),
        "web:admin_messages",
        _messages,
        acts=("notices.text_",),
        order=50,
    )
    setting(
        "years", Text("放假安排", "Days off"), "web:admin_years", _years, acts=("people.year_",), order=60
    )
