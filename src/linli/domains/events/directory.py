"""The verbs of the category directory (类别目录的维护), each noted in the log.

A version of a directory that was in use stays as it is in names and tree, because cases remember it; limits, conditions
and words for searching may be mended in place. What is to be called or ordered otherwise goes into the next version.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from linli.base import clock
from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.domains.events import fields
from linli.domains.events.directory_queries import grades
from linli.domains.events.models import Category, Directory, DispatchRule, Event
from linli.kernel.people import audit
from linli.kernel.people.actors import Actor, Hat
from linli.kernel.people.services.installation import require_installation

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LENGTHS = {"name": 120, "name_en": 160, "accept_condition": 300, "close_condition": 300, "keywords": 200}
WORDS = ("name", "name_en", "accept_condition", "close_condition", "limit", "grade", "keywords")
FLAGS = ("needs_photos", "help_case", "public_point")
DEEPEST = 6
COPIED = ("code", "depth", "order", *WORDS, *FLAGS, "active")


@transaction.atomic
def create_category(
    directory: Directory,
    code: str,
    *,
    by: Actor,
    parent: Category | None = None,
    at: datetime | None = None,
    **facts: Any,
) -> Category:
    """Add a category (新增类别) to a directory, below `parent` or at the top.

    Refuses whoever does not administer all areas, a code taken or malformed, a name left out, an unknown grade, and a
    limit that is none. Records `events.category_added`.
    """
    hat = require_installation(by)
    wrong = _faults(facts)
    if not facts.get("name"):
        wrong["name"] = Text("请填写名称。", "Enter the name.")
    if not CODE.fullmatch(code):
        wrong["code"] = Text(
            "编码须为1至40位字母、数字、点或横线。", "A code has 1 to 40 letters, digits, dots or dashes."
        )
    elif Category.objects.filter(directory=directory, code=code).exists():
        wrong["code"] = Text("这个编码在本目录里已有，请换一个。", "This code is in the directory already.")
    if parent is not None and parent.depth >= DEEPEST:
        wrong["parent"] = Text(f"最多 {DEEPEST} 层。", f"At most {DEEPEST} levels.")
    refuse_faults(wrong)
    last = Category.objects.filter(directory=directory, parent=parent).aggregate(last=Max("order"))["last"]
    category = Category.objects.create(
        key=f"{directory.code}:{directory.version}:{code}",
        directory=directory,
        code=code,
        parent=parent,
        depth=parent.depth + 1 if parent else 1,
        order=(last or 0) + 1,
        **{k: v for k, v in facts.items() if k in (*WORDS, *FLAGS)},
    )
    _note("events.category_added", by, at, hat, directory, category=category.key)
    return category


@transaction.atomic
def revise_category(category: Category, *, by: Actor, at: datetime | None = None, **facts: Any) -> Category:
    """Mend a category (修改类别): conditions, limit, grade, words; its name only while the version is not in use yet.

    The limit holds for tasks opened from now on. Refuses like `create_category`, and another name in a version that is
    or was in use (`events.name_fixed`). Records `events.category_revised` with what was before.
    """
    hat = require_installation(by)
    refuse_faults(_faults(facts))
    before = {k: getattr(category, k) for k in facts if getattr(category, k) != facts[k]}
    if "name" in before and is_remembered(category.directory):
        raise Refused(
            "events.name_fixed",
            Text(
                "这一版目录已经用过，名称不能改，已有的办件记着它。请建下一版再改名。",
                "This version has been in use and cases remember its names. Make the next version to change one.",
            ),
        )
    if before:
        for key in before:
            setattr(category, key, facts[key])
        category.save(update_fields=list(before))
        after = {key: facts[key] for key in before}
        _note(
            "events.category_revised", by, at, hat, category.directory, category=category.key, before=before, after=after
        )  # fmt: skip
    return category


@transaction.atomic
def move_category(
    category: Category, parent: Category | None, *, by: Actor, at: datetime | None = None
) -> Category:
    """Put a category and all below it under another, or at the top (移动类别); its code and key stay.

    Refuses a version that is or was in use (`events.tree_fixed`), a place in itself or in another version, and more than
    six levels. Records `events.category_moved`.
    """
    hat = require_installation(by)
    if is_remembered(category.directory):
        raise Refused(
            "events.tree_fixed",
            Text(
                "这一版目录已经用过，上下级不能改。请建下一版再移动。",
                "This version has been in use, so its tree stays. Make the next version to move a category.",
            ),
        )
    below, level = [[category.pk]], [category.pk]
    while level:
        level = list(Category.objects.filter(parent_id__in=level).values_list("pk", flat=True))
        below.append(level)
    own = {pk for pks in below for pk in pks}
    depth = parent.depth + 1 if parent else 1
    if parent is not None and (parent.pk in own or parent.directory_id != category.directory_id):
        refuse_faults({"parent": Text("不能移到它自己下面。", "It cannot stand below itself.")})
    if depth + len(below) - 2 > DEEPEST:
        refuse_faults({"parent": Text(f"最多 {DEEPEST} 层。", f"At most {DEEPEST} levels.")})
    if category.parent_id == (parent.pk if parent else None):
        return category
    before = category.parent.key if category.parent else ""
    last = Category.objects.filter(directory=category.directory, parent=parent).aggregate(last=Max("order"))
    category.parent, category.depth, category.order = parent, depth, (last["last"] or 0) + 1
    category.save(update_fields=["parent", "depth", "order"])
    for n, pks in enumerate(below[1:], 1):
        Category.objects.filter(pk__in=pks).update(depth=depth + n)
    _note(
        "events.category_moved", by, at, hat, category.directory, category=category.key, before=before,
        after=parent.key if parent else "",
    )  # fmt: skip
    return category


@transaction.atomic
def retire_category(
    category: Category, *, by: Actor, active: bool = False, at: datetime | None = None
) -> Category:
    """Take a category and all below it out of choice, or put it back (停用、启用类别). Cases that have it keep it."""
    hat = require_installation(by)
    below, level = [category.pk], [category.pk]
    while level:
        level = list(Category.objects.filter(parent_id__in=level).values_list("pk", flat=True))
        below += level
    n = Category.objects.filter(pk__in=below).exclude(active=active).update(active=active)
    category.active = active
    if n:
        act = "events.category_taken_up" if active else "events.category_retired"
        _note(act, by, at, hat, category.directory, category=category.key, n_categories=n)
    return category


@transaction.atomic
def next_version(directory: Directory, *, by: Actor, at: datetime | None = None) -> Directory:
    """Copy a directory as its next version (新建下一版): a draft that nobody chooses from until it is put in use.

    Refuses while a later version exists. Records `events.directory_copied`.
    """
    hat = require_installation(by)
    later = Directory.objects.filter(code=directory.code, version__gt=directory.version)
    if later.exists():
        raise Refused(
            "events.later_version",
            Text("已经有更新的版本。请改那一版。", "There is a later version already. Change that one."),
        )
    made = Directory.objects.create(
        code=directory.code,
        version=directory.version + 1,
        title=directory.title,
        basis=directory.basis,
        source=directory.source,
    )
    copies: dict[int, Category] = {}
    for depth in range(1, DEEPEST + 1):
        rows = list(Category.objects.filter(directory=directory, depth=depth).order_by("order", "pk"))
        new = [
            Category(
                key=f"{made.code}:{made.version}:{row.code}",
                directory=made,
                parent=copies[row.parent_id] if row.parent_id else None,
                **{name: getattr(row, name) for name in COPIED},
            )
            for row in rows
        ]
        created = Category.objects.bulk_create(new, batch_size=500)
        copies |= {old.pk: copy for old, copy in zip(rows, created, strict=True)}
    _note("events.directory_copied", by, at, hat, made, n_categories=len(copies))
    return made


@transaction.atomic
def set_in_use(directory: Directory, *, in_use: bool, by: Actor, at: datetime | None = None) -> Directory:
    """Put a version of a directory in use, or take it out (启用、停用目录). The version before it makes room.

    Its dispatch rules that still hold are taken along for categories of the same code. Refuses an empty directory and
    taking out the last one. Records `events.directory_in_use` or `events.directory_out_of_use`.
    """
    hat = require_installation(by)
    others = Directory.objects.filter(active=True).exclude(pk=directory.pk)
    if in_use and not Category.objects.filter(directory=directory, active=True).exists():
        raise Refused(
            "events.directory_empty",
            Text("目录里没有可用的类别，不能启用。", "The directory has no category to choose from."),
        )
    if not in_use and not others.exists():
        raise Refused(
            "events.last_directory",
            Text(
                "这是唯一在用的目录，停用后就没有类别可选。请先启用另一个。",
                "It is the only one in use; without it there is no category to choose. Put another in use first.",
            ),
        )
    n_rules = 0
    if in_use:
        before = others.filter(code=directory.code).first()
        n_rules = _carry_rules(before, directory, clock.local(at or clock.now()).date()) if before else 0
        others.filter(code=directory.code).update(active=False)
    directory.active = in_use
    directory.save(update_fields=["active"])
    act = "events.directory_in_use" if in_use else "events.directory_out_of_use"
    _note(act, by, at, hat, directory, n_rules=n_rules)
    return directory


def is_remembered(directory: Directory) -> bool:
    """Whether cases may know this version (用过的目录): its names and tree then stay."""
    return directory.active or Event.objects.filter(category__directory=directory).exists()


def _carry_rules(before: Directory, after: Directory, day: date) -> int:
    held = DispatchRule.objects.filter(category__directory=before).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    )
    new = {row.code: row for row in Category.objects.filter(directory=after)}
    own = set(DispatchRule.objects.filter(category__directory=after).values_list("category_id", "area_id"))
    n = 0
    for rule in held.select_related("category").prefetch_related("helpers"):
        assert rule.category is not None  # filtered by its directory
        target = new.get(rule.category.code)
        if target is None or (target.pk, rule.area_id) in own:
            continue
        copy = DispatchRule.objects.create(
            category=target,
            area_id=rule.area_id,
            lead_id=rule.lead_id,
            basis=rule.basis,
            valid_from=rule.valid_from,
            valid_to=rule.valid_to,
        )
        copy.helpers.set(rule.helpers.all())
        n += 1
    return n


def _faults(facts: dict[str, Any]) -> dict[str, Text]:
    wrong: dict[str, Text] = {}
    for name, most in LENGTHS.items():
        if len(facts.get(name) or "") > most:
            wrong[name] = Text(f"最多 {most} 个字。", f"At most {most} characters.")
    if "name" in facts and not facts["name"]:
        wrong["name"] = Text("请填写名称。", "Enter the name.")
    if facts.get("grade") and facts["grade"] not in dict(grades()):
        wrong["grade"] = Text("请从列表中选择等级。", "Choose the grade from the list.")
    if facts.get("limit"):
        try:
            parse_period(facts["limit"])
        except Invalid as error:
            wrong["limit"] = error.message
    return wrong


def refuse_faults(wrong: dict[str, Text]) -> None:
    """Refuse what was entered for a directory, all faults at once (一次说清要更正的地方)."""
    if wrong:
        raise Invalid(
            "events.directory_invalid",
            Text("有几处要更正，还没有保存。", "Some entries need mending; nothing has been saved yet."),
            fields=wrong,
        )


def log_name(directory: Directory) -> str:
    """What the log calls a version (目录在日志中的名称); "directory:streets:2"."""
    return f"directory:{directory.code}:{directory.version}"


def note_directory(act: str, directory: Directory, *, by: Actor, at: datetime, **facts: Any) -> None:
    """Note in the log what was done to a version by another room's verb (记入目录沿革)."""
    _note(act, by, at, None, directory, **facts)


def _note(
    act: str, by: Actor, at: datetime | None, hat: Hat | None, directory: Directory, **facts: Any
) -> None:
    audit.note(act, by=by, at=at or clock.now(), hat=hat, about=log_name(directory), **facts)
    transaction.on_commit(fields.forget)
