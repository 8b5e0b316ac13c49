"""Django admin for reference data; it signs people in and out through the site's own pages."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.views import SignOut
from grids.models import Area

# In the order in which a community is set up, before it what only auditors see; what is not named comes after.
APP_ORDER = ("admin", "grids", "accounts", "requests", "casework")


class AreaAutocomplete(AutocompleteJsonView):
    """Areas say where they lie: every community has a first grid."""

    def serialize_result(self, obj: Any, to_field_name: str) -> dict[str, str]:
        found = super().serialize_result(obj, to_field_name)
        if isinstance(obj, Area):
            above = f"{obj.parent.name} › " if obj.parent else ""
            found["text"] = f"{above}{obj.name} {obj.code}"
        return found


class WeigeAdminSite(admin.AdminSite):
    site_header = _("Weige administration")
    site_title = _("Weige administration")
    index_title = _("Areas, people and reference data")

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """One sign-in page for all: the lock-out and the second factor live there.

        Who is signed in and comes here may not open the administration: sending them on would go in a circle.
        """
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Apps as a community is set up; in each what one may edit before what is only looked at, as registered."""
        registered = list(self._registry)

        def place(model: dict[str, Any]) -> tuple[bool, int]:
            rights = model["perms"]
            return not (rights["add"] or rights["change"]), registered.index(model["model"])

        found = super().get_app_list(request, app_label)
        for app in found:
            app["models"].sort(key=place)
        order = {label: number for number, label in enumerate(APP_ORDER)}
        return sorted(found, key=lambda app: order.get(app["app_label"], len(order)))

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return AreaAutocomplete.as_view(admin_site=self)(request)

    def logout(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return SignOut.as_view()(request)

    def password_change(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        return redirect("accounts:change_password")
