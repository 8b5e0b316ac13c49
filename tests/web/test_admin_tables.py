"""Every model is in the administration, where its list is searched and filtered; nothing is named here by hand."""

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import override_settings
from django.urls import reverse

from portal.admin import QUEUES

OURS = [
    model
    for config in apps.get_app_configs()
    if (settings.BASE_DIR / config.name).is_dir()
    for model in config.get_models()
]
INLINE = {inline.model for table in admin.site._registry.values() for inline in table.inlines}


def test_every_app_with_models_is_looked_at():
    assert {"accounts", "grids", "casework", "requests", "portal"} <= {m._meta.app_label for m in OURS}


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_a_model_has_a_table_that_is_searched_and_filtered(model):
    table = admin.site._registry.get(model)
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
