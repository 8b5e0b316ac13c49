"""Which areas a person serves. Pure prefixes of the code: a scope never needs PostGIS."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db.models import CharField, Q
from django.db.models.expressions import RawSQL

from accounts.permissions import sees_every_area
from grids.choices import LEVEL_OF_LENGTH

# The codes of what a post's area and the areas in it replaced, over any number of splits and merges (replaced_by leads
# from the old to the new), as far as they do not begin with its own code. Read with the posts, in the same statement.
HISTORY = """ARRAY(
    WITH RECURSIVE before(id) AS (
        SELECT old.from_area_id FROM grids_area here JOIN grids_area_replaced_by old ON old.to_area_id = here.id
        WHERE here.id = grids_area.id OR here.parent_id = grids_area.id
        UNION
        SELECT old.from_area_id FROM before JOIN grids_area_replaced_by old ON old.to_area_id = before.id
    )
    SELECT was.code FROM before JOIN grids_area was ON was.id = before.id
    WHERE was.code NOT LIKE grids_area.code || '%%' ORDER BY was.code
)"""


@dataclass(frozen=True)
class Post:
    """One current post: the area's code, the duty held there, main or deputy, the area's name, and its history.

    `history`: codes of the retired areas whose ground is served now. What was closed there stays under them; rights
    come from `path` alone (docs/decisions/0029-history-of-an-area.md).
    """

    path: str
    duty: str
    is_deputy: bool = False
    name: str = ""
    history: tuple[str, ...] = ()


def posts_of(user: Any) -> tuple[Post, ...]:
    """The person's current posts; read once per user object (one request)."""
    if not user.is_authenticated:
        return ()
    if getattr(user, "_posts", None) is None:
        read_posts([user])
    return user._posts


def read_posts(users: Collection[Any]) -> None:
    """Reads the current posts of several people at once, for `posts_of`."""
    posts: dict[int, list[Post]] = {user.pk: [] for user in users}
    rows = apps.get_model("grids", "AreaAssignment").objects.current().filter(user__in=posts)
    rows = rows.annotate(history=RawSQL(HISTORY, [], output_field=ArrayField(CharField())))  # noqa: S611  our text
    columns = ("user_id", "area__code", "duty", "is_deputy", "area__name", "history")
    for person, path, duty, is_deputy, name, history in rows.order_by("area__code").values_list(*columns):
        posts[person].append(Post(path, duty, is_deputy, name, tuple(history)))
    for user in users:
        user._posts = tuple(posts[user.pk])


def holds(user: Any, duties: Collection[str], path: str) -> bool:
    """Whether the person holds one of these duties in an area that contains `path`."""
    return any(post.duty in duties and path.startswith(post.path) for post in posts_of(user))


def codes_served(user: Any, duties: tuple[str, ...]) -> frozenset[str]:
    """Codes of areas below the person's posts where somebody holds one of the duties; read once per user object."""
    served: dict[Any, frozenset[str]] = user.__dict__.setdefault("_served", {})
    if duties not in served:
        rows = apps.get_model("grids", "AreaAssignment").objects.current().filter(duty__in=duties)
        below = Q(pk__in=[])
        for path in scope_paths(user):
            below |= Q(area__code__startswith=path)
        served[duties] = frozenset(rows.filter(below).values_list("area__code", flat=True))
    return served[duties]


def scope_paths(user: Any) -> tuple[str, ...]:
    """The codes of the areas served, without those inside another one."""
    paths = sorted({post.path for post in posts_of(user)})
    return tuple(p for p in paths if not any(p != q and p.startswith(q) for q in paths))


def history_codes(user: Any) -> tuple[str, ...]:
    """The codes of the retired areas whose ground the person serves now, without those inside their areas."""
    return tuple(sorted({code for post in posts_of(user) for code in post.history}))


def covers(user: Any, path: str) -> bool:
    """Whether an area with this code lies at or below one of the person's posts."""
    return sees_every_area(user) or any(path.startswith(p) for p in scope_paths(user))


def community_codes(user: Any) -> tuple[str, ...]:
    """Codes of the communities the person's posts lie in or span (a subdistrict's code stays 9 digits)."""
    return tuple(sorted({path[:12] for path in scope_paths(user)}))


def area_filter(user: Any, prefix: str = "", *, with_above: bool = True) -> Q:
    """Rows of `Area` at, below or (unless `with_above` is off) above the person's posts, and what these replaced.

    With a `prefix`, rows that have an area under that name, at or below the posts.
    """
    if sees_every_area(user):
        return Q()
    condition = Q(pk__in=[])
    for path in scope_paths(user):
        condition |= Q(**{f"{prefix}code__startswith": path})
        if with_above and not prefix:
            ancestors = [path[:n] for n in LEVEL_OF_LENGTH if n < len(path)]
            condition |= Q(code__in=ancestors)
    if not prefix and (history := history_codes(user)):
        condition |= Q(code__in=history)
    return condition
