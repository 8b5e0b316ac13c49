"""Who holds which post over a place: used to choose handlers and to tell people."""

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext, pgettext

from accounts.models import User
from grids.choices import LEVEL_OF_LENGTH
from grids.models import AreaAssignment


def holders(duties: Collection[str], path: str) -> list[int]:
    """Ids of the active people who hold one of these duties over the area with this code, deputies included."""
    rows = AreaAssignment.objects.current().filter(area__code__in=_prefixes(path), duty__in=duties)
    return list(rows.values_list("user_id", flat=True).distinct())


def serves(user: User, path: str) -> bool:
    """Whether the person holds any post over the area with this code now."""
    return AreaAssignment.objects.current().filter(user=user, area__code__in=_prefixes(path)).exists()


def posts_over(people: Any, path: str) -> dict[int, str]:
    """For each of these people with a post over the area with this code: the posts in words."""
    rows = AreaAssignment.objects.current().filter(user__in=people, area__code__in=_prefixes(path))
    found: dict[int, list[str]] = {}
    for post in rows.select_related("area").defer("area__boundary").order_by("-area__code", "is_deputy"):
        deputy = f" ({gettext('deputy')})" if post.is_deputy else ""
        found.setdefault(post.user_id, []).append(f"{post.area.name} {post.get_duty_display()}{deputy}")
    return {person: pgettext("between names", ", ").join(words) for person, words in found.items()}


def _prefixes(path: str) -> list[str]:
    """The codes of the area and of those above it."""
    return [path[:n] for n in LEVEL_OF_LENGTH if n <= len(path)]


def staff_within(path: str) -> list[int]:
    """Ids of the active people with any post at or below the area with this code."""
    rows = AreaAssignment.objects.current().filter(area__code__startswith=path)
    return list(rows.values_list("user_id", flat=True).distinct())


def main_holder(duty: str, path: str) -> User | None:
    """The active person who holds this duty over the area with this code, a main holder before a deputy; or None."""
    posts = AreaAssignment.objects.current().filter(area__code__in=_prefixes(path), duty=duty)
    post = posts.select_related("user").order_by("is_deputy", "from_on", "pk").first()
    return post.user if post else None
