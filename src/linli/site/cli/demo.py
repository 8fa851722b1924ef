"""`linli demo` (演示): a real county with people and living cases, served with its worker, in the foreground."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import time
from pathlib import Path
from typing import Any

from linli.base.errors import Refused
from linli.base.i18n import Text
from linli.site.cli.answer import Answer
from linli.site.cli.children import Children, wait_until_ready
from linli.site.cli.house import is_empty, make_folder, open_house, setup_django
from linli.site.cli.serve import check_port, collect_static
from linli.site.cli.speech import complain, progress_bar, put, put_json, tell
from linli.site.config import Config

TITLE = Text(
    "一条命令看演示：真实县区、各种角色、办理中的案卷",
    "show a real county with people in every role and living cases",
)

# In the data folder: what tells a demo from a county's own data, and a whole demo from one that was cut short.
MARK = "demo.json"

ENDED_BY_ITSELF = Text(
    "服务或后台任务意外退出，演示已停止。原因见上方。",
    "The server or the worker ended unexpectedly, so the demo stopped. The reason stands above.",
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help=str(Text("端口", "port")))
    parser.add_argument("--county", metavar="CODE", help=str(Text("县级区划代码", "code of a county")))
    parser.add_argument(
        "--reset",
        action="store_true",
        help=str(Text("清空演示数据，从头再来", "throw the demo's data away and start anew")),
    )


def run(options: argparse.Namespace) -> Answer | None:
    os.environ["LINLI_DEMO"] = "1"
    config = Config.load(os.environ)
    folder = Path(config.data_dir)
    check_port("127.0.0.1", options.port)
    make_folder(folder)
    _clear_the_way(folder, config, reset=options.reset)
    _load(folder, options.county)
    collect_static()
    from linli.site.demo import logins

    url = f"http://127.0.0.1:{options.port}/"
    with Children() as children:
        children.start("serve", "--data", str(folder), "--port", str(options.port))
        children.start("worker", "--data", str(folder))
        ready = wait_until_ready(f"{url}healthz", children)
        if ready:
            _announce(url, logins(), as_json=options.json)
        children.wait_for_end()
    tell(f"演示已结束，数据留在 {folder}。", f"The demo has ended; its data stays in {folder}.")
    if children.failed:
        complain(str(ENDED_BY_ITSELF))
        return Answer(
            {"error": {"code": "demo.child_ended", "message": str(ENDED_BY_ITSELF)}}, ok=False, said=ready
        )
    return None


def _clear_the_way(folder: Path, config: Config, *, reset: bool) -> None:
    """Only a demo's own folder is ever emptied (只清空演示自己的数据): real data is refused, never overwritten."""
    mark = folder / MARK
    if not mark.exists():
        setup_django()
        if not is_empty():
            raise Refused(
                "demo.real_data",
                Text(
                    f"{folder} 的数据库里已有不是演示建立的数据，演示不会动它。请用 --data 指定另一个文件夹。",
                    f"The database of {folder} holds data that the demo did not make, so it leaves it alone. "
                    "Name another folder with --data.",
                ),
            )
        return
    if not reset and _marked(mark).get("complete"):
        return
    if config.database_url:
        raise Refused(
            "demo.reset_by_hand",
            Text(
                "演示用的是 PostgreSQL：请先自己清空那个数据库，并删除数据文件夹里的 demo.json，再运行一次。",
                "This demo is on PostgreSQL: empty that database yourself, remove demo.json from the data folder, "
                "and run this again.",
            ),
        )
    tell("清空演示数据", "throwing the demo's data away")
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _marked(mark: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(mark.read_text()))
    except ValueError:  # cut short while it was written
        return {}


def _load(folder: Path, county: str | None) -> None:
    mark = folder / MARK
    known = _marked(mark) if mark.exists() else {}
    if known and county and county != known.get("county"):
        raise Refused(
            "demo.other_county",
            Text(
                f"这个文件夹里是 {known.get('county') or '默认县区'} 的演示。要换成 {county}，请加 --reset。",
                f"This folder holds the demo of {known.get('county') or 'the default county'}. "
                f"For {county} add --reset.",
            ),
        )
    if not known:
        mark.write_text(json.dumps({"county": county, "complete": False}))
    open_house(create=True)
    if known:
        return
    from linli.site import demo

    started = time.monotonic()
    with progress_bar("载入演示数据", "loading the demo") as progress:
        demo.load(county, progress)
    mark.write_text(json.dumps({"county": county, "complete": True}))
    seconds = round(time.monotonic() - started)
    tell(f"演示数据已载入（{seconds} 秒）", f"the demo is loaded ({seconds} s)")


def _announce(url: str, logins: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        put_json({"ok": True, "url": url, "logins": logins})
        return
    lines = [
        str(Text(f"演示已就绪：{url}   按 Ctrl-C 结束", f"The demo is ready: {url}   Ctrl-C ends it")),
        "",
    ]
    for login in logins:
        code = f"  {Text('验证码', 'code')} {login['code']}" if login.get("code") else ""
        lines.append(f"  {login['role']:<24} {login['username']:<20} {login['password']}{code}")
    put("\n".join(lines))
