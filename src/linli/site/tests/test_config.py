from __future__ import annotations

from pathlib import Path

import pytest

from linli.base.errors import Unreadable
from linli.site.check import findings
from linli.site.config import Config, database_from_url, mail_from_url, tile_hosts


def test_defaults_are_safe(tmp_path: Path) -> None:
    config = Config.load({"LINLI_DATA_DIR": str(tmp_path)})
    assert (config.debug, config.demo, config.https, config.plain_static) == (False, False, True, False)
    assert config.secret_key == ""
    assert config.allowed_hosts == ["localhost", "127.0.0.1", "[::1]"]


def test_environment_wins_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "linli.toml"
    file.write_text('database_pool = 4\nallowed_hosts = ["a.example"]\n[sms_fields]\nto = "mobile"\n')
    given = {"LINLI_CONFIG": str(file), "LINLI_ALLOWED_HOSTS": "b.example,c.example"}
    config = Config.load(given)
    assert config.allowed_hosts == ["b.example", "c.example"]
    assert config.database_pool == 4
    assert config.sms_fields == {"to": "mobile"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("alowed_hosts = 1", "site.unknown_setting"),
        ("not toml", "site.bad_config"),
        ("debug = 'maybe'", "site.bad_setting"),
    ],
)
def test_a_slip_in_the_file_is_refused(tmp_path: Path, text: str, code: str) -> None:
    file = tmp_path / "linli.toml"
    file.write_text(text)
    with pytest.raises(Unreadable) as refused:
        Config.load({"LINLI_CONFIG": str(file)})
    assert refused.value.code == code


@pytest.mark.parametrize("name", ["LINLI_UPLOAD_MB", "LINLI_SESSION_HOURS", "LINLI_SMS_OK", "LINLI_HTTPS"])
def test_a_wrong_value_names_the_setting(name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        Config.load({name: "-x"})
    assert refused.value.code == "site.bad_setting"
    assert name in str(refused.value)


def test_database_addresses() -> None:
    url = "postgresql://li%40n:s%2Fcret@db.example:5433/lin%20li?sslmode=require"
    found = database_from_url(url, "/nowhere", pool=5)
    assert (found["USER"], found["PASSWORD"], found["NAME"]) == ("li@n", "s/cret", "lin li")
    prepared = {"server_side_binding": True, "prepare_threshold": 3}
    assert found["OPTIONS"] == {"sslmode": "require", "pool": {"min_size": 1, "max_size": 5}, **prepared}
    assert database_from_url(f"{url}&prepare=0", "/nowhere")["OPTIONS"] == {"sslmode": "require"}
    assert found["CONN_MAX_AGE"] == 0
    assert database_from_url(url, "/nowhere")["CONN_MAX_AGE"] is None
    with pytest.raises(Unreadable):
        database_from_url("mysql://x", "/nowhere")


def test_mail_and_tile_addresses() -> None:
    assert mail_from_url("smtp://u:p@mail.example")["EMAIL_USE_TLS"] is True
    assert mail_from_url("smtps://mail.example")["EMAIL_PORT"] == 465
    assert tile_hosts("https://t{s}.tiles.example/{z}/{x}/{y}?tk=1") == ["https://*.tiles.example"]
    assert tile_hosts("https://tiles.example:8443/a") == ["https://tiles.example:8443"]
    assert tile_hosts("") == []


def codes(environ: dict[str, str], **options: int) -> set[str]:
    return {f.code for f in findings(Config.load(environ), **options)}


def test_the_check_names_each_unsafe_setting(tmp_path: Path) -> None:
    unsafe = {
        "LINLI_DATA_DIR": str(tmp_path),
        "LINLI_DEBUG": "1",
        "LINLI_DEMO": "1",
        "LINLI_ALLOWED_HOSTS": "*",
        "LINLI_SMS_URL": "http://sms.example",
    }
    keys = tmp_path / "keys"
    keys.mkdir(mode=0o755)
    tmp_path.chmod(0o755)
    wanted = {
        *("debug", "demo", "secret_key", "keys_in_data", "key_mode", "allowed_hosts", "no_https"),
        *("embedded_workers", "data_mode", "sms_not_https", "no_mail"),
    }
    assert wanted <= codes(unsafe, workers=3)


def test_the_check_has_nothing_to_say_about_a_sound_one(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    sound = {
        "LINLI_DATA_DIR": str(tmp_path),
        "LINLI_DATABASE_URL": "postgresql://u:p@db.example/linli",
        "LINLI_SECRET_KEY": "".join(chr(33 + n) for n in range(60)),
        "LINLI_KEYS": "{}",
        "LINLI_ALLOWED_HOSTS": "linli.example",
        "LINLI_BEHIND_PROXY": "1",
        "LINLI_HSTS_SECONDS": "31536000",
        "LINLI_SMS_URL": "https://sms.example",
        "LINLI_MAIL_URL": "smtps://mail.example",
    }
    assert codes(sound, workers=4) == set()
    assert codes(sound | {"LINLI_SECRET_KEY": "short"}) == {"weak_secret_key"}
