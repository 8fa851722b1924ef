"""What the head of a page says to browsers and to search engines (页头): its colours, its address in each language."""

from __future__ import annotations

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from linli.base.i18n import LANGUAGES
from linli.web.faces import HTML_LANG, face_of, request_of, theme_of

register = template.Library()

#: The ground of the bar at the top, light and dark: the stylesheet's --card, which no meta element can ask for.
BAR_COLOURS = {"light": "#ffffff", "dark": "#14201d"}
COLOUR_SCHEMES = {"auto": "light dark", "light": "light", "dark": "dark"}


@register.simple_tag(takes_context=True)
def theme_colours(context: RequestContext, theme: str = "") -> SafeString:
    """Tells the browser which colours its own parts take (浏览器界面颜色): its bar, scroll bars, form controls."""
    theme = theme or theme_of(request_of(context))
    metas = format_html('<meta name="color-scheme" content="{}">', COLOUR_SCHEMES[theme])
    if theme != "auto":
        return metas + format_html('<meta name="theme-color" content="{}">', BAR_COLOURS[theme])
    return metas + format_html_join(
        "",
        '<meta name="theme-color" content="{}" media="(prefers-color-scheme:{})">',
        ((colour, scheme) for scheme, colour in BAR_COLOURS.items()),
    )


@register.simple_tag(takes_context=True)
def addresses(context: RequestContext) -> SafeString | str:
    """The one address of a public page, and where it is in the other language (规范网址与语言版本).

    Nothing is said of the desk or of a refusal, and filters are left out: a search engine keeps each page once.
    """
    request = request_of(context)
    if request is None or face_of(request) != "resident" or request.method not in {"GET", "HEAD"}:
        return ""
    page = request.build_absolute_uri(request.path)
    asked = request.GET.get("lang", "")
    canonical = f"{page}?lang={asked}" if asked in LANGUAGES else page
    others = format_html_join(
        "",
        '<link rel="alternate" hreflang="{}" href="{}?lang={}">',
        ((HTML_LANG[language], page, language) for language in LANGUAGES),
    )
    return format_html(
        '<link rel="canonical" href="{}">{}<link rel="alternate" hreflang="x-default" href="{}">',
        canonical, others, page,
    )  # fmt: skip
