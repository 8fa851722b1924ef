"""Mass organisations (群团组织): what a body offers is kept by its own staff, what came of it signed by its head."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import models
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from linli.base.clock import now, today
from linli.base.errors import Invalid, LinliError, NotAllowed, OutOfDate, Refused
from linli.domains.matters import partner_queries as q
from linli.domains.matters import partner_reports as reports
from linli.domains.matters import partners
from linli.domains.matters.models import Partner, PartnerOffer, PartnerReport
from linli.domains.matters.standards import quarter_code
from linli.kernel.people.models import AuditEntry, Organisation
from tests.cast import Cast
from tests.servicecast import put_in_force

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 2, 2, tzinfo=UTC)
QUARTER = date(2026, 7, 1)
LOAN = {
    "kind": "service",
    "matter": "device-loan",
    "for_whom": "有残疾人证的居民",
    "place": "和平路 18 号",
    "times": "工作日 8:30—17:00",
    "how": "带身份证直接来，或者打电话。",
}
ROOM = {**LOAN, "kind": "room", "matter": "", "title": "康复活动室", "how": "提前一天打电话约。"}
DONE = {"done": "借出 86 件，归还 79 件。", "mend": "轮椅不够，再添 10 辆。"}


@pytest.fixture
def body(service_cast: Cast) -> Partner:
    put_in_force(service_cast, "device-loan", "subsistence")
    return partners.enter(
        service_cast.organisation("disabled"),
        kind="disabled",
        about="借轮椅、办残疾人证。",
        by=service_cast.actor("admin"),
        at=AT,
    )


def offered(cast: Cast, body: Partner, **changed: str) -> PartnerOffer:
    return partners.keep_offer(body, {**LOAN, **changed}, by=cast.actor("disabled_examiner"), at=AT)


def drafted(cast: Cast, body: Partner, people: int = 86, **changed: str) -> PartnerReport:
    who = cast.actor("disabled_examiner")
    return reports.keep_report(body, QUARTER, {1: (24, people)}, **{**DONE, **changed}, by=who, at=AT)


def signed(cast: Cast, body: Partner, **more: Any) -> PartnerReport:
    return reports.sign_report(body, QUARTER, by=cast.actor("disabled_leader"), at=AT, **more)


def refused(code: str, act: Any) -> LinliError:
    with pytest.raises(LinliError) as caught:
        act()
    assert caught.value.code == code
    return caught.value


def test_no_table_of_theirs_knows_a_person() -> None:
    people = {"Person", "Resident", "Household"}
    for model in (Partner, PartnerOffer, PartnerReport):
        to = {f.related_model.__name__ for f in model._meta.get_fields() if isinstance(f, models.ForeignKey)}
        assert not to & people
        names = " ".join(f.name for f in model._meta.get_fields())
        assert not any(word in names for word in ("member", "party", "politic", "person", "phone"))


def test_the_county_enters_a_body_and_takes_it_off(service_cast: Cast, body: Partner) -> None:
    again: dict[str, Any] = {"kind": "disabled", "about": "借轮椅、办残疾人证。"}
    admin, office = service_cast.actor("admin"), service_cast.organisation("disabled")
    refused("matters.body_known", lambda: partners.enter(office, **again, by=admin, at=AT))
    refused(
        "people.not_administrator",
        lambda: partners.enter(
            service_cast.organisation("civil"), **again, by=service_cast.actor("civil_leader")
        ),
    )
    wrong = refused(
        "matters.bad_body",
        lambda: partners.enter(
            service_cast.organisation("property"), kind="moon", about="找 13800130001", by=admin
        ),
    )
    assert isinstance(wrong, Invalid)
    assert set(wrong.fields) == {"organisation", "kind", "about"}
    partners.end(body, reason="机构合并。", by=admin, at=AT)
    refused("matters.body_ended", lambda: offered(service_cast, body))
    assert not q.bodies(service_cast.area("county")).items
    partners.enter(office, **again, by=admin, at=AT)
    acts = AuditEntry.objects.filter(act__startswith="matters.body_").order_by("pk")
    assert [e.act.partition(".")[2] for e in acts] == ["body_entered", "body_ended", "body_entered"]


def test_what_it_offers_is_entered_changed_and_ended(service_cast: Cast, body: Partner) -> None:
    loan, room = offered(service_cast, body), offered(service_cast, body, **ROOM)
    assert (loan.number, room.number) == (1, 2)
    assert loan.matter is not None
    assert loan.title == loan.matter.title  # the matter's own name where none was given
    who = service_cast.actor("disabled_leader")
    partners.keep_offer(body, {**ROOM, "times": "每天"}, number=2, by=who, at=AT)
    partners.keep_offer(body, {**ROOM, "times": "每天"}, number=2, by=who, at=AT)  # nothing changed
    (entry,) = AuditEntry.objects.filter(act="matters.offer_changed")
    assert entry.facts == {"offer": 2, "fields": ["times"]}
    refused("matters.no_reason", lambda: partners.end_offer(body, 2, reason="", by=who, at=AT))
    partners.end_offer(body, 2, reason="房屋维修。", by=who, at=AT)
    refused("matters.offer_ended", lambda: partners.end_offer(body, 2, reason="再停。", by=who, at=AT))
    assert [o.number for o in q.offers_of([body], today())[body.pk]] == [1]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"matter": "moon"}, "matter"),  # the catalogue has none
        ({"matter": "age-allowance"}, "matter"),  # not in force here
        ({"kind": "room", "title": "活动室"}, "matter"),  # a room is no matter
        ({"matter": "subsistence"}, "basis"),  # another office's, by which document?
        ({"matter": "", "title": ""}, "title"),
        ({"place": ""}, "place"),
        ({"for_whom": "张三 13800130001"}, "for_whom"),
        ({"how": "找 350102199001010016"}, "how"),
        ({"kind": "moon"}, "kind"),
    ],
)
def test_a_gap_a_number_and_a_matter_not_in_force_are_refused(
    service_cast: Cast, body: Partner, changed: dict[str, str], field: str
) -> None:
    error = refused("matters.bad_offer", lambda: offered(service_cast, body, **changed))
    assert isinstance(error, Invalid)
    assert field in error.fields
    assert not PartnerOffer.objects.exists()


def test_another_offices_matter_is_undertaken_by_a_document_and_once(
    service_cast: Cast, body: Partner
) -> None:
    offered(service_cast, body, matter="subsistence", basis="委托协议〔2026〕3 号")
    refused("matters.undertaken", lambda: offered(service_cast, body, matter="subsistence", basis="又一份"))


@pytest.mark.parametrize("who", ["civil_leader", "civil_examiner", "admin", "resident", "anonymous"])
def test_nobody_of_another_body_keeps_or_signs(service_cast: Cast, body: Partner, who: str) -> None:
    by = service_cast.actor(who)
    drafted(service_cast, body)
    for act in (
        lambda: partners.keep_offer(body, LOAN, by=by, at=AT),
        lambda: reports.keep_report(body, QUARTER, {}, **DONE, by=by, at=AT),
        lambda: reports.sign_report(body, QUARTER, by=by, at=AT),
    ):
        with pytest.raises(NotAllowed):
            act()


def test_a_report_is_signed_once_and_corrected_by_the_next_edition(service_cast: Cast, body: Partner) -> None:
    offered(service_cast, body)
    refused("matters.no_report", lambda: signed(service_cast, body))
    first = drafted(service_cast, body)
    clerk = service_cast.actor("disabled_examiner")
    refused("matters.head_signs", lambda: reports.sign_report(body, QUARTER, by=clerk, at=AT))
    assert not q.reports_of(body)
    assert signed(service_cast, body, seen=first.seen).edition == 1
    assert isinstance(refused("matters.report_signed", lambda: signed(service_cast, body)), Refused)
    second = drafted(service_cast, body, people=88)
    refused("matters.empty_report", lambda: signed(service_cast, body))  # what does it correct?
    drafted(service_cast, body, people=88, corrects="漏了两件，补上。")
    assert isinstance(
        refused("matters.report_changed", lambda: signed(service_cast, body, seen="2026")), OutOfDate
    )
    signed(service_cast, body)
    assert [r.lines[0]["n_people"] for r in q.reports_of(body)] == [88, 86]  # what was published stays
    assert q.latest_reports([body])[body.pk].pk == second.pk
    entries = AuditEntry.objects.filter(act="matters.report_signed").order_by("pk")
    assert [e.facts for e in entries] == [{"quarter": "2026-07-01", "edition": n} for n in (1, 2)]


def test_an_empty_report_and_a_quarter_not_ended_are_refused(service_cast: Cast, body: Partner) -> None:
    drafted(service_cast, body, done="", mend="")
    refused("matters.empty_report", lambda: signed(service_cast, body))
    refused("matters.bad_report", lambda: drafted(service_cast, body, people=-1, done="找 13800130001"))
    clerk = service_cast.actor("disabled_examiner")
    for code, quarter in (
        ("matters.period_not_ended", date(2026, 10, 1)),
        ("matters.no_such_quarter", date(2026, 7, 2)),
        ("matters.no_such_quarter", date(2025, 1, 1)),
    ):
        refused(code, lambda q=quarter: reports.keep_report(body, q, {}, **DONE, by=clerk, at=AT))


def test_on_screen_from_the_form_to_what_residents_read(
    service_cast: Cast, body: Partner, client: Client
) -> None:
    code = body.organisation.code
    clerk, head = service_cast.client("disabled_examiner"), service_cast.client("disabled_leader")
    here = f"/staff/partners/{code}/"
    assert "我所在的" in clerk.get("/staff/partners/").content.decode()
    assert clerk.post(f"{here}offers/new/", {**LOAN, "times": ""}).status_code == 422
    assert clerk.post(f"{here}offers/new/", LOAN).status_code == 302
    assert clerk.post(f"{here}offers/new/", ROOM).status_code == 302
    assert "康复活动室" in clerk.get(f"{here}offers/2/").content.decode()
    quarter = quarter_code(reports.reportable(today())[0])
    write, sign = f"{here}report/{quarter}/", f"{here}report/{quarter}/sign/"
    assert clerk.get(sign).status_code == 404  # nothing written yet
    wrong = clerk.post(write, {**DONE, "1:times": "many"})
    assert wrong.status_code == 422
    sent = {**DONE, "1:times": "24", "1:people": "86", "2:times": "9", "2:people": "4"}
    assert clerk.post(write, sent).headers["Location"] == sign
    assert clerk.post(sign).status_code == 403
    assert "还没有公布成效报告" in client.get("/partners/").content.decode()
    assert "签发并公布" in head.get(sign).content.decode()
    seen = q.draft_of(body, reports.reportable(today())[0])
    assert seen is not None
    answer = head.post(sign, {"seen": seen.seen})
    shown = client.get(answer.headers["Location"]).content.decode()
    assert "轮椅不够" in shown
    assert 'class="num">86<' in shown
    assert "少于 5" in shown
    assert 'class="num">4<' not in shown
    assert "disabled_leader" not in shown
    assert "/matters/device-loan/" in shown
    assert head.post(sign).status_code == 302  # refused in words, and nothing is signed twice
    assert PartnerReport.objects.count() == 1
    again = head.get(write).content.decode()
    assert "第 1 版已公布" in again
    assert "轮椅不够" in again  # the next edition begins with what was published


def test_at_the_desk_everybody_sees_whom_to_send_people_to_and_only_ones_own_opens(
    service_cast: Cast, body: Partner
) -> None:
    code = body.organisation.code
    stranger = service_cast.client("civil_leader")
    page = stranger.get("/staff/partners/").content.decode()
    assert code in page
    assert "我所在的" not in page
    assert stranger.get(f"/staff/partners/{code}/").status_code == 403
    assert stranger.get(f"/staff/partners/{code}/offers/new/").status_code == 403
    assert service_cast.client("resident").get("/staff/partners/").status_code == 403
    assert service_cast.client("anonymous").get(f"/partners/{service_cast.organisation('civil').code}/").status_code == 404  # fmt: skip
    admin = service_cast.client("admin")
    assert stranger.get("/staff/admin/partners/new/").status_code == 404
    sent = {
        "organisation": service_cast.organisation("civil").code,
        "kind": "women",
        "about": "家里有难处可以找。",
    }
    assert admin.post("/staff/admin/partners/new/", sent).status_code == 302
    assert admin.post(f"/staff/admin/partners/{code}/end/", {"reason": "机构合并。"}).status_code == 302
    assert code not in admin.get("/staff/admin/partners/").content.decode()


def test_a_matter_that_ended_is_no_link_any_more(service_cast: Cast, body: Partner, client: Client) -> None:
    loan = offered(service_cast, body)
    assert loan.matter is not None
    loan.matter.versions.update(effective_to=date(2026, 2, 1))
    page = client.get(f"/partners/{body.organisation.code}/").content.decode()
    assert "/matters/device-loan/" not in page
    assert "目前没有办理" in page


def test_the_list_asks_as_much_for_many_bodies_as_for_one(
    cast: Cast, client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    county = cast.area("county")
    for n in range(6):
        office = Organisation.objects.create(code=f"350102-b{n}", name=f"组织{n}", kind="other", area=county)
        made = Partner.objects.create(
            organisation=office, county=county, kind="other", about="", entered_at=AT
        )
        made.offers.create(
            number=1, kind="room", title="房间", for_whom="居民", times="每天", how="直接来", made_at=AT
        )
        made.reports.create(quarter=QUARTER, lines=[], made_at=AT, signed_at=now())
    client.get("/partners/")
    with django_assert_max_num_queries(5):
        assert client.get("/partners/").content.decode().count("3 季度") == 6
