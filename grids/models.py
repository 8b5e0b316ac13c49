"""The area tree and the posts people hold in it. Beside it: place_, calendar_, import_models, rules (of geometry)."""

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.core.exceptions import ValidationError
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Cast, Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grids import rules, ties
from grids.calendar_models import OfficeHours, Workday
from grids.choices import (
    CODE_LENGTH,
    DUTY_LEVELS,
    PARENT_LEVEL,
    SINGLE_DUTIES,
    Duty,
    Level,
    SourceCrs,
    Specialty,
)
from grids.geo import IsValid
from grids.import_models import AreaImport
from grids.locks import hold_areas, hold_posts
from grids.place_models import Building, Compound, DoorPlate, Entrance
from grids.scope import area_filter

__all__ = [
    "Area",
    "AreaAssignment",
    "AreaImport",
    "Building",
    "Community",
    "Compound",
    "DoorPlate",
    "Entrance",
    "Grid",
    "MicroGrid",
    "OfficeHours",
    "Workday",
]


class AreaQuerySet(models.QuerySet["Area"]):
    def visible_to(self, user: Any) -> "AreaQuerySet":
        """Areas at, below or above the person's posts; administrators see all, organisations none."""
        return self.filter(area_filter(user))

    def at_or_below(self, user: Any) -> "AreaQuerySet":
        """Areas at or below the person's posts, without those above; administrators see all."""
        return self.filter(area_filter(user, with_above=False))

    def in_force(self, on: date | None = None) -> "AreaQuerySet":
        """Areas valid on that day (today)."""
        on = on or timezone.localdate()
        return self.filter(Q(active_to__isnull=True) | Q(active_to__gt=on), active_from__lte=on)

    def below(self, path: str) -> "AreaQuerySet":
        """The area with this code and everything under it."""
        return self.filter(code__startswith=path)

    def outlines(self) -> Any:
        """The outlines in force of the widest level among these areas that has any."""
        drawn = self.in_force().filter(boundary__isnull=False)
        widest = drawn.order_by(Length("code")).values_list("level", flat=True)[:1]
        return drawn.filter(level__in=list(widest)).values_list("boundary", flat=True)

    def wider_than_grids(self) -> "AreaQuerySet":
        """Communities and what lies above them."""
        return self.exclude(level__in=(Level.GRID, Level.MICRO_GRID))

    def micro_grid_at(self, point: Any, on: date | None = None) -> "Area | None":
        """The micro-grid in force around the point; on a shared border the one with the lower code."""
        around = self.in_force(on).filter(level=Level.MICRO_GRID, boundary__intersects=point)
        return around.select_related("parent__parent").order_by("code").first()


class Area(models.Model):
    """One area of the tree: district, subdistrict, community, grid or micro-grid.

    The national code is the materialised path: a child's code begins with its parent's. Codes are strings and
    are never reused; a split or merge retires the old code with a date (GB/T 34300-2017; CJ/T 349-2010).
    """

    level = models.CharField(_("level"), max_length=12, choices=Level.choices)
    code = models.CharField(_("code"), max_length=17, unique=True)
    name = models.CharField(_("name"), max_length=30)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("parent"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    boundary = models.MultiPolygonField(_("boundary"), srid=4326, null=True, blank=True, spatial_index=False)
    source_crs = models.CharField(
        _("source of the boundary"), max_length=6, choices=SourceCrs.choices, default=SourceCrs.WGS84
    )
    households_hint = models.PositiveIntegerField(_("households (planned)"), null=True, blank=True)
    active_from = models.DateField(_("valid from"), default=timezone.localdate)
    active_to = models.DateField(
        _("valid to"),
        null=True,
        blank=True,
        help_text=_("The first day on which the area is no longer valid."),
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
                    *[
                        Q(level=level.value, code__regex=rf"^[0-9]{{{n}}}$")
                        for level, n in CODE_LENGTH.items()
                    ],
                    _connector=Q.OR,
                ),
                violation_error_message=_(
                    "The code must have 6, 9, 12, 15 or 17 digits, as its level demands."
                ),
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
            models.CheckConstraint(
                name="grids_area_boundary_valid",
                condition=IsValid("boundary"),
                violation_error_message=_("The outline crosses or touches itself."),
            ),
            models.UniqueConstraint(
                fields=["parent", "name"],
                condition=Q(active_to__isnull=True),
                name="grids_area_name_unique_among_siblings",
                violation_error_message=_("A neighbour under the same parent has this name already."),
            ),
        ]

    def __str__(self) -> str:
        """The name; of an area that ended with the day, since what replaced it may have the same."""
        if self.active_to is None or self.active_to > timezone.localdate():
            return self.name
        return _("%(name)s (until %(day)s)") % {"name": self.name, "day": self.active_to.isoformat()}

    def clean(self) -> None:
        super().clean()
        hold_areas()
        self._check_parent()
        ties.check_end(self)
        rules.check_boundary(self)

    def _check_parent(self) -> None:
        """The tree's rule: the parent is one level up and its code begins the child's."""
        if self.level not in Level.values:
            return  # the code told no level, which is an error of its own
        if self.level == Level.DISTRICT:
            if self.parent_id:
                raise ValidationError({"parent": _("A district has no parent.")})
            return
        if self.parent is None or self.parent.level != PARENT_LEVEL.get(Level(self.level)):
            raise ValidationError({"parent": _("Choose the area one level up.")})
        if not self.code.startswith(self.parent.code):
            raise ValidationError(
                {
                    "code": _("The code must begin with the parent's code %(code)s.")
                    % {"code": self.parent.code}
                }
            )

    @property
    def is_in_force(self) -> bool:
        today = timezone.localdate()
        return self.active_from <= today and (self.active_to is None or self.active_to > today)

    @property
    def path_name(self) -> str:
        """The names from the community down, as people say a place; needs the parents loaded."""
        above = (
            self.parent.path_name + " › "
            if self.parent and self.level in (Level.GRID, Level.MICRO_GRID)
            else ""
        )
        return f"{above}{self.name}"

    @property
    def is_wider_than_grid(self) -> bool:
        return self.level not in (Level.GRID, Level.MICRO_GRID)


class LevelManager(models.Manager.from_queryset(AreaQuerySet)):
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


DAYS_HELD = Func(F("from_on"), F("to_on"), Value("[)"), function="daterange", output_field=DateRangeField())


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
        settings.AUTH_USER_MODEL,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="assignments",
    )
    area = models.ForeignKey(
        Area, verbose_name=_("area"), on_delete=models.PROTECT, related_name="assignments"
    )
    duty = models.CharField(_("duty"), max_length=24, choices=Duty.choices)
    is_deputy = models.BooleanField(_("deputy"), default=False)
    specialty = models.CharField(
        _("specialty"), max_length=12, choices=Specialty.choices, blank=True, default=""
    )
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
                    (DAYS_HELD, RangeOperators.OVERLAPS),
                ],
                condition=Q(is_deputy=False, duty__in=[d.value for d in SINGLE_DUTIES]),
                violation_error_message=_("This area has a main holder of this duty in that time already."),
            ),
            ExclusionConstraint(
                name="grids_post_once",
                expressions=[
                    *[(F(name), RangeOperators.EQUAL) for name in ("user", "area", "duty", "specialty")],
                    (Cast("is_deputy", models.IntegerField()), RangeOperators.EQUAL),
                    (DAYS_HELD, RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("This person holds this post in that time already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_duty_display()} · {self.area}"

    def clean(self) -> None:
        super().clean()
        if self.area_id:
            hold_posts(self.area_id)
        if self.area_id and self.duty and self.area.level not in DUTY_LEVELS[Duty(self.duty)]:
            raise ValidationError({"area": _("This duty is not held at this level.")})
