"""The frame shows each person the ways that are open to them."""

import pytest
from django.urls import reverse

from accounts.choices import Role
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
ENTRIES = {
    "portal:home",
    "casework:case_list",
    "requests:ticket_report",
    "portal:map",
    "grids:area_list",
    "grids:coverage",
    "portal:summary",
    "portal:inbox",
    "admin:index",
}
WORKER = {
    "portal:home",
    "casework:case_list",
    "requests:ticket_report",
    "portal:map",
    "grids:area_list",
    "portal:inbox",
}
OFFICER = WORKER | {"grids:coverage", "portal:summary"}


def shown(page):
    urls = {entry.url for entry in page.context["frame"].nav}
    return {name for name in ENTRIES if reverse(name) in urls}


@pytest.mark.parametrize(
    ("who", "entries"),
    [
        ("micro_grid_worker", WORKER),
        ("grid_leader", WORKER),
        ("officer", OFFICER),
        ("subdistrict_admin", OFFICER),
        ("leader_view", OFFICER - {"casework:case_list", "requests:ticket_report"}),
        ("department_handler", {"portal:home", "casework:case_list", "portal:map", "portal:inbox"}),
        ("system_admin", {"portal:home", "grids:area_list", "grids:coverage", "portal:inbox", "admin:index"}),
    ],
)
def test_the_navigation_offers_what_opens(client_for, request, settings, who, entries):
    settings.ADMIN_SECOND_FACTOR = False
    client = client_for(request.getfixturevalue(who))
    assert shown(client.get("/")) == entries
    assert {client.get(reverse(name), follow=True).status_code for name in entries} == {200}


def test_a_security_administrator_sees_no_cases(client_for, settings):
    settings.ADMIN_SECOND_FACTOR = False
    client = client_for(UserFactory(role=Role.SECURITY_ADMIN))
    assert "casework:case_list" not in shown(client.get("/"))


@pytest.mark.parametrize(
    ("who", "count"), [("micro_grid_worker", 4), ("department_handler", 4), ("leader_view", 3)]
)
def test_the_thumb_reaches_at_most_four_entries(client_for, request, who, count):
    page = client_for(request.getfixturevalue(who)).get("/")
    assert len(page.context["frame"].bottom) == count


def test_the_header_names_the_area_one_looks_at(client_for, subdistrict_admin, tree):
    frame = client_for(subdistrict_admin).get("/").context["frame"]
    assert frame.area_name == "东岗西路街道"


def test_whoever_serves_several_areas_may_switch(client_for, officer, tree):
    officer.assignments.create(area=tree["006"], duty="community_officer")
    client = client_for(officer)
    assert [area.code for area in client.get("/").context["frame"].areas] == [
        tree["005"].code,
        tree["006"].code,
    ]
    page = client.get("/cases/", {"area": tree["006"].code})
    assert page.context["frame"].area_name == tree["006"].name


def test_the_demonstration_says_so_on_every_page(client_for, officer, settings):
    assert "wg-demo" not in client_for(officer).get("/").content.decode()
    settings.DEMO = True
    assert "wg-demo" in client_for(officer).get("/").content.decode()


def test_every_page_forbids_inline_script_and_foreign_hosts(client_for, officer):
    policy = client_for(officer).get("/").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
