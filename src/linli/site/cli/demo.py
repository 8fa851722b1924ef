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
from linli.site.cli.house import make_folder, open_house
from linli.site.cli.serve import check_port, collect_static
from linli.site.cli.speech import progress_bar, put, put_json, tell
from linli.site.config import Config

TITLE = Text(
    "一条命令看演示：真实县区、各种角色、办理中的案卷",
    "show a real county with people in every role and living cases",
)

# In the data folder: what tells a demo from a county's own data, and a whole demo from one that was cut short.
MARK = "demo.json"


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
    open_house(create=True)
    _load(folder, options.county)
    collect_static()
    from linli.site.demo import logins

    url = f"http://127.0.0.1:{options.port}/"
    with Children() as children:
        children.start("serve", "--data", str(folder), "--port", str(options.port))
        children.start("worker", "--data", str(folder))
        if wait_until_ready(f"{url}healthz", children):
            _announce(url, logins(), as_json=options.json)
        children.wait_for_end()
    tell(f"演示已结束，数据留在 {folder}。", f"The demo has ended; its data stays in {folder}.")
    if children.failed:
        raise Refused(
            "demo.child_ended",
            Text(
                "服务或后台任务意外退出，演示已停止。原因见上方。",
                "The server or the worker ended unexpectedly, so the demo stopped. The reason stands above.",
            ),
        )
    return None


def _clear_the_way(folder: Path, config: Config, *, reset: bool) -> None:
    """Only a demo's own folder is ever emptied (只清空演示自己的数据): real data is refused, never overwritten."""
    mark = folder / MARK
    exists = bool(config.database_url) or (folder / "linli.sqlite3").exists()
    if exists and not mark.exists():
        raise Refused(
            "demo.real_data",
            Text(
                f"{config.database_url or folder} 里的数据不是演示建立的，演示不会动它。请用 --data 指定另一个文件夹。",
                f"The data in {config.database_url or folder} was not made by the demo, which leaves it alone. "
                "Name another folder with --data.",
            ),
        )
    cut_short = mark.exists() and not json.loads(mark.read_text() or "{}").get("complete")
    if mark.exists() and (reset or cut_short):
        tell("清空演示数据", "throwing the demo's data away")
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def _load(folder: Path, county: str | None) -> None:
    mark = folder / MARK
    if mark.exists():
        known = json.loads(mark.read_text()).get("county")
        if county and county != known:
            raise Refused(
                "demo.other_county",
                Text(
                    f"这个文件夹里是 {known or '默认县区'} 的演示。要换成 {county}，请加 --reset。",
                    f"This folder holds the demo of {known or 'the default county'}. For {county} add --reset.",
                ),
            )
        return
    mark.write_text(json.dumps({"county": county, "complete": False}))
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
