"""Who may administer what (管理权限): an administrator's hat, over the area in question; or the operator's command."""

from __future__ import annotations

from linli.base.errors import NotAllowed
from linli.base.i18n import Text
from linli.kernel.people.actors import Actor, Hat, actor_for
from linli.kernel.people.models import Account

ADMINISTRATOR = "administrator"


def require_administrator(by: Actor, prefix: str | None = None) -> Hat | None:
    """The hat that allows it, None for the system. Refuses everybody else (`people.not_administrator`).

    Without a prefix any administrator's hat will do.
    """
    if by.kind == "system":
        return None
    if prefix is None:
        hat = next((hat for hat in by.hats if ADMINISTRATOR in hat.roles), None)
    else:
        hat = by.hat_for(ADMINISTRATOR, prefix)
    if hat is None:
        raise NotAllowed(
            "people.not_administrator",
            Text(
                "只有管辖该区域的平台管理员可以办理。请联系本级或上级平台管理员。",
                "Only an administrator of this area may do this. Please ask the administrator of your level or above.",
            ),
        )
    return hat


def require_over_account(by: Actor, account: Account) -> Hat | None:
    """An administrator of every area in which the account holds a post, so that nobody reaches above themselves."""
    hat = require_administrator(by)
    for held in actor_for(account).hats:
        if held.absent_account_id is None:
            hat = require_administrator(by, held.area_prefix)
    return hat
