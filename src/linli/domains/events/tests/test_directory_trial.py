"""A version of the directory before it is put in use (目录启用试算): what differs, what is wrong, whom it concerns."""

from __future__ import annotations

import pytest
from django.urls import reverse

from linli.base.clock import today
from linli.base.errors import Invalid, NotAllowed, Refused
from linli.domains.events import directory as verbs
from linli.domains.events import dispatch
from linli.domains.events.directory_trial import trial
from linli.domains.events.models import Category, Directory
from linli.kernel.procedures.versions import load_all
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(cast: Cast) -> Directory:
    """The next version of a directory in use: 01 with 0101 (to which a rule belongs) and 0102, and 02."""
    load_all()
    used = Directory.objects.create(code="t", title="试验目录", active=True)
    by = cast.actor("admin")
    top = verbs.create_category(used, "01", name="道路", name_en="Roads", by=by)
    lamps = verbs.create_category(used, "0101", name="路灯", parent=top, limit="4 hours", by=by)
    verbs.create_category(used, "0102", name="坑洼", parent=top, by=by)
    verbs.create_category(used, "02", name="市容", by=by)
    dispatch.add_rule(lamps, cast.area("township"), cast.organisation("municipal"), by=by)
    return verbs.next_version(used, by=by)


def of(draft: Directory, code: str) -> Category:
    return Category.objects.get(directory=draft, code=code)


def test_a_copy_differs_in_nothing(draft: Directory) -> None:
    found = trial(draft, day=today())
    assert (found.differences, found.faults, found.concerned) == ([], [], [])


def test_what_differs_is_said_in_words(draft: Directory, cast: Cast) -> None:
    by = cast.actor("admin")
    verbs.create_category(draft, "03", name="噪声", by=by)
    verbs.revise_category(of(draft, "0102"), name="坑洞", limit="2 working days", by=by)
    verbs.move_category(of(draft, "0102"), of(draft, "02"), by=by)
    verbs.retire_category(of(draft, "0101"), by=by)
    found = trial(draft, day=today())
    said = {(d.category.code, d.words.zh) for d in found.differences}
    assert said == {
        ("03", "新增"),
        ("0102", "名称由“坑洼”改为“坑洞”"),
        ("0102", "处置时限由“（空）”改为“2 个工作日”"),
        ("0102", "从“道路”移到“市容”下"),
        ("0101", "停用"),
    }
    assert [(c.category.code, len(c.rules)) for c in found.concerned] == [("0101", 1)]
    assert found.n_rules_lost == 1


def test_what_is_wrong_keeps_a_version_out_of_use(draft: Directory, cast: Cast) -> None:
    Category.objects.filter(directory=draft, code="01").update(active=False)
    assert "它的上级“道路”已停用" in trial(draft, day=today()).faults[0].zh
    admin = cast.client("admin")
    page = admin.get(reverse("events:admin_check_directory", args=["t", 2])).content.decode()
    assert "还不能启用" in page
    assert 'name="in_use"' not in page
    admin.post(reverse("events:admin_directory_use", args=["t", 2]), {"in_use": "1"})
    draft.refresh_from_db()
    assert not draft.active


def test_a_sound_version_is_put_in_use(draft: Directory, cast: Cast) -> None:
    admin = cast.client("admin")
    for language in ("zh", "en"):
        page = admin.get(reverse("events:admin_check_directory", args=["t", 2]), {"lang": language})
        assert 'name="in_use"' in page.content.decode()
    admin.post(reverse("events:admin_directory_use", args=["t", 2]), {"in_use": "1"})
    draft.refresh_from_db()
    assert draft.active


def test_moving_is_refused_where_it_would_break_the_tree(draft: Directory, cast: Cast) -> None:
    by = cast.actor("admin")
    used = Directory.objects.get(code="t", version=1)
    with pytest.raises(Refused, match="下一版"):
        verbs.move_category(of(used, "0101"), None, by=by)
    with pytest.raises(Invalid):
        verbs.move_category(of(draft, "01"), of(draft, "0101"), by=by)
    with pytest.raises(Invalid):
        verbs.move_category(of(draft, "01"), of(used, "02"), by=by)
    with pytest.raises(NotAllowed):
        verbs.move_category(of(draft, "0101"), None, by=cast.actor("dispatcher"))
    moved = verbs.move_category(of(draft, "01"), of(draft, "02"), by=by)
    assert (moved.depth, of(draft, "0101").depth) == (2, 3)
    assert moved.key == "t:2:01"


def test_nobody_else_sees_the_check(draft: Directory, cast: Cast) -> None:
    url = reverse("events:admin_check_directory", args=["t", 2])
    assert cast.client("dispatcher").get(url).status_code == 404
