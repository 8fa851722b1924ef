from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from linli.base.errors import Invalid, Refused
from linli.base.i18n import Text, current_language
from linli.web.middleware import ErrorsMiddleware, LanguageMiddleware, accepted_language

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,en;q=0.5", "zh"),
        ("fr, en;q=0.3, zh;q=0.8", "zh"),
        ("en;q=0, zh", "zh"),
        ("nonsense;;;", "zh"),
    ],
)
def test_the_browser_is_asked(header: str, language: str) -> None:
    assert accepted_language(header) == language


def test_language_by_address_then_cookie(client: Client) -> None:
    page = client.get("/?lang=en")
    assert 'lang="en"' in page.content.decode()
    assert page.headers["Content-Language"] == "en"
    assert 'lang="en"' in client.get("/", headers={"accept-language": "zh"}).content.decode()
    assert 'lang="zh-Hans"' in client.get("/?lang=zh").content.decode()


def test_the_language_does_not_leak_into_the_next_request(rf: RequestFactory) -> None:
    seen: list[str] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(current_language())
        return HttpResponse()

    middleware = LanguageMiddleware(view)
    middleware(rf.get("/?lang=en"))
    middleware(rf.get("/"))
    assert seen == ["en", "zh"]
    assert current_language() == "zh"


def test_switching_keeps_the_page_and_drops_the_old_choice(client: Client) -> None:
    answer = client.post("/preferences/", {"lang": "en", "next": "/area/?q=x&lang=zh"})
    assert answer.headers["Location"] == "/area/?q=x"
    assert answer.cookies["linli_lang"].value == "en"


def test_switching_never_leaves_the_site(client: Client) -> None:
    answer = client.post("/preferences/", {"size": "large", "next": "https://elsewhere.example/"})
    assert answer.headers["Location"] == "/"
    assert answer.cookies["linli_size"].value == "large"


def test_elder_mode_is_the_same_page(client: Client) -> None:
    client.cookies["linli_size"] = "large"
    assert 'data-size="large"' in client.get("/").content.decode()


def test_an_unknown_address_says_what_to_do(client: Client) -> None:
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "请核对编号" in page.content.decode()


def test_no_inline_style_or_script(client: Client) -> None:
    for url in ("/", "/area/", "/help/", "/nowhere/"):
        html = client.get(url).content.decode()
        assert " style=" not in html
        assert "<style" not in html
        assert "<script>" not in html


def refusal(rf: RequestFactory, path: str, error: Exception, *, htmx: bool = False) -> HttpResponse | None:
    request = rf.get(path)
    request.htmx = htmx  # type: ignore[attr-defined]  # as its middleware does
    return ErrorsMiddleware(lambda r: HttpResponse()).process_exception(request, error)


CLOSED = Refused("x.closed", Text("已经办结，不能再派。", "It is closed."))


def test_a_refusal_becomes_a_page_of_its_face(rf: RequestFactory) -> None:
    page = refusal(rf, "/", CLOSED)
    assert page is not None
    assert page.status_code == 409
    html = page.content.decode()
    assert "已经办结，不能再派。" in html
    assert 'data-face="resident"' in html
    staff = refusal(rf, "/staff/x/", CLOSED)
    assert staff is not None
    assert 'data-face="staff"' in staff.content.decode()


def test_htmx_gets_a_fragment(rf: RequestFactory) -> None:
    error = Invalid("x.bad", Text("有误。", "Bad."), fields={"a": Text("太短。", "Too short.")})
    page = refusal(rf, "/", error, htmx=True)
    assert page is not None
    assert page.status_code == 422
    assert "太短。" in page.content.decode()
    assert "<html" not in page.content.decode()


def test_the_api_and_unknown_errors_are_left_to_others(rf: RequestFactory) -> None:
    assert refusal(rf, "/api/v1/cases", CLOSED) is None
    assert refusal(rf, "/", RuntimeError()) is None


def test_a_point_outside_is_said(client: Client) -> None:
    assert client.get("/map/where.json?lng=1&lat=1").json()["code"] is None
    assert client.get("/map/where.json?lng=x&lat=1").status_code == 400
