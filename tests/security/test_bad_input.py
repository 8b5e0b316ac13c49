"""Nonsense and malice in every field and every parameter: a page with a message, nothing saved, never a 500."""

import uuid

import pytest
from django.urls import reverse

from casework.models import Preference
from casework.preferences import modes_for
from portal.forms import PreferencesForm
from requests_.models import Ticket
from requests_.report_forms import ReportForm
from tests.factories.accounts import PASSWORD
from tests.factories.requests import report
from tests.security.nonsense import DAYS, NASTY, WORST, as_sent, nonsense, shows
from tests.security.posting import posted

pytestmark = pytest.mark.django_db
REPORT_FIELDS = (
    "description", "place", "entrance", "place_text", "area", "category", "urgency", "type", "source", "caller_name",
    "caller_phone", "external_number", "latitude", "longitude", "key", "photos", "is_secret", "seen", "far_ok",
    "accuracy", "border", "sure",
)  # fmt: skip
QUERIES = {
    "casework:case_list": ("text", "status", "light", "area", "kind", "category", "handler", "handler_name",
                           "supervised", "decision", "reporter", "since", "until", "closed_since", "level", "repeats",
                           "handled", "secret", "sort", "after"),
    "requests:ticket_report": ("form",),
    "casework:case_export": ("text", "status", "light", "area", "kind", "category", "level", "repeats", "handled",
                             "decision", "since", "until", "closed_since", "sort"),
    "casework:bulk_dispatch": ("number", "result"),
    "grids:export": ("area", "crs"),
    "portal:home": ("after",),
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


def test_the_whole_report_filled_with_nonsense(good, officer, client_for):
    client = client_for(officer)
    for value in NASTY.values():
        response = client.post(reverse("requests:ticket_report"), dict.fromkeys(REPORT_FIELDS, value))
        assert response.status_code == 400, value
        assert not shows(response), value
    assert not Ticket.objects.exists()


DATES = ("since", "until", "closed_since")
# What the report does not read as a value: a tick, and what was shown before.
UNREAD = {"is_secret", "seen", "far_ok", "accuracy", "border", "sure"}


@pytest.mark.parametrize("name", NASTY)
def test_a_field_of_the_report_filled_with_nonsense(name, good, officer, client_for):
    client, url = client_for(officer), reverse("requests:ticket_report")
    for field in REPORT_FIELDS:
        sent = good | nonsense(field, NASTY[name])
        form = ReportForm(*as_sent(sent), user=officer)
        if name in WORST:
            assert set(form.errors) == ({field} - UNREAD), field
        elif not form.is_valid() and name != "html":
            continue  # the same page again as for the worst
        response, changed = posted(client, url, sent)
        assert response.status_code == (302 if form.is_valid() else 400), field
        assert form.is_valid() or changed <= {"casework_stagedphoto"}, field
        assert not shows(response), field
    sent = good | dict.fromkeys(("description", "place_text", "caller_name"), NASTY[name][:40])
    response = client.post(url, sent)
    if response.status_code == 302:
        page = client.get(response["Location"])
        assert page.status_code == 200
        assert not shows(page)


@pytest.mark.parametrize("name", NASTY)
def test_parameters_of_an_address_filled_with_nonsense(name, secretary, tree, client_for):
    client, value = client_for(secretary), NASTY[name][:4000]
    for view, known in QUERIES.items():
        parameters = [p for p in known if (name, p) != ("far day", "until")]
        single = [p for p in parameters if name in WORST or (name in DAYS and p in DATES)]
        for sent in (dict.fromkeys(parameters, value), *({parameter: value} for parameter in single)):
            ask = client.post if view == "casework:case_export" else client.get
            response = ask(reverse(view), query_params=sent)
            assert response.status_code in (200, 302, 400, 404), (view, sent)
            assert not response.streaming, (view, sent)
            assert not shows(response), (view, sent)
            assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("name", NASTY)
def test_a_note_filled_with_nonsense(name, officer, micro_grid_worker, tree, client_for):
    ticket = report(micro_grid_worker, tree["00500101"])
    client, url = client_for(officer), reverse("casework:case_note", args=[ticket.number])
    note = {"text": NASTY[name], "key": str(uuid.uuid4())}
    assert client.post(url, note).status_code == (400 if name in WORST else 302)
    for field in ("key", "photos"):
        response, changed = posted(client, url, note | {"text": "核实"} | nonsense(field, NASTY[name]))
        assert response.status_code == 400
        assert changed <= {"casework_stagedphoto"}
    for verb, field in (("watch", "watching"), ("reveal", "reason")):
        data = {field: NASTY[name]}
        assert client.post(reverse(f"casework:case_{verb}", args=[ticket.number]), data).status_code < 500
    page = client.get(reverse("casework:case_detail", args=[ticket.number]))
    assert page.status_code == 200
    assert not shows(page)


def test_an_unknown_number_or_verb_is_not_found(officer, micro_grid_worker, tree, client_for):
    ticket = report(micro_grid_worker, tree["00500101"])
    client = client_for(officer)
    for value in (value[:200] for name, value in NASTY.items() if name != "nul"):
        assert client.get(f"/cases/{value}/").status_code == 404, value
        assert client.post(f"/cases/{ticket.number}/do/{value}/").status_code == 404, value


def test_sign_in_with_nonsense_is_refused_politely(client, db):
    for value in NASTY.values():
        response = client.post(reverse("accounts:sign_in"), {"username": value, "password": value})
        assert response.status_code in (200, 400, 413, 429)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"]
)
def test_signing_in_never_leads_away(target, client, officer):
    data = {"username": officer.username, "password": PASSWORD, "next": target}
    response = client.post(reverse("accounts:sign_in") + f"?next={target}", data)
    assert response.status_code == 302
    assert response["Location"] == "/"


def test_a_choice_of_reminders_filled_with_nonsense(officer, client_for):
    client, url = client_for(officer), reverse("portal:preferences")
    good = {bound.html_name: bound.initial for bound in client.get(url).context["form"]}
    assert posted(client, url, good)[0].status_code == 302
    for name, value in NASTY.items():
        for field in good:
            form = PreferencesForm(good | {field: value}, modes=modes_for(officer))
            assert set(form.errors) == {field}, (name, field)
        for sent in (dict.fromkeys(good, value), good | {"email": value}):
            response = client.post(url, sent)
            assert response.status_code == 400, name
            assert not shows(response), name
    assert not Preference.objects.exists()
    officer.refresh_from_db()
    assert officer.email == ""
