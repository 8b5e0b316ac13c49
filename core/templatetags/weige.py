"""Template pieces used on every page: icons and the query string."""

from functools import lru_cache
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@lru_cache(maxsize=256)
def _svg(name: str) -> SafeString:
    path = finders.find(f"vendor/icons/{name}.svg")
    if not path:
        raise template.TemplateSyntaxError(f"Icon {name} is not listed in static/icons.txt")
    with open(path, encoding="utf-8") as handle:
        source = handle.read()
    inner = source[source.index(">", source.index("<svg")) + 1 : source.rindex("</svg>")]
    # SECURITY: files of our own build, never user input.
    return mark_safe(inner)  # noqa: S308


@register.simple_tag
def icon(name: str, css: str = "") -> SafeString:
    """An outline icon, drawn in the text's colour and hidden from screen readers."""
    return format_html(
        '<svg class="icon {}" width="24" height="24" viewBox="0 0 24 24" fill="none" stroke="currentColor"'
        ' stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"'
        ' focusable="false">{}</svg>',
        css,
        _svg(name),
    )


@register.filter
def get_item(mapping: dict[Any, Any], key: Any) -> Any:
    """`mapping[key]`, or None."""
    return mapping.get(key)
