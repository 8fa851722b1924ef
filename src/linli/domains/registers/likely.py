"""Entries that may be one person (疑似重复): found by keyed hash when one is written, listed for whoever keeps both, set apart once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Q

from linli.domains.registers.models import LikelyPair

# The nearest other entry of the same hash, of whom one at least has no ID number: two numbers are two people. A group of n that
# share one makes n pairs. `+ 0`: by the index of the hash, whatever the planner thinks of the first in the order of the key.
_OTHER = """(SELECT o.person_id FROM registers_resident o JOIN people_person q ON q.id = o.person_id
 WHERE o.{key} = r.{key} AND o.person_id <> r.person_id AND o.valid_to IS NULL AND (q.id_hash IS NULL OR p.id_hash IS NULL)
 ORDER BY o.person_id + 0 LIMIT 1)"""
# Of a batch hardly anybody shares one: that is asked first, of the index alone.
_SHARED = """SELECT r.person_id FROM registers_resident r WHERE r.person_id {these} AND (
 EXISTS (SELECT 1 FROM registers_resident o WHERE o.alike_birth = r.alike_birth AND o.person_id <> r.person_id)
 OR EXISTS (SELECT 1 FROM registers_resident o WHERE o.alike_phone = r.alike_phone AND o.person_id <> r.person_id))"""
_FIND = f"""SELECT f.why, f.one, f.two, a.prefix, b.prefix FROM (
 SELECT 'birth' AS why, r.person_id AS one, {_OTHER.format(key="alike_birth")} AS two
 FROM registers_resident r JOIN people_person p ON p.id = r.person_id
 WHERE r.person_id {{these}} AND r.alike_birth IS NOT NULL AND r.valid_to IS NULL
 UNION ALL
 SELECT 'phone', r.person_id, {_OTHER.format(key="alike_phone")}
 FROM registers_resident r JOIN people_person p ON p.id = r.person_id
 WHERE r.person_id {{these}} AND r.alike_phone IS NOT NULL AND r.valid_to IS NULL
) f JOIN registers_resident a ON a.person_id = f.one JOIN registers_resident b ON b.person_id = f.two"""


def shared(here: str, there: str) -> str:
    """What two areas have in common (共同上级), as a prefix; an area above neither reaches further than both."""
    n = next(
        (n for n, (a, b) in enumerate(zip(here, there, strict=False)) if a != b), min(len(here), len(there))
    )
    return here[:n]


def find(residents: Sequence[int], *, pairs: Any = LikelyPair) -> int:
    """Note who may be the same person as one of these (查重); gives how many pairs are new. One statement, and three
    where somebody shares a hash."""
    with connection.cursor() as cursor:
        shared_by = _these(cursor, _SHARED, residents, 1) if residents else []
        found: dict[tuple[int, int], tuple[str, str]] = {}
        rows = _these(cursor, _FIND, [pk for (pk,) in shared_by], 2) if shared_by else []
        for why, one, two, here, there in rows:
            found.setdefault((min(one, two), max(one, two)), (why, shared(here, there)))
    if not found:
        return 0
    ones = {one for one, _ in found}
    known = set(pairs.objects.filter(one__in=ones).values_list("one", "two"))
    new = [
        pairs(one_id=one, two_id=two, why=why, prefix=prefix)
        for (one, two), (why, prefix) in found.items()
        if (one, two) not in known
    ]
    pairs.objects.bulk_create(new, batch_size=500, ignore_conflicts=True)
    return len(new)


def _these(cursor: Any, query: str, residents: Sequence[int], times: int) -> list[tuple[Any, ...]]:
    if connection.vendor == "postgresql":
        cursor.execute(query.format(these="= ANY(%s)"), [list(residents)] * times)
    else:
        cursor.execute(query.format(these=f"IN ({','.join(['%s'] * len(residents))})"), [*residents] * times)
    return list(cursor.fetchall())


def forget(residents: Sequence[int]) -> None:
    """What was found about these holds no longer (登记有变，重新查重); that they are two stays said."""
    LikelyPair.objects.filter(Q(one__in=residents) | Q(two__in=residents), apart_at=None).delete()
