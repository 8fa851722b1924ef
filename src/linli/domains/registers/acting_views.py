"""Pages on which a clerk registers, moves and corrects (登记、移居、迁出、更正): a form, what it will do, refusals at their fields."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from linli.base.clock import today
from linli.base.errors import Invalid, LinliError
from linli.base.i18n import Text
from linli.domains.registers import merging, queries, services
from linli.domains.registers.models import RELATIONS, SEXES, Household, Resident
from linli.domains.registers.views import clerks_only
from linli.kernel.people.actors import Actor
from linli.kernel.people.elements import element
from linli.kernel.people.masks import masked
from linli.kernel.places.models import Area
from linli.kernel.places.queries import area_by_code
from linli.web.faces import actor_of, staff_only
from linli.web.forms import Choice, FieldView
from linli.web.views.admin.screens import Done, Entered, Screen, ask, needed_days

FORM = "registers/form.html"
RESIDENTS = Text("居民登记", "Residents")
SEEN = FieldView(
    "seen",
    Text("已核对本人证件或户口簿", "I have seen their card or household booklet"),
    "boolean",
    required=True,
)
AGREED = Text("请先核对，再打勾。", "Check it first, then tick.")


def _where(actor: Actor, title: Text) -> FieldView:
    """The villages and grids of one's area (辖区的村和网格)."""
    places = [Choice(a.code, a.title, group=a.parent.title if a.parent else "") for a in queries.homes(actor)]
    return FieldView("area", title, "choice", required=True, choices=places)


def _home(required: bool = False) -> list[FieldView]:
    return [
        FieldView(
            "household",
            Text("户号", "Number of the household"),
            required=required,
            max=40,
            hint=Text(
                "没有的空着；新的户号会新建一户。",
                "Empty if there is none; a new number makes a new household.",
            ),
            extra={"autocomplete": "off"},
        ),
        FieldView(
            "relation",
            Text("与户主的关系", "Relation to the head"),
            "choice",
            choices=[Choice(c, t) for c, t in RELATIONS.items()],
        ),
    ]


def _address(hint: Text | str = "") -> FieldView:
    return FieldView("address", Text("地址", "Address"), max=200, hint=hint, extra={"autocomplete": "off"})


def _on(title: Text) -> FieldView:
    return FieldView("on", title, "date", required=True, value=today().isoformat())


def _place(entered: Entered) -> Area:
    if not entered["area"]:
        words = Text("请选住在哪里。", "Please choose where they live.")
        raise Invalid("registers.no_area", words, fields={"area": words})
    return area_by_code(entered["area"])


def _seen(entered: Entered) -> None:
    if not entered["seen"]:
        raise Invalid("registers.not_seen", AGREED, fields={"seen": AGREED})


def _day(entered: Entered) -> date:
    (on,) = needed_days(entered, "on")
    return on


def _trail(*more: tuple[Text | str, str]) -> list[tuple[Text | str, str]]:
    return [(RESIDENTS, reverse("registers:households")), *more]


def _url(resident: Resident) -> str:
    return reverse("registers:resident", args=[resident.person.uid])


def _of(resident: Resident) -> list[tuple[Text | str, str]]:
    return _trail((masked(resident.person).name, _url(resident)))


def _in(home: Household) -> list[tuple[Text | str, str]]:
    return _trail((home.number, reverse("registers:household", args=[home.number])))


def _who(resident: Resident) -> list[tuple[Text, str | Text]]:
    shown = masked(resident.person)
    facts: list[tuple[Text, str | Text]] = [
        (Text("姓名", "Name"), shown.name),
        (Text("证件号码", "ID number"), shown.id_number or "—"),
        (Text("现在登记在", "Registered in"), resident.area.title),
    ]
    if resident.household:
        facts.append((Text("户号", "Household"), resident.household.number))
    return facts


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def enter(request: HttpRequest) -> HttpResponse:
    """Register somebody who lives here (登记居民): a newborn, somebody who moves in, or was never entered."""
    actor = actor_of(request)
    clerks_only(actor)
    screen = Screen(
        Text("登记居民", "Register a resident"),
        [
            FieldView("name", Text("姓名", "Name"), required=True, max=60, extra={"autocomplete": "off"}),
            FieldView("id_number", Text("证件号码", "ID number"), "id_number", max=20),
            FieldView("phone", Text("电话", "Phone"), "phone", max=20, extra={"autocomplete": "off"}),
            FieldView(
                "birth_date",
                Text("出生日期", "Date of birth"),
                "date",
                hint=Text("有证件号码的可以不写。", "Not needed with an ID number."),
            ),
            FieldView("sex", Text("性别", "Sex"), "radio", choices=[Choice(c, t) for c, t in SEXES.items()]),
            _where(actor, Text("住在哪里", "Where they live")),
            _address(),
            *_home(),
            SEEN,
        ],
        Text("登记", "Register"),
        _trail(),
        template=FORM,
    )

    def act(entered: Entered) -> Done:
        _seen(entered)
        area = _place(entered)
        said: dict[str, Any] = {k: entered[k] or "" for k in ("name", "id_number", "phone", "birth_date", "sex", "address", "household", "relation")}  # fmt: skip
        resident = services.enter_resident(area=area, by=actor, **said)
        n = len(merging.alike(resident, actor))
        warnings = [
            Text(
                f"可能是同一个人的已有 {n} 条登记，请在本页往下看，核对后合并。",
                f"{n} entries may be of the same person: see below on this page, compare and merge.",
            )
        ]
        return Done(
            Text("已登记。办事时不再问这些。", "Registered: forms will not ask for this again."),
            _url(resident),
            warnings if n else (),
        )

    return ask(request, screen, act)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def move(request: HttpRequest, uid: str) -> HttpResponse:
    """Somebody moves within the area (移居): another place, household or relation."""
    actor = actor_of(request)
    clerks_only(actor)
    found = queries.access_resident(uid, actor)
    same = Text("空着就不变。", "Empty: as it is.")
    screen = Screen(
        Text("辖区内移居", "Move within the area"),
        [
            _where(actor, Text("迁到哪里", "Where to")),
            _address(same),
            *_home(),
            _on(Text("从哪天起", "From")),
        ],
        Text("办理移居", "Move them"),
        _of(found),
        facts=_who(found),
        template=FORM,
    )

    def act(entered: Entered) -> Done:
        said: dict[str, Any] = {k: entered[k] or "" for k in ("household", "relation", "address")}
        moved = services.move(found, area=_place(entered), by=actor, on=_day(entered), **said)
        return Done(Text("已办移居。", "They are registered at the new place."), _url(moved))

    home = found.household.number if found.household else ""
    start = {
        "area": found.area.code,
        "household": home,
        "relation": found.relation,
        "on": today().isoformat(),
    }
    return ask(request, screen, act, start)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def move_out(request: HttpRequest, uid: str) -> HttpResponse:
    """Somebody moves away (迁出), for good or until they come back."""
    actor = actor_of(request)
    clerks_only(actor)
    found = queries.access_resident(uid, actor)
    screen = Screen(
        Text("办理迁出", "Move out"),
        [_on(Text("哪天迁出", "On which day")), SEEN],
        Text("确认迁出", "Yes, move them out"),
        _of(found),
        warning=Text(
            "迁出后，这里的登记不再用于办事，也查不到姓名；迁回时重新登记。",
            "After that the entry serves no form and is not found by name. Who comes back is registered again.",
        ),
        facts=_who(found),
        template=FORM,
    )

    def act(entered: Entered) -> Done:
        _seen(entered)
        services.move_out(found, on=_day(entered), by=actor)
        return Done(Text("已办迁出。", "They moved out."), _url(found))

    return ask(request, screen, act)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def correct(request: HttpRequest, uid: str) -> HttpResponse:
    """One datum put right at the counter, with the card in hand (窗口更正)."""
    actor = actor_of(request)
    clerks_only(actor)
    found = queries.access_resident(uid, actor)
    what = [Choice(code, one.title) for code in services.AT_THE_COUNTER if (one := element(code))]
    screen = Screen(
        Text("更正登记", "Correct the entry"),
        [
            FieldView("element", Text("哪一项不对", "What is wrong"), "radio", required=True, choices=what),
            FieldView(
                "value",
                Text("应该是什么", "What it should say"),
                required=True,
                max=200,
                hint=Text("日期写成 1980-05-06。", "A date like 1980-05-06."),
                extra={"autocomplete": "off"},
            ),
            FieldView(
                "reason",
                Text("凭什么更正", "On what ground"),
                required=True,
                max=200,
                hint=Text("例如：户口簿第 3 页、新身份证。", "Such as: the household booklet, a new card."),
            ),
        ],
        Text("更正", "Correct"),
        _of(found),
        facts=_who(found),
        template=FORM,
    )

    def act(entered: Entered) -> Done:
        said: dict[str, Any] = {k: entered[k] or "" for k in ("element", "value", "reason")}
        try:
            services.correct(found, said["element"], said["value"], by=actor, reason=said["reason"])
        except Invalid:
            raise
        except LinliError as error:  # the number is somebody else's: said at the value
            raise Invalid(error.code, error.message, fields={"value": error.message}) from error
        return Done(
            Text("已更正，各处看到的都是新的。", "Corrected; everything reads the new value."), _url(found)
        )

    return ask(request, screen, act)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def move_household(request: HttpRequest, number: str) -> HttpResponse:
    """A household moves within the area, with everybody in it (整户移居)."""
    actor = actor_of(request)
    clerks_only(actor)
    home = queries.access_household(number, actor)
    screen = Screen(
        Text("整户移居", "Move the household"),
        [
            _where(actor, Text("迁到哪里", "Where to")),
            _address(Text("空着就各人不变。", "Empty: as it is for each.")),
            _on(Text("从哪天起", "From")),
            SEEN,
        ],
        Text("整户移居", "Move all of them"),
        _in(home),
        facts=_household(home),
        template=FORM,
    )

    def act(entered: Entered) -> Done:
        _seen(entered)
        services.move_household(
            home, area=_place(entered), by=actor, on=_day(entered), address=entered["address"] or ""
        )
        return Done(
            Text("整户已移居。", "The household is registered at the new place."),
            reverse("registers:household", args=[home.number]),
        )

    return ask(request, screen, act, {"area": home.area.code, "on": today().isoformat()})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def move_household_out(request: HttpRequest, number: str) -> HttpResponse:
    """Everybody of a household moves away (整户迁出)."""
    actor = actor_of(request)
    clerks_only(actor)
    home = queries.access_household(number, actor)
    screen = Screen(
        Text("整户迁出", "Move the household out"),
        [_on(Text("哪天迁出", "On which day")), SEEN],
        Text("确认整户迁出", "Yes, move all of them out"),
        _in(home),
        warning=Text("这一户的每个人都办迁出。", "Everybody of this household moves out."),
        facts=_household(home),
        template=FORM,
    )

    def act(entered: Entered) -> Done:
        _seen(entered)
        n = services.move_household_out(home, on=_day(entered), by=actor)
        return Done(
            Text(f"已办整户迁出，{n} 人。", f"{n} moved out."),
            reverse("registers:household", args=[home.number]),
        )

    return ask(request, screen, act)


def _household(home: Household) -> list[tuple[Text, Text | str]]:
    names = [masked(r.person).name for r in queries.members(home)]
    return [
        (Text("户号", "Household"), home.number),
        (Text("现在登记在", "Registered in"), home.area.title),
        (Text("住着的人", "Who lives there"), Text("、".join(names) or "—", ", ".join(names) or "—")),
    ]
