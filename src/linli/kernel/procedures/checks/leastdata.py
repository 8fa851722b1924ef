"""Fifth proof (最少必要): each personal field says what for, until when and for whom; some may not be asked at all.

PC501 purpose, retention or viewers are missing · PC502 plainly personal, and not declared · PC503 a retention that cannot
be read · PC504 viewers that nobody can be · PC505 personal and public · PC506 a field that is refused (敏感信息禁止采集) · PC507 read by some
alone, and public · PC508 asks for what a register owns, and does not say why · PC509 an element that the dictionary lacks
"""

from __future__ import annotations

from collections.abc import Iterator

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.base.legaltime import parse_period
from linli.kernel.people.elements import element, owners
from linli.kernel.procedures.checks.finding import Finding, Subject, near
from linli.kernel.procedures.checks.personalwords import forbidden, plainly_personal
from linli.kernel.procedures.definitions import FieldDef
from linli.kernel.procedures.lines import Path
from linli.kernel.procedures.roles import ROLES

REASON = 8  # the least characters of a written reason
PERSONAL_TYPES = frozenset({"phone", "id_number"})
DECLARE = Text(
    "补上 personal = { purpose, basis, seen_by, keep }（个人信息保护法 6、17、19）。",
    "Add personal = { purpose, basis, seen_by, keep } (PIPL 6, 17, 19).",
)


def least_data(subject: Subject) -> Iterator[Finding]:
    raw = subject.raw.get("fields") or {}
    for field in subject.procedure.fields.values():
        declared = field.code in raw and "personal" in raw[field.code]
        path: Path = ("fields", field.code)
        if what := forbidden(field):
            yield _refused(path, field, what)
            continue
        yield from _declared(path, field, declared=declared)
        yield from _real_roles((*path, "read_by"), field, field.read_by)
        if field.read_by and field.public:
            yield Finding(
                "PC507",
                (*path, "read_by"),
                Text(
                    f"字段“{field.code}”只给部分岗位看，又写成公开，谁都看得到。",
                    f"The field {field.code} is for some staff alone, and public: everybody would read it.",
                ),
                Text("去掉 public，或去掉 read_by。", "Remove `public`, or `read_by`."),
                also=((*path, "public"),),
            )
        yield from _kept(path, field)
        yield from _asked_again(path, field)


def _asked_again(path: Path, field: FieldDef) -> Iterator[Finding]:
    """What a register owns is offered, not asked for (不重复填报); a form that asks says why."""
    if not field.element or (field.prefilled and element(field.element)):
        return
    one = element(field.element)
    if one is None:
        yield Finding(
            "PC509",
            (*path, "element"),
            Text(
                f"要素目录里没有“{field.element}”。", f"The dictionary of elements has no {field.element!r}."
            ),
            near(field.element, owners()),
        )
    elif field.ask_again is None or len(field.ask_again.zh) < REASON:
        yield Finding(
            "PC508",
            (*path, "element"),
            Text(
                f"字段“{field.code}”问的是“{one.title.zh}”，{one.owner.zh}已经有登记，不再让人填。",
                f"The field {field.code} asks for {one.title.en!r}, which is registered with: {one.owner.en}.",
            ),
            Text(
                "写 prefilled = true（先填好已知的）；确实要再问的，在 ask_again 写明理由。",
                "Write `prefilled = true`: the known value is offered; where it must be asked, say why in `ask_again`.",
            ),
        )


def _refused(path: Path, field: FieldDef, what: Text) -> Finding:
    return Finding(
        "PC506",
        path,
        Text(
            f"字段“{field.code}”采集{what.zh}，本平台不采集、不保存这类信息。",
            f"The field {field.code} asks for {what.en}, which Linli neither asks for nor keeps.",
        ),
        Text("删去这个字段。", "Remove this field."),
    )


def _declared(path: Path, field: FieldDef, *, declared: bool) -> Iterator[Finding]:
    personal = field.personal
    if personal is None:
        if field.type in PERSONAL_TYPES or declared:
            yield _incomplete((*path, "personal"), field, ["purpose", "keep", "seen_by"])
        elif what := plainly_personal(field):
            yield Finding(
                "PC502",
                path,
                Text(
                    f"字段“{field.code}”（{field.title.zh}）是个人信息（{what.zh}），没有写明用途、保存期和可见人。",
                    f"The field {field.code} ({field.title.en}) is personal data ({what.en}) and declares no purpose, "
                    "retention or viewers.",
                ),
                DECLARE,
            )
        return
    lacking = [k for k in ("purpose", "keep", "seen_by") if not getattr(personal, k)]
    if lacking:
        yield _incomplete((*path, "personal"), field, lacking)
    yield from _real_roles((*path, "personal", "seen_by"), field, personal.seen_by)
    if field.public and not field.masked:
        yield Finding(
            "PC505",
            (*path, "public"),
            Text(
                f"个人信息字段“{field.code}”不得公开。",
                f"The personal field {field.code} must not be public.",
            ),
            Text(
                "去掉 public，或写 masked = true（公开时打码）。",
                "Remove `public`, or mark it masked = true: it is then shown masked.",
            ),
            also=((*path, "personal"), (*path, "masked")),
        )


def _real_roles(path: Path, field: FieldDef, named: tuple[str, ...]) -> Iterator[Finding]:
    for role in named:
        if role not in ROLES:
            yield Finding(
                "PC504",
                path,
                Text(
                    f"可见人“{role}”不是已有的角色（只写角色，不写层级）。",
                    f"{role!r} may see {field.code}, but is no role (the role alone, without a level).",
                ),
                near(role.partition("@")[0], ROLES),
            )


def _incomplete(path: Path, field: FieldDef, lacking: list[str]) -> Finding:
    words = {"purpose": "用途", "keep": "保存期", "seen_by": "可见人"}
    return Finding(
        "PC501",
        path,
        Text(
            f"个人信息字段“{field.code}”没有写明{'、'.join(words[k] for k in lacking)}。",
            f"The personal field {field.code} lacks {', '.join(lacking)}.",
        ),
        DECLARE,
    )


def _kept(path: Path, field: FieldDef) -> Iterator[Finding]:
    if not field.keep:
        return
    period, _, after = field.keep.strip().partition(" after ")
    try:
        parse_period(period)
        readable = after == "end"
    except LinliError:
        readable = False
    if not readable:
        here = (*path, "personal", "keep") if field.personal else (*path, "keep")
        yield Finding(
            "PC503",
            here,
            Text(
                f"字段“{field.code}”的保存期“{field.keep}”读不懂。",
                f"How long {field.code} is kept, {field.keep!r}, cannot be read.",
            ),
            Text(
                "写成 1 year after end（办结后一年）这样。",
                "Write it like: 1 year after end, 30 days after end.",
            ),
        )
