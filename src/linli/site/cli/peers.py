"""`linli peers list|add|stop|resume|key` (对方平台): with which other installations this one exchanges messages."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.house import open_house

if TYPE_CHECKING:
    from linli.kernel.exchange.models import Peer

TITLE = Text("管理与哪些平台交换消息（跨区域办理）", "which other installations messages are exchanged with")


def arguments(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="list|add|stop|resume|key", required=True)
    acts.add_parser("list", help=str(Text("列出对方平台", "list them")))
    acts.add_parser(
        "key", help=str(Text("本平台的公钥，给对方登记用", "our public key, for the other side to enter"))
    )
    add = acts.add_parser(
        "add", help=str(Text("登记，或换地址、换公钥", "admit one, or enter a new address or key"))
    )
    add.add_argument(
        "county", metavar="CODE", help=str(Text("对方的县级区划代码", "area code of its county"))
    )
    add.add_argument("--name", required=True, help=str(Text("对方名称", "its name")))
    add.add_argument("--name-en", default="", help=str(Text("对方英文名称", "its name in English")))
    add.add_argument(
        "--url", required=True, help=str(Text("对方地址，https:// 开头", "its address, https://…"))
    )
    add.add_argument(
        "--key", required=True, metavar="FILE", help=str(Text("对方 /proof/key.pem 存成的文件", "its /proof/key.pem as a file"))
    )  # fmt: skip
    for name, words in (("stop", Text("停用", "stop")), ("resume", Text("重新启用", "resume"))):
        each = acts.add_parser(name, help=str(words))
        each.add_argument("county", metavar="CODE")


def run(options: argparse.Namespace) -> Answer:
    open_house()
    from linli.kernel.exchange import peers as verbs
    from linli.kernel.exchange.queries import traffic
    from linli.kernel.people.actors import SYSTEM

    if options.act == "key":
        pem = verbs.own_key()
        return Answer({"key": pem}, pem.rstrip("\n"))
    if options.act == "add":
        text = Path(options.key).read_text(encoding="utf-8", errors="replace")
        verbs.admit(
            county=options.county, name=options.name, name_en=options.name_en, base_url=options.url, key=text, by=SYSTEM
        )  # fmt: skip
    elif options.act != "list":
        peer = verbs.peer_by_county(options.county, active=False)
        change = verbs.resume if options.act == "resume" else verbs.stop
        change(peer, by=SYSTEM)
    rows = traffic()
    facts = [
        {
            "county": row.peer.county,
            "name": row.peer.name,
            "name_en": row.peer.name_en,
            "url": row.peer.base_url,
            "active": row.peer.active,
            "n_waiting": row.n_waiting,
            "n_failed": row.n_failed,
        }
        for row in rows
    ]
    none = Text("还没有登记对方平台。", "No other installation is admitted yet.")
    return Answer({"peers": facts}, "\n".join(_line(row.peer) for row in rows) or str(none))


def _line(peer: Peer) -> str:
    stopped = "" if peer.active else str(Text("（停用）", "(stopped)"))
    return f"{peer.county}  {peer.title}  {peer.base_url}  {stopped}".rstrip()
