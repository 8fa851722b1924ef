"""Posts and appointments as one table (岗位任职表): how it is written as CSV, and how it is read again.

A line is a post with one of its holders, or with nobody. Columns are known by their name in either language.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from datetime import date

from django.db.models import Prefetch, Q

from linli.base.clock import today
from linli.base.errors import Refused, Unreadable
from linli.base.i18n import Text
from linli.kernel.people import queries as people
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Appointment, Post
from linli.kernel.procedures.roles import role_title
from linli.web.listing import FORMULA_STARTS, safe_cells
from linli.web.views.admin.titles import known_roles

MOST_LINES = 1000
LARGEST_FILE = 1024 * 1024
COLUMNS = {
    "post": Text("岗位编号", "Post ID"),
    "organisation": Text("组织", "Organisation"),
    "title": Text("岗位名称", "Title"),
    "title_en": Text("英文名称", "English title"),
    "roles": Text("角色", "Roles"),
    "area": Text("管辖", "Answers for"),
    "valid_from": Text("岗位起始", "Post from"),
    "valid_to": Text("岗位最后一天", "Post to"),
    "username": Text("用户名", "User name"),
    "name": Text("姓名", "Name"),
    "from_on": Text("任职起始", "Appointed from"),
    "to_on": Text("任职最后一天", "Appointed to"),
}
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
BETWEEN = re.compile(r"[、,，;；/|]+")


# ------------------------------------------------------------------------------------------------ writing


def lines_of(actor: Actor) -> Iterator[str]:
    """The posts of my areas, in force or to come, each with who holds it or will (导出岗位任职表)."""
    day = today()
    not_over = Q(to_on__isnull=True) | Q(to_on__gte=day)
    held = Appointment.objects.filter(not_over).select_related("account").order_by("from_on", "id")
    posts = (
        Post.objects.filter(people.administered(actor, "area__prefix"), organisation__active=True)
        .filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day))
        .select_related("organisation", "area")
        .prefetch_related(Prefetch("appointments", held, to_attr=people.HOLDING))
        .order_by("organisation__code", "id")
    )
    paper = io.StringIO()
    writer = csv.writer(paper)
    writer.writerow([str(title) for title in COLUMNS.values()])
    yield "\ufeff" + paper.getvalue()
    roles = role_words()
    for post in posts:
        paper.seek(0)
        paper.truncate()
        shown = (
            post.uid,
            f"{post.organisation.code} {post.organisation.title}",
            post.title,
            post.title_en,
            "、".join(str(role_title(r)) if roles.get(str(role_title(r))) == r else r for r in post.roles),
            f"{post.area.code} {post.area.title}",
            post.valid_from or "",
            post.valid_to or "",
        )
        for a in post.holding:
            who = (a.account.username, a.account.name, a.from_on, a.to_on or "")
            writer.writerow(safe_cells([*shown, *who]))
        if not post.holding:
            writer.writerow(safe_cells([*shown, "", "", "", ""]))
        yield paper.getvalue()


# ------------------------------------------------------------------------------------------------ reading


def read_table(content: bytes) -> str:
    """A file as text (读取文件): UTF-8, or as a Chinese spreadsheet saves it. Refuses what is too large or neither."""
    if len(content) > LARGEST_FILE:
        raise _unreadable(Text("文件超过 1 MB，请分成几个。", "The file is over 1 MB; send it in parts."))
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise _unreadable(
        Text("读不出文字。请另存为 CSV（UTF-8）。", "No text could be read. Save it as CSV (UTF-8).")
    )


def rows_of(text: str) -> list[tuple[int, dict[str, str]]]:
    """The lines with their number (逐行读取), by column names in either language. Refuses missing columns and too many lines."""
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        table = [(reader.line_num, row) for row in reader]
    except csv.Error:
        raise _unreadable(
            Text("表格没有写完整。请另存为 CSV（UTF-8）。", "The table is broken. Save it as CSV (UTF-8).")
        ) from None
    known = {word: code for code, t in COLUMNS.items() for word in (code, t.zh, t.en)}
    head = [known.get(cell.strip().removeprefix("\ufeff"), "") for cell in (table[0][1] if table else [])]
    if missing := [COLUMNS[c] for c in ("organisation", "title", "area") if c not in head]:
        zh, en = "、".join(t.zh for t in missing), ", ".join(t.en for t in missing)
        raise _unreadable(
            Text(
                f"第一行须有列名，缺：{zh}。请从导出的表改起。",
                f"The first line names the columns; missing: {en}. Begin from an exported table.",
            )
        )
    found = []
    for number, row in table[1:]:
        cells = {code: _plain(cell) for code, cell in zip(head, row, strict=False) if code}
        if any(cells.values()):
            found.append((number, dict.fromkeys(COLUMNS, "") | cells))
    if not found:
        raise _unreadable(Text("表里没有内容行。", "The table has no lines."))
    if len(found) > MOST_LINES:
        raise _unreadable(
            Text(f"超过 {MOST_LINES} 行，请分成几个文件。", f"Over {MOST_LINES} lines; send several files.")
        )
    return found


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] and cell[1] in FORMULA_STARTS else cell


def _unreadable(problem: Text) -> Unreadable:
    return Unreadable("web.bad_roster", problem)


def role_words() -> dict[str, str]:
    """How roles may be written (角色写法): the code, or the title in either language where only one has it."""
    words: dict[str, str] = {}
    twice: set[str] = set()
    for role in known_roles():
        for word in {role_title(role).zh, role_title(role).en}:
            twice |= {word} if words.setdefault(word, role) != role else set()
    return {w: r for w, r in words.items() if w not in twice} | {r: r for r in known_roles()}


def day_in(cells: dict[str, str], column: str) -> date | None:
    if not cells[column]:
        return None
    match = _DAY.fullmatch(cells[column])
    if match is None:
        raise _no_day(column)
    try:
        return date(*map(int, match.groups()))
    except ValueError:
        raise _no_day(column) from None


def _no_day(column: str) -> Refused:
    name = COLUMNS[column]
    return refusal(Text(f"“{name.zh}”请写成 2026-03-01。", f"Write “{name.en}” like 2026-03-01."))


def refusal(problem: Text) -> Refused:
    return Refused("web.roster_line", problem)
