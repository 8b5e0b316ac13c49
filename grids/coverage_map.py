"""What the coverage check found, as features for the map."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from grids.coverage import Coverage
from grids.maps import feature
from grids.rules import square_metres


def coverage_features(found: Coverage) -> Iterator[dict[str, Any]]:
    """Gaps, overlaps and compounds outside; each with its words."""
    for gap in found.gaps:
        size = _("%(m2)s m²") % {"m2": square_metres(gap.square_metres)}
        yield feature(gap.geometry, kind="gap", name=_("Gap"), lines=[size])
    for lap in found.overlaps:
        names = f"{lap.first.name} · {lap.second.name}"
        size = _("%(m2)s m²") % {"m2": square_metres(lap.square_metres)}
        yield feature(lap.geometry, kind="overlap", name=_("Overlap"), lines=[names, size])
    for stray in found.strays:
        yield feature(stray.compound.point, kind="stray", name=stray.compound.name, lines=[str(stray.words)])
