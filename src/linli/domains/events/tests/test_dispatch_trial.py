"""The dispatch directory against what was done (派单回算): what went elsewhere, and what one rule more would take."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from linli.base.clock import now, today
from linli.domains.events import directory as verbs
from linli.domains.events import dispatch
from linli.domains.events.admin_dispatch import rule_query
from linli.domains.events.directory_trial import conflicts
from linli.domains.events.dispatch_trial import as_rule, effect, shift
from linli.domains.events.models import Category, Directory, DispatchRule, Event
from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures import engine
from linli.kernel.procedures.models import Case
from linli.kernel.procedures.versions import load_all
from linli.kernel.procedures.visibility import visible_to
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def lamps(cast: Cast) -> Category:
    """A lamp in grid 1 that went to the parks."""
    load_all()
    directory = Directory.objects.create(code="t", title="试验目录", active=True)
    category = verbs.create_category(directory, "01", name="路灯", by=cast.actor("admin"))
    receipt = engine.open_case(
        "grid-event",
        by=cast.actor("resident"),
        area=cast.area("grid1"),
        data={"description": "路灯不亮"},
        channel="web",
    )
    case = Case.objects.get(number=receipt.number)
    Case.objects.filter(pk=case.pk).update(lead=cast.organisation("garden"))
    Event.objects.filter(case=case).update(category=category)
    return category


def test_what_went_elsewhere_is_counted(lamps: Category, cast: Cast) -> None:
    found = effect(["350102"], at=now())
    assert (found.n, found.n_none) == (1, 1)
    dispatch.add_rule(lamps, cast.area("township"), cast.organisation("municipal"), by=cast.actor("admin"))
    found = effect(["350102"], at=now())
    assert (found.n_same, found.n_other) == (0, 1)
    [row] = found.elsewhere
    assert (row.went.zh, row.would.zh, row.n) == ("区园林中心", "区市政维护中心", 1)
    assert effect(["350102002"], at=now()).n == 0
    assert effect(["350102"], at=now() + timedelta(days=91)).n == 0


def test_a_rule_is_tried_before_it_is_there(lamps: Category, cast: Cast) -> None:
    garden = cast.organisation("garden")
    seen = shift(["350102"], at=now(), plus=as_rule(lamps, cast.area("grid1"), garden))
    assert [(m.before.zh, m.after.zh, m.n, m.n_running) for m in seen.moves] == [
        ("没有建议", "区园林中心", 1, 1)
    ]
    assert seen.running == (Case.objects.get().pk,)
    assert shift(["350102"], at=now(), plus=as_rule(lamps, cast.area("grid2"), garden)).n_moved == 0
    assert not DispatchRule.objects.exists()


def test_another_lead_or_an_end_is_tried_too(lamps: Category, cast: Cast) -> None:
    by, township = cast.actor("admin"), cast.area("township")
    municipal, garden = cast.organisation("municipal"), cast.organisation("garden")
    dispatch.add_rule(None, None, garden, by=by)
    rule = dispatch.add_rule(lamps, township, municipal, by=by)
    to_garden = ("区市政维护中心", "区园林中心")
    for plus in (as_rule(lamps, township, garden, instead_of=rule), None):
        seen = shift(["350102"], at=now(), without=rule, plus=plus)
        assert [(m.before.zh, m.after.zh) for m in seen.moves] == [to_garden]
    same = as_rule(lamps, township, municipal, instead_of=rule)
    assert shift(["350102"], at=now(), without=rule, plus=same).n_moved == 0
    Case.objects.update(ended_at=now())
    assert shift(["350102"], at=now(), without=rule).n_running == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_changing_and_ending_a_rule_are_looked_at_first(lamps: Category, cast: Cast, lang: str) -> None:
    by, municipal = cast.actor("admin"), cast.organisation("municipal")
    rule = dispatch.add_rule(lamps, cast.area("township"), municipal, by=by)
    admin = cast.client("admin")
    admin.cookies["linli_lang"] = lang
    sent = {"lead": cast.organisation("garden").code}
    url = f"{reverse('events:admin_rule')}?{rule_query(rule)}"
    html = admin.post(url, sent).content.decode()
    assert {"zh": "以后建议", "en": "Suggested now"}[lang] in html
    rule.refresh_from_db()
    assert rule.lead == municipal
    assert not AuditEntry.objects.filter(act="events.rule_revised").exists()
    assert admin.post(url, {**sent, "act": "save"}).status_code == 302
    rule.refresh_from_db()
    assert rule.lead == cast.organisation("garden")

    url = f"{reverse('events:admin_end_rule')}?{rule_query(rule)}"
    html = admin.post(url, {"to_on": str(today())}).content.decode()
    assert {"zh": "没有建议", "en": "nobody"}[lang] in html
    rule.refresh_from_db()
    assert rule.valid_to is None
    assert admin.post(url, {"to_on": str(today()), "act": "save"}).status_code == 302
    rule.refresh_from_db()
    assert rule.valid_to == today()


def test_the_rules_have_their_history(lamps: Category, cast: Cast) -> None:
    by, garden = cast.actor("admin"), cast.organisation("garden")
    rule = dispatch.add_rule(lamps, None, cast.organisation("municipal"), by=by)
    dispatch.revise_rule(rule, lead=garden, by=by)
    dispatch.end_rule(rule, to_on=today(), by=by)
    admin = cast.client("admin")
    history = f"{reverse('web:admin_log')}?subject=dispatch:rules"
    assert history in admin.get(reverse("events:admin_dispatch")).content.decode()
    html = admin.get(history).content.decode()
    for act in ("新增派单规则", "修改派单规则", "停用派单规则"):
        assert html.count(f"<td>{act}</td>") == 1
    assert garden.code in html


def test_what_the_verb_refuses_is_refused_at_the_look(lamps: Category, cast: Cast) -> None:
    by, municipal = cast.actor("admin"), cast.organisation("municipal")
    rule = dispatch.add_rule(lamps, cast.area("township"), municipal, valid_from=today(), by=by)
    admin = cast.client("admin")
    url = f"{reverse('events:admin_end_rule')}?{rule_query(rule)}"
    answer = admin.post(url, {"to_on": str(today() - timedelta(days=1))})
    assert answer.status_code == 422
    assert "看一下再保存" not in answer.content.decode()


def test_a_case_that_the_administrator_may_not_see_is_counted_alone(lamps: Category, cast: Cast) -> None:
    rule = dispatch.add_rule(
        lamps, cast.area("township"), cast.organisation("municipal"), by=cast.actor("admin")
    )
    case = Case.objects.get()
    html = (
        cast.client("admin")
        .post(f"{reverse('events:admin_end_rule')}?{rule_query(rule)}", {"to_on": str(today())})
        .content.decode()
    )
    assert "其中 1 件还在办" in html
    assert (case.number in html) == visible_to(cast.actor("admin")).filter(pk=case.pk).exists()


def test_rules_for_the_same_are_a_conflict(lamps: Category, cast: Cast) -> None:
    for name in ("municipal", "garden"):
        DispatchRule.objects.create(category=lamps, area=cast.area("grid1"), lead=cast.organisation(name))
    [(first, second)] = conflicts(DispatchRule.objects.order_by("pk"), today())
    assert (first.lead.code, second.lead.code) == (
        cast.organisation("municipal").code,
        cast.organisation("garden").code,
    )
    page = cast.client("admin").get(reverse("events:admin_dispatch_effect")).content.decode()
    assert "后一条从不生效" in page
    assert cast.client("handler").get(reverse("events:admin_dispatch_effect")).status_code == 404
