"""The verbs of wordings (通知文字的维护), each noted in the log: write a draft or put it in force, go back, try it on oneself."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from linli.base import clock
from linli.base.errors import Invalid, Refused, absent
from linli.base.i18n import LANGUAGES, Text
from linli.kernel.notices import texts
from linli.kernel.notices.models import Notice, TemplateVersion
from linli.kernel.notices.services import as_params, queue
from linli.kernel.notices.templates import Rendered, Template, known_templates, render_as, shipped_template
from linli.kernel.notices.textchecks import MOST_PARTS, allowed_names, faults, sms_length
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account
from linli.kernel.people.services.installation import require_installation

SAMPLE_NUMBER = "350102-EV-2026-000417"


def sample_values(names: list[str], at: datetime) -> dict[str, Any]:
    """An invented case (虚构的办件), for looking at a wording."""
    known: dict[str, Any] = {
        "title": Text("中山社区三号楼前的路灯不亮", "The lamp before house 3 is dark"),
        "by": Text("鼓楼区市政所", "Gulou municipal works office"),
        "step": Text("处理中", "being handled"),
        "next": Text("市政所到现场处理", "the works office goes there"),
        "due_at": at + timedelta(days=3),
        "until_at": at + timedelta(days=30),
        "last_at": at - timedelta(days=2),
        "reason": Text("这条路不在本县管养范围内", "the road is not kept by this county"),
        "basis": Text("《信访工作条例》第二十条", "Petition Regulations, article 20"),
        "remedy": Text("复核", "a review"),
        "result": Text("路灯已修好", "the lamp works again"),
        "waiting": Text("专家意见", "an expert opinion"),
        "words": Text("请今天派人到现场", "please send somebody today"),
        "kind": Text("巡查记录", "patrol record"),
        "who": Text("庆城第一网格", "Qingcheng grid 1"),
        "decision": Text("已采用", "taken over"),
        "label": Text("一号手机", "phone 1"),
        "n": "3",
    }
    return {name: known.get(name) or _invented(name, at) for name in names if name != "number"}


def _invented(name: str, at: datetime) -> datetime | str:
    """A moment for `_at`, a day for `_on`; any other field shows its own name."""
    if name.endswith("_at"):
        return at + timedelta(days=7)
    return (at + timedelta(days=90)).date().isoformat() if name.endswith("_on") else name


def preview(written: Template, *, at: datetime) -> dict[str, Rendered]:
    """How a wording reads, in each language (预览), with an invented case."""
    values = as_params(sample_values(allowed_names(shipped_template(written.code)), at))
    notice = Notice(
        template=written.code, params=values, language="", case_number=SAMPLE_NUMBER, created_at=at
    )
    return {language: render_as(written, notice, language) for language in LANGUAGES}


@transaction.atomic
def write_text(
    written: Template, *, in_force: bool, by: Actor, reason: str = "", at: datetime | None = None
) -> TemplateVersion:
    """Write a template's next wording (改写通知), as a draft or at once in force; what is sent from now on says it.

    Refuses whoever does not administer all areas, a code that nothing sends, a wording that `faults` finds wanting, and
    an SMS of more than three parts. Records `notices.text_written`.
    """
    shipped = _known(written.code)
    at = at or clock.now()
    require_installation(by)
    wrong = faults(written, shipped)
    if not wrong:
        for language, said in preview(written, at=at).items():
            length = sms_length(said.sms)
            if length.n_parts > MOST_PARTS:
                wrong[f"sms_{language}"] = Text(
                    f"短信有 {length.n} 个字，要拆成 {length.n_parts} 条。最多 {MOST_PARTS} 条，请写短些。",
                    f"The SMS has {length.n} characters and becomes {length.n_parts}. Shorten it: {MOST_PARTS} at most.",
                )
    if wrong:
        raise Invalid("notices.bad_text", next(iter(wrong.values())), fields=wrong)
    return _add(written.code, texts.texts_of(written), by, reason, at, in_force=in_force)


@transaction.atomic
def back_to_shipped(code: str, *, by: Actor, reason: str = "", at: datetime | None = None) -> TemplateVersion:
    """Let the words that the product brings hold again (恢复默认文字), as a new change. Records `notices.text_written`.

    Refuses where they hold already.
    """
    _known(code)
    require_installation(by)
    if texts.own_template(shipped_template(code)) is None:
        raise Refused(
            "notices.as_shipped",
            Text("现在用的就是默认文字。", "The words in force are those that the product brings."),
        )
    return _add(code, None, by, reason, at or clock.now(), in_force=True)


@transaction.atomic
def use_again(
    version: TemplateVersion, *, by: Actor, reason: str = "", at: datetime | None = None
) -> TemplateVersion:
    """Put an older wording or a draft in force (启用某一版文字), as a new change. Refuses like `write_text`."""
    if version.texts is None:
        return back_to_shipped(version.code, by=by, reason=reason, at=at)
    written = texts.template_from(version.code, version.texts)
    return write_text(written, in_force=True, by=by, reason=reason, at=at)


def send_sample(version: TemplateVersion, *, by: Actor, at: datetime | None = None) -> Notice:
    """Send oneself a wording with an invented case (试发给自己), by every channel that one has.

    Refuses whoever has no account, and who does not administer all areas. It goes to nobody else.
    """
    require_installation(by)
    account = Account.objects.filter(pk=by.account_id or 0).first()
    if account is None:
        raise absent(Text("账号", "account"))
    at = at or clock.now()
    values = sample_values(allowed_names(shipped_template(version.code)), at)
    code = f"{version.code}@{version.version}" if version.texts is not None else version.code
    return queue(account, code, {**values, "number": SAMPLE_NUMBER}, at=at)


def _known(code: str) -> Template:
    found = known_templates().get(code)
    if found is None:
        raise absent(Text("通知模板", "template"))
    return found


def _add(
    code: str, said: dict[str, Any] | None, by: Actor, reason: str, at: datetime, *, in_force: bool
) -> TemplateVersion:
    last = TemplateVersion.objects.filter(code=code).order_by("-version").values_list("version", flat=True)
    made = TemplateVersion.objects.create(
        code=code,
        version=(last.first() or 0) + 1,
        texts=said,
        in_force=in_force,
        reason=reason.strip()[:200],
        made_by_id=by.account_id,
        made_at=at,
    )
    facts: dict[str, Any] = {"template": code, "version": made.version, "in_force": in_force}
    if made.reason:
        facts["reason"] = made.reason
    audit.note("notices.text_written", by=by, at=at, **facts)
    texts.forget()
    transaction.on_commit(texts.forget)
    return made
