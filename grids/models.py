"""The area tree, the places inside it, and the posts people hold. Rules of geometry: grids/rules.py."""

import uuid
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.core.exceptions import ValidationError
from django.db.models import F, Func, Q, Value
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grids.choices import CODE_LENGTH, DUTY_LEVELS, SINGLE_DUTIES, Duty, Level, PropertyKind, SourceCrs, Specialty
from grids.scope import area_filter


class AreaQuerySet(models.QuerySet["Area"]):
    def visible_to(self, user: Any) -> "AreaQuerySet":
        """Areas at, below or above the person's posts; administrators see all, organisations none."""
        return self.filter(area_filter(user))

    def in_force(self, on: date | None = None) -> "AreaQuerySet":
        """Areas valid on that day (today)."""
        on = on or timezone.localdate()
        return self.filter(Q(active_to__isnull=True) | Q(active_to__gt=on), active_from__lte=on)

    def below(self, path: str) -> "AreaQuerySet":
        """The area with this code and everything under it."""
        return self.filter(code__startswith=path)


class Area(models.Model):
    """One area of the tree: district, subdistrict, community, grid or micro-grid.

    The national code is the materialised path: a child's code begins with its parent's. Codes are strings and
    are never reused; a split or merge retires the old code with a date (GB/T 34300-2017; CJ/T 349-2010).
    """

    level = models.CharField(_("level"), max_length=12, choices=Level.choices)
    code = models.CharField(_("code"), max_length=17, unique=True)
    name = models.CharField(_("name"), max_length=30)
    parent = models.ForeignKey(
        "self", verbose_name=_("parent"), on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    boundary = models.MultiPolygonField(_("boundary"), srid=4326, null=True, blank=True, spatial_index=False)
    source_crs = models.CharField(
        _("source of the boundary"), max_length=6, choices=SourceCrs.choices, default=SourceCrs.WGS84
    )
    households_hint = models.PositiveIntegerField(_("households (planned)"), null=True, blank=True)
    active_from = models.DateField(_("valid from"), default=timezone.localdate)
    active_to = models.DateField(
        _("valid to"), null=True, blank=True, help_text=_("The first day on which the area is no longer valid.")
    )
    replaced_by = models.ManyToManyField(
        "self", verbose_name=_("replaced by"), symmetrical=False, blank=True, related_name="replaces"
    )

    objects = AreaQuerySet.as_manager()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ("code",)
        indexes = [
            GistIndex(fields=["boundary"], name="grids_area_boundary_gist"),
            models.Index(fields=["parent", "level"], name="grids_area_parent"),
        ]
        constraints = [
            models.CheckConstraint(
                name="grids_area_code_fits_level",
                condition=Q(
                    *[Q(level=level.value, code__regex=rf"^[0-9]{{{n}}}$") for level, n in CODE_LENGTH.items()],
                    _connector=Q.OR,
                ),
                violation_error_message=_("The code must have 6, 9, 12, 15 or 17 digits, as its level demands."),
            ),
            models.CheckConstraint(
                name="grids_area_valid_period",
                condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
                violation_error_message=_("The last day lies before the first."),
            ),
            models.CheckConstraint(
                name="grids_area_only_district_has_no_parent",
                condition=Q(level=Level.DISTRICT, parent__isnull=True)
                | (~Q(level=Level.DISTRICT) & Q(parent__isnull=False)),
                violation_error_message=_("Every area but a district belongs to the area one level up."),
            ),
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(active_to__isnull=True),
                name="grids_area_name_unique_among_siblings",
                violation_error_message=_("A neighbour under the same parent has this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        from_parent_problems(self)

    @property
    def is_in_force(self) -> bool:
        return self.active_from <= timezone.localdate() and (self.active_to is None or self.active_to > timezone.localdate())

    @property
    def is_micro_grid(self) -> bool:
        return self.level == Level.MICRO_GRID


def from_parent_problems(area: Area) -> None:
    """The tree's rule: the parent is one level up and its code begins the child's.

    Raises ValidationError with the field the mistake is in. Geometry is checked in grids/rules.py.
    """
    if area.level == Level.DISTRICT:
        if area.parent_id:
            raise ValidationError({"parent": _("A district has no parent.")})
        return
    if area.parent is None:
        raise ValidationError({"parent": _("Choose the area one level up.")})
    if len(area.parent.code) >= len(area.code) or not area.code.startswith(area.parent.code):
        raise ValidationError(
            {"code": _("The code must begin with the parent's code %(code)s.") % {"code": area.parent.code}}
        )


class LevelManager(models.Manager.from_queryset(AreaQuerySet)):  # type: ignore[misc]
    """Rows of one level; the proxy names it."""

    def get_queryset(self) -> AreaQuerySet:
        return super().get_queryset().filter(level=self.model.LEVEL)


class Community(Area):
    """An area of level community."""

    LEVEL = Level.COMMUNITY
    objects = LevelManager()

    class Meta:
        proxy = True
        verbose_name = _("community")
        verbose_name_plural = _("communities")


class Grid(Area):
    """An area of level grid."""

    LEVEL = Level.GRID
    objects = LevelManager()

    class Meta:
        proxy = True
        verbose_name = _("grid")
        verbose_name_plural = _("grids")


class MicroGrid(Area):
    """An area of level micro-grid."""

    LEVEL = Level.MICRO_GRID
    objects = LevelManager()

    class Meta:
        proxy = True
        verbose_name = _("micro-grid")
        verbose_name_plural = _("micro-grids")


class AreaAssignmentQuerySet(models.QuerySet["AreaAssignment"]):
    def current(self, on: date | None = None) -> "AreaAssignmentQuerySet":
        """Posts held on that day (today)."""
        on = on or timezone.localdate()
        return self.filter(Q(to_on__isnull=True) | Q(to_on__gt=on), from_on__lte=on, user__is_active=True)

    def visible_to(self, user: Any) -> "AreaAssignmentQuerySet":
        return self.filter(area_filter(user, prefix="area__"))


class AreaAssignment(models.Model):
    """One person holds one post in one area for a time. `to_on` is the first day no longer held."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="assignments"
    )
    area = models.ForeignKey(Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="assignments")
    duty = models.CharField(_("duty"), max_length=24, choices=Duty.choices)
    is_deputy = models.BooleanField(_("deputy"), default=False)
    specialty = models.CharField(_("specialty"), max_length=12, choices=Specialty.choices, blank=True, default="")
    from_on = models.DateField(_("from"), default=timezone.localdate)
    to_on = models.DateField(_("until"), null=True, blank=True, help_text=_("The first day no longer held."))

    objects = AreaAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        ordering = ("area__code", "duty", "is_deputy", "from_on")
        indexes = [models.Index(fields=["user", "from_on", "to_on"], name="grids_post_user")]
        constraints = [
            models.CheckConstraint(
                name="grids_post_valid_period",
                condition=Q(to_on__isnull=True) | Q(to_on__gte=F("from_on")),
                violation_error_message=_("The last day lies before the first."),
            ),
            ExclusionConstraint(
                name="grids_post_one_main_holder",
                expressions=[
                    (F("area"), RangeOperators.EQUAL),
                    (F("duty"), RangeOperators.EQUAL),
                    (
                        Func(F("from_on"), F("to_on"), Value("[)"), function="daterange", output_field=DateRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(is_deputy=False, duty__in=[d.value for d in SINGLE_DUTIES]),
                violation_error_message=_("This area has a main holder of this duty in that time already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_duty_display()} · {self.area}"

    def clean(self) -> None:
        super().clean()
        if self.area_id and self.duty and self.area.level not in DUTY_LEVELS[Duty(self.duty)]:
            raise ValidationError({"area": _("This duty is not held at this level.")})


class PlaceQuerySet(models.QuerySet[Any]):
    """Places are scoped by the code of their micro-grid."""

    PATH: ClassVar[str] = "micro_grid__"

    def visible_to(self, user: Any) -> "PlaceQuerySet":
        return self.filter(area_filter(user, prefix=self.PATH))


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
        Area,
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
        constraints = [models.UniqueConstraint(fields=["street", "number", "building"], name="grids_door_plate_unique")]

    def __str__(self) -> str:
        return _("%(street)s no. %(number)s") % {"street": self.street, "number": self.number}


class AreaImportQuerySet(models.QuerySet["AreaImport"]):
    def waiting(self, user: Any) -> "AreaImportQuerySet":
        """Uploads of this person that were previewed and not yet confirmed."""
        return self.filter(owner=user, confirmed_at__isnull=True)


class AreaImport(models.Model):
    """One uploaded boundary file: kept from the preview to the confirmation, then the record of its source."""

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("imported by"), on_delete=models.PROTECT, related_name="+"
    )
    file_name = models.CharField(_("file"), max_length=120)
    source_crs = models.CharField(_("coordinate system"), max_length=6, choices=SourceCrs.choices)
    repair = models.BooleanField(_("repair invalid outlines"), default=False)
    content = models.BinaryField(_("content"), help_text=_("Emptied when the import is confirmed."))
    uploaded_at = models.DateTimeField(_("uploaded at"), default=timezone.now)
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    area_count = models.PositiveIntegerField(_("areas"), default=0)
    compound_count = models.PositiveIntegerField(_("compounds"), default=0)

    objects = AreaImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("boundary import")
        verbose_name_plural = _("boundary imports")
        ordering = ("-uploaded_at",)

    def __str__(self) -> str:
        return self.file_name
