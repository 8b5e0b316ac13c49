"""Nonsense and malice in every field and every parameter: a page with a message, nothing saved, never a 500."""

import uuid

import pytest
from django.urls import reverse

from casework.models import Preference
from requests_.models import Ticket
from tests.factories.accounts import PASSWORD
from tests.factories.measures import signed
from tests.factories.requests import report

pytestmark = pytest.mark.django_db
NASTY = {
    "nul": "a\x00b",
    "sql": "'; DROP TABLE requests_ticket; --",
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "template": "{{ settings.SECRET_KEY }}{% load x %}",
    "emoji": "😀𠮷𪚥" * 3,
    "long": "长" * 20_000,
    "negative": "-1",
    "huge": "9" * 400,
    "percent": "%s%(x)s%%",
    "surrogate": "\\ud800",
    "right-to-left": "\u202egnp.exe",
}
# What is tried in each field alone; the others are tried in all fields at once.
WORST = ("nul", "html", "long", "huge")
REPORT_FIELDS = (
    "description", "place", "entrance", "place_text", "area", "category", "urgency", "type", "source", "caller_name",
    "caller_phone", "external_number", "latitude", "longitude", "key", "photos_staged",
)  # fmt: skip
QUERIES = {
    "casework:case_list": ("text", "status", "light", "area", "kind", "category", "handler", "handler_name",
                           "supervised", "decision", "reporter", "since", "until", "sort", "after"),
    "casework:case_export": ("text", "area", "since", "sort"),
    "portal:search": ("q",),
    "portal:summary": ("area",),
    "portal:inbox": ("after", "unread", "topic"),
    "portal:cases_geojson": ("bbox", "zoom", "light"),
    "grids:areas_geojson": ("bbox", "zoom", "level"),
    "grids:locate": ("lat", "lng"),
    "grids:area_list": ("under",),
    "grids:coverage": ("community",),
    "requests:tickets_nearby": ("category", "place", "latitude", "longitude"),
}  # fmt: skip


@pytest.fixture
def good(tree):
    return {
        "description": "楼道踏步破损",
        "category": "stairs-handrail",
        "area": tree["00500101"].code,
        "urgency": "normal",
        "type": "help",
        "source": "patrol",
        "key": str(uuid.uuid4()),
    }


@pytest.mark.parametrize("name", NASTY)
def test_the_whole_report_filled_with_nonsense(name, good, officer, client_for):
    nonsense = dict.fromkeys(REPORT_FIELDS, NASTY[name])
    response = client_for(officer).post(reverse("requests:ticket_report"), nonsense)
    assert response.status_code == 400
    assert b"<script>alert(1)" not in response.content
    assert not Ticket.objects.exists()


@pytest.mark.parametrize("name", WORST)
@pytest.mark.parametrize("field", REPORT_FIELDS)
def test_a_field_of_the_report_filled_with_nonsense(field, name, good, officer, client_for):
    response = client_for(officer).post(reverse("requests:ticket_report"), good | {field: NASTY[name]})
    assert response.status_code in (200, 302, 400)
    if response.status_code == 302:
        page = client_for(officer).get(response["Location"])
        assert page.status_code == 200
        assert b"<script>alert(1)" not in page.content
        assert b"<img src=x" not in page.content
    else:
        assert not Ticket.objects.exists()
        assert b"<script>alert(1)" not in response.content


@pytest.mark.parametrize("name", NASTY)
def test_all_parameters_of_an_address_filled_with_nonsense(name, officer, tree, client_for):
    client = client_for(officer)
    for view, parameters in QUERIES.items():
        response = client.get(reverse(view), dict.fromkeys(parameters, NASTY[name][:2000]))
        assert response.status_code in (200, 302, 400, 404), (view, response.status_code)
        if response["Content-Type"].startswith("text/html"):
            assert b"<script>alert(1)" not in response.content


@pytest.mark.parametrize("name", WORST)
@pytest.mark.parametrize("view", QUERIES)
def test_a_parameter_of_an_address_filled_with_nonsense(view, name, officer, tree, client_for):
    client = client_for(officer)
    for parameter in QUERIES[view]:
        value = NASTY[name][:4000]
        response = client.get(reverse(view), {parameter: value})
        assert response.status_code in (200, 302, 400, 404), (parameter, response.status_code)
        if response["Content-Type"].startswith("text/html"):
            assert b"<script>alert(1)" not in response.content
        assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", NASTY)
def test_a_step_and_a_note_filled_with_nonsense(name, officer, micro_grid_worker, tree, client_for):
    ticket = report(micro_grid_worker, tree["00500101"])
    client = client_for(officer)
    note = {"text": NASTY[name], "key": str(uuid.uuid4())}
    assert client.post(reverse("casework:case_note", args=[ticket.number]), note).status_code in (302, 400)
    data = {"version": 1, "urgency": NASTY[name], "handling_level": "grid", "opinion": NASTY[name]}
    response = client.post(reverse("casework:case_do", args=[ticket.number, "accept"]), data)
    assert response.status_code == 400
    ticket.refresh_from_db()
    assert ticket.status == "reported"
    page = client.get(reverse("casework:case_detail", args=[ticket.number]))
    assert page.status_code == 200
    assert b"<script>alert(1)" not in page.content


MEASURES = {
    "request_extension": {"workdays": "3", "reason": "等待配件"},
    "propose_suspension": {"review_on": "2099-01-01", "reason": "待改造"},
    "whistle": {
        "organisations": "",
        "ground": "residents",
        "demand": "会商",
        "respond_by": "2099-01-01T10:00",
    },
    "supervise": {"leader": "", "answer_by": "2099-01-01", "demand": "限期办结"},
}


@pytest.mark.parametrize("name", WORST)
@pytest.mark.parametrize("verb", MEASURES)
def test_a_step_about_time_filled_with_nonsense(verb, name, secretary, officer, tree, client_for):
    ticket = signed(tree["00500101"], officer, secretary)
    client, url = client_for(secretary), reverse("casework:case_do", args=[ticket.number, verb])
    for field in MEASURES[verb]:
        data = {"version": ticket.version, **MEASURES[verb], field: NASTY[name]}
        response = client.post(url, data)
        taken = response.status_code == 302
        assert taken or response.status_code in (400, 409), (field, response.status_code)
        assert taken or b"<script>alert(1)" not in response.content
    ticket.refresh_from_db()
    assert (ticket.status, ticket.is_supervised, ticket.whistles) == ("handling", False, {})
    page = client.get(reverse("casework:case_detail", args=[ticket.number]))
    assert page.status_code == 200
    assert b"<script>alert(1)" not in page.content


@pytest.mark.parametrize("name", [n for n in NASTY if n != "nul"])
def test_an_unknown_number_or_verb_is_not_found(name, officer, micro_grid_worker, tree, client_for):
    ticket = report(micro_grid_worker, tree["00500101"])
    client = client_for(officer)
    assert client.get(f"/cases/{NASTY[name][:200]}/").status_code == 404
    assert client.post(f"/cases/{ticket.number}/do/{NASTY[name][:200]}/").status_code == 404


def test_sign_in_with_nonsense_is_refused_politely(client, db):
    for value in NASTY.values():
        response = client.post(reverse("accounts:sign_in"), {"username": value, "password": value})
        assert response.status_code in (200, 400, 429)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"]
)
def test_signing_in_never_leads_away(target, client, officer):
    data = {"username": officer.username, "password": PASSWORD, "next": target}
    response = client.post(reverse("accounts:sign_in") + f"?next={target}", data)
    assert response.status_code == 302
    assert response["Location"] == "/"


@pytest.mark.parametrize("name", NASTY)
@pytest.mark.parametrize("field", ["email", "turn-email", "late-sms"])
def test_a_choice_of_reminders_filled_with_nonsense(field, name, officer, client_for):
    client, url = client_for(officer), reverse("portal:preferences")
    form = client.get(url).context["form"]
    good = {bound.html_name: bound.initial for bound in form}
    response = client.post(url, good | {field: NASTY[name]})
    assert response.status_code == 400
    assert b"<script>alert(1)" not in response.content
    assert not Preference.objects.exists()
    officer.refresh_from_db()
    assert officer.email == ""
