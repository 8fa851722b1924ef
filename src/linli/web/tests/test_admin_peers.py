"""Other installations in the administration (对方平台管理): admitted, looked at, stopped, sent again."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.kernel.exchange.models import GIVEN_UP, Message, Peer
from linli.kernel.exchange.sending import send
from tests.cast import Cast
from tests.exchanging import NEIGHBOUR, OURS, Neighbour

pytestmark = pytest.mark.django_db

LIST, ADD = reverse("web:admin_peers"), reverse("web:admin_peer_add")
ONE, CHANGE = (reverse(f"web:{name}", args=[NEIGHBOUR]) for name in ("admin_peer", "admin_peer_change"))


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.client("admin")


def test_a_peer_is_admitted_with_its_key(admin: Client) -> None:
    assert "BEGIN PUBLIC KEY" in admin.get(ADD).content.decode()  # ours, for the other side
    entry = {"county": "350103", "name": "台江区", "base_url": "https://tj.example", "key": "?"}
    refused = admin.post(ADD, entry)
    assert (refused.status_code, Peer.objects.count()) == (422, 0)
    assert "/proof/key.pem" in refused.content.decode()
    made = admin.post(ADD, {**entry, "key": Neighbour().key.as_pem()})
    assert made["Location"] == ONE
    assert "还没有往来消息" in admin.get(ONE).content.decode()
    assert "登记对方平台" in admin.get(reverse("web:admin_log")).content.decode()


def test_what_failed_is_seen_and_sent_again(admin: Client, django_assert_max_num_queries: Any) -> None:
    peer = Neighbour().admitted()
    for n in range(4):
        send(peer, "matters.application", {"name": "张三"}, case_number=f"350102-XR-2026-{n}", county=OURS)
    Message.objects.update(state=GIVEN_UP, last_error="not reached: timeout")
    admin.get(LIST)
    with django_assert_max_num_queries(25):
        listed = admin.get(LIST).content.decode()
    assert "4 条没发成" in listed
    page = admin.get(ONE).content.decode()
    assert "not reached: timeout" in page
    assert "张三" not in page
    admin.post(CHANGE, {"act": "again"})
    assert set(Message.objects.values_list("state", flat=True)) == {"queued"}


def test_a_peer_is_stopped_and_resumed(admin: Client) -> None:
    Neighbour().admitted()
    admin.post(CHANGE, {"act": "stop"})
    assert not Peer.objects.get().active
    assert "已停用" in admin.get(LIST).content.decode()
    admin.post(CHANGE, {"act": "resume"})
    assert Peer.objects.get().active


def test_nobody_else_comes_in(cast: Cast) -> None:
    Neighbour().admitted()
    for name in ("clerk", "leader", "supervisor", "resident"):
        for url in (LIST, ADD, ONE):
            assert cast.client(name).get(url).status_code in (302, 404)
        assert cast.client(name).post(CHANGE, {"act": "stop"}).status_code in (302, 404)
    assert Peer.objects.get().active
