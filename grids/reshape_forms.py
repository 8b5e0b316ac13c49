"""Input of a split or merge: a line on the map, a share-out of micro-grids, or neighbours to join."""

import re
from math import isfinite
from typing import Any

from django import forms
from django.contrib.gis.geos import LineString
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.forms import StyledForm
from grids.models import Area
from grids.outlines import cut
from grids.reshape import Part

NAME_LENGTH = 30
LINE_POINTS = 50


class TwoNames(StyledForm):
    """The names of the two new areas."""

    first = forms.CharField(label=_("Name of the first new area"), max_length=NAME_LENGTH)
    second = forms.CharField(label=_("Name of the second new area"), max_length=NAME_LENGTH)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("first") and data.get("first") == data.get("second"):
            raise ValidationError({"second": _("The two areas need different names.")})
        return data


class CutForm(TwoNames):
    """A micro-grid is cut along a line that begins and ends outside of it."""

    line = forms.CharField(
        label=_("Dividing line"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_(
            "Tap the map: begin outside the area, cross it, end outside. Or write one longitude,latitude a line."
        ),
    )
    field_order = ("line", "first", "second")

    def __init__(self, *args: Any, area: Area, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.area = area
        self.fields["first"].help_text = _("The western part.")
        self.fields["second"].help_text = _("The eastern part.")

    def clean_line(self) -> LineString:
        pairs = re.split(r"[\s;]+", self.cleaned_data["line"].strip())
        try:
            points = [tuple(float(number) for number in pair.split(",")) for pair in pairs]
        except ValueError as error:
            raise ValidationError(_("Write each point as longitude,latitude.")) from error
        on_earth = all(
            len(p) == 2 and all(map(isfinite, p)) and abs(p[0]) <= 180 and abs(p[1]) <= 90 for p in points
        )
        if not on_earth or not 2 <= len(set(points)) <= LINE_POINTS:
            raise ValidationError(_("A line needs 2 to 50 points, each longitude,latitude."))
        return LineString(points, srid=4326)

    def parts(self) -> list[Part]:
        """The two parts. DomainError when the line does not divide the area."""
        if self.area.boundary is None:
            raise DomainError(_("A micro-grid is split along its outline; draw the outline first."))
        names = (self.cleaned_data["first"], self.cleaned_data["second"])
        outlines = cut(self.area.boundary, self.cleaned_data["line"])
        return [Part(name, outline) for name, outline in zip(names, outlines, strict=True)]


class ShareForm(TwoNames):
    """A grid is split by giving each of its micro-grids to one of the two new grids."""

    second_children = forms.MultipleChoiceField(
        label=_("Micro-grids of the second new area"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The others stay together in the first. Micro-grids get new codes under their new grid."),
    )

    def __init__(self, *args: Any, area: Area, children: list[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.children = children
        self.fields["second_children"].choices = [(child.code, child.name) for child in children]

    def parts(self) -> list[Part]:
        second = tuple(self.cleaned_data["second_children"])
        first = tuple(child.code for child in self.children if child.code not in second)
        return [
            Part(self.cleaned_data["first"], children=first),
            Part(self.cleaned_data["second"], children=second),
        ]


class MergeForm(StyledForm):
    """Neighbours to join with the area, and the name of what they become."""

    others = forms.MultipleChoiceField(label=_("Merge with"), widget=forms.CheckboxSelectMultiple)
    name = forms.CharField(label=_("Name of the new area"), max_length=NAME_LENGTH)

    def __init__(self, *args: Any, area: Area, siblings: list[Area], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["others"].choices = [(sibling.code, sibling.name) for sibling in siblings]
        self.fields["name"].initial = area.name
