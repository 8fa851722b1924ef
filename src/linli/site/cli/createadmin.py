"""`linli createadmin` (创建管理员): the first account that may appoint others."""

from __future__ import annotations

import argparse
import getpass
import sys
from typing import TYPE_CHECKING

from linli.base.errors import Invalid
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house

if TYPE_CHECKING:
    from linli.kernel.people.models import Account
    from linli.kernel.places.models import Area

TITLE = Text("创建平台管理员账号", "create an administrator's account")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--username", required=True, help=str(Text("登录名", "name to sign in with")))
    parser.add_argument("--name", required=True, help=str(Text("姓名", "the person's name")))


def run(options: argparse.Namespace) -> Answer:
    """Opens the account and appoints it over every root area (开设账号并任命). Run again after more areas came.

    The password is asked for, or read as one line of standard input; it is never an argument and never shown.
    """
    open_house(create=True)
    from linli.kernel.people.actors import SYSTEM
    from linli.kernel.people.models import Account
    from linli.kernel.people.services import create_account

    account = Account.objects.filter(username=options.username).first()
    if account is None:
        password = _asked() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
        account = create_account(
            options.username, options.name, by=SYSTEM, password=password, must_change_password=False
        )
    areas = appoint_over_roots(account)
    facts = {"username": account.username, "areas": [area.code for area in areas]}
    if not areas:
        text = Text(
            f"账号 {account.username} 已开设，但还没有任何区划可管。请先用 ./linli import areas 导入区划，再运行一次本命令。",
            f"The account {account.username} is open, but there is no area to administer yet. "
            "Load areas with ./linli import areas, then run this command once more.",
        )
    else:
        names = [area.title for area in areas[:3]]
        more = (
            f"等 {len(areas)} 个区划" if len(areas) > 3 else "",
            f" and more, {len(areas)} in all" if len(areas) > 3 else "",
        )
        text = Text(
            f"{account.username} 是{'、'.join(n.zh for n in names)}{more[0]}的平台管理员。首次登录时请设置第二验证。",
            f"{account.username} administers {', '.join(n.en for n in names)}{more[1]}. "
            "Set up the second factor at the first sign-in.",
        )
    return Answer(facts, str(text))


def appoint_over_roots(account: Account) -> list[Area]:
    """A post of administrator in each root area (任命为各根区划的平台管理员); what is there already stays."""
    from linli.base.clock import today
    from linli.kernel.people.actors import SYSTEM, actor_for
    from linli.kernel.people.models import Organisation, Post
    from linli.kernel.people.services import appoint, create_organisation, create_post
    from linli.kernel.people.services.administration import ADMINISTRATOR
    from linli.kernel.places.queries import roots

    areas = list(roots())
    for area in areas:
        if actor_for(account).hat_for(ADMINISTRATOR, area.prefix):
            continue
        code = f"platform-{area.prefix}"
        office = Organisation.objects.filter(code=code).first() or create_organisation(
            code,
            f"{area.name}平台管理",
            kind="office",
            area=area,
            by=SYSTEM,
            name_en="Platform administration",
        )
        post = Post.objects.filter(organisation=office, area=area).first() or create_post(
            office,
            "平台管理员",
            roles=[ADMINISTRATOR],
            area=area,
            by=SYSTEM,
            title_en="Platform administrator",
        )
        appoint(post, account, from_on=today(), by=SYSTEM)
    return areas


def _asked() -> str:
    password = getpass.getpass(str(Text("密码：", "Password: ")), sys.stderr)
    if getpass.getpass(str(Text("再输一次：", "Once more: ")), sys.stderr) != password:
        raise Invalid(
            "people.passwords_differ",
            Text(
                "两次输入的密码不一样，没有创建。请再运行一次。",
                "The two passwords differ; nothing was created. Run it again.",
            ),
        )
    return password
