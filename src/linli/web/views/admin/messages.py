"""Message templates (通知文字): what each notice says, changed with its preview beside it, tried on oneself, set back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import unified_diff
from hashlib import sha256
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import now
from linli.base.errors import Invalid, LinliError, NotAllowed, absent
from linli.base.i18n import LANGUAGES, Text
from linli.kernel.notices.models import TemplateVersion
from linli.kernel.notices.templates import Rendered, Template, known_templates, names_in, shipped_template
from linli.kernel.notices.textchecks import (
    SmsLength,
    allowed_names,
    faults,
    field_title,
    from_lines,
    in_lines,
    needed_names,
    sms_length,
)
from linli.kernel.notices.texts import newest_in_force, own_template, template_from, versions_of
from linli.kernel.notices.textverbs import preview, send_sample, use_again, write_text
from linli.kernel.people.services.installation import administers_all, require_installation
from linli.web import flash
from linli.web.faces import actor_of
from linli.web.forms import FieldView, filled, read
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.screens import MEND, Done, finish, press

MESSAGES = Text("通知文字", "Messages")
GROUPS = {
    "case": Text("办件进展（发给居民）", "How a case goes (to residents)"),
    "question": Text("提问与回答", "Questions and answers"),
    "task": Text("待办（发给工作人员）", "Tasks (to staff)"),
    "supervision": Text("督办", "Supervision"),
    "version": Text("转版", "Changes of procedure"),
}
OTHERS = Text("各领域的通知", "Notices of single fields")
BY_LANGUAGE = {"zh": Text("中文", "Chinese"), "en": Text("英文", "English")}
SHOWN = "shown"


def _fields(shipped: Template) -> tuple[FieldView, ...]:
    lines = Text(
        "一行一句，中英文逐行对应。句子里用到的内容没有时，整句不出现。",
        "A sentence a line, both languages line for line. A sentence whose value is not known is left out.",
    )
    sms = Text(
        "短信会带上单位签名。70 字以内算一条。" if shipped.sms else "不填就不发短信。",
        "The signature is added. 160 plain characters are one message."
        if shipped.sms
        else "Left empty, none is sent.",
    )
    parts = (
        ("title", "string", Text("标题", "Title"), ""),
        ("body", "text", Text("正文（站内、邮件）", "Text (app, e-mail)"), lines),
        ("sms", "text", Text("短信", "SMS"), sms),
    )
    found = []
    for code, kind, title, hint in parts:
        for language in LANGUAGES:
            said = BY_LANGUAGE[language]
            found.append(
                FieldView(
                    f"{code}_{language}",
                    Text(f"{title.zh}，{said.zh}", f"{title.en}, {said.en}"),
                    kind,
                    required=code != "sms" or bool(shipped.sms),
                    hint=hint if language == "zh" else "",
                    max=4000 if kind == "text" else 120,
                )
            )
    reason = FieldView("reason", Text("为什么改", "Why"), max=200)
    return (*found, reason)


@dataclass(frozen=True)
class Shown:
    """A wording as its readers get it (预览), in one language."""

    language: Text
    lang: str
    said: Rendered
    length: SmsLength


@dataclass(frozen=True)
class Past:
    version: TemplateVersion
    changes: list[tuple[str, str]]  # added | removed, and the sentence
    in_force: bool


@admin_only
@require_safe
def messages(request: HttpRequest) -> HttpResponse:
    """Every message that the platform sends (通知文字一览), whose words they are and who changed them last."""
    text = request.GET.get("q", "").strip()[:40].lower()
    own = newest_in_force()
    groups: dict[str, list[Any]] = {}
    for code, shipped in sorted(known_templates().items()):
        row = own.get(code)
        template = template_from(code, row.texts) if row and row.texts else shipped
        if text and not any(text in f"{t.zh} {t.en}".lower() for t in (*template.texts(), Text(code, code))):
            continue
        group = code.partition(".")[0]
        groups.setdefault(group if group in GROUPS else "", []).append(
            {"code": code, "title": in_words(template.title), "template": template, "row": row}
        )
    order = [*GROUPS, ""]
    context = {
        "groups": [(GROUPS.get(g, OTHERS), groups[g]) for g in order if g in groups],
        "text": text,
        "may": administers_all(actor_of(request)),
    }
    return render(request, "web/admin/messages.html", context)


@admin_only
def message(request: HttpRequest, code: str) -> HttpResponse:
    """One message (改写通知): its words, what they may name, how it reads, and who changed it when."""
    actor = actor_of(request)
    if code not in known_templates():
        raise absent(Text("通知模板", "template"))
    shipped = shipped_template(code)
    current = own_template(shipped) or shipped
    fields = _fields(shipped)
    entered: dict[str, Any] = _entered(current)
    error: LinliError | None = None
    written = current
    asked = request.POST.get("act", "")
    if request.method == "POST":
        require_installation(actor)
        entered = {k: v or "" for k, v in read(fields, request.POST).items()}
        written = Template(
            code,
            Text(entered["title_zh"], entered["title_en"]),
            from_lines(entered, "body"),
            from_lines(entered, "sms"),
        )
        try:
            done = _act(request, written, asked, entered["reason"])
            if done is not None:
                return finish(request, done)
        except NotAllowed:
            raise
        except LinliError as refused:
            error = refused
    wrong = faults(written, shipped)
    if isinstance(error, Invalid):
        wrong = wrong | error.fields
    context = {
        "code": code,
        "heading": in_words(current.title),
        "fields": filled(fields, entered, wrong if request.method == "POST" else {}),
        "message": MEND if wrong and request.method == "POST" else error.message if error else "",
        "shown": [] if wrong else _shown(written),
        "mark": mark_of(written),
        "ready": request.method == "POST" and not wrong and written != current,
        "same": request.method == "POST" and not wrong and written == current,
        "names": [
            (n, field_title(n), n in needed_names(shipped, "body"), n in needed_names(shipped, "sms"))
            for n in allowed_names(shipped)
        ],
        "past": _past(code, shipped),
        "is_own": current is not shipped,
        "may": administers_all(actor),
        "trail": [(MESSAGES, reverse("web:admin_messages"))],
    }
    status = 422 if wrong and request.method == "POST" else error.status if error else 200
    return render(request, "web/admin/message.html", context, status=status)


@admin_only
@require_POST
def use(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """Put an older wording in force again, or with 0 the shipped one (恢复某一版文字)."""
    actor = actor_of(request)
    url = reverse("web:admin_message", args=[code])
    row = TemplateVersion(code=code, texts=None)
    if version:
        row = _version(code, version)

    def act() -> Done:
        made = use_again(row, by=actor, reason=request.POST.get("reason", ""))
        said = Text(
            f"已恢复，记为第 {made.version} 次改动。以后发的通知用这些文字。",
            f"It holds again, as change {made.version}. Notices sent from now on say it.",
        )
        return Done(said, url)

    return press(request, act, url)


def _act(request: HttpRequest, written: Template, asked: str, reason: str) -> Done | None:
    actor, url = actor_of(request), reverse("web:admin_message", args=[written.code])
    if asked == "try":
        draft = write_text(written, in_force=False, by=actor, reason=reason)
        send_sample(draft, by=actor)
        flash.say(
            request,
            Text(
                "草稿已存，试发的通知马上会到您的“通知”里；绑定了手机、邮箱的，也会收到。",
                "The draft is kept. The notice comes to your own notices soon, and to your phone and e-mail if known.",
            ),
        )
        return None
    if asked == "use" and request.POST.get(SHOWN) == mark_of(written):
        made = write_text(written, in_force=True, by=actor, reason=reason)
        return Done(
            Text(
                f"已启用，记为第 {made.version} 次改动。以后发的通知用新的文字。",
                f"It is in force, as change {made.version}. Notices sent from now on say it.",
            ),
            url,
        )
    return None


def mark_of(written: Template) -> str:
    """Says which wording was looked at, so that no other one is put in force."""
    words = "\n".join(f"{t.zh}\t{t.en}" for t in written.texts())
    return sha256(words.encode()).hexdigest()[:16]


def in_words(text: Text) -> Text:
    """A sentence with its values as what they are (占位说明): 已收到：〔事项名称〕."""
    zh, en = text.zh, text.en
    for name in names_in(text.zh):
        zh = zh.replace(f"{{{name}}}", f"〔{field_title(name).zh}〕")
        en = en.replace(f"{{{name}}}", f"[{field_title(name).en}]")
    return Text(zh, en)


def _entered(template: Template) -> dict[str, str]:
    found = {"title_zh": template.title.zh, "title_en": template.title.en, "reason": ""}
    for part, sentences in (("body", template.body), ("sms", template.sms)):
        found |= {f"{part}_{language}": in_lines(sentences, language) for language in LANGUAGES}
    return found


def _shown(written: Template) -> list[Shown]:
    seen = preview(written, at=now())
    return [Shown(BY_LANGUAGE[x], x, said, sms_length(said.sms)) for x, said in seen.items()]


def _past(code: str, shipped: Template) -> list[Past]:
    rows = versions_of(code)
    holding = next((row.pk for row in rows if row.in_force), None)
    found = []
    for n, row in enumerate(rows):
        before = next((r for r in rows[n + 1 :] if r.in_force), None)
        found.append(Past(row, _changes(_of(before, shipped), _of(row, shipped)), row.pk == holding))
    return found


def _of(row: TemplateVersion | None, shipped: Template) -> Template:
    return template_from(shipped.code, row.texts) if row and row.texts else shipped


def _changes(old: Template, new: Template) -> list[tuple[str, str]]:
    """Which sentences came and went (前后对照), in both languages."""

    def lines(template: Template) -> list[str]:
        return [line for text in template.texts() for line in (text.zh, text.en)]

    found = list(unified_diff(lines(old), lines(new), lineterm="", n=0))[2:]
    kinds: Mapping[str, str] = {"+": "added", "-": "removed"}
    return [(kinds[line[0]], line[1:]) for line in found if line[0] in kinds]


def _version(code: str, version: int) -> TemplateVersion:
    row = TemplateVersion.objects.filter(code=code, version=version).first()
    if row is None:
        raise absent(Text("通知文字", "wording"))
    return row
