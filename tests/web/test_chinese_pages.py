"""No English is left on a Chinese page: whatever a person reaches from the home page is read word by word."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from tests.factories.grids import BuildingFactory, CompoundFactory, EntranceFactory
from tests.factories.requests import COMMUNITY, accept, dispatch, finish, report, take

pytestmark = pytest.mark.django_db

ENGLISH = re.compile("[A-Za-z]{2,}")
# Names that are written alike in both languages.
NAMES = re.compile(
    r"T-\d{4}-\d{6}|JPEG|PNG|WebP|HEIC|MB|GeoJSON|FeatureCollection|UTF-8|WGS-84|CGCS2000|GCJ-02|BD-09|JavaScript"
)
SPOKEN = ("alt", "aria-label", "placeholder", "title")
# Pages of one view are alike: so many of them are read for each person.
PAGES_PER_VIEW = 3


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
        self.texts += [v for k, v in attrs if v and (k in SPOKEN or k.startswith("data-text"))]

    def handle_endtag(self, tag):
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data):
        if not self.silent:
            self.texts.append(data.strip())


def english_on(page: Page, *, known: str = "") -> list[str]:
    return [t for t in page.texts if ENGLISH.search(NAMES.sub("", t.replace(known, "") if known else t))]


@pytest.fixture
def lived_in(tree, grid_worker, micro_grid_worker, grid_leader, officer, department, department_handler):
    """One case at each turn: reported, waiting, dispatched, being handled, finished; and a building."""
    compound = CompoundFactory(name="一号院", micro_grid=tree["00500101"])
    EntranceFactory(building=BuildingFactory(compound=compound, no="1"), no="1")
    report(micro_grid_worker, tree["00500101"])
    accept(report(micro_grid_worker, tree["00500101"]), grid_leader)
    sent = accept(report(officer, tree["00500101"], category=COMMUNITY), officer, level="community")
    dispatch(sent, officer, organisation=department)
    handled = dispatch(
        accept(report(micro_grid_worker, tree["00500101"]), grid_leader), grid_leader, grid_worker
    )
    finish(take(handled, "sign", grid_worker), grid_worker)


def english_in_reach(client: Client, *, known: str) -> list[tuple[str, str]]:
    """(address, text) of every English text on the pages linked from the home page, directly or not."""
    found, seen, read, waiting = [], set(), Counter(), [reverse("portal:home")]
    while waiting:
        address = waiting.pop(0)
        parts = urlsplit(address)
        try:
            view = resolve(parts.path).view_name
        except Resolver404:
            continue
        if address in seen or view.startswith("admin:") or read[view] >= PAGES_PER_VIEW:
            continue
        seen.add(address)
        read[view] += 1
        response = client.get(address, follow=True)
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            response.getvalue()  # read to its end, so that the file is closed
            continue
        page = Page(response.content.decode())
        found += [(address, text) for text in english_on(page, known=known)]
        waiting += [urljoin(address, link).split("#")[0] for link in page.links if not urlsplit(link).netloc]
    assert len(seen) > 5
    return found


@pytest.mark.usefixtures("lived_in")
@pytest.mark.parametrize(
    "who",
    [
        "grid_worker",
        "grid_leader",
        "officer",
        "secretary",
        "subdistrict_admin",
        "leader_view",
        "department_handler",
    ],
)
def test_no_english_is_left_on_what_a_person_reaches(who, request, client_for):
    person = request.getfixturevalue(who)
    assert english_in_reach(client_for(person), known=person.username) == []


def test_no_english_is_left_on_the_sign_in_page(client):
    page = Page(client.get(reverse("accounts:sign_in")).content.decode())
    assert page.texts
    assert english_on(page) == []


def test_english_left_on_a_page_is_found():
    page = Page('<p>工单 Open</p><code>level</code><img alt="Map"><button lang="en">English</button>')
    assert english_on(page) == ["工单 Open", "Map"]
