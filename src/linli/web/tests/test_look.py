"""How pages look is a choice kept in the browser (页面样子); what their heads say; how they travel."""

from __future__ import annotations

import gzip

import pytest
from django.test import Client

from linli.web.views.robots import NOT_KEPT
from tests.cast import Cast

PREFERENCES = "/preferences/"


def chosen(client: Client, **what: str) -> str:
    client.post(PREFERENCES, {"next": "/help/", **what})
    return client.get("/help/").content.decode()


@pytest.mark.django_db
def test_light_and_dark_are_kept_and_the_device_decides_until_then(client: Client) -> None:
    page = client.get("/help/").content.decode()
    assert 'data-theme="auto"' in page
    assert '<meta name="color-scheme" content="light dark">' in page
    page = chosen(client, theme="dark")
    assert 'data-theme="dark"' in page
    assert '<meta name="color-scheme" content="dark">' in page
    assert 'name="theme" value="dark" aria-pressed="true"' in page


@pytest.mark.django_db
def test_elder_mode_has_three_steps_and_normal_pages_do_not_ask(client: Client) -> None:
    assert 'name="size" value="large-2"' not in client.get("/help/").content.decode()
    page = chosen(client, size="large")
    assert 'data-size="large" data-step="1"' in page
    page = chosen(client, size="large-3")
    assert 'data-size="large" data-step="3"' in page
    assert 'data-size="normal"' in chosen(client, size="normal")


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"theme": "neon"}, {"size": "large-9"}, {"theme": "", "size": ""}])
def test_what_is_not_a_choice_changes_nothing(client: Client, wrong: dict[str, str]) -> None:
    chosen(client, theme="light", size="large-2")
    page = chosen(client, **wrong)
    assert 'data-size="large" data-step="2" data-theme="light"' in page


@pytest.mark.django_db
def test_a_forged_cookie_is_the_usual_look(client: Client) -> None:
    client.cookies["linli_theme"], client.cookies["linli_size"] = '"><script>', "huge"
    assert 'data-size="normal" data-step="1" data-theme="auto"' in client.get("/help/").content.decode()


@pytest.mark.django_db
def test_the_wall_is_dark_and_paper_is_light_whatever_was_chosen(cast: Cast) -> None:
    desk = cast.client("supervisor")
    desk.cookies["linli_theme"] = "light"
    assert 'data-theme="dark"' in desk.get("/board/").content.decode()
    desk.cookies["linli_theme"] = "dark"
    assert 'data-theme="light"' in desk.get("/report/paper/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_design_page_shows_every_part_to_anybody(client: Client, lang: str) -> None:
    page = client.get(f"/design/?lang={lang}").content.decode()
    for part in ("colours", "icons", "buttons", "said", "rows", "figures", "forms", "demand", "pictures"):
        assert f'id="{part}"' in page
    assert "<script>" not in page


@pytest.mark.django_db
def test_a_public_page_names_its_address_in_each_language_and_no_filter(client: Client) -> None:
    page = client.get("/public/?q=x").content.decode()
    assert '<link rel="canonical" href="http://testserver/public/">' in page
    assert '<link rel="alternate" hreflang="en" href="http://testserver/public/?lang=en">' in page
    english = client.get("/public/?lang=en").content.decode()
    assert '<link rel="canonical" href="http://testserver/public/?lang=en">' in english
    assert '<meta name="description" content="' in page


@pytest.mark.django_db
def test_the_desk_names_no_address_to_search_engines(cast: Cast) -> None:
    assert 'rel="canonical"' not in cast.client("dispatcher").get("/staff/").content.decode()


@pytest.mark.django_db
def test_search_engines_are_kept_from_what_is_somebodys(client: Client) -> None:
    answer = client.get("/robots.txt")
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    assert {f"Disallow: {path}" for path in NOT_KEPT} <= set(lines)


@pytest.mark.django_db
def test_a_public_page_travels_compressed_and_ones_own_does_not(client: Client, cast: Cast) -> None:
    asked = {"accept-encoding": "gzip"}
    public = client.get("/help/", headers=asked)
    assert public["Content-Encoding"] == "gzip"
    assert "</html>" in gzip.decompress(public.content).decode()
    assert not cast.client("resident").get("/help/", headers=asked).has_header("Content-Encoding")
    assert not cast.client("dispatcher").get("/staff/", headers=asked).has_header("Content-Encoding")
