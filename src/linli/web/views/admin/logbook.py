"""The log of what was done (操作日志), and what is kept how long (保存期): read only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.base.i18n import Text, text_from
from linli.kernel.people import queries as people
from linli.kernel.people.models import AuditEntry
from linli.kernel.people.purposes import declared
from linli.kernel.procedures.versions import current_procedures
from linli.web.faces import actor_of
from linli.web.forms import Choice
from linli.web.views.admin.door import admin_only, is_county_wide

ACTS = {
    "people.signed_in": Text("登录", "signed in"),
    "people.signed_out": Text("退出", "signed out"),
    "people.account_opened": Text("开设账号", "account opened"),
    "people.account_revised": Text("修改账号资料", "account revised"),
    "people.account_closed": Text("停用账号", "account switched off"),
    "people.account_opened_again": Text("启用账号", "account switched on"),
    "people.password_set": Text("设置密码", "password set"),
    "people.second_factor_reset": Text("重设动态口令", "second factor reset"),
    "people.organisation_entered": Text("登记组织", "organisation entered"),
    "people.organisation_revised": Text("修改组织", "organisation revised"),
    "people.post_set_up": Text("设置岗位", "post set up"),
    "people.post_revised": Text("调整岗位", "post revised"),
    "people.post_closed": Text("撤销岗位", "post closed"),
    "people.appointed": Text("任命", "appointed"),
    "people.appointment_ended": Text("结束任职", "appointment ended"),
    "people.delegated": Text("登记代理", "stand-in entered"),
    "people.delegation_ended": Text("结束代理", "stand-in ended"),
    "people.token_made": Text("签发令牌", "token made"),
    "people.token_revoked": Text("撤销令牌", "token revoked"),
    "people.year_entered": Text("录入放假安排", "days off entered"),
    "people.person_corrected": Text("更正居民信息", "resident corrected"),
    "people.person_exported": Text("导出个人信息副本", "personal copy exported"),
    "people.person_erased": Text("到期删除居民信息", "resident erased when due"),
    "people.name_differs": Text("证件与姓名不一致", "name differs from ID"),
    "procedures.override_loaded": Text("载入地方程序", "local procedure loaded"),
    "web.cases_exported": Text("导出办件列表", "list of cases exported"),
}
ERASED = "people.person_erased"


def name_act(code: str, title: Text) -> None:
    """Gives an act of the log its words (登记日志用语); domains call this from their `apps.py`."""
    ACTS[code] = title


def entries(rows: Iterable[AuditEntry]) -> list[tuple[AuditEntry, Text, str]]:
    """Entries with the act in words and its facts in one line (日志行)."""
    return [(row, ACTS.get(row.act, text_from(row.act)), _facts(row.facts)) for row in rows]


@admin_only
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """What was done to accounts, posts, keys and rules, newest first (操作日志)."""
    actor = actor_of(request)
    act, subject = request.GET.get("act", ""), request.GET.get("subject", "")[:80]
    page = people.audit_page(
        actor, act=act if act in ACTS else "", subject=subject, cursor=request.GET.get("cursor")
    )
    context = {
        "page": page,
        "rows": entries(page.items),
        "acts": [Choice(code, title) for code, title in sorted(ACTS.items())],
        "act": act,
        "subject": subject,
        "only_mine": not is_county_wide(actor),
    }
    return render(request, "web/admin/log.html", context)


@admin_only
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    """Which personal data is kept, what for and how long (个人信息保存期), and what was erased when due."""
    kept = [
        (procedure.title, field.title, field.personal.purpose if field.personal else "", field.keep)
        for procedure in current_procedures()
        for field in procedure.fields.values()
        if field.keep
    ]
    erased = people.audit_page(actor_of(request), act=ERASED, limit=20)
    context = {"declared": declared(), "kept": kept, "erased": erased.items, "more": erased.has_more}
    return render(request, "web/admin/retention.html", context)


def _facts(facts: dict[str, Any]) -> str:
    return "　".join(f"{key}: {_short(value)}" for key, value in facts.items() if value not in (None, "", []))


def _short(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 120 else text[:119] + "…"
