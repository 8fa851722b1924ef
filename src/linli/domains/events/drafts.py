"""A report that is being written (反映草稿): kept sealed in the session, so that no step loses what another took in."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from django.http import HttpRequest

from linli.base.ids import uuid7
from linli.base.vault import VaultError
from linli.kernel.people.actors import Actor
from linli.kernel.people.keys import current_vault
from linli.kernel.procedures import keys
from linli.kernel.records.uploads import change_owner

DRAFT = "linli_report"
CONTEXT = "events.draft"


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
    """The draft of this browser, or a new one (取草稿). Photos follow whoever signs in halfway."""
    draft = _opened(request.session.get(DRAFT)) or Draft(str(uuid7()))
    owner = keys.owner_of(by, draft.key)
    if draft.owner and draft.owner != owner and draft.photos:
        change_owner(draft.photos, owner=draft.owner, to=owner)
    draft.owner = owner
    return draft


def keep(request: HttpRequest, draft: Draft) -> None:
    sealed = current_vault().seal(json.dumps(asdict(draft)), context=CONTEXT)
    request.session[DRAFT] = base64.b64encode(sealed).decode()


def forget(request: HttpRequest) -> None:
    request.session.pop(DRAFT, None)


def _opened(text: Any) -> Draft | None:
    if not text:
        return None
    try:
        return Draft(**json.loads(current_vault().open(base64.b64decode(text), context=CONTEXT)))
    except (ValueError, TypeError, VaultError, IndexError):  # from before an update, or another key file
        return None
