"""Enrolling a phone (登记手机): by the signed-in worker, in the browser that will be the app."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from linli.base.errors import LinliError
from linli.base.i18n import Text
from linli.kernel.fieldwork import devices
from linli.kernel.people import limits
from linli.kernel.people.models import Account
from linli.kernel.places.queries import roots
from linli.web.api.problems import NotSignedIn
from linli.web.faces import actor_of
from linli.web.field.wire import answer, json_body, refusal

TRIES = 20  # a day, of one account


@require_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """Enrol this phone (登记这台手机): 201 with token and key, which are shown this once."""
    account = request.user
    try:
        if not isinstance(account, Account) or not account.is_authenticated:
            raise NotSignedIn(
                "field.sign_in",
                Text("请先登录，再登记这台手机。", "Sign in first, then enrol this phone."),
            )
        actor = actor_of(request)
        limits.hit(f"field-enrol:{account.pk}", TRIES, timedelta(days=1))
        body = json_body(request, most=10_000)
        made = devices.enrol(account, str(body.get("label") or ""), by=actor)
    except LinliError as error:
        return refusal(error)
    return answer(
        {
            "device": str(made.device.uid),
            "token": made.token,
            "key": made.key,
            "expires_at": made.device.expires_at.isoformat(),
            "worker": {
                "name": account.title.zh,
                "name_en": account.title.en,
                "posts": [hat.post_title.as_dict() for hat in actor.hats if devices.ROLE in hat.roles],
            },
            "installation": ",".join(roots().values_list("code", flat=True)),
        },
        201,
    )
