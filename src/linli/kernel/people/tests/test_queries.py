"""Lists of administration: paged, in a fixed number of queries, within one's area."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli.base.errors import NotFound
from linli.kernel.people import queries, services
from linli.kernel.people.actors import SYSTEM, actor_for
from tests.cast import Cast

DAY = date(2026, 3, 2)


def test_lists_of_administration_stop_at_ones_area(cast: Cast, django_assert_num_queries: Any) -> None:
    admin = cast.actor("admin")
    with django_assert_num_queries(2):
        page = queries.account_page(admin)
        found = {account.username: [a.post.title for a in account.holding] for account in page.items}
    assert len(found) == 11
    assert found["dispatcher"] == ["派遣员"]
    with django_assert_num_queries(2):
        posts = queries.post_page(admin, organisation=cast.organisation("centre")).items
        assert [[a.account.name for a in post.holding] for post in posts] == [["黄派遣"], ["许回访"]]
    post = services.create_post(
        cast.organisation("neighbour_street"),
        "管理员",
        roles=["administrator"],
        area=cast.area("neighbour_township"),
        by=SYSTEM,
    )
    services.appoint(post, cast.account("neighbour_dispatcher"), from_on=DAY, by=SYSTEM)
    neighbour = actor_for(cast.account("neighbour_dispatcher"))
    assert [a.username for a in queries.account_page(neighbour).items] == ["neighbour_dispatcher"]
    with pytest.raises(NotFound):
        queries.access_account(str(cast.account("admin").uid), neighbour)
    with pytest.raises(NotFound):
        queries.access_post(str(cast.post("admin").uid), neighbour)
    assert queries.access_account(str(cast.account("admin").uid), admin) == cast.account("admin")
    for name in ("dispatcher", "leader", "resident", "anonymous"):
        actor = cast.actor(name)
        assert queries.account_page(actor).items == []
        assert queries.post_page(actor).items == []


def test_organisations_are_public_and_found_by_name_and_place(cast: Cast) -> None:
    codes = [o.code for o in queries.organisation_page(under="350102001").items]
    assert codes == ["350102-centre", "350102-committee", "350102-property", "350102-street"]
    assert [o.code for o in queries.organisation_page(text="园林").items] == ["350102-garden"]
    assert queries.organisation_by_code("350102-garden") == cast.organisation("garden")


def test_the_audit_list_is_for_county_administrators_and_oneself(cast: Cast) -> None:
    services.set_password(cast.account("handler"), "yueguang-42-shan", by=cast.actor("admin"))
    services.set_password(cast.account("handler"), "yueguang-43-shan", by=cast.actor("handler"))
    subject = f"account:{cast.account('handler').uid}"
    assert len(queries.audit_page(cast.actor("admin"), subject=subject).items) == 2
    assert [e.facts for e in queries.audit_page(cast.actor("handler")).items] == [{"own": True}]
    assert queries.audit_page(cast.actor("anonymous")).items == []
