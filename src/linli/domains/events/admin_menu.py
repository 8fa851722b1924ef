"""What this domain adds to the administration (本领域的管理入口): two menu entries, what to mend, words of the log."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse

from linli.base.clock import today
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.administration import ADMINISTRATOR
from linli.web.registry import menu_entry
from linli.web.views.admin.door import prefixes
from linli.web.views.admin.logbook import name_act, name_subject
from linli.web.views.admin.mending import MOST_ROWS, Row, to_mend
from linli.web.views.admin.menu import ADMINISTRATION
from linli.web.views.admin.settled import setting

ACTS = {
    "events.category_added": Text("新增类别", "category added"),
    "events.category_revised": Text("修改类别", "category revised"),
    "events.category_moved": Text("移动类别", "category moved"),
    "events.category_retired": Text("停用类别", "category retired"),
    "events.category_taken_up": Text("启用类别", "category taken up again"),
    "events.directory_imported": Text("导入目录文件", "directory read from a file"),
    "events.directory_copied": Text("新建目录版本", "directory version made"),
    "events.directory_in_use": Text("启用目录", "directory put in use"),
    "events.directory_out_of_use": Text("停用目录", "directory taken out of use"),
    "events.rule_added": Text("新增派单规则", "dispatch rule added"),
    "events.rule_revised": Text("修改派单规则", "dispatch rule revised"),
    "events.rule_ended": Text("停用派单规则", "dispatch rule ended"),
}


def register() -> None:
    entries = (
        ("admin_categories", Text("类别目录", "Categories"), 850),
        ("admin_dispatch", Text("派单目录", "Dispatch directory"), 860),
    )
    for name, title, order in entries:
        menu_entry(
            "staff",
            f"events.{name}",
            title,
            f"events:{name}",
            roles=[ADMINISTRATOR],
            order=order,
            group=ADMINISTRATION,
        )
    for code, words in ACTS.items():
        name_act(code, words)
    name_subject("directory", _directory_name)
    name_subject("dispatch", lambda _: entries[1][1])
    kept = ("events.category_", "events.directory_")
    setting("categories", entries[0][1], "events:admin_categories", _directory, acts=kept, order=10)
    setting("dispatch", entries[1][1], "events:admin_dispatch", _rules, acts=("events.rule_",), order=20)
    to_mend(
        "dispatch",
        Text("类别没有派单规则", "Categories without a dispatch rule"),
        Text("派单时没有建议，全靠人工判断。", "Nothing is suggested for them; somebody must know."),
        _gaps,
        order=40,
        pressing=True,
    )


def _directory_name(name: str) -> Text:
    code, _, version = name.rpartition(":")
    return Text(f"{code} 第 {version} 版", f"{code}, version {version}")


def _directory(actor: Actor) -> Text:
    from linli.domains.events.models import Category, Directory

    used = list(Directory.objects.filter(active=True).order_by("code"))
    n = Category.objects.filter(active=True, directory__active=True).count()
    zh = "、".join(f"{d.title}第 {d.version} 版" for d in used)
    return Text(
        f"{n} 个类别可选：{zh}。",
        f"{n} categories to choose from, in {len(used)} {'directory' if len(used) == 1 else 'directories'}.",
    )


def _rules(actor: Actor) -> Text:
    from linli.domains.events.directory_queries import in_force, rules_for

    n = in_force(rules_for(actor), today()).count()
    return Text(f"{n} 条派单规则有效。", f"{n} dispatch rules hold.")


def _gaps(actor: Actor) -> Sequence[Row]:
    from linli.domains.events.directory_queries import gaps

    url = reverse("events:admin_add_rule")
    found = gaps(prefixes(actor), today())[: MOST_ROWS + 1]
    return [Row(g.category.title, f"{url}?category={g.category.key}", g.category.code) for g in found]
