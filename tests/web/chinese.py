"""Reading a page as a person does, to find English that is left on it."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

ENGLISH = re.compile("[A-Za-z]{2,}")
# Names that are written alike in both languages.
NAMES = re.compile(
    r"[A-Z]{1,3}-\d{4}(?:-\d{6})?|JPEG|PNG|WebP|HEIC|MB|GeoJSON|FeatureCollection|UTF-8|TRUE|FALSE|shapefile|KML|GeoPackage|\.zip|\.gpkg|WGS-84|CGCS2000|GCJ-02|BD-09|JavaScript|CSV|Excel|xlsx"
    r"|(?<![A-Za-z])IP(?![A-Za-z])"
)
SPOKEN = ("alt", "aria-label", "placeholder", "title")


def spoken(value: str) -> Iterator[str]:
    """The texts in an attribute: the value itself, or those of the JSON it holds."""
    if not value.startswith("{"):
        yield value
        return
    waiting = [json.loads(value)]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += part.values()
        else:
            yield part


class Page(HTMLParser):
    """The texts a person sees or hears, and the links. Code and elements marked as English are left out."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.links: list[str] = []
        self.silent: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag in ("script", "style", "code", "textarea") or values.get("lang") == "en":
            self.silent.append(tag)
        if tag == "a" and values.get("href"):
            self.links.append(values["href"])
        for name, value in attrs:
            if value and (name in SPOKEN or name.startswith("data-text")):
                self.texts += spoken(value)

    def handle_endtag(self, tag):
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data.strip())


def english_on(page: Page, *, known: str = "") -> list[str]:
    return [t for t in page.texts if ENGLISH.search(NAMES.sub("", t.replace(known, "") if known else t))]
