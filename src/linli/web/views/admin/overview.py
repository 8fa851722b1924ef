"""The administrator's first page (管理概览): how much there is, and what is to be mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from linli.base.clock import now, today
from linli.base.codes import LEVELS
from linli.base.errors import absent
from linli.base.i18n import Text
from linli.kernel.calendar.queries import first_unpublished
from linli.kernel.fieldwork.queries import silent_for
from linli.kernel.people import gaps
from linli.kernel.people.actors import Actor, in_force
from linli.kernel.people.models import Account, Appointment, Organisation
from linli.kernel.people.queries import administered
from linli.kernel.people.services.installation import administers_all
from linli.kernel.places.models import AreaShape
from linli.kernel.procedures.amending import all_in_hand, limit_rows
from linli.kernel.procedures.holders import holders
from linli.kernel.procedures.roles import role_title
from linli.kernel.procedures.versions import current_procedures
from linli.kernel.procedures.wording import joined
from linli.kernel.records.backups import Backup, last_backup
from linli.web.faces import actor_of
from linli.web.views.admin.accounts import account_url
from linli.web.views.admin.areas import area_url
from linli.web.views.admin.door import admin_only, prefixes
from linli.web.views.admin.mending import MOST_ROWS, Row, kind, kinds, to_mend
from linli.web.views.admin.organisations import organisation_url
from linli.web.views.admin.posts import post_url
from linli.web.views.admin.proposals import own_areas
from linli.web.views.admin.settled import changes_of, in_lines, settings_of
from linli.web.views.admin.titles import LEVEL_TITLES
from linli.web.words import length_words

OVERVIEW = Text("管理概览", "Administration")
MANY = dict(
    zip(LEVELS, "Provinces Prefectures Counties Townships Villages Grids Micro-grids".split(), strict=True)
)
NOTICE_MONTH = 11  # the State Council's notice for the next year comes out in late October or November


@admin_only
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Counts and things to mend (管理概览)."""
    actor = actor_of(request)
    found = [(each, list(each.check(actor))) for each in kinds()]
    recent = changes_of(actor)
    context = {
        "backup": _backup(actor),
        "counts": _counts(actor),
        "mend": [(each, rows[:MOST_ROWS], len(rows) > MOST_ROWS) for each, rows in found if rows],
        "settled": settings_of(actor, recent),
        "log": in_lines(recent),
        "fine": [each for each, rows in found if not rows],
    }
    return render(request, "web/admin/overview.html", context)


@admin_only
@require_safe
def mend(request: HttpRequest, code: str) -> HttpResponse:
    """One kind of things to mend (待完善清单), each with the page that mends it."""
    found = kind(code)
    if found is None:
        raise absent(Text("页面", "page"))
    rows = list(found.check(actor_of(request)))
    context = {
        "kind": found,
        "rows": rows[:MOST_ROWS],
        "more": len(rows) > MOST_ROWS,
        "trail": [(OVERVIEW, reverse("web:admin"))],
    }
    return render(request, "web/admin/mend.html", context)


@dataclass(frozen=True)
class BackupAge:
    """How old the last backup is (备份距今), None: none was noted."""

    last: Backup | None
    overdue: bool


def _backup(actor: Actor) -> BackupAge | None:
    """Of the whole installation, so for whoever administers all of it."""
    if not administers_all(actor):
        return None
    last = last_backup()
    return BackupAge(last, last is None or last.is_overdue(now()))


def _counts(actor: Actor) -> list[tuple[Text, int, str]]:
    areas = gaps.administered_areas(actor).order_by().values_list("level").annotate(n=Count("pk"))
    by_level = dict(areas)
    levels = [level for level in LEVELS if level in by_level]
    counts = [
        (Text(LEVEL_TITLES[level].zh, MANY[level]), by_level[level], reverse("web:admin_areas"))
        for level in levels[-3:]
    ]
    organisations = Organisation.objects.filter(
        administered(actor, "area__prefix"), active=True, historic=False
    )
    counts.append((Text("组织", "Organisations"), organisations.count(), reverse("web:admin_organisations")))
    counts.append((Text("岗位", "Posts"), gaps.posts_in_force(actor).count(), reverse("web:admin_posts")))
    held = Appointment.objects.filter(in_force(today()), administered(actor, "post__area__prefix"))
    n = held.values("account").distinct().count()
    counts.append((Text("在岗人员", "People in post"), n, reverse("web:admin_people")))
    return counts


def _grids(actor: Actor) -> Sequence[Row]:
    return [Row(a.title, area_url(a), a.code) for a in gaps.grids_without_worker(actor)[: MOST_ROWS + 1]]


def _posts(actor: Actor) -> Sequence[Row]:
    rows = gaps.posts_without_holder(actor).order_by("organisation__code", "id")[: MOST_ROWS + 1]
    return [Row(p.name, post_url(p), p.organisation.title) for p in rows]


def _organisations(actor: Actor) -> Sequence[Row]:
    rows = gaps.organisations_without_post(actor)[: MOST_ROWS + 1]
    return [Row(o.title, organisation_url(o), o.code) for o in rows]


def _accounts(actor: Actor) -> Sequence[Row]:
    rows = gaps.accounts_without_post(actor)[: MOST_ROWS + 1]
    return [Row(a.title, account_url(a), a.username) for a in rows]


def _factors(actor: Actor) -> Sequence[Row]:
    held = Appointment.objects.filter(in_force(today()), administered(actor, "post__area__prefix"))
    rows = Account.objects.filter(
        pk__in=held.values("account"), second_factor_on__isnull=True, is_active=True, demo=False
    )
    return [Row(a.title, account_url(a), a.username) for a in rows.order_by("username")[: MOST_ROWS + 1]]


def _shapes(actor: Actor) -> Sequence[Row]:
    rows = gaps.administered_areas(actor).exclude(pk__in=AreaShape.objects.values("area"))
    rows = rows.exclude(level="micro_grid").order_by("code")[: MOST_ROWS + 1]
    return [Row(a.title, area_url(a), LEVEL_TITLES[a.level]) for a in rows]


def _years(actor: Actor) -> Sequence[Row]:
    day = today()
    missing = first_unpublished(day)
    if missing > day.year + 1 or (missing == day.year + 1 and day.month < NOTICE_MONTH):
        return []
    note = Text(
        "这一年的到期日暂按周一至周五计算，标为暂定。",
        "Due dates in that year count Monday to Friday and are marked provisional.",
    )
    url = reverse("web:admin_enter_year") + f"?year={missing}"
    return [Row(Text(f"{missing} 年", f"{missing}"), url, note)]


def _samples(actor: Actor) -> Sequence[Row]:
    area = next(iter(own_areas(actor)), None)
    return [
        Row(p.title, reverse("web:admin_edit_limits", args=[p.code]), p.code)
        for p, _ in (all_in_hand(area.prefix) if area else ())
        if any(row.sample for row in limit_rows(p))
    ]


def _phones(actor: Actor) -> Sequence[Row]:
    at, url = now(), reverse("web:field_phones")
    said = Text("{label}，{since}没有联系", "{label}, no contact for {since}")
    return [
        Row(p.account.title, url, said.format(label=p.label, since=length_words(at - p.last_contact_at)))
        for p in silent_for(actor, at, limit=MOST_ROWS + 1)
    ]


def _roles(actor: Actor) -> Sequence[Row]:
    """Roles that act in a procedure and that nobody holds in these areas or above them."""
    own = prefixes(actor)
    held = {
        role
        for (role, area) in holders().by_area
        if any(area.startswith(p) or p.startswith(area) for p in own)
    }
    acting: dict[str, list[Text]] = {}
    for procedure in current_procedures():
        for spec in dict.fromkeys(step.actor for step in procedure.steps.values() if "@" in step.actor):
            acting.setdefault(spec.partition("@")[0], []).append(procedure.title)
    return [
        Row(role_title(role), reverse("web:admin_posts"), joined(dict.fromkeys(titles)))
        for role, titles in sorted(acting.items())
        if role not in held
    ]


def register() -> None:
    """What this floor itself finds to mend (本层待完善事项)."""
    to_mend(
        "grids",
        Text("网格没有网格员", "Grids without a grid worker"),
        Text(
            "这里的事会派到上一级，没有人就近核实。",
            "What happens there goes a level up; nobody near checks it.",
        ),
        _grids,
        order=10,
        pressing=True,
    )
    to_mend(
        "posts",
        Text("岗位没有人", "Posts that nobody holds"),
        Text("派到这些岗位的待办没有人看见。", "Tasks for them are seen by nobody."),
        _posts,
        order=20,
        pressing=True,
    )
    to_mend(
        "roles",
        Text("环节没有人能办", "Steps that nobody can act in"),
        Text("程序里的这些角色，本地没有人担任。", "Nobody here holds these roles of the procedures."),
        _roles,
        order=25,
        pressing=True,
    )
    to_mend(
        "years",
        Text("放假安排未录入", "Days off not entered"),
        Text(
            "国务院办公厅一般在 11 月公布下一年的安排。",
            "The notice for the next year comes out about November.",
        ),
        _years,
        order=30,
        pressing=True,
    )
    to_mend(
        "phones",
        Text("外勤手机失联", "Phones without contact"),
        Text(
            "超过两天没有联系，手机里可能有没上传的内容。请问本人；丢失的请停用。",
            "Silent for over two days; something may be unsent. Ask the worker; revoke a phone that is lost.",
        ),
        _phones,
        order=40,
    )
    to_mend(
        "second-factor",
        Text("在岗人员没有绑定动态口令", "Staff without a second factor"),
        Text("他们还没有登录过，或口令刚被重设。", "They have not signed in yet, or it was reset."),
        _factors,
        order=50,
    )
    to_mend(
        "accounts",
        Text("账号没有岗位", "Accounts without a post"),
        Text(
            "能登录，什么也办不了；离任的请停用。",
            "They can sign in and do nothing; switch off who has left.",
        ),
        _accounts,
        order=60,
    )
    to_mend(
        "organisations",
        Text("组织没有岗位", "Organisations without a post"),
        Text("事情派给它，没有人能签收。", "What is assigned to them, nobody can sign for."),
        _organisations,
        order=70,
    )
    to_mend(
        "shapes",
        Text("区划没有图形", "Areas without a shape"),
        Text("地图上点到这里，只能定位到上一级。", "A point there is placed a level up."),
        _shapes,
        order=80,
    )
    to_mend(
        "samples",
        Text("时限还是样例", "Limits that are samples"),
        Text("请按本地规定改成正式时限。", "Put the limits of your own rules in their place."),
        _samples,
        order=90,
    )
