"""Every model is in the administration, where its list is searched and filtered, but for the work on cases.

The three administrators see no case by their role: a model that is a case or belongs to one is in no table.
"""

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import override_settings
from django.urls import reverse

from casework.models import Case, ClosedTally, Reminder, SavedFilter
from portal.admin import QUEUES
from requests_.models import AnswerTally

OURS = [
    model
    for config in apps.get_app_configs()
    if (settings.BASE_DIR / config.name).is_dir()
    for model in config.get_models()
]
# Reminders stay: what was given up is put back there, without a word of the case.
OUTBOX = {Reminder}
# No case hangs on them, and still they tell of cases: how many were closed where, and what a person looks for.
OF_CASES = {AnswerTally, ClosedTally, SavedFilter}
INLINE = {inline.model for table in admin.site._registry.values() for inline in table.inlines}


def test_every_app_with_models_is_looked_at():
    assert {"accounts", "grids", "casework", "requests", "portal"} <= {m._meta.app_label for m in OURS}


def tells_of_cases(model):
    """A case, what belongs to one, and what belongs to that."""
    owners = {field.related_model for field in model._meta.fields if field.is_relation} - {model}
    return issubclass(model, Case) or model in OF_CASES or any(tells_of_cases(owner) for owner in owners)


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_model_has_a_table_that_is_searched_and_filtered_unless_it_tells_of_cases(model):
    table = admin.site._registry.get(model)
    if tells_of_cases(model) and model not in OUTBOX:
        assert table is None
        assert model not in INLINE
        return
    assert table or model in INLINE
    # A table with a page of its own for its list, the calendar by years, is looked up there.
    if table and type(table).changelist_view is admin.ModelAdmin.changelist_view:
        assert (bool(table.search_fields), bool(table.list_filter)) == (True, True)


def test_every_queue_has_its_words():
    assert set(QUEUES) == set(settings.TASK_QUEUES)


@pytest.mark.django_db
def test_the_first_page_begins_with_what_a_community_is_set_up_from(client_for, system_admin):
    with override_settings(ADMIN_SECOND_FACTOR=False):
        listed = client_for(system_admin).get(reverse("admin:index")).context["app_list"]
    assert [app["app_label"] for app in listed][:4] == ["grids", "accounts", "requests", "casework"]
    for app in listed:
        editable = [model["perms"]["add"] or model["perms"]["change"] for model in app["models"]]
        assert editable == sorted(editable, reverse=True)
    assert [model["object_name"] for model in listed[0]["models"]][:2] == ["Area", "Community"]
