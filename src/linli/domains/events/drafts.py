"""A report that is being written (反映草稿): kept sealed for a week, so that no step loses what another took in and
closing the browser loses nothing. Signed in, it belongs to the account; else to this browser alone, by a secret cookie.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse

from linli.base.ids import uuid7
from linli.kernel.people.actors import Actor
from linli.kernel.people.services.drafts import KEPT_FOR, forget_draft, holder_of, keep_draft, kept_draft
from linli.kernel.procedures import keys
from linli.kernel.records.uploads import change_owner
from linli.web.receipts import sender

KIND = "events.report"
COOKIE = "linli_draft"
OURS = "_linli_draft"  # of this request, until the answer sets the cookie

P = ParamSpec("P")


@dataclass
class Draft:
    """What, where; never the contact, which is asked last and goes straight into the case."""

    key: str
    owner: str = ""
    description: str = ""
    photos: list[str] = field(default_factory=list)
    consent: bool = False
    lng: float | None = None
    lat: float | None = None
    place_text: str = ""
    area: str = ""
    from_photo: bool = False  # the point was read from a photo and waits to be looked at

    @property
    def has_place(self) -> bool:
        return (self.lng is not None and self.lat is not None) or bool(self.area)

    @property
    def point(self) -> tuple[float, float] | None:
        return None if self.lng is None or self.lat is None else (self.lng, self.lat)


def draft_of(request: HttpRequest, by: Actor) -> Draft:
    """The draft of this person or this browser, or a new one (取草稿). Whoever signs in halfway takes it along, with its
    photos."""
    browser = holder_of(None, _secret(request))
    draft = _opened(kept_draft(browser, KIND))
    if by.account_id is not None:
        own = holder_of(by.account_id, "")
        if draft is not None and own is not None:
            keep_draft(own, KIND, json.dumps(asdict(draft)))
            forget_draft(browser, KIND)
        else:
            draft = _opened(kept_draft(own, KIND))
    draft = draft or Draft(str(uuid7()))
    owner = keys.owner_of(by, draft.key)
    if draft.owner and draft.owner != owner and draft.photos:
        change_owner(draft.photos, owner=draft.owner, to=owner)
    draft.owner = owner
    return draft


def begun(request: HttpRequest) -> Draft | None:
    """What somebody began and has not sent (没写完的), for the first page; asks nothing where nothing can be there."""
    by = sender(request)
    if by.account_id is None and not _secret(request):
        return None
    draft = draft_of(request, by)
    return draft if draft.description else None


def keep(request: HttpRequest, draft: Draft) -> None:
    by = sender(request)
    if by.account_id is None and not _secret(request):
        setattr(request, OURS, secrets.token_urlsafe(24))
    if holder := holder_of(by.account_id, _secret(request)):
        keep_draft(holder, KIND, json.dumps(asdict(draft)))


def forget(request: HttpRequest) -> None:
    forget_draft(holder_of(sender(request).account_id, _secret(request)), KIND)
    setattr(request, OURS, "")


def with_draft(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Lets the browser keep the secret of its draft for as long as the draft is kept (浏览器记住草稿)."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        secret = _secret(request)
        if secret:
            answer.set_cookie(
                COOKIE,
                secret,
                max_age=int(KEPT_FOR.total_seconds()),
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
        elif COOKIE in request.COOKIES:
            answer.delete_cookie(COOKIE)
        return answer

    return wrapped


def _secret(request: HttpRequest) -> str:
    known = getattr(request, OURS, None)
    return request.COOKIES.get(COOKIE, "")[:64] if known is None else str(known)


def _opened(text: str) -> Draft | None:
    try:
        found: dict[str, Any] | None = json.loads(text) if text else None
        return Draft(**found) if found else None
    except (ValueError, TypeError):  # from before an update
        return None
