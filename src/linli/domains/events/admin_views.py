"""The category directory on screen (类别目录管理): versions, the tree, one category, a file as the next version."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from linli.base.clock import today
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.domains.events import directory as verbs
from linli.domains.events.directory_queries import category_in, directory_named, grades, tree_of
from linli.domains.events.directory_queries import directories as all_directories
from linli.domains.events.directory_trial import SHOWN_AT_MOST, trial
from linli.domains.events.models import Category, Directory
from linli.kernel.people.services.installation import administers_all, require_installation
from linli.web.faces import actor_of
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.door import admin_only
from linli.web.views.admin.screens import Done, Entered, Screen, Trail, ask, press

CATEGORIES = Text("类别目录", "Categories")

CODE = FieldView("code", Text("编码", "Code"), required=True, max=40, extra={"autocomplete": "off"})
NAME = FieldView("name", Text("名称", "Name"), required=True, max=120)
FACTS = (
    FieldView("name_en", Text("英文名", "English name"), max=160),
    FieldView(
        "limit",
        Text("处置时限", "Limit of handling"),
        max=40,
        hint=Text(
            "例如 4 hours、2 working days；不填就按程序的默认时限。",
            "Such as 4 hours, 2 working days; empty: the procedure's own.",
        ),
        extra={"autocomplete": "off"},
    ),
)
MORE = (
    FieldView("accept_condition", Text("受理条件", "Accepted when"), "text", max=300),
    FieldView("close_condition", Text("结案条件", "Closed when"), "text", max=300),
    FieldView(
        "keywords",
        Text("居民常用的说法", "Words that residents use"),
        max=200,
        hint=Text("空格分开，用来建议类别。", "With blanks between; they suggest the category."),
    ),
    FieldView(
        "needs_photos",
        Text("须有处理前后的照片才能结案", "Closes only with photos before and after"),
        "boolean",
    ),
    FieldView(
        "public_point", Text("公共设施，可以公开位置", "A public thing: its point may be shown"), "boolean"
    ),
    FieldView(
        "help_case",
        Text("是人需要帮助，不当作秩序问题", "A person needs help: never handled as disorder"),
        "boolean",
    ),
)


def _facts() -> tuple[FieldView, ...]:
    grade = FieldView(
        "grade", Text("建议等级", "Suggested grade"), "choice", choices=[Choice(c, t) for c, t in grades()]
    )
    return (*FACTS, grade, *MORE)


@admin_only
@require_safe
def directories(request: HttpRequest) -> HttpResponse:
    """All directories and versions (目录清单), those in use first."""
    context = {
        "rows": list(all_directories()[:100]),
        "may": administers_all(actor_of(request)),
    }
    return render(request, "events/admin/directories.html", context)


@admin_only
@require_safe
def directory(request: HttpRequest, directory: str, version: int) -> HttpResponse:
    """One version as a tree (目录树), with limits, grades and conditions; a word narrows it down."""
    found = directory_named(directory, version)
    rows, text = tree_of(found), request.GET.get("q", "").strip()[:40]
    n_all = len(rows)
    if text:
        kept = {row.pk for row in rows if _says(row, text)}
        above = {row.pk: row.parent_id for row in rows}
        for pk in list(kept):
            at = above[pk]
            while at is not None:
                kept.add(at)
                at = above[at]
        rows = [row for row in rows if row.pk in kept]
    titles = dict(grades())
    context = {
        "directory": found,
        "rows": [
            (row, titles.get(row.grade, ""), parse_period(row.limit).title if row.limit else "")
            for row in rows
        ],
        "text": text,
        "n_all": n_all,
        "trail": directory_trail(),
        "may": administers_all(actor_of(request)),
        "is_newest": not Directory.objects.filter(code=found.code, version__gt=found.version).exists(),
    }
    return render(request, "events/admin/directory.html", context)


@admin_only
def add_category(request: HttpRequest, directory: str, version: int) -> HttpResponse:
    """Add a category (新增类别), at the top or below another."""
    actor = actor_of(request)
    require_installation(actor)
    found = directory_named(directory, version)
    tree = {row.code: row for row in tree_of(found)}
    choices = _indented(tree.values())
    parent = FieldView(
        "parent",
        Text("上级类别", "Category above"),
        "choice",
        choices=choices,
        hint=Text("不选就是最上层。", "None: at the top."),
    )
    fields = (parent, CODE, NAME, *_facts())

    def act(entered: Entered) -> Done:
        above = tree.get(entered["parent"] or "")
        if entered["parent"] and above is None:
            problem = Text("请从列表中选择。", "Choose one of the list.")
            raise Invalid("events.unknown_parent", problem, fields={"parent": problem})
        made = verbs.create_category(found, entered["code"] or "", parent=above, by=actor, **_values(entered))
        return Done(Text("类别“{x}”已新增。", "“{x}” is added.").format(x=made.title), directory_url(found))

    screen = Screen(Text("新增类别", "Add a category"), fields, Text("新增", "Add"), directory_trail(found))
    return ask(request, screen, act, {"parent": request.GET.get("under", "")})


@admin_only
def category(request: HttpRequest, directory: str, version: int, code: str) -> HttpResponse:
    """One category (修改类别): its conditions, limit, grade, photos and words."""
    actor = actor_of(request)
    require_installation(actor)
    row = category_in(directory_named(directory, version), code)

    movable = not verbs.is_remembered(row.directory)
    tree = {c.code: c for c in tree_of(row.directory) if c.pk != row.pk}

    def act(entered: Entered) -> Done:
        with transaction.atomic():
            verbs.revise_category(row, by=actor, **_values(entered))
            if movable:
                verbs.move_category(row, tree.get(entered["parent"] or ""), by=actor)
        return Done(Text("类别已改。", "The category is changed."), directory_url(row.directory))

    above = FieldView(
        "parent",
        Text("上级类别", "Category above"),
        "choice",
        choices=_indented(tree.values()),
        hint=Text("不选就是最上层。", "None: at the top."),
    )
    url = reverse("events:admin_retire_category", args=[directory, version, code])
    screen = Screen(
        Text(f"{row.code} {row.name}", f"{row.code} {row.title.en}"),
        (NAME, *((above,) if movable else ()), *_facts()),
        Text("保存", "Save"),
        directory_trail(row.directory),
        Text("时限从新派出的待办起用，已在办的不变。", "A limit holds for tasks opened from now on."),
        template="events/admin/category.html",
        context={"category": row, "retire_url": url},
    )
    values = {f.code: getattr(row, f.code) for f in screen.fields if f.code != "parent"}
    return ask(request, screen, act, {**values, "parent": row.parent.code if row.parent else ""})


@admin_only
@require_POST
def retire(request: HttpRequest, directory: str, version: int, code: str) -> HttpResponse:
    """Take a category out of choice, or put it back (停用、启用类别)."""
    actor = actor_of(request)
    row = category_in(directory_named(directory, version), code)
    active = request.POST.get("active") == "1"

    def act() -> Done:
        verbs.retire_category(row, active=active, by=actor)
        said = (
            Text("类别已启用。", "The category can be chosen again.")
            if active
            else Text(
                "类别已停用，新的事件选不到它，已有的不变。",
                "New cases cannot choose it; those that have it keep it.",
            )
        )
        return Done(said, directory_url(row.directory))

    return press(request, act, directory_url(row.directory))


@admin_only
@require_POST
def next_version(request: HttpRequest, directory: str, version: int) -> HttpResponse:
    """Copy a directory as its next version (新建下一版)."""
    actor = actor_of(request)
    found = directory_named(directory, version)

    def act() -> Done:
        made = verbs.next_version(found, by=actor)
        said = Text(
            f"第 {made.version} 版已建，是草稿。改好后启用，派单规则会一起带过去。",
            f"Version {made.version} is made, as a draft. Put it in use when it is ready; dispatch rules come along.",
        )
        return Done(said, directory_url(made))

    return press(request, act, directory_url(found))


@admin_only
@require_POST
def set_in_use(request: HttpRequest, directory: str, version: int) -> HttpResponse:
    """Put a version in use, or take it out (启用、停用目录)."""
    actor = actor_of(request)
    found = directory_named(directory, version)
    in_use = request.POST.get("in_use") == "1"

    def act() -> Done:
        if in_use and (faults := trial(found, day=today()).faults):
            raise Refused("events.directory_faulty", faults[0])
        verbs.set_in_use(found, in_use=in_use, by=actor)
        said = (
            Text("目录已启用，新的事件从它选类别。", "The directory is in use; new cases choose from it.")
            if in_use
            else Text("目录已停用。", "The directory is out of use.")
        )
        return Done(said, directory_url(found))

    return press(request, act, directory_url(found))


@admin_only
@require_safe
def check(request: HttpRequest, directory: str, version: int) -> HttpResponse:
    """A version before it is put in use (启用前检查): what differs, what is wrong, which cases and rules it concerns."""
    actor = actor_of(request)
    require_installation(actor)
    found = directory_named(directory, version)
    made = trial(found, day=today())
    context = {
        "directory": found,
        "trial": made,
        "rows": made.differences[:SHOWN_AT_MOST],
        "n": len(made.differences),
        "trail": directory_trail(found),
    }
    return render(request, "events/admin/check.html", context)


def _indented(rows: Iterable[Category]) -> list[Choice]:
    """Categories to choose from, further in the deeper they stand (类别选项)."""
    return [
        Choice(r.code, Text("　" * (r.depth - 1) + r.name, "　" * (r.depth - 1) + r.title.en)) for r in rows
    ]


def directory_url(found: Directory) -> str:
    return reverse("events:admin_directory", args=[found.code, found.version])


def directory_trail(found: Directory | None = None) -> Trail:
    top: list[tuple[Text | str, str]] = [(CATEGORIES, reverse("events:admin_categories"))]
    if found is not None:
        top.append((f"{found.title} · {found.version}", directory_url(found)))
    return top


def _values(entered: Entered) -> dict[str, Any]:
    """What was entered, with empty words for what was left out."""
    words = {name: entered[name] or "" for name in verbs.WORDS if name in entered}
    return {**words, **{name: bool(entered[name]) for name in verbs.FLAGS if name in entered}}


def _says(row: Category, text: str) -> bool:
    return text.lower() in f"{row.code} {row.name} {row.name_en} {row.keywords}".lower()
