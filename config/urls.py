"""The addresses of the site: plural nouns, kebab-case, public numbers and never primary keys."""

from django.contrib import admin
from django.urls import include, path

from accounts.views import set_language
from portal.views.frame import favicon

urlpatterns = [
    path("", include("portal.urls")),
    path("accounts/", include("accounts.urls")),
    path("language/", set_language, name="set_language"),
    path("areas/", include("grids.urls")),
    path("cases/", include("casework.urls")),
    path("tickets/", include("requests_.urls")),
    # Pages outside our frame (the administration) ask for it by this name.
    path("favicon.ico", favicon, name="favicon"),
    path("admin/", admin.site.urls),
]

handler400 = "portal.views.errors.bad_request"
handler403 = "portal.views.errors.permission_denied"
handler404 = "portal.views.errors.page_not_found"
handler500 = "portal.views.errors.server_error"
