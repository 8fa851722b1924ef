"""A table of posts and appointments, tried and taken in (试算、导入岗位任职表).

What a line changes is done by the verbs of `people.services` and by nothing else; a trial does it in a transaction and
takes it back. An empty cell leaves what is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from linli.base.clock import today
from linli.base.errors import Invalid, LinliError, NotFound, Refused
from linli.base.i18n import Text
from linli.kernel.people import queries as people
from linli.kernel.people import services
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account, Organisation, Post
from linli.kernel.places.models import Area
from linli.kernel.procedures.roles import role_title
from linli.web.views.admin.door import area_named, organisation_in_scope, organisation_named
from linli.web.views.admin.rosterlines import BETWEEN, day_in, refusal, role_words, rows_of

OF_THE_POST = ("organisation", "title", "title_en", "roles", "area", "valid_from", "valid_to")
NEW, CHANGED, UNCHANGED, REFUSED = "new", "changed", "unchanged", "refused"
STATES = {
    REFUSED: Text("退回", "refused"),
    NEW: Text("新增", "new"),
    CHANGED: Text("变更", "changed"),
    UNCHANGED: Text("未变", "unchanged"),
}


@dataclass
class Outcome:
    """What becomes of a line (一行的结果): its number in the file, whom and what it concerns, what is done or why not."""

    line: int
    post: Text | str
    who: Text | str
    state: str = UNCHANGED
    said: list[Text] = field(default_factory=list)
    refused: Text | None = None

    @property
    def state_title(self) -> Text:
        return STATES[self.state]


@dataclass(frozen=True)
class Trial:
    """A file, tried (试算结果). The mark says which outcome was looked at, so that no other is done."""

    outcomes: Sequence[Outcome]

    @property
    def counts(self) -> list[tuple[str, Text, int]]:
        return [(s, title, sum(o.state == s for o in self.outcomes)) for s, title in STATES.items()]

    @property
    def n_refused(self) -> int:
        return sum(o.state == REFUSED for o in self.outcomes)

    @property
    def is_empty(self) -> bool:
        return all(o.state == UNCHANGED for o in self.outcomes)

    @property
    def shown(self) -> list[Outcome]:
        """What is to be read first (先看的行): refused lines, then what would be done; unchanged ones are only counted."""
        order = list(STATES)
        told = [o for o in self.outcomes if o.state != UNCHANGED]
        return sorted(told, key=lambda o: (order.index(o.state), o.line))

    @property
    def mark(self) -> str:
        told = [(o.line, o.state, _zh(o.post), _zh(o.who), [t.zh for t in o.said]) for o in self.outcomes]
        return sha256(repr(told).encode()).hexdigest()


def try_roster(text: str, *, by: Actor) -> Trial:
    """What a table would do (试算): each line through its verbs, and everything taken back."""
    rows = rows_of(text)
    with transaction.atomic():
        trial = _go_through(rows, by)
        transaction.set_rollback(True)
    return trial


def take_in(text: str, *, shown: str, by: Actor) -> Trial:
    """Do what a table says, all or nothing (导入岗位任职表).

    Refuses a table of which a line is refused, and one whose outcome is not the one that was looked at. Each line
    records what its verbs record; a table that was taken in already changes nothing.
    """
    rows = rows_of(text)
    with transaction.atomic():
        trial = _go_through(rows, by)
        if trial.n_refused or trial.mark != shown:
            raise Refused(
                "web.roster_moved_on",
                Text(
                    "没有保存：结果与刚才看的不同，或有退回的行。请再看一遍。",
                    "Nothing was saved: it would come out otherwise than you saw, or a line is refused. Look again.",
                ),
            )
    return trial


def _go_through(rows: list[tuple[int, dict[str, str]]], by: Actor) -> Trial:
    taking = _Taking(by)
    return Trial([taking.line(number, cells) for number, cells in rows])


class _Taking:
    """One pass over a table (逐行办理): what earlier lines said of a post must not be said otherwise by a later one."""

    def __init__(self, by: Actor) -> None:
        self.by = by
        self.roles = role_words()
        self.areas: dict[str, Area] = {}
        self.organisations: dict[str, Organisation] = {}
        self.said_of: dict[int, tuple[int, tuple[str, ...]]] = {}
        self.named: set[tuple[int, int, date]] = set()

    def line(self, number: int, cells: dict[str, str]) -> Outcome:
        outcome = Outcome(number, cells["title"] or cells["post"], cells["name"] or cells["username"])
        try:
            with transaction.atomic():
                self._do(cells, outcome)
        except LinliError as error:
            outcome.state, outcome.refused = REFUSED, _in_words(error)
        return outcome

    def _do(self, cells: dict[str, str], outcome: Outcome) -> None:
        post = self._post(cells, outcome)
        outcome.post = post.name
        said = tuple(cells[c] for c in OF_THE_POST)
        first, before = self.said_of.setdefault(post.pk, (outcome.line, said))
        if before != said:
            raise refusal(
                Text(
                    f"同一岗位在第 {first} 行写的不一样。请改成一致。",
                    f"Line {first} says otherwise about the same post. Make them agree.",
                )
            )
        if cells["username"]:
            self._appointment(post, cells, outcome)
        elif cells["name"] or cells["from_on"] or cells["to_on"]:
            raise refusal(Text("写了任职，没有写用户名。", "An appointment is written without a user name."))

    def _post(self, cells: dict[str, str], outcome: Outcome) -> Post:
        start, end = day_in(cells, "valid_from"), day_in(cells, "valid_to")
        post = self._known(cells, end)
        if post is None:
            organisation = self._organisation(cells["organisation"])
            area = self._area(cells["area"])
            roles = self._roles(cells["roles"])
            post = services.create_post(
                organisation,
                cells["title"],
                title_en=cells["title_en"],
                roles=roles,
                area=area,
                valid_from=start,
                by=self.by,
            )
            outcome.state = NEW
            outcome.said.append(Text("设置岗位", "set up the post"))
            if end is None:
                return post
        if start is not None and start != post.valid_from:
            raise refusal(
                Text(
                    "岗位的起始日期不能改。请另设岗位。",
                    "The first day of a post stays. Set up another post.",
                )
            )
        self._revise(post, cells, outcome)
        if end is not None and end != post.valid_to:
            services.close_post(post, to_on=end, by=self.by)
            outcome.state = outcome.state if outcome.state == NEW else CHANGED
            outcome.said.append(Text(f"岗位到 {end} 止", f"the post ends on {end}"))
        return post

    def _revise(self, post: Post, cells: dict[str, str], outcome: Outcome) -> None:
        roles = self._roles(cells["roles"], post.roles) if cells["roles"] else list(post.roles)
        title, title_en = cells["title"] or post.title, cells["title_en"] or post.title_en
        if (title, title_en, roles) == (post.title, post.title_en, list(post.roles)):
            return
        before, was = post.title, ", ".join(post.roles)
        services.revise_post(post, title=title, title_en=title_en, roles=roles, by=self.by)
        outcome.state = CHANGED
        if title != before:
            outcome.said.append(Text(f"更名：{before} → {title}", f"renamed: {before} → {title}"))
        if ", ".join(roles) != was:
            zh, en = (
                "、".join(role_title(r).zh for r in roles),
                ", ".join(role_title(r).en for r in roles),
            )
            outcome.said.append(Text(f"角色改为：{zh}", f"roles now: {en}"))
        if len(outcome.said) == 0:
            outcome.said.append(Text("改英文名称", "English title changed"))

    def _known(self, cells: dict[str, str], end: date | None) -> Post | None:
        """The post a line means (认岗位): by its number, else by organisation, title and area together."""
        if cells["post"]:
            try:
                post = people.access_post(str(UUID(cells["post"])), self.by)
            except (NotFound, ValueError):
                raise refusal(
                    Text(
                        "没有这个编号的岗位。新设岗位请把编号空着。",
                        "There is no post with this ID. Leave it empty to set one up.",
                    )
                ) from None
            other = (
                cells["organisation"] and self._organisation(cells["organisation"]) != post.organisation
            ) or (cells["area"] and self._area(cells["area"]) != post.area)
            if other:
                raise refusal(
                    Text(
                        "岗位的组织和管辖不能改。请另设岗位，把这个撤销。",
                        "A post stays in its organisation and area. Set up another and close this one.",
                    )
                )
            return post
        organisation, area = (
            self._organisation(cells["organisation"]),
            self._area(cells["area"]),
        )
        same = Post.objects.filter(organisation=organisation, area=area, title=cells["title"])
        found = list(same.select_related("organisation__area", "area").order_by("id"))
        day = today()
        standing = [p for p in found if p.valid_to is None or p.valid_to >= day]
        if len(standing) > 1:
            raise refusal(
                Text(
                    "同名岗位不止一个，请填岗位编号。",
                    "Several posts are called so; write the post's ID.",
                )
            )
        over = [p for p in found if p.valid_to == end and end is not None]
        return next(iter([*standing, *over]), None)

    def _area(self, text: str) -> Area:
        return self.areas.get(text) or self.areas.setdefault(text, area_named(self.by, text))

    def _organisation(self, text: str) -> Organisation:
        known = self.organisations
        return known.get(text) or known.setdefault(text, _organisation(self.by, text))

    def _roles(self, text: str, held: Sequence[str] = ()) -> list[str]:
        known = {r: r for r in held} | self.roles
        words = [w.strip() for w in BETWEEN.split(text) if w.strip()]
        if unknown := [w for w in words if w not in known]:
            raise refusal(Text(f"没有这个角色：{unknown[0]}。", f"There is no such role: {unknown[0]}."))
        return list(dict.fromkeys(known[w] for w in words))

    def _appointment(self, post: Post, cells: dict[str, str], outcome: Outcome) -> None:
        start, end = day_in(cells, "from_on"), day_in(cells, "to_on")
        account = self._account(cells)
        outcome.who = account.title
        if start is None:
            raise refusal(Text("请填任职起始日期。", "Write the first day of the appointment."))
        if (post.pk, account.pk, start) in self.named:
            raise refusal(Text("这一任职已在前面写过。", "An earlier line has this appointment."))
        self.named.add((post.pk, account.pk, start))
        held = (
            post.appointments.select_related("account", "post__organisation__area", "post__area")
            .filter(account=account, from_on=start)
            .order_by("-id")
            .first()
        )
        if held is None:
            services.appoint(post, account, from_on=start, to_on=end, by=self.by)
            outcome.state = NEW
            outcome.said.append(Text(f"从 {start} 起任命", f"appointed from {start}"))
        elif end is not None and end != held.to_on:
            if held.to_on is not None and end > held.to_on:
                raise refusal(
                    Text(
                        f"任职到 {held.to_on} 止，不能往后改。请另起一行，从后一天起任命。",
                        f"It ends on {held.to_on} and is not made longer. Appoint anew in a line of its own.",
                    )
                )
            services.end_appointment(held, to_on=end, by=self.by)
            outcome.state = outcome.state if outcome.state == NEW else CHANGED
            outcome.said.append(Text(f"任职到 {end} 止", f"the appointment ends on {end}"))

    def _account(self, cells: dict[str, str]) -> Account:
        found = Account.objects.filter(username=cells["username"]).first()
        problem = refusal(
            Text(
                f"没有用户名“{cells['username']}”的账号。请先到“人员”开设。",
                f"There is no account “{cells['username']}”. Open it under People first.",
            )
        )
        if found is None:
            raise problem
        try:
            account = people.access_account(str(found.uid), self.by)
        except NotFound:
            raise problem from None
        if cells["name"] and cells["name"] not in {account.name, account.name_en}:
            raise refusal(
                Text(
                    "姓名与用户名对不上，请核对是哪一位。",
                    "Name and user name are not of one person. See who is meant.",
                )
            )
        return account


def _organisation(by: Actor, text: str) -> Organisation:
    """The organisation of my areas that a cell names (认组织): by code, by code and name, or by name."""
    code = text.split(" ", 1)[0]
    try:
        return organisation_in_scope(by, code)
    except NotFound:
        return organisation_in_scope(by, organisation_named(text, "organisation").code)


def _in_words(error: LinliError) -> Text:
    """A refusal in one sentence or more (退回原因): what stands at the fields says more than the sentence above them."""
    told = list(dict.fromkeys(error.fields.values())) if isinstance(error, Invalid) else []
    told = told or [error.message]
    return Text("".join(t.zh for t in told), " ".join(t.en for t in told))


def _zh(text: Text | str) -> str:
    return text.zh if isinstance(text, Text) else text
