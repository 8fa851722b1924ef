"""What the desk's templates ask (工作台模板标签)."""

from __future__ import annotations

from django import template
from django.template import RequestContext

from linli.web import faces

register = template.Library()


@register.simple_tag(takes_context=True)
def keys_on(context: RequestContext) -> bool:
    """Whether single keys work for this reader."""
    return faces.keys_on(faces.request_of(context))
