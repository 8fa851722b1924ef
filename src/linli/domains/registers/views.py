"""Pages of the registers (登记页面): what is held about me; the dictionary; households of one's area."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from linli.base.clock import now
from linli.base.codes import mask_name
from linli.base.errors import Invalid, NotAllowed
from linli.base.i18n import Text
from linli.domains.registers import merging, queries
from linli.domains.registers.models import RELATIONS, Resident
from linli.kernel.people.actors import Actor
from linli.kernel.people.elements import SENSITIVITIES, elements
from linli.kernel.people.known import known_about
from linli.kernel.people.masks import masked
from linli.kernel.people.models import Person
from linli.web.faces import actor_of, oneself_only, staff_only
from linli.web.views.findperson import PURPOSES

CODES = (
    "person.name person.id_number person.birth_date person.sex person.phone person.address household.number "
    "household.relation household.members"
).split()


@never_cache
@require_GET
@oneself_only
def mine(request: HttpRequest) -> HttpResponse:
    """What the registers hold about me (登记里我的信息): value, source, date, what for, and how to have it corrected."""
    actor = actor_of(request)
    person = Person.objects.get(pk=actor.person_id or 0)
    found = known_about(person, [one.code for one in elements()], purpose="", by=actor)
    return render(request, "registers/mine.html", {"lines": queries.lines(found)})


@require_GET
def dictionary(request: HttpRequest) -> HttpResponse:
    """Which data there is, who owns it, why and how long (要素目录), and which forms still ask for it. Public."""
    asked, n_fields = queries.asked_fields()
    context = {
        "elements": [(one, SENSITIVITIES[one.sensitivity]) for one in elements()],
        "not_held": queries.not_held(),
        "asked": asked,
        "n_fields": n_fields,
        "n_prefilled": sum(1 for a in asked if a.prefilled),
        "n_again": sum(1 for a in asked if not a.prefilled),
    }
    return render(request, "registers/elements.html", context)


def clerks_only(actor: Actor) -> None:
    if not actor.roles & queries.CLERKS:
        raise NotAllowed(
            "registers.clerks_only",
            Text(
                "登记只给窗口登记人员查看。要核对某个居民，请到“找人”。",
                "The register is open to window clerks alone. To check who somebody is, use “Find a person”.",
            ),
        )


@never_cache
@require_GET
@staff_only
def households(request: HttpRequest) -> HttpResponse:
    """The households of one's area (辖区的户), masked. Refuses everybody but clerks."""
    actor = actor_of(request)
    clerks_only(actor)
    page = queries.households(actor, cursor=request.GET.get("cursor") or None)
    return render(request, "registers/households.html", {"page": page, "purposes": PURPOSES})


@never_cache
@require_GET
@staff_only
def household(request: HttpRequest, number: str) -> HttpResponse:
    """One household with its members, masked (一户)."""
    actor = actor_of(request)
    clerks_only(actor)
    found = queries.access_household(number, actor)
    living = queries.members(found)
    rows = [(r, mask_name(r.person.name), RELATIONS.get(r.relation, "")) for r in living]
    context = {"household": found, "rows": rows, "has_head": any(r.relation == "head" for r in living)}
    return render(request, "registers/household.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def resident(request: HttpRequest, uid: str) -> HttpResponse:
    """One resident, masked (一个居民); in full for a purpose that the person reads."""
    actor = actor_of(request)
    clerks_only(actor)
    found: Resident = queries.access_resident(uid, actor)
    twins = (
        [(a, masked(a.resident.person)) for a in merging.alike(found, actor)]
        if found.valid_to is None
        else []
    )
    context: dict[str, object] = {"resident": found, "person": masked(found.person), "twins": twins}
    status = 200
    if request.method == "POST":
        purpose = request.POST.get("purpose", "").strip()
        try:
            if not purpose:
                wrong = Text("请写明为什么查看。", "Please say what for.")
                raise Invalid("people.purpose_missing", wrong, fields={"purpose": wrong})
            hat = next((h for h in actor.hats if h.roles & queries.CLERKS and h.covers(found.prefix)), None)
            seen = known_about(found.person, CODES, purpose=purpose, by=actor, hat=hat, at=now())
            context["lines"] = queries.lines(seen)
        except Invalid as error:
            context |= {"error": error.message}
            status = error.status
    return render(request, "registers/resident.html", context, status=status)
