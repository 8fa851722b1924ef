"""What a phone sent comes late, twice and in any order (外勤乱序与重复到达): each entry is there once, and whole."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.kernel.fieldwork.models import DONE, FieldEntry, Patrol
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Attachment
from tests.api import jpeg
from tests.cast import Cast
from tests.phone import Phone, a_report, entry

PHOTO = jpeg()
NAME = sha256(PHOTO).hexdigest()
HALF = len(PHOTO) // 2
LISTED = {"sha256": NAME, "size": len(PHOTO), "type": "image/jpeg", "name": "a.jpg", "field": "photos"}
REFUSED = {409, 422}  # a piece or an entry too early: the phone sends it again
N_REQUESTS = 6


def requests_of(phone: Phone, cast: Cast) -> tuple[list[Callable[[], Any]], list[dict[str, Any]]]:
    """What the phone sends on a good line, in its order (按序的请求)."""
    walked = {"area": "350102001001001", "checked": ["road"], "text": "看过了。"}
    made = [
        entry("report", a_report(cast), [LISTED]),
        entry("report", a_report(cast, description="第二件")),
        entry("patrol", walked),
    ]

    def piece(offset: int, content: bytes) -> Callable[[], Any]:
        path = f"/files/{NAME}?offset={offset}&size={len(PHOTO)}"
        return lambda: phone.call("PUT", path, content, kind="application/octet-stream")

    other = {**made[1], **entry("report", a_report(cast, description="同号另一份"), number=made[1]["id"])}
    return [
        piece(0, PHOTO[:HALF]),
        piece(HALF, PHOTO[HALF:]),
        *(lambda each=each: phone.put(each) for each in made),
        lambda: phone.put(other),
    ], [*made, other]


@pytest.mark.django_db
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    early=st.lists(st.integers(0, N_REQUESTS - 2), max_size=14), late=st.permutations(range(N_REQUESTS - 1))
)
def test_any_order_and_any_repeats_end_in_each_once(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, early: list[int], late: list[int]
) -> None:
    from django.conf import settings as django_settings

    with tempfile.TemporaryDirectory() as folder, transaction.atomic():
        monkeypatch.setattr(django_settings, "LINLI_DATA_DIR", Path(folder))
        phone = Phone(cast)
        sent, (with_photo, plain, walk, _) = requests_of(phone, cast)
        for n in early:
            answer = sent[n]()
            assert answer.status_code in {200, 201} | REFUSED, answer.content
            if n >= 2 and answer.status_code in {200, 201}:
                assert FieldEntry.objects.filter(client_id=answer.json()["id"]).exists()
        for n in range(N_REQUESTS - 1):  # then the phone goes on as it does, until all is receipted
            sent[n]()
        before = sorted(FieldEntry.objects.values_list("client_id", "digest", "state"))
        for n in late:  # what a line held back comes in the end, and changes nothing
            sent[n]()
        assert sorted(FieldEntry.objects.values_list("client_id", "digest", "state")) == before
        assert [(str(uid), state) for uid, _, state in before] == [
            (each["id"], DONE) for each in sorted((with_photo, plain, walk), key=lambda each: each["id"])
        ]
        assert (Case.objects.count(), Attachment.objects.count(), Patrol.objects.count()) == (2, 1, 1)
        assert sent[-1]().status_code == 409  # other content under a number: kept beside, never instead
        assert json.loads(phone.put(plain).content)["digest"] == plain["digest"]
        assert Case.objects.count() == 2
        transaction.set_rollback(True)
