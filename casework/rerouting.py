"""Open cases follow when their area is split or merged; closed ones stay in the old area's history until reopened."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from casework.events import record_event
from casework.models import Case
from grids.models import Area, Compound
from grids.rerouting import Move
from grids.succession import choose, heirs_of, successor_of


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


def area_now(case: Case) -> Area:
    """The area in force where the case lives: its own, or what that was split or merged into since it was closed.

    Nobody retires it until the transaction ends.
    """
    return successor_of(case.area, point=case.point, compound=_compound(case))


def open_cases_in(area: Area) -> str:
    """In words, how many open cases live in an area; nothing when none."""
    count = Case.objects.open().filter(area=area.pk).count()
    words = ngettext("%(count)s open case", "%(count)s open cases", count)
    return words % {"count": count} if count else ""


def _compound(case: Case) -> Compound | None:
    return case.compound or (case.building.compound if case.building else None)
