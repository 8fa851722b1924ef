"""Attempts to learn or do what is not one's own (越权尝试): each was tried by hand once and found open, or nearly so."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

import linli
from linli.base.clock import now
from linli.base.errors import LinliError, NotAllowed, NotFound, OutOfDate, Refused, TooMany
from linli.base.paging import encode_cursor
from linli.domains.events import services
from linli.kernel.people import signin
from linli.kernel.people.actors import Actor, actor_for
from linli.kernel.people.models import AccessEntry, Appointment, Delegation, Person
from linli.kernel.people.queries import people_visible_to
from linli.kernel.procedures import casebook, engine, overseeing, queries
from linli.kernel.procedures.models import Case, Participation, Recusal
from linli.web.listing import safe_cells
from linli.web.tracking import TRIES_PER_NUMBER, open_with_code
from tests.api import caller
from tests.cast import Cast
from tests.events import MONDAY, event_at, reported

pytestmark = pytest.mark.django_db

WORDS = "北门三盏路灯不亮"
PHONE = "13812345678"
ACCEPT = {"category": "test:1:lamp", "grade": "simple"}


def appointed(cast: Cast, name: str, post: str) -> Actor:
    """A second post for one member of staff (兼任)."""
    Appointment.objects.create(post=cast.post(post), account=cast.account(name), from_on=date(2026, 1, 1))
    return actor_for(cast.account(name))


def also_resident(cast: Cast, name: str) -> Actor:
    """A member of staff who is also known as a resident."""
    account = cast.account(name)
    account.person = Person.objects.create(created_at=MONDAY, needed_at=MONDAY)
    account.save()
    return actor_for(account)


def follows(case: Case, person_id: int | None) -> None:
    Participation.objects.create(case=case, kind="person", ref=person_id or 0, part="follower")


def complained_about(cast: Cast, *organisations: str, **kwargs: Any) -> Case:
    """A report about some organisations, accepted as such (登记了回避的一件)."""
    case = reported(cast, **kwargs)
    accused = [cast.organisation(name).code for name in organisations]
    engine.act(case, "accept", {**ACCEPT, "accused": accused}, by=cast.actor("dispatcher"), at=MONDAY)
    case.refresh_from_db()
    return case


def read(case: Case, actor: Actor) -> dict[str, Any]:
    return {f.code: f.value for entry in casebook.timeline(case, actor) for f in entry.facts}


# ------------------------------------------------------------------------------ the organisation complained about


def test_the_number_in_the_menu_does_not_count_what_the_list_hides(cast: Cast) -> None:
    complained_about(cast, "centre")
    dispatcher = cast.actor("dispatcher")  # of the centre, whose queue the case waits in
    counts = queries.inbox_counts(dispatcher, now(), now() + timedelta(days=1))
    assert queries.inbox(dispatcher).items == []
    assert {name: count.n for name, count in counts.items()} == {"open": 0, "late": 0, "today": 0}


def test_a_part_that_is_split_off_hides_from_them_too(cast: Cast) -> None:
    case = complained_about(cast, "garden")
    split = {"part_title": "树也没人修", "part_category": "test:1:lamp"}
    engine.act(case, "split", split, by=cast.actor("dispatcher"))
    part = Case.objects.latest("pk")
    assert part.pk != case.pk
    assert part.recused
    assert list(Recusal.objects.filter(case=part).values_list("organisation", flat=True)) == [
        cast.organisation("garden").pk
    ]
    engine.act(part, "accept", ACCEPT, by=cast.actor("dispatcher"))
    with pytest.raises(Refused):
        engine.act(part, "assign", {"lead": "350102-garden"}, by=cast.actor("dispatcher"))


def test_a_review_hides_from_them_too(cast: Cast) -> None:
    case = reported(cast)
    Recusal.objects.create(case=case, organisation=cast.organisation("government"), at=MONDAY)
    Case.objects.filter(pk=case.pk).update(recused=True)
    declined = {"reason": "不属本街道", "legal_basis": "意见 四(三)"}
    engine.act(case, "decline", declined, by=cast.actor("dispatcher"))
    client = cast.client("resident")
    sent = {"reason": "就是他们的事", "key": "k1"}
    assert client.post(reverse("web:remedy", args=[case.number]), sent).status_code == 302
    review = Case.objects.get(procedure="event-review")
    with pytest.raises(NotFound):
        queries.access_case(review.number, cast.actor("supervisor"))
    assert queries.access_case(review.number, cast.actor("resident")).pk == review.pk


def test_a_complaint_is_not_merged_into_the_hands_of_those_it_is_about(cast: Cast) -> None:
    theirs = event_at(cast, "handling")
    case = complained_about(cast, "municipal")
    with pytest.raises(Refused):
        engine.act(case, "merge", {"master": theirs.number}, by=cast.actor("dispatcher"))


def test_a_second_post_does_not_lift_a_recusal(cast: Cast) -> None:
    case = complained_about(cast, "municipal")
    both = appointed(cast, "handler", "supervisor")
    with pytest.raises(NotFound):
        queries.access_case(case.number, both)
    with pytest.raises(NotFound):
        overseeing.urge(case.number, "快点", by=both)
    with pytest.raises(NotFound):
        overseeing.take_over(case.number, "快点", by=both)
    assert queries.case_page(both, now=now()).items == []
    assert not people_visible_to(both).filter(pk=cast.person("resident").pk).exists()


# ------------------------------------------------------------------------------------- posts that have no say here


def test_a_post_elsewhere_opens_no_personal_entry_here(cast: Cast) -> None:
    case = event_at(cast, "assigned", contact=PHONE)
    both = appointed(cast, "handler", "neighbour_dispatcher")
    assert queries.access_case(case.number, both).pk == case.pk  # as the organisation that handles it
    assert "contact" not in read(case, both)
    with pytest.raises(NotFound):
        casebook.reveal_fact(case, "contact", by=both, purpose="想看看是谁")
    theirs = people_visible_to(both).values_list("pk", flat=True)
    assert case.applicant_id not in set(theirs)
    assert "contact" in read(case, cast.actor("dispatcher"))


def test_the_look_is_entered_for_the_post_that_opened_it(cast: Cast) -> None:
    case = event_at(cast, "assigned", contact=PHONE)
    appointed(cast, "neighbour_dispatcher", "dispatcher")
    both = actor_for(cast.account("neighbour_dispatcher"))
    assert casebook.reveal_fact(case, "contact", by=both, purpose="回访").endswith(PHONE)
    assert AccessEntry.objects.get(person=case.applicant).post == cast.post("dispatcher")


def test_staff_who_reported_the_same_read_no_more_than_others_who_did(cast: Cast) -> None:
    case = reported(cast, contact=PHONE, by="anonymous")
    handler = also_resident(cast, "handler")
    follows(case, handler.person_id)
    assert queries.access_case(case.number, handler).pk == case.pk
    assert not set(read(case, handler)) & {"description", "contact"}
    with pytest.raises(NotFound):
        casebook.reveal_fact(case, "contact", by=handler, purpose="好奇")


def test_nobody_handles_their_own_case(cast: Cast) -> None:
    case = reported(cast)
    dispatcher = also_resident(cast, "dispatcher")
    Case.objects.filter(pk=case.pk).update(applicant_id=dispatcher.person_id)
    follows(case, dispatcher.person_id)
    case.refresh_from_db()
    with pytest.raises(NotAllowed):
        engine.act(case, "accept", {**ACCEPT, "grade": "critical"}, by=dispatcher)
    assert {a.code for a in engine.open_actions(case, dispatcher)} == {"reply", "supplement", "withdraw"}


def test_who_has_left_stands_in_for_nobody(cast: Cast) -> None:
    today = now().date()
    Delegation.objects.create(
        appointment=cast.account("dispatcher").appointments.get(),
        deputy=cast.account("clerk"),
        from_on=today - timedelta(days=1),
        to_on=today + timedelta(days=30),
        made_at=MONDAY,
    )
    assert "dispatcher" in actor_for(cast.account("clerk")).roles
    Appointment.objects.filter(account=cast.account("clerk")).update(to_on=today - timedelta(days=1))
    assert not actor_for(cast.account("clerk")).is_staff


# ---------------------------------------------------------------------------------------- who reported the same


def test_who_reported_the_same_reads_neither_title_nor_place(cast: Cast) -> None:
    case = reported(cast)
    Case.objects.filter(pk=case.pk).update(place_text="三号楼 502 门口")
    follows(case, cast.person("outsider").pk)
    neighbour = caller(cast, "outsider")
    for answer in (
        neighbour.get(f"/cases/{case.number}"),
        neighbour.get("/cases"),
        cast.client("outsider").get(reverse("web:mine")),
        cast.client("outsider").get(reverse("web:home")),
        cast.client("outsider").get(reverse("web:case", args=[case.number])),
    ):
        text = answer.content.decode()
        assert answer.status_code == 200
        assert "路灯不亮" not in text
        assert "502" not in text
        assert "119.305" not in text
    assert case.number in neighbour.get("/cases").content.decode()
    assert WORDS in caller(cast, "resident").get(f"/cases/{case.number}").content.decode()


def test_who_reported_the_same_does_not_guess_the_words_by_searching(cast: Cast) -> None:
    case = reported(cast)
    follows(case, cast.person("outsider").pk)

    def found(name: str) -> list[Any]:
        return list(json.loads(caller(cast, name).get("/cases", {"q": "路灯"}).content)["items"])

    assert found("outsider") == []
    assert len(found("resident")) == 1


# --------------------------------------------------------------------------------------------- what errors say


def test_who_acted_meanwhile_is_not_named_to_a_resident_and_no_resident_to_anybody(cast: Cast) -> None:
    case = event_at(cast, "assigned")
    seen = case.seq
    engine.act(case, "recuse", {"accused": ["350102-garden"]}, by=cast.actor("dispatcher"))
    with pytest.raises(OutOfDate) as told:
        engine.act(case, "supplement", {"note": "还有"}, by=cast.actor("resident"), seq=seen)
    for word in ("黄派遣", "回避"):
        assert word not in told.value.message.zh
    assert "Huang" not in told.value.message.en
    assert "recuse" not in told.value.message.en.lower()
    case.refresh_from_db()
    seen = case.seq
    cast.account("resident").name = "林小邻"
    cast.account("resident").save()
    engine.act(case, "supplement", {"note": "还有"}, by=cast.actor("resident"))
    with pytest.raises(OutOfDate) as told:
        engine.act(case, "sign", {}, by=cast.actor("handler"), seq=seen)
    assert "林小邻" not in told.value.message.zh
    assert "反映人" in told.value.message.zh


# -------------------------------------------------------------------------------------- odd words in addresses

ADDRESSES = (
    "?to=9999-12-31",
    "?from=0001-01-01",
    "?indicator=solved:among;0001-01-01T00:00:00%2B14:00;9999-12-31T23:59:59-14:00",
    "?q=%22%20OR%20%28*%20NEAR%20%27%5C",
    "?order=due&cursor=" + encode_cursor(["abc", 1], ("due_at", "id")),
    "?order=due&cursor=" + encode_cursor([1, "x"], ("due_at", "id")),
    "?cursor=" + encode_cursor(["abc"], ("-id",)),
    "?cursor=" + encode_cursor([datetime(2026, 1, 1, tzinfo=UTC)], ("-id",)),
    "?%00=1",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_address_breaks_a_list(cast: Cast, address: str) -> None:
    client = cast.client("dispatcher")
    client.raise_request_exception = False
    assert client.get(reverse("web:cases") + address).status_code in {200, 400}


@pytest.mark.parametrize("seq", ["²", "9" * 5000, "-1", "1e3"])
def test_no_sequence_number_breaks_a_form(cast: Cast, seq: str) -> None:
    case = reported(cast)
    for name, address in (
        ("dispatcher", reverse("web:act", args=[case.number, "accept"])),
        ("resident", reverse("web:case_act", args=[case.number, "supplement"])),
    ):
        client = cast.client(name)
        client.raise_request_exception = False
        assert client.post(address, {"seq": seq, "key": "k"}).status_code < 500


def test_a_nul_is_refused_in_words(cast: Cast) -> None:
    case = reported(cast)
    answer = cast.client("resident").post(
        reverse("web:case_act", args=[case.number, "supplement"]), {"note": "a\x00b", "key": "k"}
    )
    assert answer.status_code == 400
    assert "NUL" in answer.content.decode()


# ---------------------------------------------------------------------------------------- what a file may carry


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_no_exported_cell_is_a_formula(start: str) -> None:
    assert safe_cells([f"{start}HYPERLINK(1)"]) == [f"'{start}HYPERLINK(1)"]


def test_names_on_the_map_are_text(cast: Cast) -> None:
    """A tooltip takes HTML: names come from imported tables and shapes."""
    script = (Path(linli.__file__).parent / "web/static/web/app.js").read_text()
    shown = re.findall(r"\.(?:bindTooltip|bindPopup|setContent|setTooltipContent)\(([^,)]+\)?)", script)
    assert shown
    assert all(what.startswith("document.createTextNode(") for what in shown)


# ------------------------------------------------------------------------------------------------ walking the map


def test_a_signed_in_resident_does_not_walk_the_map_either(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("linli.domains.events.api.LOOKS_PER_ADDRESS", 2)
    asker = caller(cast, "outsider")
    where = {"lng": 119.305, "lat": 26.085}
    assert [asker.get("/events/nearby", where).status_code for _ in range(3)] == [200, 200, 429]
    assert caller(cast, "dispatcher").get("/events/nearby", where).status_code == 200


# ------------------------------------------------------------------------------------------ accounts of residents


def test_a_number_that_opens_an_account_is_not_given_to_another(cast: Cast) -> None:
    """The older account would have been opened by the newer one's phone."""
    codes: list[str] = []
    theirs = cast.person("outsider").phone
    signin.request_phone_code(theirs, ip="10.0.0.1", send=lambda _, code: codes.append(code))
    with pytest.raises(Refused):
        signin.change_phone(cast.person("resident"), theirs, codes[0], by=cast.actor("resident"))
    cast.person("resident").refresh_from_db()
    assert cast.person("resident").phone != theirs


def test_whoever_knows_a_number_does_not_name_its_owner(cast: Cast) -> None:
    owner = cast.person("outsider")
    owner.name = ""
    owner.save()
    reported(cast, by="anonymous", contact=owner.phone, reporter_name="坏人")
    owner.refresh_from_db()
    assert owner.name == ""


def test_no_page_of_a_signed_in_reader_is_kept(cast: Cast) -> None:
    for name, page in (("resident", "web:home"), ("resident", "web:help"), ("dispatcher", "web:board")):
        assert "no-store" in cast.client(name).get(reverse(page))["Cache-Control"]


# -------------------------------------------------------------------------------- held already, and to be held


def test_links_do_not_name_what_is_hidden(cast: Cast) -> None:
    hidden, shown = complained_about(cast, "municipal"), event_at(cast, "assigned")
    engine.act(shown, "relate", {"related": hidden.number}, by=cast.actor("dispatcher"))
    page = cast.client("handler").get(reverse("web:staff_case", args=[shown.number])).content.decode()
    assert hidden.number not in page


def test_a_number_that_one_may_not_see_answers_like_one_that_is_not(cast: Cast) -> None:
    hidden = complained_about(cast, "municipal")
    client = cast.client("handler")

    def answer(number: str) -> tuple[int, str]:
        said = client.get(reverse("web:staff_case", args=[number]))
        text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", said.content.decode())
        return said.status_code, text.replace(number, "")

    assert answer(hidden.number) == answer("350102-EV-2026-999999")


def test_a_name_in_a_title_or_a_place_is_shown_as_text(cast: Cast) -> None:
    evil = "<img src=x onerror=alert(1)>\"'{{7*7}}{x}"
    case = reported(cast, description=evil)
    Case.objects.filter(pk=case.pk).update(place_text=evil)
    for name, address in (
        ("dispatcher", reverse("web:staff_case", args=[case.number])),
        ("dispatcher", reverse("web:staff_home")),
        ("dispatcher", reverse("web:cases") + "?q=%3Cscript%3E&view=%22%3E"),
        ("resident", reverse("web:case", args=[case.number])),
        ("resident", reverse("web:mine")),
    ):
        text = cast.client(name).get(address).content.decode()
        assert "<img src=x" not in text
        assert "<script>" not in text.replace('<script src="', "")


def test_ways_out_stay_in_the_house(cast: Cast) -> None:
    for evil in ("//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"):
        answer = cast.client("resident").post(reverse("web:preferences"), {"next": evil, "lang": "en"})
        assert answer["Location"] == "/"


def test_too_many_wrong_codes_and_then_even_the_right_one(cast: Cast) -> None:
    receipt = services.report(
        {"description": WORDS}, by=cast.actor("anonymous"), channel="web", area_code="350102001001"
    )
    for n in range(TRIES_PER_NUMBER):
        with pytest.raises(LinliError):
            open_with_code(receipt.number, "22222222", ip=f"10.0.0.{n}")
    with pytest.raises(TooMany):
        open_with_code(receipt.number, receipt.tracking_code, ip="10.0.1.1")
