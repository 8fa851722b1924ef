"""A list's filters under a name (我的视图): one's own, kept as the query string, so that a link says the same."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from linli.base.clock import now
from linli.base.errors import Invalid, Refused, absent
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.procedures.models import SavedView

MOST_VIEWS = 20
LONGEST_NAME, LONGEST_QUERY = 40, 400
NOT_KEPT = frozenset({"cursor", "lang", "n"})


def views_of(actor: Actor) -> list[SavedView]:
    if actor.account_id is None:
        return []
    return list(
        SavedView.objects.filter(account_id=actor.account_id)
        .select_related("shared_with")
        .order_by("place", "name", "id")[:MOST_VIEWS]
    )


def shared_by_colleagues(actor: Actor) -> list[SavedView]:
    """What colleagues of my organisations share (同事分享的视图): a name and filters; what they find is what I may see."""
    rows = SavedView.objects.filter(shared_with__in=sorted(actor.organisation_ids))
    rows = rows.exclude(account_id=actor.account_id or 0).select_related("account", "shared_with")
    return list(rows.order_by("name", "id")[:MOST_VIEWS])


def clean_query(query: str) -> str:
    """The filters alone: no place in the list, nothing empty."""
    return urlencode([(k, v) for k, v in parse_qsl(query) if v and k not in NOT_KEPT])


def save_view(name: str, query: str, *, by: Actor) -> SavedView:
    """Keep filters under a name (保存视图); the same name again replaces them. Refuses the 21st and an empty name."""
    assert by.account_id is not None  # the desk's own pages: staff have an account
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        problem = Text("请给这个视图起个名字。", "Give the view a name.")
        raise Invalid("web.view_without_name", problem, fields={"name": problem})
    query = clean_query(query)
    if len(query) > LONGEST_QUERY:
        raise Refused(
            "web.view_too_long",
            Text(
                "筛选条件太长，没有保存。请去掉几项再试。",
                "Too many filters to keep. Remove some and try again.",
            ),
        )
    mine = SavedView.objects.filter(account_id=by.account_id)
    if mine.exclude(name=name).count() >= MOST_VIEWS:
        raise Refused(
            "web.too_many_views",
            Text(
                f"最多保存 {MOST_VIEWS} 个视图。请先删掉一个不用的。",
                f"At most {MOST_VIEWS} views are kept. Delete one that you no longer need.",
            ),
        )
    made, _ = SavedView.objects.update_or_create(
        account_id=by.account_id, name=name, defaults={"query": query, "made_at": now()}
    )
    return made


def delete_view(uid: UUID, *, by: Actor) -> None:
    """Forget a view (删除视图): one's own; any other is not there."""
    assert by.account_id is not None
    n, _ = SavedView.objects.filter(uid=uid, account_id=by.account_id).delete()
    if not n:
        raise absent(Text("视图", "view"))


def _own(uid: UUID, by: Actor) -> SavedView:
    found = SavedView.objects.filter(uid=uid, account_id=by.account_id or 0).first()
    if found is None:
        raise absent(Text("视图", "view"))
    return found


def pin_view(uid: UUID, *, by: Actor, pinned: bool) -> None:
    """Put a view into one's menu, or take it out (放进菜单)."""
    view = _own(uid, by)
    SavedView.objects.filter(pk=view.pk).update(pinned=pinned)


def raise_view(uid: UUID, *, by: Actor) -> None:
    """Move a view one place up (上移); the first stays where it is."""
    view = _own(uid, by)
    order = views_of(by)
    at = next(i for i, other in enumerate(order) if other.pk == view.pk)
    if at:
        order[at - 1], order[at] = order[at], order[at - 1]
    for place, other in enumerate(order):
        other.place = place
    SavedView.objects.bulk_update(order, ["place"])


def share_view(uid: UUID, *, by: Actor, shared: bool) -> None:
    """Show a view to the colleagues of one's organisation, or no longer (分享给本单位)."""
    view = _own(uid, by)
    organisation = by.hats[0].organisation_id if shared else None
    SavedView.objects.filter(pk=view.pk).update(shared_with=organisation)


def take_view(uid: UUID, *, by: Actor) -> SavedView:
    """Keep a colleague's view as one's own (收为己用), under its name. One that is not shared with me is not there."""
    found = next((v for v in shared_by_colleagues(by) if v.uid == uid), None)
    if found is None:
        raise absent(Text("视图", "view"))
    return save_view(found.name, found.query, by=by)
