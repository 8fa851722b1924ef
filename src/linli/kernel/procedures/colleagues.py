"""Colleagues who may see a case (能看到本件的同事): whom a note on it can name.

Whoever is in post over the case's area, or in an organisation that takes part, is asked for; of them only those stay to
whom the one visibility rule shows the case. Who is recused, or is its applicant, is not there.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from django.db.models import IntegerField, Q, Value

from linli.base.clock import today
from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor, actors_for, in_force
from linli.kernel.people.models import Account, Appointment
from linli.kernel.procedures.models import Case, Participation
from linli.kernel.procedures.visibility import visible_to

CANDIDATES = 300
ASKED_AT_ONCE = 40
# Not within an e-mail address: what stands before is no letter or digit of one.
AT = re.compile(r"(?<![\w.+-])@(?=\S)", re.ASCII)


@dataclass(frozen=True)
class Colleague:
    """Somebody in post, as they are offered (一位同事)."""

    account: Account
    post: Text
    organisation: Text


def colleagues(case: Case, actor: Actor, *, text: str = "", limit: int = 10) -> list[Colleague]:
    """Whom I can name in a note here (可提醒的同事), those whose name begins like `text` first; in a fixed number of queries."""
    wanted = text.strip().lower()
    found = [c for c in _in_post(case, actor) if wanted in _names(c)]
    found.sort(key=lambda c: not any(n.startswith(wanted) for n in _own_names(c)))
    return who_may_see(case, found[:ASKED_AT_ONCE])[:limit]


def named_in(words: str, case: Case, actor: Actor) -> list[Colleague]:
    """Whom a note names with @ (备注里 @ 的同事). Refuses a name that nobody has who may see the case, whether it is
    misspelt or recused, and one that several have."""
    places = [m.end() for m in AT.finditer(words)]
    if not places:
        return []
    known = _in_post(case, actor)
    named: dict[int, Colleague] = {}
    for place in places:
        rest = words[place:].lower()
        fitting = [(n, c) for c in known for n in _own_names(c) if rest.startswith(n)]
        longest = max((len(n) for n, _ in fitting), default=0)
        best = {c.account.pk: c for n, c in fitting if len(n) == longest}
        seen = who_may_see(case, list(best.values()))
        if len(seen) != 1:
            raise _unclear(words[place : place + 12].split()[0], several=len(seen) > 1)
        named[seen[0].account.pk] = seen[0]
    return list(named.values())


def _unclear(name: str, *, several: bool) -> Invalid:
    problem = (
        Text(
            f"有几位同事都叫“@{name}”。请改写成 @ 加用户名。",
            f"Several colleagues go by “@{name}”. Write @ and the user name instead.",
        )
        if several
        else Text(
            f"能看到这件事的同事里没有“@{name}”。请核对姓名，或去掉 @。",
            f"Nobody who may see this case goes by “@{name}”. Check the name, or leave out the @.",
        )
    )
    return Invalid("noting.not_there", problem, fields={"note_words": problem})


def who_may_see(case: Case, found: Sequence[Colleague]) -> list[Colleague]:
    """Those of them to whom the case is visible (按可见范围过滤)."""
    actors = actors_for(c.account.pk for c in found)
    asked = [
        visible_to(actor)
        .filter(pk=case.pk)
        .annotate(who=Value(account, output_field=IntegerField()))
        .values_list("who", flat=True)
        .order_by()
        for account, actor in actors.items()
        if actor.person_id is None or actor.person_id != case.applicant_id
    ]
    if not asked:
        return []
    first, *others = asked
    seen = set(first.union(*others, all=True) if others else first)
    return [c for c in found if c.account.pk in seen]


def _in_post(case: Case, actor: Actor) -> list[Colleague]:
    taking_part = Participation.objects.filter(case=case, kind="org").values("ref")
    near = Q(post__area__prefix__in=list(accumulate(case.grid))) | Q(post__organisation__in=taking_part)
    near |= Q(post__organisation_id__in=[i for i in (case.lead_id, case.window_id) if i])
    rows = (
        Appointment.objects.filter(near, in_force(today()), account__is_active=True)
        .exclude(account_id=actor.account_id or 0)
        .select_related("account", "post__organisation")
        .order_by("account_id", "pk")[:CANDIDATES]
    )
    found: dict[int, Colleague] = {}
    for row in rows:
        found.setdefault(row.account_id, Colleague(row.account, row.post.name, row.post.organisation.title))
    return list(found.values())


def _own_names(colleague: Colleague) -> list[str]:
    account = colleague.account
    return [n.lower() for n in (account.name, account.name_en, account.username) if n]


def _names(colleague: Colleague) -> str:
    return " ".join([*_own_names(colleague), colleague.organisation.zh, colleague.organisation.en.lower()])
