"""What is unsafe in production (不安全的设置): each finding has a code and says what to set."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from linli.base.i18n import Text
from linli.site.config import Config


@dataclass(frozen=True)
class Finding:
    code: str
    message: Text


def findings(config: Config, *, workers: int = 1) -> list[Finding]:
    """Everything that an operator should settle before residents use it (上线前应处理的事项)."""
    return [
        *_modes(config),
        *_secrets(config),
        *_network(config),
        *_database(config, workers),
        *_messages(config),
    ]


def _modes(config: Config) -> Iterator[Finding]:
    if config.debug:
        yield Finding(
            "debug",
            Text(
                "调试模式开着，出错页会泄露内部信息。请去掉 LINLI_DEBUG。",
                "Debug mode is on; error pages tell too much. Unset LINLI_DEBUG.",
            ),
        )
    if config.demo:
        yield Finding(
            "demo",
            Text(
                "演示模式开着，人人都能用演示账号登录。请去掉 LINLI_DEMO，并换一个新的数据文件夹。",
                "Demo mode is on; everybody can sign in with the demo accounts. Unset LINLI_DEMO and use a new data folder.",
            ),
        )
    if config.plain_static and not config.debug:
        yield Finding(
            "plain_static",
            Text(
                "静态文件没有指纹，更新后浏览器会用旧文件。请去掉 LINLI_PLAIN_STATIC。",
                "Static files have no fingerprints; browsers keep old ones. Unset LINLI_PLAIN_STATIC.",
            ),
        )


def _secrets(config: Config) -> Iterator[Finding]:
    if not config.secret_key:
        yield Finding(
            "secret_key",
            Text(
                "没有设置 LINLI_SECRET_KEY，正在用数据文件夹里自动生成的密钥。请从密钥管理处设置一个。",
                "LINLI_SECRET_KEY is not set; a generated one in the data folder is used. Set one from your key store.",
            ),
        )
    elif len(config.secret_key) < 50 or len(set(config.secret_key)) < 10 or "unsafe" in config.secret_key:
        yield Finding(
            "weak_secret_key",
            Text(
                "LINLI_SECRET_KEY 太短或太简单。请用至少 50 个随机字符。",
                "LINLI_SECRET_KEY is too short or too simple. Use at least 50 random characters.",
            ),
        )
    folder = Path(config.data_dir) / "keys"
    if not config.keys:
        yield Finding(
            "keys_in_data",
            Text(
                "加密个人信息的密钥和数据放在一起，备份泄露就等于数据泄露。请用 LINLI_KEYS 提供密钥。",
                "The keys that seal personal data lie beside the data; who gets a backup gets both. Give them by LINLI_KEYS.",
            ),
        )
    for path in [folder, *sorted(folder.glob("*"))] if folder.is_dir() else []:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield Finding(
                "key_mode",
                Text(
                    f"别的用户可以读 {path}。请运行 chmod go-rwx。",
                    f"Other users may read {path}. Run chmod go-rwx on it.",
                ),
            )


def _network(config: Config) -> Iterator[Finding]:
    if "*" in config.allowed_hosts:
        yield Finding(
            "allowed_hosts",
            Text(
                "LINLI_ALLOWED_HOSTS 为 *，任何主机名都接受。请写明本站域名。",
                "LINLI_ALLOWED_HOSTS is *; any host name is taken. Name this site's own.",
            ),
        )
    if not [h for h in config.allowed_hosts if h not in {"localhost", "127.0.0.1", "[::1]"}]:
        yield Finding(
            "no_host",
            Text(
                "LINLI_ALLOWED_HOSTS 只有本机，外面打不开。请写明本站域名。",
                "LINLI_ALLOWED_HOSTS names this machine only. Name the site's host.",
            ),
        )
    if not config.https:
        yield Finding(
            "no_https",
            Text(
                "登录凭据会走不加密的 HTTP。请配好 HTTPS 并去掉 LINLI_HTTPS=0。",
                "Sessions travel over plain HTTP. Set up HTTPS and unset LINLI_HTTPS=0.",
            ),
        )
    elif not config.behind_proxy:
        yield Finding(
            "no_proxy",
            Text(
                "没有设置 LINLI_BEHIND_PROXY，HTTP 不会转到 HTTPS。代理就绪后请设为 1。",
                "LINLI_BEHIND_PROXY is not set, so HTTP is not sent on to HTTPS. Set it to 1 once the proxy stands.",
            ),
        )
    if config.https and not config.hsts_seconds:
        yield Finding(
            "no_hsts",
            Text(
                "没有 HSTS。HTTPS 稳定后请设 LINLI_HSTS_SECONDS=31536000。",
                "There is no HSTS. Once HTTPS is steady set LINLI_HSTS_SECONDS=31536000.",
            ),
        )


def _database(config: Config, workers: int) -> Iterator[Finding]:
    if not config.database_url and workers > 1:
        yield Finding(
            "embedded_workers",
            Text(
                "嵌入式数据库同时只能有一个写入者，多进程不会更快。请用一个进程，或换 PostgreSQL。",
                "The embedded database has one writer; several processes are no faster. Use one, or PostgreSQL.",
            ),
        )
    data = Path(config.data_dir)
    if data.is_dir() and data.stat().st_mode & stat.S_IRWXO:
        yield Finding(
            "data_mode",
            Text(
                f"别的用户可以读数据文件夹 {data}。请运行 chmod o-rwx。",
                f"Other users may read the data folder {data}. Run chmod o-rwx on it.",
            ),
        )


def _messages(config: Config) -> Iterator[Finding]:
    if not config.sms_url and config.outbox:
        yield Finding(
            "no_sms",
            Text(
                "没有短信网关，短信只写进文件夹。请设 LINLI_SMS_URL。",
                "There is no SMS gateway; messages go to a folder. Set LINLI_SMS_URL.",
            ),
        )
    elif not config.sms_url.startswith("https://"):
        yield Finding(
            "sms_not_https",
            Text(
                "短信网关地址不是 HTTPS，手机号会明文传输。请换用 https://。",
                "The SMS gateway's address is not HTTPS; phone numbers travel in the clear. Use https://.",
            ),
        )
    if not config.mail_url:
        yield Finding(
            "no_mail",
            Text(
                "没有邮件服务器，邮件只写进文件夹。请设 LINLI_MAIL_URL。",
                "There is no mail server; mail goes to a folder. Set LINLI_MAIL_URL.",
            ),
        )


# Tables that only grow; the database itself must refuse to change them.
GUARDED_TABLES = (
    "records_record",
    "records_tree",
    "records_leaf",
    "records_node",
    "records_head",
    "people_accessentry",
    "people_auditentry",
)


def database_findings() -> list[Finding]:
    """What the database itself shows (数据库中的问题): missing migrations, record tables that can be changed."""
    from django.db import connection

    from linli.base.appendonly import is_append_only
    from linli.site.health import pending_migrations

    if pending := pending_migrations():
        message = Text(
            f"数据库还缺 {len(pending)} 步升级。请备份后运行 ./linli migrate。",
            f"The database lacks {len(pending)} migrations. Make a backup and run ./linli migrate.",
        )
        return [Finding("not_migrated", message)]
    return [
        Finding(
            "unguarded_records",
            Text(
                f"表 {table} 的防改保护不在了。请查明原因，并从备份核对留痕。",
                f"The guard of table {table} is gone. Find out why, and compare the records with a backup.",
            ),
        )
        for table in GUARDED_TABLES
        if not is_append_only(connection, table)
    ]
