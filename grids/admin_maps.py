"""The boundary editor of the administration: django-leaflet's widget without its inline script (strict CSP)."""

import json
from typing import Any

from django import forms
from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon, Polygon
from django.urls import reverse
from django.utils.translation import gettext as _
from leaflet.admin import LeafletGeoAdminMixin
from leaflet.forms.widgets import LeafletWidget

from grids.choices import PARENT_LEVEL, Level
from grids.maps import MapView


def draw_texts() -> dict[str, Any]:
    """The words of Leaflet.draw, in the shape of its `L.drawLocal`."""
    finish = {"title": _("Save the drawing"), "text": _("Done")}
    cancel = {"title": _("Throw the drawing away"), "text": _("Cancel")}
    return {
        "draw": {
            "toolbar": {
                "actions": cancel,
                "finish": finish,
                "undo": {"title": _("Delete the last point"), "text": _("Delete the last point")},
                "buttons": {"polygon": _("Draw an outline"), "marker": _("Set the point")},
            },
            "handlers": {
                "marker": {"tooltip": {"start": _("Click where the point lies.")}},
                "polygon": {
                    "tooltip": {
                        "start": _("Click to begin the outline."),
                        "cont": _("Click to go on. Corners near a neighbour's corner join it."),
                        "end": _("Click the first point to close the outline."),
                    }
                },
                "polyline": {"error": _("Edges must not cross.")},
            },
        },
        "edit": {
            "toolbar": {
                "actions": {
                    "save": finish,
                    "cancel": cancel,
                    "clearAll": {"title": _("Delete everything"), "text": _("Delete everything")},
                },
                "buttons": {
                    "edit": _("Move corners"),
                    "editDisabled": _("Nothing to move yet"),
                    "remove": _("Delete an outline"),
                    "removeDisabled": _("Nothing to delete yet"),
                },
            },
            "handlers": {
                "edit": {
                    "tooltip": {
                        "text": _("Drag the corners."),
                        "subtext": _("Cancel takes the changes back."),
                    }
                },
                "remove": {"tooltip": {"text": _("Click what is to be deleted.")}},
            },
        },
    }


class OutlineWidget(LeafletWidget):
    """A map to draw on beside the GeoJSON text; `level` chooses the neighbours shown for orientation."""

    include_media = True
    level = ""

    @property
    def media(self) -> forms.Media:
        ours = forms.Media(css={"screen": ["map.css", "map_editor.css"]}, js=["map_editor.js"])
        return super().media + ours

    def deserialize(self, value: Any) -> GEOSGeometry | None:
        """A pasted polygon is as good as a multipolygon of one; None for what is no geometry."""
        try:
            geometry = super().deserialize(value)
        except GDALException:
            return None
        if isinstance(geometry, Polygon) and self.geom_type == "MULTIPOLYGON":
            return MultiPolygon(geometry, srid=geometry.srid)
        return geometry

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if isinstance(value, str):
            context["serialized"] = value  # as it was sent, to be corrected
        context["map"] = MapView()
        context["areas_url"] = reverse("grids:areas_geojson")
        context["level"] = self.level
        context["level_above"] = PARENT_LEVEL.get(Level(self.level), "") if self.level else ""
        context["texts"] = json.dumps(draw_texts(), ensure_ascii=False)
        return context


class OutlineAdminMixin(LeafletGeoAdminMixin):
    """Geometry fields of a model admin get the editor, with the neighbours of the model's level."""

    widget = OutlineWidget
    outline_level = ""

    def _get_map_widget(self, db_field: Any, widget: type[OutlineWidget]) -> type[OutlineWidget]:
        made = super()._get_map_widget(db_field, widget)
        made.level = getattr(self.model, "LEVEL", self.outline_level)
        return made
