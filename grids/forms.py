"""Input of the areas' pages and of the map's questions."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.gis.geos import Point, Polygon
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from core.forms import StyledForm, UploadField
from grids.choices import Level, SourceCrs
from grids.exchange_base import Column
from grids.exchange_columns import LABELS, says_too_little
from grids.exchange_process import SUFFIXES


class ViewForm(forms.Form):
    """The part of the world a map shows: bbox=west,south,east,north in degrees, zoom, level, plain (no lights)."""

    bbox = forms.CharField(max_length=100)
    zoom = forms.IntegerField(min_value=0, max_value=24)
    level = forms.ChoiceField(choices=Level.choices, required=False)
    plain = forms.BooleanField(required=False)

    def clean_bbox(self) -> Polygon:
        parts = self.cleaned_data["bbox"].split(",")
        try:
            west, south, east, north = (float(part) for part in parts)
        except ValueError as error:
            raise ValidationError(_("A view has four numbers: west, south, east, north.")) from error
        west, east = max(west, -180.0), min(east, 180.0)
        south, north = max(south, -90.0), min(north, 90.0)
        # Written so that NaN, which compares with nothing, is refused too.
        if not (west < east and south < north):
            raise ValidationError(_("A view has four numbers: west, south, east, north."))
        box = Polygon.from_bbox((west, south, east, north))
        box.srid = 4326
        return box


class PositionForm(StyledForm):
    """A position in WGS-84 degrees."""

    lat = forms.FloatField(label=_("Latitude"), min_value=-90, max_value=90)
    lng = forms.FloatField(label=_("Longitude"), min_value=-180, max_value=180)

    def point(self) -> Point:
        return Point(self.cleaned_data["lng"], self.cleaned_data["lat"], srid=4326)


def crs_field() -> forms.ChoiceField:
    """The declared coordinate system: nobody gets one by not looking."""
    return forms.ChoiceField(
        label=_("Coordinate system of the file"),
        choices=[("", _("Choose …")), *SourceCrs.choices],
        help_text=_(
            "Positions are converted to WGS-84. A wrong choice shifts everything by 200 to 1,000 metres."
        ),
    )


class ImportForm(StyledForm):
    """A file of outlines with the coordinate system it was made in."""

    file = UploadField(
        label=_("File of outlines"),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(SUFFIXES)}),
        help_text=_("GeoJSON, shapefile packed as .zip, KML or GeoPackage (.gpkg)."),
        error_messages={"empty": _("The file is empty. Choose another one.")},
    )
    crs = crs_field()
    repair = forms.BooleanField(
        label=_("Repair outlines that cross themselves"),
        required=False,
        help_text=_("Each repaired outline is named in the preview."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > settings.GEOJSON_MAX_BYTES:
            megabytes = settings.GEOJSON_MAX_BYTES // 1024 // 1024
            raise ValidationError(
                _("The file is larger than %(limit)s MB. Divide it, or use the command import_areas."),
                code="too_large",
                params={"limit": megabytes},
            )
        if not file.name.lower().endswith(SUFFIXES):
            raise ValidationError(
                _("Choose a file that ends in %(suffixes)s.") % {"suffixes": "、".join(SUFFIXES)},
                code="wrong_type",
            )
        return file


class ReadingForm(StyledForm):
    """Which property of the file stands for what."""

    crs = crs_field()

    def __init__(self, *args: Any, columns: list[Column], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = [(column.name, _named(column)) for column in columns]
        for name, label in LABELS.items():
            self.fields[name] = forms.ChoiceField(label=label, choices=[("", "–"), *names], required=False)
        self.fields["level"].help_text = _("Left out, the length of the code tells it.")
        self.style_widgets()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and says_too_little(self.reading()):
            missing = "code" if data["name"] else "name"
            self.add_error(missing, _("Say which property holds it."))
        return data

    def reading(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in LABELS if self.cleaned_data.get(name)}


def _named(column: Column) -> str:
    """The property with an example of what it holds."""
    return f"{column.name} ({column.example})" if column.example else column.name


class ExportForm(StyledForm):
    """Which part of the tree, in which coordinate system."""

    crs = forms.ChoiceField(label=_("Coordinate system of the file"), choices=SourceCrs.choices)
    area = forms.ChoiceField(label=_("Area"))

    def __init__(self, *args: Any, areas: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].choices = [(area.code, f"{area.code} {area.name}") for area in areas]
