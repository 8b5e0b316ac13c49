"""Nonsense in every field, parameter and action of the administration is refused, never an error of the server."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.factories.requests import report

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
SHARES = 4
NONSENSE = (
    "a\x00b",
    "长" * 20_000,
    "😀<script>alert(1)</script>' OR 1=1 --",
    "9" * 30,
    "-1",
    "../..",
)
PARAMETERS = ("q", "p", "o", "_to_field", "unknown")
NO_INLINES = {
    f"{inline}-{counter}": 0
    for inline in ("assignments", "buildings", "entrances", "door_plates")
    for counter in ("TOTAL_FORMS", "INITIAL_FORMS")
}


@pytest.fixture
def site(client_for, system_admin, settings, officer, tree):
    settings.ADMIN_SECOND_FACTOR = False
    report(officer, tree["00500101"])
    return client_for(system_admin)


def refused(response):
    """What the administration answers to nonsense: the form again, the first page, or a refusal; no failure."""
    return response.status_code in (200, 302, 400, 403, 404, 405, 413)


def url_of(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture(params=range(SHARES))
def models(request):
    """A share of all tables: making the site takes longer than trying one table."""
    return MODELS[request.param :: SHARES]


def test_fields_filled_with_nonsense_save_nothing(models, site):
    for model in models:
        before = model.objects.count()
        row = model.objects.order_by("pk").first()
        pages = [url_of(model, "add"), *([url_of(model, "change", row.pk)] if row else [])]
        for place, text in enumerate(NONSENSE):  # each on one of the pages: the form is the same on both
            data = {field.name: text for field in model._meta.fields} | NO_INLINES
            page = pages[place % len(pages)]
            assert refused(site.post(page, data)), (page, text[:30])
        assert model.objects.count() == before, model


def parameters_of(model):
    """What the list of this table reads from its address."""
    found = list(PARAMETERS)
    for wanted in admin.site.get_model_admin(model).list_filter:
        name = wanted[0] if isinstance(wanted, tuple) else wanted
        found.append(name if isinstance(name, str) else name.parameter_name)
    day = admin.site.get_model_admin(model).date_hierarchy
    return [*found, *([f"{day}__year", f"{day}__gte"] if day else [])]


def test_parameters_and_actions_filled_with_nonsense(models, site):
    for model in models:
        changelist = url_of(model, "changelist")
        before = model.objects.count()
        for name in parameters_of(model):
            assert refused(site.get(changelist, {name: "9" * 30})), (model, name)
        for text in ("a\x00b", "9" * 30):
            assert refused(site.get(changelist, dict.fromkeys(parameters_of(model), text))), (model, text)
            for action in ("delete_selected", "lift", text):
                data = {"action": action, "_selected_action": text, "post": "yes"}
                assert refused(site.post(changelist, data)), (model, action[:30], text[:30])
        assert model.objects.count() == before, model


@pytest.mark.parametrize("text", NONSENSE)
def test_the_search_for_a_choice_filled_with_nonsense(text, site):
    asked = {"app_label": "grids", "model_name": "microgrid", "field_name": "parent", "term": "a"}
    for name in (*asked, "page"):
        assert refused(site.get(reverse("admin:autocomplete"), asked | {name: text})), name


def test_a_forged_key_is_refused_with_a_page_of_the_site(site):
    data = {"user": "x", "area": "y", "duty": "grid_worker", "from_on": "2023-02-20"}
    response = site.post(reverse("admin:grids_areaassignment_add"), data)
    assert response.status_code == 400
    assert "wg-public" in response.content.decode()
