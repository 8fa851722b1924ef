"""What things are called on these pages (名称): levels, roles, kinds of organisations, changes of areas."""

from __future__ import annotations

from linli.base.i18n import Text
from linli.kernel.people.models import Post
from linli.kernel.procedures.roles import ROLES, role_title
from linli.kernel.procedures.versions import current_procedures

LEVEL_TITLES = {
    "province": Text("省", "Province"),
    "prefecture": Text("设区市", "Prefecture"),
    "county": Text("县（区）", "County"),
    "township": Text("乡镇（街道）", "Township"),
    "village": Text("村（社区）", "Village"),
    "grid": Text("网格", "Grid"),
    "micro_grid": Text("微网格", "Micro-grid"),
}
CHANGE_TITLES = {
    "created": Text("新增", "added"),
    "renamed": Text("更名", "renamed"),
    "merged": Text("撤并", "merged"),
    "validity": Text("改有效期", "dates changed"),
    "reshaped": Text("改图形", "shape changed"),
    "replanned": Text("调整网格", "grids redrawn"),
}
NOT_A_POST = frozenset({"applicant", "reporter", "anyone", "resident", "system"})


def known_roles() -> list[str]:
    """Every role that a procedure names, and the administrator's (已知角色): what a post may be given."""
    found = set(ROLES)
    for procedure in current_procedures():
        specs = [*procedure.overseers, *procedure.opened_by, *(s.actor for s in procedure.steps.values())]
        specs += [spec for a in procedure.anywhere.values() for spec in a.by]
        specs += [spec for s in procedure.steps.values() for a in s.actions.values() for spec in a.by]
        found |= {spec.partition("@")[0] for spec in specs if spec}
        found |= {r for f in procedure.fields.values() if f.personal for r in f.personal.seen_by}
    order = list(ROLES)
    return sorted(found - NOT_A_POST, key=lambda r: (order.index(r) if r in order else len(order), r))


def roles_of(post: Post) -> Text:
    titles = [role_title(role) for role in post.roles]
    return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))
