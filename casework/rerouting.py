"""Open cases follow when their area is split or merged; closed ones stay in the old area's history."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from casework.events import record_event
from casework.models import Case
from grids.models import Area
from grids.rerouting import Move, destination


def reroute_cases(retired: Sequence[Area], actor: Any, now: datetime) -> list[Move]:
    """Moves every open case of the retired areas and writes it into its timeline. The caller's transaction decides.

    The new version makes a page loaded before stale. A title is told only to those who may see the case.
    """
    rows = Case.objects.select_for_update(of=("self",), no_key=True).open().filter(area__in=retired)
    cases = list(rows.select_related("area", "compound__micro_grid").order_by("pk"))
    visible = set(
        Case.objects.visible_to(actor).filter(pk__in=[c.pk for c in cases]).values_list("pk", flat=True)
    )
    moves = []
    for case in cases:
        source, target = case.area, destination(case.area, case.point, case.compound)
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
