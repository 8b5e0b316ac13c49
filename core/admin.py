"""Pieces for tables of the administration: of what is only looked at, and of what is ended after a question."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.forms import CheckboxInput
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext


class HiddenColumnsMixin:
    """Columns that no page of the table shows are no filter of its list either.

    SECURITY: Django takes any column from the address; `?secret__startswith=a` would tell it letter by letter.
    """

    hidden: ClassVar[tuple[str, ...]] = ()

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        is_hidden = lookup.split("__")[0] in self.hidden
        return not is_hidden and bool(super().lookup_allowed(lookup, value, request))


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


class AskBeforeEndMixin:
    """What a change would leave behind is listed on a page of its own first, which carries all that was sent."""

    def left_behind(self, request: HttpRequest, obj: Any) -> list[str]:
        """In words, what the change that was sent would leave behind; nothing when it ends nothing."""
        return []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if request.method == "POST" and object_id and "_confirmed" not in request.POST:
            obj = self.get_object(request, unquote(object_id))
            may_change = obj is not None and self.has_change_permission(request, obj)
            if may_change and (lines := self.left_behind(request, obj)):
                posted = [
                    (name, value)
                    for name, values in request.POST.lists()
                    for value in values
                    if name != "csrfmiddlewaretoken"
                ]
                context = {
                    **self.admin_site.each_context(request),
                    "title": gettext("Are you sure?"),
                    "leaving": obj,
                    "lines": lines,
                    "posted": posted,
                }
                return TemplateResponse(request, "admin/confirm_leaving.html", context)
        return super().changeform_view(request, object_id, form_url, extra_context)
