"""Places inside the areas: compounds, buildings, entrances and door plates."""

from typing import Any, ClassVar

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.utils.translation import gettext_lazy as _

from grids.choices import Level, PropertyKind, SourceCrs
from grids.geo import IsValid
from grids.scope import area_filter


class PlaceQuerySet(models.QuerySet[Any]):
    """Places are scoped by the code of their micro-grid."""

    PATH: ClassVar[str] = "micro_grid__"

    def visible_to(self, user: Any) -> "PlaceQuerySet":
        return self.filter(area_filter(user, prefix=self.PATH))

    def below(self, path: str) -> "PlaceQuerySet":
        """Places in the area with this code."""
        return self.filter(**{f"{self.PATH}code__startswith": path})


class BuildingQuerySet(PlaceQuerySet):
    PATH = "compound__micro_grid__"


class EntranceQuerySet(PlaceQuerySet):
    PATH = "building__compound__micro_grid__"


class Compound(models.Model):
    """A residential compound (居民楼院): one address, one micro-grid."""

    name = models.CharField(_("name"), max_length=60)
    code = models.CharField(_("code"), max_length=30, unique=True)
    address_text = models.CharField(_("address"), max_length=120, blank=True)
    micro_grid = models.ForeignKey(
        "grids.Area",
        verbose_name=_("micro-grid"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="compounds",
        limit_choices_to={"level": Level.MICRO_GRID},
    )
    boundary = models.MultiPolygonField(_("boundary"), srid=4326, null=True, blank=True, spatial_index=False)
    point = models.PointField(_("point"), srid=4326, null=True, blank=True, spatial_index=False)
    source_crs = models.CharField(
        _("source of the position"), max_length=6, choices=SourceCrs.choices, default=SourceCrs.WGS84
    )
    property_kind = models.CharField(_("kept by"), max_length=10, choices=PropertyKind.choices, blank=True)
    built_year = models.PositiveSmallIntegerField(_("built in"), null=True, blank=True)
    households = models.PositiveIntegerField(_("households"), null=True, blank=True)
    is_synthetic = models.BooleanField(_("synthetic"), default=False)

    objects = PlaceQuerySet.as_manager()

    class Meta:
        verbose_name = _("compound")
        verbose_name_plural = _("compounds")
        ordering = ("code",)
        indexes = [
            GistIndex(fields=["boundary"], name="grids_compound_boundary_gist"),
            GistIndex(fields=["point"], name="grids_compound_point_gist"),
        ]
        constraints = [
            models.CheckConstraint(
                name="grids_compound_boundary_valid",
                condition=IsValid("boundary"),
                violation_error_message=_("The outline crosses or touches itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    """A building (楼栋) of a compound."""

    compound = models.ForeignKey(
        Compound, verbose_name=_("compound"), on_delete=models.PROTECT, related_name="buildings"
    )
    no = models.CharField(_("number"), max_length=10)
    floors = models.PositiveSmallIntegerField(_("floors"), null=True, blank=True)
    dwellings_hint = models.PositiveIntegerField(_("dwellings"), null=True, blank=True)
    point = models.PointField(_("point"), srid=4326, null=True, blank=True, spatial_index=False)

    objects = BuildingQuerySet.as_manager()

    class Meta:
        verbose_name = _("building")
        verbose_name_plural = _("buildings")
        ordering = ("compound__code", "no")
        constraints = [models.UniqueConstraint(fields=["compound", "no"], name="grids_building_no_unique")]

    def __str__(self) -> str:
        return _("%(compound)s building %(no)s") % {"compound": self.compound, "no": self.no}


class Entrance(models.Model):
    """A stairwell (单元) of a building."""

    building = models.ForeignKey(
        Building, verbose_name=_("building"), on_delete=models.PROTECT, related_name="entrances"
    )
    no = models.CharField(_("number"), max_length=10)

    objects = EntranceQuerySet.as_manager()

    class Meta:
        verbose_name = _("entrance")
        verbose_name_plural = _("entrances")
        ordering = ("building__compound__code", "building__no", "no")
        constraints = [models.UniqueConstraint(fields=["building", "no"], name="grids_entrance_no_unique")]

    def __str__(self) -> str:
        return _("%(building)s entrance %(no)s") % {"building": self.building, "no": self.no}


class DoorPlate(models.Model):
    """A door plate (门牌号): street and number; several may belong to one building."""

    building = models.ForeignKey(
        Building, verbose_name=_("building"), on_delete=models.PROTECT, related_name="door_plates"
    )
    street = models.CharField(_("street"), max_length=40)
    number = models.CharField(_("plate number"), max_length=20)

    objects = EntranceQuerySet.as_manager()

    class Meta:
        verbose_name = _("door plate")
        verbose_name_plural = _("door plates")
        ordering = ("street", "number")
        constraints = [
            models.UniqueConstraint(fields=["street", "number", "building"], name="grids_door_plate_unique")
        ]

    def __str__(self) -> str:
        return _("%(street)s no. %(number)s") % {"street": self.street, "number": self.number}
