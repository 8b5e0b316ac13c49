"""Cases as GeoJSON for one view of the map."""

from datetime import datetime
from typing import Any

from django.contrib.gis.geos import Polygon
from django.urls import reverse
from django.utils.translation import gettext as _

from casework.choices import Light
from casework.lights import light_of
from casework.registry import status_label
from casework.selectors import visible_cases
from grids.maps import collection, feature

MAX_CASES = 500


def case_layer(user: Any, *, view: Polygon, now: datetime) -> dict[str, Any]:
    """Open visible cases in view, the most urgent first, at most 500; a notice says when there are more."""
    # SECURITY: a secret case has no place on a map, not even for those who may open it: screens are shared.
    cases = visible_cases(user).open().filter(is_secret=False, point__within=view).for_list()
    shown = list(cases.order_by("due_at", "pk")[: MAX_CASES + 1])
    notice = ""
    if len(shown) > MAX_CASES:
        notice = _("More than %(count)s cases are in view; zoom in to see all.") % {"count": MAX_CASES}
    features = [
        feature(
            case.point,
            kind="case",
            number=case.number,
            title=case.title,
            name=case.number,
            light=light_of(case, now).value,
            supervised=case.is_supervised,
            lines=[line for line in (f"{case.area} {case.place}".strip(), str(case.handler or "")) if line],
            status=_status(case, now),
            url=reverse("casework:case_detail", args=[case.number]),
        )
        for case in shown[:MAX_CASES]
    ]
    return collection(features, notice=notice)


def _status(case: Any, now: datetime) -> str:
    """What the panel of a point says in words: the status, the limit, and whether it is supervised."""
    light = light_of(case, now)
    words = [status_label(case.kind, case.status)]
    if light not in (Light.NONE, Light.GREY):
        words.append(light.label)
    if case.is_supervised:
        words.append(_("Supervised"))
    return " · ".join(str(word) for word in words)
