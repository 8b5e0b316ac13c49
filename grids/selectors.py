"""Reading areas for pages: the tree with who serves it, one area's page, what one may choose from."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Count, Q, Sum
from django.utils import timezone

from accounts.permissions import sees_every_area
from grids.choices import ADVISED_HOUSEHOLDS, CODE_LENGTH, Duty, Level
from grids.coverage import Vacancy, vacancies
from grids.models import Area, AreaAssignment, Compound
from grids.scope import scope_paths

LEVELS, DUTIES = tuple(Level), tuple(Duty)
# The tree shows this many levels below the area looked at: whole communities, but never a whole city.
LEVELS_SHOWN = 2


@dataclass(frozen=True)
class Load:
    """How many households one person serves as main worker of grids or micro-grids."""

    person: Any
    duty: Duty
    areas: tuple[Area, ...]
    households: int

    @property
    def advice(self) -> str:
        """`more` or `fewer` than is advised for one worker of this level, or nothing. Never a rule."""
        low, high = ADVISED_HOUSEHOLDS[Level(self.areas[0].level)]
        if self.households > high:
            return "more"
        return "fewer" if self.households < low else ""


@dataclass
class AreaLine:
    """One line of the tree."""

    area: Area
    depth: int
    households: int
    compounds: int
    posts: list[AreaAssignment] = field(default_factory=list)
    vacancies: list[Vacancy] = field(default_factory=list)


@dataclass(frozen=True)
class AreaTree:
    """What the areas page shows below `focus` (None: from the top)."""

    focus: Area | None
    above: tuple[Area, ...]
    lines: tuple[AreaLine, ...]
    loads: tuple[Load, ...]


def area_tree(user: Any, under: str = "") -> AreaTree:
    """The visible areas two levels below the chosen one, with posts, households, gaps and load per worker.

    A fixed number of queries. Without a choice the tree begins where the person's posts begin, a community at
    the narrowest.
    """
    visible = Area.objects.visible_to(user).in_force()
    focus = visible.filter(code=under).first() if under else _natural_focus(user, visible)
    above = tuple(visible.filter(code__in=_codes_above(focus.code))) if focus else ()
    first = LEVELS.index(Level(focus.level)) + 1 if focus else 0
    levels = LEVELS[first : first + LEVELS_SHOWN]
    areas = list(visible.below(focus.code if focus else "").filter(level__in=levels).defer("boundary"))
    shown = [focus, *areas] if focus else areas
    posts = _posts(shown)
    sums = _sums(focus.code if focus else "", user)
    empty = defaultdict(list)
    for vacancy in vacancies(shown, timezone.localdate()):
        empty[vacancy.area.pk].append(vacancy)
    lines = tuple(
        AreaLine(
            area=area,
            depth=LEVELS.index(Level(area.level)) - first + (1 if focus else 0),
            households=sums[area.code][0],
            compounds=sums[area.code][1],
            posts=posts[area.pk],
            vacancies=empty[area.pk],
        )
        for area in shown
    )
    return AreaTree(focus, above, lines, _loads(lines))


def _natural_focus(user: Any, visible: Any) -> Area | None:
    """The area all the person's posts lie in, at least as wide as a community; the only district for the rest."""
    paths = scope_paths(user)
    if not paths:
        districts = list(visible.filter(level=Level.DISTRICT)[:2])
        return districts[0] if len(districts) == 1 else None
    for length in sorted(CODE_LENGTH.values(), reverse=True):
        prefixes = {path[:length] for path in paths}
        if length <= CODE_LENGTH[Level.COMMUNITY] and len(prefixes) == 1 and len(min(prefixes)) == length:
            return visible.filter(code=prefixes.pop()).first()
    return None


def _codes_above(code: str) -> list[str]:
    return [code[:length] for length in CODE_LENGTH.values() if length < len(code)]


def _posts(areas: Iterable[Area]) -> dict[int, list[AreaAssignment]]:
    posts: dict[int, list[AreaAssignment]] = defaultdict(list)
    rows = AreaAssignment.objects.current().filter(area__in=list(areas)).select_related("user", "area")
    for post in sorted(rows, key=lambda post: (DUTIES.index(post.duty), post.is_deputy, post.pk)):
        posts[post.area_id].append(post)
    return posts


def _sums(path: str, user: Any) -> dict[str, tuple[int, int]]:
    """Households and compounds of every area at or below the path, by its code; zeros for areas without any."""
    rows = (
        Compound.objects.visible_to(user)
        .below(path)
        .values_list("micro_grid__code")
        .annotate(Sum("households"), Count("pk"))
        .order_by("micro_grid__code")
    )
    sums: dict[str, tuple[int, int]] = defaultdict(lambda: (0, 0))
    for code, households, compounds in rows:
        for length in CODE_LENGTH.values():
            before = sums[code[:length]]
            sums[code[:length]] = (before[0] + (households or 0), before[1] + compounds)
    return sums


def _loads(lines: Iterable[AreaLine]) -> tuple[Load, ...]:
    """Households per person and duty over the lines shown, the heaviest first."""
    served: dict[tuple[Any, str], list[AreaLine]] = defaultdict(list)
    for line in lines:
        for post in line.posts:
            if not post.is_deputy and post.duty in (Duty.GRID_WORKER, Duty.MICRO_GRID_WORKER):
                served[(post.user, post.duty)].append(line)
    loads = [
        Load(person, Duty(duty), tuple(line.area for line in of), sum(line.households for line in of))
        for (person, duty), of in served.items()
    ]
    return tuple(sorted(loads, key=lambda load: (-load.households, load.person.pk)))


@dataclass(frozen=True)
class AreaPage:
    """What the page of one area shows."""

    area: Area
    above: tuple[Area, ...]
    children: tuple[AreaLine, ...]
    compounds: tuple[Compound, ...]
    posts: tuple[AreaAssignment, ...]
    vacancies: tuple[Vacancy, ...]
    replaces: tuple[Area, ...]
    replaced_by: tuple[Area, ...]
    households: int

    @property
    def advised(self) -> tuple[int, int] | None:
        """Households the standard advises for one area of this level; a hint, never a rule."""
        return ADVISED_HOUSEHOLDS.get(Level(self.area.level))


def area_page(user: Any, area: Area) -> AreaPage:
    """Everything on one area's page, in a fixed number of queries."""
    visible = Area.objects.visible_to(user)
    children = list(visible.in_force().filter(parent=area).defer("boundary"))
    posts = _posts([area, *children])
    sums = _sums(area.code, user)
    empty = vacancies([area, *children], timezone.localdate())
    lines = tuple(
        AreaLine(
            area=child,
            depth=0,
            households=sums[child.code][0],
            compounds=sums[child.code][1],
            posts=posts[child.pk],
            vacancies=[vacancy for vacancy in empty if vacancy.area == child],
        )
        for child in children
    )
    return AreaPage(
        area=area,
        above=tuple(visible.filter(code__in=_codes_above(area.code)).defer("boundary")),
        children=lines,
        compounds=tuple(_compounds(user, area)),
        posts=tuple(posts[area.pk]),
        vacancies=tuple(vacancy for vacancy in empty if vacancy.area == area),
        replaces=tuple(visible.filter(replaced_by=area).defer("boundary")),
        replaced_by=tuple(visible.filter(replaces=area).defer("boundary")),
        households=sums[area.code][0],
    )


def _compounds(user: Any, area: Area) -> Any:
    """Compounds of a grid or micro-grid with their buildings; wider areas list their children instead."""
    if len(area.code) < CODE_LENGTH[Level.GRID]:
        return Compound.objects.none()
    return (
        Compound.objects.visible_to(user)
        .filter(micro_grid__code__startswith=area.code)
        .select_related("micro_grid")
        .annotate(
            building_count=Count("buildings", distinct=True),
            entrance_count=Count("buildings__entrances", distinct=True),
        )
    )


def posts_to_keep(area: Area) -> Any:
    """Posts of the area that are held now or begin later, with the person."""
    today = timezone.localdate()
    lasting = AreaAssignment.objects.filter(Q(to_on__isnull=True) | Q(to_on__gt=today), area=area)
    return lasting.select_related("user", "area").order_by("duty", "is_deputy", "from_on", "pk")


def people_for_posts(user: Any, area: Area) -> Any:
    """Active people a keeper may give a post in the area: of the own organisation, or with a post in the scope.

    Not the whole city: nobody learns the names of another community's staff here.
    """
    near = Q(assignments__area__code__startswith=area.parent.code if area.parent else area.code)
    if user.organisation_id:
        near |= Q(organisation=user.organisation_id)
    people = get_user_model().objects.active()
    return people if sees_every_area(user) else people.filter(near).distinct()
