"""Who acted for a party under a mandate (代办人留名): both names stand with the entry, the helper's masked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from linli.base.codes import mask_name
from linli.kernel.people.models import Mandate, Person
from linli.kernel.people.services.mandates import mandates_of
from linli.kernel.records.models import Record

MARK = '"mandate":'


def helpers_in(rows: Iterable[Record]) -> dict[int, str]:
    """The helper's masked name by the entry's seq (各条留痕的代办人); one query where there is any, none else."""
    found = {row.seq: json.loads(row.facts).get("mandate", "") for row in rows if MARK in row.facts}
    wanted = {uid for uid in found.values() if uid}
    if not wanted:
        return {}
    names = {
        str(m.uid): mask_name(m.helper.name) or "—"
        for m in Mandate.objects.filter(uid__in=wanted).select_related("helper")
    }
    return {seq: names[uid] for seq, uid in found.items() if uid in names}


def own_mandates(person: Person) -> list[dict[str, Any]]:
    """The mandates that a person gave or holds, for their copy (本人委托副本); the other side masked."""
    given, held = mandates_of(person)
    return [
        {
            "given_to" if row.grantor_id == person.pk else "held_for": mask_name(
                row.helper.name if row.grantor_id == person.pk else row.grantor.name
            ),
            "scope": row.scope,
            "about": row.procedure or row.case_number,
            "from_on": row.from_on.isoformat(),
            "to_on": row.to_on.isoformat(),
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
        }
        for row in (*given, *held)
    ]
