"""The category directory as a file (类别目录文件): taken out, tried, kept as it was looked at; and its history."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from linli.base.errors import NotAllowed, Refused
from linli.domains.events import directory as verbs
from linli.domains.events import dispatch
from linli.domains.events.directory_file import as_json, as_table, take_in_file, try_file
from linli.domains.events.models import Category, Directory, DispatchRule
from linli.kernel.people.models import AuditEntry
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db
UPLOAD = "events:admin_upload_directory"


@pytest.fixture
def used(cast: Cast) -> Directory:
    """A directory in use: 01 with 0101 (to which a rule belongs) and 0102, and 02, which is retired."""
    load_all()
    used = Directory.objects.create(code="streets", title="试验目录", basis="某文", active=True)
    by = cast.actor("admin")
    top = verbs.create_category(used, "01", name="道路", name_en="Roads", by=by)
    lamps = verbs.create_category(
        used, "0101", name="路灯", parent=top, limit="4 hours", needs_photos=True, keywords="灯 黑", by=by
    )
    verbs.create_category(used, "0102", name="坑洼", parent=top, grade="general", by=by)
    old = verbs.create_category(used, "02", name="旧的", by=by)
    verbs.retire_category(old, by=by)
    dispatch.add_rule(lamps, cast.area("township"), cast.organisation("municipal"), by=by)
    return used


def csv_of(directory: Directory) -> str:
    return "\n".join(",".join(map(str, row)) for row in as_table(directory)) + "\n"


def counts(seen: Any) -> dict[str, int]:
    return {code: n for code, _, n in seen.counts}


@pytest.mark.parametrize("form", [csv_of, as_json])
def test_what_is_taken_out_differs_in_nothing_when_it_is_sent_in(
    used: Directory, cast: Cast, form: Any
) -> None:
    seen = try_file(form(used), name="x", into=used, by=cast.actor("admin"))
    assert (seen.found, seen.rejected, counts(seen)["unchanged"]) == (None, [], 4)
    assert Directory.objects.count() == 1


def test_a_file_is_tried_before_anything_is_kept(used: Directory, cast: Cast) -> None:
    text = csv_of(used).replace("4 hours", "2 working days").replace("坑洼,0102", "噪声,0103")
    seen = try_file(text, name="新目录.csv", into=used, by=cast.actor("admin"))
    assert {(d.kind, d.category.code, d.words.zh) for d in seen.differences} == {
        ("changed", "0101", "处置时限由“4 小时”改为“2 个工作日”"),
        ("added", "0103", "新增"),
        ("removed", "0102", "不再有"),
    }
    assert counts(seen) == {"added": 1, "changed": 1, "removed": 1, "unchanged": 2, "refused": 0}
    assert (seen.version, seen.may_use) == (2, True)
    assert Directory.objects.count() == 1
    assert Category.objects.count() == 4
    assert not AuditEntry.objects.filter(act="events.directory_imported").exists()


def test_what_was_looked_at_is_put_in_use_with_its_rules(used: Directory, cast: Cast) -> None:
    by = cast.actor("admin")
    text = as_json(used).replace("坑洼", "坑洞")
    seen = try_file(text, name="x.json", into=None, by=by)
    made = take_in_file(text, name="x.json", into=None, shown=seen.mark, use=True, by=by)
    used.refresh_from_db()
    assert (made.version, made.active, used.active) == (2, True, False)
    assert Category.objects.get(directory=made, code="0101").needs_photos
    assert not Category.objects.get(directory=made, code="02").active
    assert DispatchRule.objects.filter(category__directory=made, category__code="0101").count() == 1
    acts = AuditEntry.objects.filter(subject="directory:streets:2").order_by("id")
    assert list(acts.values_list("act", flat=True)) == [
        "events.directory_imported",
        "events.directory_in_use",
    ]


def test_as_a_draft_nothing_goes_out_of_use(used: Directory, cast: Cast) -> None:
    by = cast.actor("admin")
    text = csv_of(used).replace("坑洼", "坑洞")
    seen = try_file(text, name="x.csv", into=used, by=by)
    made = take_in_file(text, name="x.csv", into=used, shown=seen.mark, use=False, by=by)
    used.refresh_from_db()
    assert (made.version, made.active, used.active) == (2, False, True)


def test_another_outcome_than_was_looked_at_is_not_kept(used: Directory, cast: Cast) -> None:
    by = cast.actor("admin")
    text = csv_of(used).replace("坑洼", "坑洞")
    seen = try_file(text, name="x.csv", into=used, by=by)
    verbs.revise_category(Category.objects.get(key="streets:1:0101"), limit="1 working days", by=by)
    with pytest.raises(Refused) as refused:
        take_in_file(text, name="x.csv", into=used, shown=seen.mark, use=True, by=by)
    assert refused.value.code == "events.file_moved_on"
    assert Directory.objects.count() == 1


def test_rejected_rows_are_named_and_keep_the_file_out(used: Directory, cast: Cast) -> None:
    by = cast.actor("admin")
    text = csv_of(used).replace("4 hours", "4 moons")
    seen = try_file(text, name="x.csv", into=used, by=by)
    assert [line for line, _, _ in seen.rejected] == [3]
    assert not seen.may_keep
    with pytest.raises(Refused) as refused:
        take_in_file(text, name="x.csv", into=used, shown=seen.mark, use=False, by=by)
    assert refused.value.code == "events.file_moved_on"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"code": "01 1", "name": "x"}, "只能用字母"),
        ({"code": "03", "name": ""}, "1"),
        ({"code": "03", "name": "x", "parent": "99"}, "上级“99”"),
        ({"code": "03", "name": "x", "needs_photos": 1}, "true 或 false"),
        ({"code": "03", "name": "x", "limit": "soon"}, ""),
        ({"code": "03", "name": ["x"]}, "应为文字"),
        ({"code": "01", "name": "别的"}, "前面已出现"),
        ("01", "不是对象"),
    ],
)
def test_entries_of_json_are_rejected_one_by_one(used: Directory, cast: Cast, row: Any, why: str) -> None:
    raw = json.loads(as_json(used))
    raw["categories"].append(row)
    seen = try_file(json.dumps(raw), name="x.json", into=used, by=cast.actor("admin"))
    assert [line for line, _, _ in seen.rejected] == [5]
    assert why in seen.rejected[0][2].zh


def test_what_is_faulty_may_be_a_draft_but_not_in_use(used: Directory, cast: Cast) -> None:
    by = cast.actor("admin")
    raw = json.loads(as_json(used))
    raw["categories"][0]["active"] = False
    text = json.dumps(raw)
    seen = try_file(text, name="x.json", into=used, by=by)
    assert (seen.may_keep, seen.may_use) == (True, False)
    with pytest.raises(Refused) as refused:
        take_in_file(text, name="x.json", into=used, shown=seen.mark, use=True, by=by)
    assert refused.value.code == "events.directory_faulty"
    assert Directory.objects.count() == 1
    assert not take_in_file(text, name="x.json", into=used, shown=seen.mark, use=False, by=by).active


def test_whoever_does_not_administer_all_areas_takes_nothing_in(used: Directory, cast: Cast) -> None:
    for who in ("dispatcher", "leader"):
        with pytest.raises(NotAllowed):
            try_file(as_json(used), name="x.json", into=used, by=cast.actor(who))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_by_page_it_is_looked_at_then_saved(used: Directory, cast: Cast, lang: str) -> None:
    admin: Client = cast.client("admin")
    admin.cookies["linli_lang"] = lang
    text = csv_of(used).replace("坑洼", "坑洞")
    sent = {"directory": "streets", "file": SimpleUploadedFile("streets.csv", text.encode())}
    page = admin.post(reverse(UPLOAD), sent)
    html = page.content.decode()
    assert page.status_code == 200
    assert "坑洞" in html
    assert Directory.objects.count() == 1
    form = {name: html.split(f'name="{name}" value="')[1].split('"')[0] for name in ("shown", "name")}
    saved = admin.post(reverse(UPLOAD), {**form, "directory": "streets", "text": text, "act": "use"})
    assert saved.status_code == 302
    assert Directory.objects.get(active=True).version == 2
    again = admin.post(reverse(UPLOAD), {**form, "directory": "streets", "text": text, "act": "use"})
    assert again.status_code == 409
    assert Directory.objects.count() == 2


@pytest.mark.parametrize(
    "content", [b"\x89PNG\r\n\x1a\n\x00\x00", b"a,b\n1,2\n", b"{", b'{"categories": 3}', b""]
)
def test_what_is_no_directory_is_refused_in_words(used: Directory, cast: Cast, content: bytes) -> None:
    page = cast.client("admin").post(reverse(UPLOAD), {"file": SimpleUploadedFile("x.csv", content)})
    assert page.status_code in {400, 422}
    assert 'role="alert"' in page.content.decode()
    assert Directory.objects.count() == 1


def test_both_forms_are_handed_out(used: Directory, cast: Cast) -> None:
    admin = cast.client("admin")
    for form, kind in (("csv", "text/csv"), ("json", "application/json")):
        answer = admin.get(reverse("events:admin_export_directory", args=["streets", 1, form]))
        assert answer.headers["Content-Type"].startswith(kind)
        assert "0102" in answer.content.decode("utf-8-sig")
    assert admin.get(reverse("events:admin_export_directory", args=["streets", 1, "xml"])).status_code == 404


def test_the_history_says_who_changed_what_by_field(
    used: Directory, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    by = cast.actor("admin")
    verbs.revise_category(Category.objects.get(key="streets:1:0101"), limit="2 working days", by=by)
    draft = verbs.next_version(used, by=by)
    verbs.revise_category(Category.objects.get(key="streets:2:0102"), name="坑洞", by=by)
    for _ in range(6):
        draft = verbs.next_version(draft, by=by)
    admin = cast.client("admin")
    url = reverse("events:admin_directory_history", args=["streets"])
    admin.get(url)
    with django_assert_max_num_queries(24):
        html = admin.get(url).content.decode()
    assert "第 8 版" in html
    assert "第 3 版" not in html
    assert "cursor=" in html
    cursor = html.split("cursor=")[1].split('"')[0]
    older = admin.get(f"{url}?cursor={cursor}").content.decode()
    assert "名称由“坑洼”改为“坑洞”" in older
    assert "0101：处置时限由“4 小时”改为“2 个工作日”" in older
    assert by.name in older
    assert admin.get(reverse("events:admin_directory_history", args=["nowhere"])).status_code == 404
    assert cast.client("dispatcher").get(url).status_code == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_log_calls_a_version_by_its_name(used: Directory, cast: Cast, lang: str) -> None:
    lamps = Category.objects.get(key="streets:1:0101")
    verbs.revise_category(lamps, limit="2 working days", by=cast.actor("admin"))
    admin = cast.client("admin")
    admin.cookies["linli_lang"] = lang
    html = admin.get(reverse("web:admin_log"), {"subject": "directory:streets:1"}).content.decode()
    assert {"zh": "streets 第 1 版", "en": "streets, version 1"}[lang] in html
    assert "limit 4 hours" in html
    assert "{&#x27;" not in html
