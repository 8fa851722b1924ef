"""Messages in the administration (通知文字管理): seen, reworded with a preview, tried on oneself, set back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from linli.kernel.notices.models import Notice, TemplateVersion
from linli.kernel.notices.templates import template_for
from tests.cast import Cast

pytestmark = pytest.mark.django_db

URL = reverse("web:admin_message", args=["task.withdrawn"])
WORDS = {
    "title_zh": "不用办了：{title}",
    "title_en": "No longer yours: {title}",
    "body_zh": "“{title}”（{number}）已转走，辛苦了。",
    "body_en": "“{title}” ({number}) has gone on, thank you.",
    "reason": "更客气",
}


@pytest.fixture
def admin(cast: Cast) -> Client:
    return cast.client("admin")


def shown(page: Any) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page.content.decode())
    assert found, page.content.decode()
    return found[1]


def test_all_messages_are_listed_in_few_queries(admin: Client, django_assert_max_num_queries: Any) -> None:
    admin.get(reverse("web:admin_messages"))
    with django_assert_max_num_queries(25):
        page = admin.get(reverse("web:admin_messages")).content.decode()
    assert "不用办了：〔事项名称〕" in page
    assert "没有符合的通知" in admin.get(reverse("web:admin_messages"), {"q": "没有这种"}).content.decode()


def test_a_wording_is_looked_at_then_put_in_force_then_set_back(admin: Client) -> None:
    page = admin.post(URL, {**WORDS, "act": "check"})
    said = page.content.decode()
    assert "已转走，辛苦了。" in said
    assert "350102-EV-2026-000417" in said
    assert not TemplateVersion.objects.exists()
    admin.post(URL, {**WORDS, "body_zh": "另一句{title}{number}", "act": "use", "shown": shown(page)})
    assert not TemplateVersion.objects.exists()  # not what was looked at
    assert admin.post(URL, {**WORDS, "act": "use", "shown": shown(page)}).status_code == 302
    assert "辛苦了" in template_for("task.withdrawn").body[0].zh
    history = admin.get(URL).content.decode()
    for words in ("第 1 次", "更客气", "您不用再办", "辛苦了"):
        assert words in history
    assert admin.post(reverse("web:admin_use_message", args=["task.withdrawn", 0])).status_code == 302
    assert "您不用再办" in template_for("task.withdrawn").body[0].zh
    assert TemplateVersion.objects.count() == 2


def test_what_must_be_said_is_asked_for(admin: Client) -> None:
    page = admin.post(URL, {**WORDS, "body_zh": "已转走。", "body_en": "Gone.", "act": "check"})
    assert page.status_code == 422
    assert "办件编号 {number}" in page.content.decode()


def test_a_trial_comes_to_oneself(admin: Client, cast: Cast) -> None:
    page = admin.post(URL, {**WORDS, "act": "try"})
    assert page.status_code == 200
    [notice] = Notice.objects.filter(template__startswith="task.withdrawn@")
    assert notice.account_id == cast.account("admin").pk
    assert "草稿" in page.content.decode()


def test_nobody_else_comes_in(cast: Cast) -> None:
    for name in ("dispatcher", "resident"):
        client = cast.client(name)
        assert client.get(reverse("web:admin_messages")).status_code == 404
        assert client.post(URL, {**WORDS, "act": "use"}).status_code == 404
        assert client.post(reverse("web:admin_use_message", args=["task.withdrawn", 0])).status_code == 404
    assert cast.client("admin").get(reverse("web:admin_message", args=["no.such"])).status_code == 404
