"""The question whether the process lives is answered before anything is asked of a session or a database."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from portal.views.health import live


class LiveMiddleware:
    """Answers /health/live/ itself: with a session's cookie the layers below would ask who that is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info == reverse("portal:health_live"):
            return live(request)
        return self.get_response(request)
