"""The inputs of 更正地点/分类 (requests_/correction.py): those of the report, filled with what the ticket says."""

import re
from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from grids.choices import CODE_LENGTH, Level
from requests_.report_forms import CategoryField, KeyField, PlaceField
from requests_.reporting import entrances, micro_grids
from requests_.selectors import offered_categories

POSITION = re.compile(r"\s*(\d{1,3}(?:\.\d{1,9})?)\s*[,，\s]\s*(\d{1,2}(?:\.\d{1,9})?)\s*", re.ASCII)


class PositionField(forms.CharField):
    """Longitude and latitude in degrees, as a map shows them; cleans to the point or None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, help_text=_("Longitude, latitude: 103.84120, 36.05670."), **kwargs)

    def clean(self, value: Any) -> Point | None:
        text = super().clean(value)
        if not text:
            return None
        found = POSITION.fullmatch(text)
        longitude, latitude = map(float, found.groups()) if found else (0.0, 99.0)
        if longitude > 180 or latitude > 90:
            raise ValidationError(_("Longitude and latitude in degrees, such as 103.84120, 36.05670."))
        return Point(longitude, latitude, srid=4326)


def _category(form: Any, required: bool) -> forms.Field:
    """The one it has stays to be chosen, though it may no longer be offered."""
    own = form.case.category
    return CategoryField(
        load=lambda: {category.code: category for category in (own, *offered_categories())},
        blank=_("Choose …"),
        label=_("Category"),
        required=required,
        initial=own.code,
    )


def _place(form: Any, required: bool) -> forms.Field:
    case = form.case
    initial = f"building:{case.building_id}" if case.building_id else ""
    if not initial and case.compound is not None:
        initial = f"compound:{case.compound.code}"
    return PlaceField(user=form.user, label=_("Compound or building"), required=required, initial=initial)


def _entrance(form: Any, required: bool) -> forms.Field:
    """Those of the building that was sent, or of the one it has."""
    place, case = form.fields["place"], form.case

    def load() -> dict[str, Any]:
        sent = place.find(form.data.get("place", "")) if form.is_bound else (case.compound, case.building)
        return {entrance.no: entrance for entrance in entrances(sent[1] if sent else None)}

    initial = case.entrance.no if case.entrance is not None else ""
    return KeyField(load=load, blank=_("Not sure"), label=_("Entrance"), required=required, initial=initial)


def _place_text(form: Any, required: bool) -> forms.Field:
    return forms.CharField(
        label=_("Floor, room or place in words"),
        max_length=120,
        required=required,
        initial=form.case.place_text,
    )


def _position(form: Any, required: bool) -> forms.Field:
    return PositionField(label=_("Position"), required=required)


def _area(form: Any, required: bool) -> forms.Field:
    """The micro-grids of its community."""
    community = form.case.path[: CODE_LENGTH[Level.COMMUNITY]]
    return KeyField(
        load=lambda: {a.code: a for a in micro_grids(form.user) if a.code.startswith(community)},
        blank=_("Found by itself"),
        label=_("Micro-grid"),
        required=required,
        help_text=_("Choose it only when it is not found by itself."),
    )


CORRECTION_FIELDS = {
    "category": _category,
    "place": _place,
    "entrance": _entrance,
    "place_text": _place_text,
    "position": _position,
    "area": _area,
}
