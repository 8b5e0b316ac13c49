"""Django admin for reference data; it signs people in through the site's own page."""

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _


class WeigeAdminSite(admin.AdminSite):
    site_header = _("Weige administration")
    site_title = _("Weige administration")
    index_title = _("Areas, people and reference data")

    def login(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        """One sign-in page for all: the lock-out and the second factor live there."""
        return redirect_to_login(request.get_full_path())
