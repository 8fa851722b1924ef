"""Who asks (调用方身份): a token, or a case's number with its tracking code, or nobody.

No cookie counts here, so that no other site can make a browser act. What one may do is asked of the same actor as
everywhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from linli.kernel.people.actors import ANONYMOUS, Actor, actor_for
from linli.kernel.people.services.tokens import account_for_token
from linli.web.api.problems import sign_in_first
from linli.web.api.reading import check_request
from linli.web.tracking import open_with_code

CHANNEL = "api"
NUMBER_HEADER, CODE_HEADER = "X-Case-Number", "X-Tracking-Code"


class Token(HttpBearer):
    """Works out the actor before anything else (识别调用方); three queries with a token, none without."""

    def __call__(self, request: HttpRequest) -> Any:
        check_request(request)
        header = request.headers.get("Authorization", "")
        actor = self.authenticate(request, header) if header else ANONYMOUS
        number, code = request.headers.get(NUMBER_HEADER, ""), request.headers.get(CODE_HEADER, "")
        if number and code:
            case = open_with_code(number, code, ip=address_of(request))
            actor = actor.with_cases([case.pk])
        return replace(actor, channel=CHANNEL)

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        scheme, _, text = token.partition(" ")
        account = account_for_token(text.strip()) if scheme.lower() == "bearer" else None
        if account is None:
            raise sign_in_first()  # one sentence for a wrong, an expired and a revoked token
        return actor_for(account)


def actor_in(request: HttpRequest) -> Actor:
    found = getattr(request, "auth", None)
    return found if isinstance(found, Actor) else ANONYMOUS


def known_actor(request: HttpRequest) -> Actor:
    """Whoever showed a token or a tracking code; others are asked for one."""
    actor = actor_in(request)
    if actor.kind == "anonymous":
        raise sign_in_first()
    return actor


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
