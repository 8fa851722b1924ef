"""Oneself (本人): who the token stands for, and in which posts."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Router

from linli.kernel.procedures.models import Case
from linli.web.api import schemas as s
from linli.web.api.identity import known_actor

router = Router(tags=["me"])


@router.get("/me", response=s.answers((200, s.MeOut), refusals=s.READ), operation_id="me")
def me(request: HttpRequest) -> s.MeOut:
    """Who I am here today (我的身份): posts of one's own, and those of whom one stands in for."""
    actor = known_actor(request)
    opened = Case.objects.filter(pk__in=sorted(actor.case_ids)) if actor.case_ids else Case.objects.none()
    return s.MeOut(
        kind=actor.kind,  # type: ignore[arg-type]  # neither anonymous nor the system comes this far
        name=actor.name,
        posts=[
            s.PostOut(
                uid=str(hat.post_uid),
                title=s.words(hat.post_title),
                organisation=s.words(hat.organisation_title),
                roles=sorted(hat.roles),
                area=hat.area_prefix,
                deputy_for=hat.absent_name,
            )
            for hat in actor.hats
        ],
        cases=sorted(opened.values_list("number", flat=True)),
    )
