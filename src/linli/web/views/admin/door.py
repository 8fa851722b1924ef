"""Who comes in, and what lies in their area (管理页面的门): all else answers like what does not exist."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from linli.base.errors import Invalid, absent
from linli.base.i18n import Text
from linli.kernel.people import queries as people
from linli.kernel.people.actors import Actor
from linli.kernel.people.models import Account, Organisation
from linli.kernel.people.services.administration import ADMINISTRATOR
from linli.kernel.people.services.installation import COUNTY_OR_ABOVE
from linli.kernel.places import queries as places
from linli.kernel.places.models import Area
from linli.web.faces import actor_of, sign_in_url

P = ParamSpec("P")
PAGE = Text("页面", "page")
_CODE = re.compile(r"(?=.*\d)[0-9A-Z]{6,17}")


def admin_only(
    view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page for administrators (仅平台管理员): whoever is not signed in may do so; all others are told it is not there."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return HttpResponseRedirect(sign_in_url(request, staff=True))
        if ADMINISTRATOR not in actor_of(request).roles:
            raise absent(PAGE)
        if request.user.must_change_password:
            return HttpResponseRedirect(reverse("web:change_password"))
        return view(request, *args, **kwargs)

    return never_cache(guarded)


def prefixes(actor: Actor) -> tuple[str, ...]:
    """The areas somebody administers, as prefixes, none inside another (所辖区划前缀)."""
    held = {hat.area_prefix for hat in actor.hats if ADMINISTRATOR in hat.roles}
    return tuple(sorted(p for p in held if not any(p != other and p.startswith(other) for other in held)))


def covers(actor: Actor, prefix: str) -> bool:
    return any(prefix.startswith(own) for own in prefixes(actor))


def is_county_wide(actor: Actor) -> bool:
    """Administrator of a whole county or more (县级以上平台管理员)."""
    return any(ADMINISTRATOR in hat.roles and hat.area_level in COUNTY_OR_ABOVE for hat in actor.hats)


def area_in_scope(actor: Actor, code: str) -> Area:
    """The area with this code, if the actor administers it; else NotFound."""
    area = places.area_by_code(code)
    if not covers(actor, area.prefix):
        raise absent(Text("区划或网格", "area"))
    return area


def organisation_in_scope(actor: Actor, code: str) -> Organisation:
    organisation = people.organisation_by_code(code)
    if not covers(actor, organisation.area.prefix):
        raise absent(Text("组织", "organisation"))
    return organisation


def area_named(actor: Actor, text: str | None, field: str = "area", *, anywhere: bool = False) -> Area:
    """The area that somebody wrote, by code or by name (按代码或名称认区划).

    Refuses a name that fits none or several, with the codes to choose from; outside the actor's areas is none.
    """
    written = " ".join((text or "").split())
    code = next(
        (word for word in written.upper().split() if _CODE.fullmatch(word) and word[:2].isalnum()), ""
    )
    if code and any(c.isdigit() for c in code):
        found = [places.area_by_code(code)] if _known(code) else []
    else:
        found = [a for p in prefixes(actor) for a in places.search_by_name(written, under=p, limit=6)]
        same = [a for a in found if written in {a.name, a.name_en}]
        found = same or found
    found = found if anywhere else [a for a in found if covers(actor, a.prefix)]
    if len(found) == 1:
        return found[0]
    raise _mend(field, _which([(a.title, a.code) for a in found], Text("区划", "area")))


def account_named(actor: Actor, text: str | None, field: str = "account") -> Account:
    """The member of staff that somebody wrote, by user name or by name (按用户名或姓名认账号)."""
    written = (text or "").strip()
    found = people.account_page(actor, text=written, limit=6).items if written else []
    same = [a for a in found if written in {a.username, a.name}]
    found = same or found
    if len(found) == 1:
        return found[0]
    raise _mend(field, _which([(a.title, a.username) for a in found], Text("账号", "account")))


def appointee_named(actor: Actor, text: str | None, field: str = "account") -> Account:
    """Whom somebody would appoint (被任命的人). Refuses oneself at the field, before the verb does so for good."""
    found = account_named(actor, text, field)
    if found.pk == actor.account_id:
        raise _mend(
            field,
            Text(
                "不能任命自己。请填另一个人，或由另一位管理员来办。",
                "Nobody appoints themselves. Name somebody else, or ask another administrator to do it.",
            ),
        )
    return found


def organisation_named(text: str | None, field: str) -> Organisation:
    """The organisation that somebody wrote, by code or by name (按编码或名称认组织): which ones exist is public."""
    written = (text or "").strip()
    found = people.organisation_page(text=written, limit=6).items if written else []
    same = [o for o in found if written in {o.code, o.name, o.name_en}]
    found = same or found
    if len(found) == 1:
        return found[0]
    raise _mend(field, _which([(o.title, o.code) for o in found], Text("组织", "organisation")))


def _known(code: str) -> bool:
    return Area.objects.filter(prefix=code).exists() or Area.objects.filter(code=code.ljust(12, "0")).exists()


def _which(found: list[tuple[Text, str]], what: Text) -> Text:
    if not found:
        return Text(
            f"没有找到这个{what.zh}。请填完整的名称或代码。",
            f"No such {what.en}. Write its whole name or its code.",
        )
    zh = "、".join(f"{title.zh}（{code}）" for title, code in found[:5])
    en = ", ".join(f"{title.en} ({code})" for title, code in found[:5])
    return Text(f"不止一个：{zh}。请填代码。", f"There are several: {en}. Write the code.")


def _mend(field: str, problem: Text) -> Invalid:
    return Invalid("web.not_recognised", problem, fields={field: problem})
