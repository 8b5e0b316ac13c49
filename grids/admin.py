"""Areas, places, posts and the calendar in the administration: a new community can be set up here from nothing."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.leaving import left_behind
from core.admin import AskBeforeEndMixin, LookUpAdmin
from grids.admin_calendar import OfficeHoursAdmin, WorkdayAdmin
from grids.admin_maps import OutlineAdminMixin
from grids.choices import LEVEL_OF_LENGTH, PARENT_LEVEL, Level
from grids.models import (
    Area,
    AreaAssignment,
    AreaImport,
    Building,
    Community,
    Compound,
    DoorPlate,
    Entrance,
    Grid,
    MicroGrid,
    OfficeHours,
    Workday,
)


class InForceFilter(admin.SimpleListFilter):
    """Areas in force today, or those that are not."""

    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("In force")), ("no", _("Retired or not yet in force"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        in_force = Area.objects.in_force().values("pk")
        if self.value() == "yes":
            return queryset.filter(pk__in=in_force)
        return queryset.exclude(pk__in=in_force) if self.value() == "no" else queryset


class AreaForm(forms.ModelForm):
    """The level follows from the code, so that the two cannot disagree."""

    class Meta:
        model = Area
        fields = (
            "code",
            "name",
            "parent",
            "boundary",
            "source_crs",
            "households_hint",
            "active_from",
            "active_to",
        )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        level = LEVEL_OF_LENGTH.get(len(code))
        wanted = getattr(self._meta.model, "LEVEL", level)
        if level is None or level != wanted or not (code.isascii() and code.isdigit()):
            raise ValidationError(_("The code must have 6, 9, 12, 15 or 17 digits, as its level demands."))
        self.instance.level = level
        return code


class PostInline(admin.TabularInline):
    model = AreaAssignment
    fields = ("user", "duty", "is_deputy", "specialty", "from_on", "to_on")
    autocomplete_fields = ("user",)
    extra = 0


@admin.register(Area)
class AreaAdmin(OutlineAdminMixin, admin.ModelAdmin):
    """All levels; the proxies below show one level each."""

    form = AreaForm
    list_display = ("name", "code", "level", "parent", "active_from", "active_to", "has_outline")
    list_filter: tuple[Any, ...] = ("level", InForceFilter, "source_crs")
    list_select_related = ("parent",)
    search_fields = ("name", "code", "parent__name")
    autocomplete_fields = ("parent",)
    inlines = (PostInline,)
    list_per_page = 50
    show_full_result_count = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*AreaForm.Meta.fields, *(("came_from", "went_to") if obj else ())]

    @admin.display(boolean=True, description=_("outline"))
    def has_outline(self, area: Area) -> bool:
        return area.boundary is not None

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A code and its place in the tree never change: history is found by them."""
        return ("code", "parent", "came_from", "went_to") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An area entered by mistake may go; one that was split or merged stays, so that no code is given twice."""
        is_history = obj is not None and (obj.replaces.exists() or obj.replaced_by.exists())
        return super().has_delete_permission(request, obj) and not is_history

    @admin.display(description=_("came from"))
    def came_from(self, area: Area) -> str:
        return ", ".join(f"{old.name} {old.code}" for old in area.replaces.all()) or "–"

    @admin.display(description=_("replaced by"))
    def went_to(self, area: Area) -> str:
        return ", ".join(f"{new.name} {new.code}" for new in area.replaced_by.all()) or "–"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Area], search_term: str
    ) -> tuple[QuerySet[Area], bool]:
        """As parent of a level only the level above is offered, and nothing retired."""
        rows = queryset.select_related("parent")
        found, may_repeat = super().get_search_results(request, rows, search_term)
        if request.GET.get("field_name") == "parent":
            above = PARENT_LEVEL.get(getattr(PROXIES.get(request.GET.get("model_name", "")), "LEVEL", None))
            found = found.filter(pk__in=Area.objects.in_force().values("pk"))
            found = found.filter(level=above) if above else found.exclude(level=Level.MICRO_GRID)
        return found, may_repeat


class OneLevelAdmin(AreaAdmin):
    list_filter = (InForceFilter, "source_crs")
    list_display = ("name", "code", "parent", "active_from", "active_to", "has_outline")


PROXIES = {model._meta.model_name: model for model in (Community, Grid, MicroGrid)}
admin.site.register(tuple(PROXIES.values()), OneLevelAdmin)


@admin.register(AreaAssignment)
class AreaAssignmentAdmin(AskBeforeEndMixin, admin.ModelAdmin):
    list_display = ("user", "duty", "is_deputy", "area", "specialty", "from_on", "to_on")
    list_filter = ("duty", "is_deputy", "specialty")
    list_select_related = ("user", "area")
    search_fields = ("user__name", "user__username", "area__name", "area__code")
    autocomplete_fields = ("user", "area")
    date_hierarchy = "from_on"

    def left_behind(self, request: HttpRequest, obj: Any) -> list[str]:
        return left_behind(obj) if obj.to_on is None and request.POST.get("to_on") else []


class BuildingInline(admin.TabularInline):
    model = Building
    fields = ("no", "floors", "dwellings_hint")
    extra = 0
    show_change_link = True


@admin.register(Compound)
class CompoundAdmin(OutlineAdminMixin, admin.ModelAdmin):
    outline_level = Level.MICRO_GRID
    list_display = ("name", "code", "micro_grid", "property_kind", "households", "is_synthetic")
    list_filter = ("property_kind", "is_synthetic")
    list_select_related = ("micro_grid",)
    search_fields = ("name", "code", "address_text")
    autocomplete_fields = ("micro_grid",)
    inlines = (BuildingInline,)


class EntranceInline(admin.TabularInline):
    model = Entrance
    extra = 0


class DoorPlateInline(admin.TabularInline):
    model = DoorPlate
    extra = 0


@admin.register(Building)
class BuildingAdmin(OutlineAdminMixin, admin.ModelAdmin):
    outline_level = Level.MICRO_GRID
    list_display = ("__str__", "floors", "dwellings_hint")
    list_filter = ("compound__property_kind", "compound__is_synthetic")
    list_select_related = ("compound",)
    search_fields = ("compound__name", "compound__code", "no", "door_plates__number", "door_plates__street")
    autocomplete_fields = ("compound",)
    inlines = (EntranceInline, DoorPlateInline)


@admin.register(Entrance)
class EntranceAdmin(admin.ModelAdmin):
    list_display = ("__str__",)
    list_filter = ("building__compound__property_kind", "building__compound__is_synthetic")
    list_select_related = ("building__compound",)
    search_fields = ("building__compound__name", "building__no", "no")
    autocomplete_fields = ("building",)


@admin.register(DoorPlate)
class DoorPlateAdmin(admin.ModelAdmin):
    list_display = ("__str__", "building")
    list_filter = ("building__compound__property_kind", "building__compound__is_synthetic")
    list_select_related = ("building__compound",)
    search_fields = ("street", "number", "building__compound__name")
    autocomplete_fields = ("building",)


admin.site.register(Workday, WorkdayAdmin)
admin.site.register(OfficeHours, OfficeHoursAdmin)


@admin.register(AreaImport)
class AreaImportAdmin(LookUpAdmin):
    """The record of what came in, from whom and in which coordinate system."""

    list_display = (
        "file_name",
        "source_crs",
        "owner",
        "uploaded_at",
        "confirmed_at",
        "area_count",
        "compound_count",
    )
    list_filter = ("source_crs",)
    list_select_related = ("owner",)
    search_fields = ("file_name", "owner__name")
    exclude = ("content",)
