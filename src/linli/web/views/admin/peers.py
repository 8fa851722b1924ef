"""Other installations, on screen (对方平台管理): who is admitted, what waits, what failed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import now
from linli.base.i18n import Text
from linli.kernel.exchange import models as m
from linli.kernel.exchange import peers as verbs
from linli.kernel.exchange.queries import message_page, traffic
from linli.kernel.exchange.registry import kind_title
from linli.kernel.people.services.administration import ADMINISTRATOR
from linli.kernel.people.services.installation import administers_all, require_installation
from linli.web.faces import actor_of
from linli.web.forms import FieldView
from linli.web.registry import lines_about, menu_entry
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.logbook import name_act, name_subject
from linli.web.views.admin.screens import Done, Entered, Screen, ask, press

TITLE = Text("对方平台", "Other installations")
ACTS = {
    "exchange.peer_admitted": Text("登记对方平台", "another installation admitted"),
    "exchange.peer_stopped": Text("停用对方平台", "exchange with an installation stopped"),
    "exchange.peer_resumed": Text("启用对方平台", "exchange with an installation resumed"),
}
STATES = {
    m.QUEUED: (Text("待发", "waiting"), "amber"),
    m.SENDING: (Text("发送中", "on its way"), "amber"),
    m.ACKNOWLEDGED: (Text("已回执", "acknowledged"), "jade"),
    m.REFUSED: (Text("对方不收", "refused"), "red"),
    m.GIVEN_UP: (Text("没发成", "given up"), "red"),
    m.RECEIVED: (Text("已收", "received"), "jade"),
}


def register() -> None:
    for code, words in ACTS.items():
        name_act(code, words)
    name_subject("peer", lambda county: Text(county, county))
    from linli.web.views.admin.menu import ADMINISTRATION

    menu_entry("staff", "admin_peers", TITLE, "web:admin_peers", roles=[ADMINISTRATOR], order=845, group=ADMINISTRATION)  # fmt: skip


@admin_only
@require_safe
def peers(request: HttpRequest) -> HttpResponse:
    """With whom this installation exchanges (对方平台), each with what waits and what failed."""
    context = {"peers": traffic(), "may": administers_all(actor_of(request))}
    return render(request, "web/admin/peers.html", context)


@admin_only
@require_safe
def peer(request: HttpRequest, county: str) -> HttpResponse:
    """What was said to and by one of them (往来消息): never what a message holds."""
    found = verbs.peer_by_county(county, active=False)
    page = message_page(found, cursor=request.GET.get("cursor", ""))
    rows = [(row, kind_title(row.kind), *STATES[row.state], row.direction == m.OUT) for row in page.items]
    waits = any(row.direction == m.OUT and row.state in (m.QUEUED, m.GIVEN_UP) for row in page.items)
    may = administers_all(actor_of(request))
    context = {
        "peer": found,
        "page": page,
        "rows": rows,
        "may": may,
        "waits": waits,
        "now": now(),
        "lines": lines_about(found),
    }
    return render(request, "web/admin/peer.html", context)


@admin_only
def add(request: HttpRequest) -> HttpResponse:
    """Admit another installation (登记对方平台). Only an administrator over the whole installation."""
    actor = actor_of(request)
    require_installation(actor)
    fields = [
        FieldView("county", Text("对方的县级区划代码", "Area code of its county"), required=True, max=12, hint=Text("6 位或 12 位，例如 350103。", "6 or 12 digits, such as 350103.")),
        FieldView("name", Text("对方名称", "Its name"), required=True, max=100),
        FieldView("name_en", Text("英文名称", "Its name in English"), max=200),
        FieldView("base_url", Text("地址", "Address"), required=True, max=200, hint=Text("以 https:// 开头。", "Beginning with https://.")),
        FieldView("key", Text("公钥", "Public key"), "text", required=True, max=4000, hint=Text("打开对方的 /proof/key.pem，全部粘贴过来；再打电话逐段核对。", "Open its /proof/key.pem and paste all of it; then compare it by phone.")),
    ]  # fmt: skip

    def act(entered: Entered) -> Done:
        county, name, name_en, url, key = (entered[f.code] or "" for f in fields)
        made = verbs.admit(county=county, name=name, name_en=name_en, base_url=url, key=key, by=actor)
        return Done(
            Text(
                "已登记。请把本平台的公钥也交给对方。", "Admitted. Give the other side our public key, too."
            ),
            reverse("web:admin_peer", args=[made.county]),
        )

    screen = Screen(
        Text("登记对方平台", "Admit another installation"),
        fields,
        Text("登记", "Admit"),
        [(TITLE, reverse("web:admin_peers"))],
        Text(
            "双方各登记一次，才能互相交接办件。已经登记过的县，再登记就是换地址、换公钥。",
            "Both sides enter each other before they exchange. Entering a county again changes its address and keys.",
        ),
        context={"own_key": verbs.own_key()},
        template="web/admin/peer_add.html",
    )
    return ask(request, screen, act)


@admin_only
@require_POST
def change(request: HttpRequest, county: str) -> HttpResponse:
    """Stop or resume the exchange, or send at once what waits (停用、启用、立即重发)."""
    actor = actor_of(request)
    found = verbs.peer_by_county(county, active=False)
    wanted = request.POST.get("act", "")
    back = reverse("web:admin_peer", args=[found.county])

    def act() -> Done:
        if wanted == "again":
            n = verbs.try_again(found, by=actor)
            return Done(Text(f"{n} 条消息马上重发。", f"{n} messages are sent again at once."), back)
        if wanted == "resume":
            verbs.resume(found, by=actor)
            return Done(Text("已重新启用。", "The exchange is resumed."), back)
        verbs.stop(found, by=actor)
        stopped = Text(
            "已停用：对方发来的不再收，待发的先留着。",
            "Stopped: nothing is taken from it, and what waits stays.",
        )
        return Done(stopped, back)

    return press(request, act, back)
