"""Pieces for tables of the administration that are looked at and never changed there."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.forms import CheckboxInput
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext


class LookUpMixin:
    """Looking only: no adding, changing or deleting, whatever the person's rights are.

    `in_words` names for a raw column the method that says it in words; the row's page shows that instead.
    """

    in_words: ClassVar[Mapping[str, str]] = {}
    change_form_template = "admin/look_up.html"

    def row_name(self, row: Any) -> str:
        """What the page of one row is called."""
        return str(row)

    def action_checkbox(self, row: Any) -> SafeString:
        label = gettext("Select this object for an action - {}").format(self.row_name(row))
        box = CheckboxInput({"class": "action-select", "aria-label": label}, lambda value: False)
        return box.render(ACTION_CHECKBOX_NAME, str(row.pk))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*super().get_readonly_fields(request, obj), *self.in_words.values())

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        shown = (self.in_words.get(name, name) for name in super().get_fields(request, obj))
        return list(dict.fromkeys(shown))

    def render_change_form(self, request: HttpRequest, context: Any, **options: Any) -> HttpResponse:
        context["subtitle"] = self.row_name(context["original"])
        return super().render_change_form(request, context, **options)

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """What nobody changes here has no history of changes."""
        raise Http404

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class LookUpAdmin(LookUpMixin, admin.ModelAdmin):
    show_full_result_count = False
    list_per_page = 50
