"""Who holds which post over a place: used to choose handlers and to tell people."""

from collections.abc import Collection

from accounts.models import User
from grids.models import AreaAssignment


def holders(duties: Collection[str], path: str) -> list[int]:
    """Ids of the active people who hold one of these duties over the area with this code, deputies included."""
    prefixes = [path[:n] for n in (6, 9, 12, 15, 17) if n <= len(path)]
    rows = AreaAssignment.objects.current().filter(area__code__in=prefixes, duty__in=duties)
    return list(rows.values_list("user_id", flat=True).distinct())


def staff_within(path: str) -> list[int]:
    """Ids of the active people with any post at or below the area with this code."""
    rows = AreaAssignment.objects.current().filter(area__code__startswith=path)
    return list(rows.values_list("user_id", flat=True).distinct())


def main_holder(duty: str, path: str) -> User | None:
    """The active person who holds this duty over the area with this code, a main holder before a deputy; or None."""
    posts = AreaAssignment.objects.current().filter(
        area__code__in=[path[:n] for n in (6, 9, 12, 15, 17) if n <= len(path)], duty=duty
    )
    post = posts.select_related("user").order_by("is_deputy", "from_on", "pk").first()
    return post.user if post else None
