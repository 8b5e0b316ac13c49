"""What the base template needs on every page."""

from django.http import HttpRequest

from portal.navigation import Frame


def frame(request: HttpRequest) -> dict[str, object]:
    """`frame` for signed-in people; public pages have none."""
    user = getattr(request, "user", None)
    return {"frame": Frame(request)} if user is not None and user.is_authenticated else {}
