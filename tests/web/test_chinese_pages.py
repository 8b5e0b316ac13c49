"""No English is left on a Chinese page: whatever a person reaches from the home page is read word by word."""

from collections import Counter
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from tests.web.chinese import Page, english_on

pytestmark = pytest.mark.django_db

# Pages of one view are alike: so many of them are read for each person.
PAGES_PER_VIEW = 3


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
