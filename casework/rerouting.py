"""Open cases and group robots follow when their area is split or merged; closed cases stay in the old one's history."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.events import record_event
from casework.models import Case, Robot
from grids.models import Area, Compound
from grids.rerouting import Carried, Move, lay_into
from grids.succession import choose, heirs_of, successor_of
from grids.ties import listed

NAME_LENGTH = Robot._meta.get_field("name").max_length or 0


def reroute_cases(retired: Sequence[Area], actor: Any, now: datetime) -> list[Move]:
    """Moves every open case of the retired areas and writes it into its timeline. The caller's transaction decides.

    The new version makes a page loaded before stale. A title is told only to those who may see the case.
    """
    rows = Case.objects.select_for_update(of=("self",), no_key=True).open().filter(area__in=retired)
    places = ("area", "compound__micro_grid", "building__compound__micro_grid")
    cases = list(rows.select_related(*places).order_by("pk"))
    heirs = {area.pk: heirs_of(area) for area in retired}
    visible = set(
        Case.objects.visible_to(actor).filter(pk__in=[c.pk for c in cases]).values_list("pk", flat=True)
    )
    moves = []
    for case in cases:
        source, target = case.area, choose(heirs[case.area_id], case.point, _compound(case))
        case.area, case.path, case.version = target, target.code, case.version + 1
        case.save(update_fields=["area", "path", "version"])
        facts = {"from": f"{source.name} {source.code}", "to": f"{target.name} {target.code}"}
        record_event(
            case=case,
            verb="rerouted",
            actor=actor,
            now=now,
            facts=facts,
            from_status=case.status,
            to_status=case.status,
        )
        title = case.title if case.pk in visible else _("(not shown)")
        url = reverse("casework:case_detail", args=[case.number]) if case.pk in visible else ""
        moves.append(Move(case.number if case.pk in visible else "—", title, url, source, target))
    return moves


def carry_robots(retired: Sequence[Area]) -> list[Carried]:
    """Group robots write for every area that replaces theirs. One whose chat is written to there already is put off."""
    carried: list[Carried] = []
    robots = Robot.objects.select_for_update(of=("self",)).filter(area__in=retired).select_related("area")
    for robot in robots.order_by("area__code", "pk"):
        words = _("Group robot %(name)s of %(area)s") % {"name": robot.name, "area": robot.area.name}
        heirs = list(robot.area.replaced_by.order_by("code"))
        there = Robot.objects.filter(area__in=heirs)
        served = set(there.filter(channel=robot.channel, url=robot.url).values_list("area", flat=True))
        free = [heir for heir in heirs if heir.pk not in served]
        robot.name = _free_name(robot.name, set(there.values_list("name", flat=True)))
        carried += [Carried(words, heir) for heir in lay_into(robot, free)]
        if not free:
            Robot.objects.filter(pk=robot.pk).update(is_active=False)
            carried.append(Carried(words, None))
    return carried


def _free_name(name: str, taken: Collection[str]) -> str:
    """The name, or with the lowest number that makes it differ from those taken in its area."""
    numbered = (f"{name[: NAME_LENGTH - 4]} {number}" for number in count(2))
    return next(free for free in chain([name], numbered) if free not in taken)


def area_now(case: Case) -> Area:
    """The area in force where the case lives: its own, or what that was split or merged into since it was closed.

    Nobody retires it until the transaction ends.
    """
    return successor_of(case.area, point=case.point, compound=_compound(case))


def open_cases_in(area: Area) -> str:
    """In words, how many open cases live in an area; nothing when none."""
    number = Case.objects.open().filter(area=area.pk).count()
    words = ngettext("%(count)s open case", "%(count)s open cases", number)
    return words % {"count": number} if number else ""


def robots_in(area: Area) -> str:
    """In words, the group robots that write for an area; nothing when none does."""
    names = Robot.objects.filter(area=area.pk, is_active=True).values_list("name", flat=True)
    return listed(_("group robots: %(names)s"), names)


def stranded_cases() -> Iterator[str]:
    """A sentence for each open case in a retired area: nobody holds a post there, so nobody would be told of it."""
    ended = Case.objects.open().filter(area__active_to__lte=timezone.localdate())
    for number, code in ended.order_by("pk").values_list("number", "area__code").iterator():
        yield _("%(number)s is open in %(code)s, which is no longer in force.") % {
            "number": number,
            "code": code,
        }


def _compound(case: Case) -> Compound | None:
    return case.compound or (case.building.compound if case.building else None)
