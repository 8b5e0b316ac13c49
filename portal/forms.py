"""What may be asked of the top pages by their address."""

from django import forms
from django.contrib.gis.geos import Polygon
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.forms import StyledForm


class SearchForm(StyledForm):
    """`?q=`: two characters at least, one finds too much to help."""

    q = forms.CharField(
        label=_("Number, headline, building or external number"),
        min_length=2,
        max_length=60,
        widget=forms.TextInput(attrs={"type": "search"}),
        error_messages={"min_length": _("Enter two characters or more.")},
    )

    @property
    def is_short(self) -> bool:
        """Whether no more is wrong than that too little was entered: a hint is the answer to that."""
        return self.has_error("q", "min_length") or self.has_error("q", "required")


class ViewField(forms.CharField):
    """`west,south,east,north` in degrees, as a polygon."""

    def clean(self, value: str) -> Polygon:
        try:
            west, south, east, north = (float(edge) for edge in super().clean(value).split(","))
        except ValueError as error:
            raise ValidationError(_("The view must be four numbers: west, south, east, north.")) from error
        if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
            raise ValidationError(_("The view lies outside of the world."))
        view = Polygon.from_bbox((west, south, east, north))
        view.srid = 4326
        return view


class ViewForm(forms.Form):
    """The part of the map in sight."""

    bbox = ViewField(max_length=100)
