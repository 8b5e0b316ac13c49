"""What browsers ask of every site."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Pages outside our frame, such as the administration, ask for the icon by its old name."""
    return redirect(static("favicon.svg"))
