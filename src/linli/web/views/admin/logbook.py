"""The log of what was done (操作日志), and what is kept how long (保存期): read only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from linli.base.i18n import Text, text_from
from linli.kernel.people import queries as people
from linli.kernel.people.models import Account, AuditEntry, Organisation, Post
from linli.kernel.people.purposes import declared, purpose_title
from linli.kernel.procedures.roles import role_title
from linli.kernel.procedures.versions import current_procedures
from linli.kernel.procedures.wording import joined
from linli.web.faces import actor_of
from linli.web.forms import Choice
from linli.web.views.admin.door import admin_only, is_county_wide
from linli.web.views.admin.procedurewords import keep_words

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
    "people.hours_set": Text("设置办公时间", "business hours set"),
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
    "notices.text_written": Text("改写通知文字", "message reworded"),
    "field.device_enrolled": Text("启用外勤设备", "field phone enrolled"),
    "field.device_returning": Text("收回外勤设备", "field phone to be returned"),
    "field.device_revoked": Text("停用外勤设备", "field phone revoked"),
    "field.rescued": Text("导入外勤急救文件", "rescue file taken in"),
    "procedures.cases_moved": Text("在办件转版", "running cases moved to a newer version"),
    "web.cases_exported": Text("导出办件列表", "list of cases exported"),
    "web.case_file_taken": Text("取走整卷 PDF", "whole case file taken as PDF"),
}
FACTS = {
    "post_uid": Text("岗位", "post"),
    "absent": Text("代谁", "for"),
    "from_on": Text("自", "from"),
    "to_on": Text("到", "to"),
    "roles": Text("角色", "roles"),
    "area": Text("区划", "area"),
    "name": Text("名称", "name"),
    "name_en": Text("英文名", "English name"),
    "active": Text("有效", "active"),
    "fields": Text("改了", "changed"),
    "changed": Text("变动日期", "days changed"),
    "year": Text("年份", "year"),
    "own": Text("本人", "own"),
    "factors": Text("验证步数", "factors"),
    "token": Text("令牌", "token"),
    "category": Text("类别", "category"),
    "lead": Text("主办", "lead"),
    "helpers": Text("协办", "helpers"),
    "basis": Text("依据", "basis"),
    "before": Text("原为", "before"),
    "after": Text("改为", "after"),
    "procedure": Text("程序", "procedure"),
    "jurisdiction": Text("适用", "holds in"),
    "version": Text("版本", "version"),
    "directory": Text("目录", "directory"),
    "n_categories": Text("类别数", "categories"),
    "n_rules": Text("派单规则数", "dispatch rules"),
    "device": Text("设备", "phone"),
    "filters": Text("筛选", "filters"),
    "reason": Text("理由", "reason"),
    "template": Text("通知", "message"),
    "in_force": Text("启用", "in force"),
}
ERASED = "people.person_erased"
SUBJECTS: dict[str, Callable[[str], Text]] = {}


def name_act(code: str, title: Text) -> None:
    """Gives an act of the log its words (登记日志用语); domains call this from their `apps.py`."""
    ACTS[code] = title


def name_subject(kind: str, title: Callable[[str], Text]) -> None:
    """Gives a domain's own things a title in the log (登记日志对象): from what follows `kind:` in the subject."""
    SUBJECTS[kind] = title


@dataclass(frozen=True)
class Line:
    """One line of the log (日志行): what was done, to whom or what, and its facts."""

    entry: AuditEntry
    act: Text
    about: Text | None
    facts: Text


def entries(rows: Iterable[AuditEntry]) -> list[Line]:
    """Entries in words (日志行), with whom they are about, in at most three queries whatever their number."""
    rows = list(rows)
    names = _names(rows)
    return [
        Line(
            row,
            ACTS.get(row.act, text_from(row.act)),
            names.get(row.subject, text_from(row.subject) if row.subject else None),
            _facts(row.facts, names),
        )
        for row in rows
    ]


def _names(rows: list[AuditEntry]) -> dict[str, Text]:
    """Titles of the accounts, posts and organisations that entries name; residents have none here."""
    found: dict[str, Text] = {}
    wanted: dict[str, set[str]] = {"account": set(), "post": set(), "organisation": set()}
    for row in rows:
        kind, _, name = row.subject.partition(":")
        if kind in wanted:
            wanted[kind].add(name)
        elif kind in SUBJECTS:
            found[row.subject] = SUBJECTS[kind](name)
        if row.facts.get("post_uid"):
            wanted["post"].add(str(row.facts["post_uid"]))
        if row.facts.get("absent"):
            wanted["account"].add(str(row.facts["absent"]))
    if wanted["account"]:
        staff = Account.objects.filter(uid__in=wanted["account"], person__isnull=True)
        found |= {f"account:{a.uid}": a.title for a in staff}
    if wanted["post"]:
        found |= {f"post:{p.uid}": p.name for p in Post.objects.filter(uid__in=wanted["post"])}
    if wanted["organisation"]:
        bodies = Organisation.objects.filter(code__in=wanted["organisation"])
        found |= {f"organisation:{o.code}": o.title for o in bodies}
    return found


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
        (
            procedure.title,
            field.title,
            purpose_title(field.personal.purpose) if field.personal else "",
            keep_words(field.keep),
        )
        for procedure in current_procedures()
        for field in procedure.fields.values()
        if field.keep
    ]
    erased = people.audit_page(actor_of(request), act=ERASED, limit=20)
    runs = [
        (e, _run_words(e.facts))
        for e in people.audit_page(actor_of(request), act="retention.run", limit=20).items
    ]
    context = {
        "declared": declared(),
        "kept": kept,
        "erased": erased.items,
        "more": erased.has_more,
        "runs": runs,
    }
    return render(request, "web/admin/retention.html", context)


ERASED_THINGS = {
    "n_facts": Text("办件内容 {n} 项", "{n} entries of cases"),
    "n_erased": Text("居民信息 {n} 份", "{n} residents' entries"),
    "n_phone_codes": Text("手机验证码 {n} 个", "{n} phone codes"),
    "n_tokens": Text("接口令牌 {n} 个", "{n} tokens"),
    "n_uploads": Text("未使用的上传 {n} 个", "{n} unused uploads"),
    "n_publications": Text("到期公示的内容 {n} 件", "what {n} former notices said"),
}


def _run_words(facts: dict[str, Any]) -> Text:
    parts = [words.format(n=facts[key]) for key, words in ERASED_THINGS.items() if facts.get(key)]
    return Text(
        "、".join(p.zh for p in parts) or "例行清理", ", ".join(p.en for p in parts) or "routine clean-up"
    )


def _facts(facts: dict[str, Any], names: dict[str, Text]) -> Text:
    known = dict(facts)
    said: list[Text] = []
    for key, kind in (("post_uid", "post"), ("absent", "account")):
        uid = known.pop(key, None)
        if uid:
            title = names.get(f"{kind}:{uid}", text_from(str(uid)))
            said.append(Text("{k}：{v}", "{k}: {v}").format(k=FACTS[key], v=title))
    for key, value in known.items():
        if value not in (None, "", []):
            name = FACTS.get(key, text_from(key))
            shown = (
                joined(map(role_title, value))
                if key == "roles" and isinstance(value, list)
                else _short(value)
            )
            said.append(Text("{k}：{v}", "{k}: {v}").format(k=name, v=shown))
    return Text("；".join(t.zh for t in said), "; ".join(t.en for t in said))


def _short(value: Any) -> Any:
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, dict):
        value = [f"{k} {v}" for k, v in value.items() if v not in (None, "", [])]
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) <= 120 else text[:119] + "…"
