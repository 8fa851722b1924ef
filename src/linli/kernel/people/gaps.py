"""What is missing in an administrator's area (待补事项): seats nobody holds, grids nobody walks, accounts that wait."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet

from linli.base import clock
from linli.kernel.people.actors import Actor, in_force, valid_on
from linli.kernel.people.models import Account, Appointment, Organisation, Post
from linli.kernel.people.queries import administered
from linli.kernel.places.models import Area
from linli.kernel.places.queries import current

GRID_WORKER = "grid_worker"


def administered_areas(actor: Actor) -> QuerySet[Area]:
    """The areas, today's, in which somebody is administrator (所辖现行区划)."""
    return current(Area.objects.filter(administered(actor, "prefix")))


def posts_in_force(actor: Actor, *, on: date | None = None) -> QuerySet[Post]:
    """The posts that exist today in an administrator's area (现设岗位)."""
    rows = Post.objects.filter(administered(actor, "area__prefix"), organisation__active=True)
    return rows.filter(valid_on(on or clock.today(), "valid_from", "valid_to"))


def posts_without_holder(actor: Actor, *, on: date | None = None) -> QuerySet[Post]:
    """Posts that nobody holds today (空岗)."""
    held = Appointment.objects.filter(
        in_force(on or clock.today()), post=OuterRef("pk"), account__is_active=True
    )
    return posts_in_force(actor, on=on).filter(~Exists(held)).select_related("organisation", "area")


def grids_without_worker(actor: Actor, *, on: date | None = None) -> list[Area]:
    """Grids where no grid worker is appointed today, neither to the grid nor to its village (无网格员的网格)."""
    held = Appointment.objects.filter(
        in_force(on or clock.today()),
        administered(actor, "post__area__prefix"),
        post__area__level__in=("village", "grid"),
        account__is_active=True,
    )
    walked = {
        prefix
        for roles, prefix in held.values_list("post__roles", "post__area__prefix")
        if GRID_WORKER in roles
    }
    grids = administered_areas(actor).filter(level="grid").order_by("code")
    return [grid for grid in grids if not {grid.prefix, grid.prefix[:12]} & walked]


def organisations_without_post(actor: Actor) -> QuerySet[Organisation]:
    """Active organisations in which nobody can be appointed, because they have no post (无岗位的组织)."""
    rows = Organisation.objects.filter(administered(actor, "area__prefix"), active=True, historic=False)
    return rows.filter(~Exists(Post.objects.filter(organisation=OuterRef("pk")))).order_by("code")


def accounts_without_post(actor: Actor, *, on: date | None = None) -> QuerySet[Account]:
    """Active staff accounts that hold no post today (未任职账号): they can sign in and do nothing."""
    today = Appointment.objects.filter(in_force(on or clock.today()), account=OuterRef("pk"))
    ever = Appointment.objects.filter(account=OuterRef("pk"))
    below = Appointment.objects.filter(administered(actor, "post__area__prefix"), account=OuterRef("pk"))
    rows = Account.objects.filter(Q(Exists(below)) | ~Q(Exists(ever)), person__isnull=True, is_active=True)
    return rows.filter(~Exists(today)).order_by("username")
