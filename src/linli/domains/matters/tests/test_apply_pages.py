"""Applying over pages and API (申请的页面和接口): steps that save themselves, the window's lane, slips, archive, JSON Schema."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import jsonschema
import pytest
from django.test import Client
from PIL import Image

from linli.base.clock import now, today
from linli.domains.matters.applying import apply
from linli.domains.matters.form import form_of
from linli.domains.matters.form_schema import schema_of
from linli.domains.matters.models import Application, ApplicationPaper
from linli.domains.matters.reading import read_matter
from linli.domains.matters.shipped import matter_files, shipped
from linli.kernel.people.models import AccessEntry, Mandate, Person
from linli.kernel.people.services.residents import phone_hash
from linli.kernel.procedures import engine
from linli.kernel.procedures.casebook import reveal_fact, timeline
from linli.kernel.procedures.models import Case
from linli.kernel.records.models import Attachment
from linli.web.faces import ACTING
from tests.api import caller
from tests.cast import Cast
from tests.servicecast import put_in_force

pytestmark = pytest.mark.django_db
MEANS = {"a.cause": "age", "a.income": "900", "a.consent": "true"}


@pytest.fixture
def service(service_cast: Cast) -> Cast:
    put_in_force(service_cast, "subsistence", "disability-card")
    return service_cast


def browser(cast: Cast, who: str) -> Client:
    client = cast.client(who)
    client.cookies["linli_area"] = cast.area("village1").code
    return client


def photo() -> BytesIO:
    out = BytesIO()
    Image.new("RGB", (60, 60), "white").save(out, "JPEG")
    out.seek(0)
    out.name = "a.jpg"
    return out


def test_three_steps_each_of_which_saves_itself(service: Cast) -> None:
    resident = browser(service, "resident")
    first = resident.get("/matters/subsistence/apply/")
    assert "林小样、林老邻" in first.content.decode()  # known, shown with its source, not asked
    assert 'name="a.members"' not in first.content.decode()
    wrong = resident.post("/matters/subsistence/apply/", {"a.cause": "age"})
    assert wrong.status_code == 422
    assert (
        resident.post("/matters/subsistence/apply/", MEANS)["Location"]
        == "/matters/subsistence/apply/papers/"
    )
    again = browser(service, "resident").get(
        "/matters/subsistence/apply/"
    )  # another browser of the same person
    assert 'value="900"' in again.content.decode()
    lacking = resident.post("/matters/subsistence/apply/papers/", {})
    assert lacking.status_code == 422
    paper = {"p.authority": "uploaded", "f.authority": photo()}
    assert resident.post("/matters/subsistence/apply/papers/", paper).status_code == 302
    assert "为您少填" in resident.get("/matters/subsistence/apply/send/").content.decode()
    key = resident.get("/matters/subsistence/apply/send/").context["draft"].key
    sent = resident.post("/matters/subsistence/apply/send/", {"key": key})
    assert (
        resident.post("/matters/subsistence/apply/send/", {"key": key})["Location"] == sent["Location"]
    )  # pressed twice
    case = Case.objects.get()
    assert ApplicationPaper.objects.get(application=case.pk, code="authority").state == "uploaded"
    assert Attachment.objects.get(case_id=case.pk).name.startswith("家庭经济状况核对授权书-")
    assert (
        'value="900"' not in resident.get("/matters/subsistence/apply/").content.decode()
    )  # the draft is gone


def test_a_draft_is_removed_when_its_writer_wants_it(service: Cast) -> None:
    resident = browser(service, "resident")
    resident.post("/matters/subsistence/apply/", MEANS)
    assert resident.post("/matters/subsistence/apply/", {"drop": "1"})["Location"] == "/matters/subsistence/"
    assert 'value="900"' not in resident.get("/matters/subsistence/apply/").content.decode()


def test_whoever_is_not_signed_in_is_asked_to_and_comes_back(service: Cast) -> None:
    answer = Client().get("/matters/subsistence/apply/")
    assert answer["Location"].startswith("/sign-in/?next=%2Fmatters%2Fsubsistence%2Fapply%2F")
    assert browser(service, "resident").get("/matters/no-such/apply/").status_code == 404


def test_the_window_takes_any_matter_for_a_known_person(service: Cast) -> None:
    clerk = browser(service, "clerk")
    assert "最低生活保障" in clerk.get("/staff/matters/?q=低保").content.decode()
    uid = str(service.person("resident").uid)
    page = clerk.get(f"/staff/matters/subsistence/enter/?person={uid}")
    assert "为您少填 5 项" in page.content.decode()
    said = {**MEANS, "key": "k1", "person": uid, "channel": "window", "p.authority": "brought", "area": service.area("village1").code}  # fmt: skip
    wrong = clerk.post("/staff/matters/subsistence/enter/", {**said, "a.income": "many"})
    assert wrong.status_code == 422
    sent = clerk.post("/staff/matters/subsistence/enter/", said)
    case = Case.objects.get()
    assert sent["Location"] == f"/case/{case.number}/receipt/"
    assert (case.channel, case.applicant_id) == ("window", service.person("resident").pk)
    assert Application.objects.get(case=case).n_spared_fields == 5


def test_who_takes_no_applications_is_told_so(service: Cast) -> None:
    for who in ("handler", "supervisor", "examiner"):
        assert browser(service, who).get("/staff/matters/").status_code == 403
        assert browser(service, who).post("/staff/matters/subsistence/enter/", MEANS).status_code == 403
    elsewhere = {**MEANS, "channel": "window", "party_phone": "13900000009", "party_name": "王远", "area": service.area("neighbour_village").code}  # fmt: skip
    assert browser(service, "clerk").post("/staff/matters/subsistence/enter/", elsewhere).status_code == 422
    assert not Case.objects.exists()


def applied(cast: Cast, **changed: Any) -> Case:
    data: dict[str, Any] = {
        "answers": {"cause": "age", "income": 900, "consent": True},
        "papers": {"authority": "bring"},
        "applicant": cast.person("resident"),
        "channel": "web",
        "by": cast.actor("resident"),
        "area": cast.area("village1"),
        "at": datetime(2026, 6, 1, 1, tzinfo=UTC),
    }
    receipt = apply("subsistence", **(data | changed))
    return Case.objects.get(number=receipt.number)


def test_slips_are_drawn_from_the_record_for_those_who_may_see_it(service: Cast) -> None:
    case = applied(service)
    mine, clerk = browser(service, "resident"), browser(service, "clerk")
    assert "家庭经济状况核对授权书" in mine.get(f"/slips/{case.number}/").content.decode()
    assert mine.get(f"/slips/{case.number}/accepted/").status_code == 404  # not written yet
    at = datetime(2026, 6, 1, 2, tzinfo=UTC)
    missing = {"missing": "授权书请家里成年人都签字。", "lacking": ["authority"]}
    engine.act(case, "ask_correction", missing, by=service.actor("clerk"), at=at)
    notice = mine.get(f"/slips/{case.number}/notice/").content.decode()
    assert "授权书请家里成年人都签字" in notice
    assert "家庭经济状况核对授权书" in notice
    pdf = clerk.get(f"/slips/{case.number}/notice/?as=pdf")
    assert pdf.content[:5] == b"%PDF-"
    for who in ("outsider", "neighbour_dispatcher", "handler"):
        assert browser(service, who).get(f"/slips/{case.number}/").status_code == 404


def test_the_archive_lists_what_one_may_see(service: Cast) -> None:
    case, at = applied(service), datetime(2026, 6, 1, 2, tzinfo=UTC)
    refusal = {"reason": "户籍和居住地都不在本县。", "legal_basis": "社会救助法 37"}
    engine.act(case, "decline", refusal, by=service.actor("clerk"), at=at)
    office = browser(service, "civil_examiner")
    assert case.number in office.get("/staff/archive/?kind=assistance").content.decode()
    assert case.number not in office.get("/staff/archive/?kind=matters").content.decode()
    assert case.number not in browser(service, "neighbour_dispatcher").get("/staff/archive/").content.decode()


def test_what_is_spared_is_counted_and_shown_from_five_on(service: Cast) -> None:
    for _ in range(4):
        applied(service)
    assert "平均每件省" not in Client().get("/spared/").content.decode()
    applied(service)
    assert "5 件申请，平均每件省 6.0 项" in Client().get("/spared/").content.decode()


def test_every_form_has_a_paper_twin(service: Cast) -> None:
    sheet = Client().get("/matters/subsistence/paper/").content.decode()
    assert "主要困难" in sheet
    assert "一起生活的家人" not in sheet  # a register knows it: the window fills it in
    assert "家庭经济状况核对授权书" in sheet


def test_each_shipped_form_is_a_valid_schema() -> None:
    for raw in shipped(matter_files()):
        spec, _ = read_matter(raw)
        assert spec is not None
        jsonschema.Draft202012Validator.check_schema(schema_of(form_of(spec)))


def test_the_schema_demands_what_arises_from_an_answer(service: Cast) -> None:
    answer = json.loads(Client().get("/api/v1/matters/subsistence/form").content)
    assert answer["n_asked"] > 4
    schema = answer["form_schema"]
    jsonschema.validate({"answers": {"cause": "age", "income": 900, "consent": True}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"answers": {"cause": "age", "income": 900}}, schema)


def test_applying_over_the_api_is_the_same_verb(service: Cast) -> None:
    clerk = caller(service, "clerk")
    path, key = "/matters/subsistence/applications", str(uuid4())
    body: dict[str, Any] = {
        "area": service.area("village1").code,
        "answers": {"cause": "age", "income": 900, "consent": True},
        "papers": {"authority": "brought"},
        "channel": "window",
        "applicant": {"name": "林小邻", "phone": "13900000001"},
    }
    assert clerk.post(path, body, key=key).status_code == 201
    assert clerk.post(path, body, key=key).status_code == 200
    assert clerk.post(path, {**body, "answers": {**body["answers"], "income": 1}}, key=key).status_code == 409
    wrong = clerk.post(path, {**body, "answers": {"cause": "nothing"}})
    assert wrong.status_code == 422
    assert {"cause", "income", "consent"} <= set(wrong.json()["fields"])
    nobody = caller(service, "anonymous").post(path, body)
    assert nobody.json()["code"] == "matters.no_applicant"
    new = {"name": "王新来", "phone": "13900000077"}
    assert clerk.post(path, {**body, "answers": {}, "applicant": new}).status_code == 422
    assert not Person.objects.filter(
        phone_hash=phone_hash("+8613900000077")
    ).exists()  # nobody was left behind
    assert Case.objects.count() == 1


def test_no_page_asks_more_than_a_few_queries(service: Cast, django_assert_max_num_queries: Any) -> None:
    clerk = browser(service, "clerk")
    for _ in range(6):
        case = applied(service)
        later = datetime(2026, 6, 1, 2, tzinfo=UTC) + timedelta(hours=1)
        refusal = {"reason": "不在本县。", "legal_basis": "社会救助法 37"}
        engine.act(case, "decline", refusal, by=service.actor("clerk"), at=later)
    clerk.get("/staff/archive/")
    with django_assert_max_num_queries(16):
        clerk.get("/staff/archive/")
    with django_assert_max_num_queries(10):
        Client().get("/spared/")


def test_answers_are_counted_until_somebody_opens_them_for_a_purpose(service: Cast) -> None:
    case, office = applied(service), service.actor("civil_examiner")
    shown = {f.code: f for e in timeline(case, office) for f in e.facts}
    assert str(shown["answers"].value) == "填了 4 项"
    opened = reveal_fact(case, "answers", by=office, purpose="审核")
    assert "主要困难：年老" in opened
    assert AccessEntry.objects.filter(person=case.applicant, what="answers", purpose="审核").exists()
    mine = browser(service, "resident").get(f"/case/{case.number}/").content.decode()
    assert "我填的内容" in mine
    assert "填了 4 项" in mine  # the story of the case, which others may look at over a shoulder
    assert "matter_by_law" not in mine
    assert (
        "我填的内容"
        not in browser(service, "civil_examiner").get(f"/staff/cases/{case.number}/").content.decode()
    )


def test_a_case_is_called_by_its_matter_in_the_readers_language(service: Cast) -> None:
    case = applied(service)
    english = browser(service, "resident")
    english.cookies["linli_lang"] = "en"
    for path in ("/mine/", f"/case/{case.number}/"):
        assert "Subsistence allowance" in english.get(path).content.decode()


def test_whoever_acts_for_somebody_reads_that_it_is_known_and_not_what(service_cast: Cast) -> None:
    """A mandate opens no data of the person's own: it goes into the application without passing the helper's eyes."""
    put_in_force(service_cast, "subsistence")
    day = today()
    made = Mandate.objects.create(
        grantor=service_cast.person("resident"), helper=service_cast.person("outsider"), scope="all", how="code",
        from_on=day, to_on=day, made_at=now(), accepted_at=now(),
    )  # fmt: skip
    helper = service_cast.client("outsider")
    session = helper.session
    session[ACTING] = str(made.uid)
    session.save()
    helper.cookies["linli_area"] = "350102001001"
    page = helper.get("/matters/subsistence/apply/").content.decode()
    assert "登记里有，提交时带出" in page
    for theirs in ("350102199001010016", "13900000001", "和平路 12 号", "林小样"):
        assert theirs not in page
