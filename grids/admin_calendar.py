"""The workday calendar in the administration: a year to click through, and the official list as a file."""

from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet, TimeField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.errors import DomainError, StalePage
from grids.calendar_files import COLUMNS as FILE_COLUMNS
from grids.calendar_files import changes, seen_mark, table_text, year_file
from grids.calendar_forms import ConfirmForm, DayForm, ListForm, OfficeHoursForm, YearForm
from grids.calendar_keeping import COUNTED, hours_changed, import_year, set_workday
from grids.calendar_models import OfficeHours, Workday
from grids.calendar_year import COLUMNS, FIRST_YEAR, LAST_YEAR, Cell, entered_days, year_links, year_page
from grids.permissions import can_keep_calendar
from grids.workdays import MIDNIGHT


class WorkdayAdmin(admin.ModelAdmin):
    """Days are neither added nor deleted: every day of a year is there, entered or not."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return can_keep_calendar(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        def address(route: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
            return path(route, self.admin_site.admin_view(view), name=f"grids_workday_{name}")

        return [
            address("day/<str:day>/", self.day_view, "day"),
            address("import/", self.import_view, "import"),
            address("import/confirm/", self.confirm_view, "import_confirm"),
            address("export/<int:year>/", self.export_view, "export"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The year as twelve months; the present one when none or none that exists is asked for."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        asked = YearForm(request.GET)
        year = asked.cleaned_data["year"] if asked.is_valid() else timezone.localdate().year
        context = {
            "columns": COLUMNS,
            "page": year_page(year, entered_days(year)),
            "links": year_links(year),
            "before": year - 1 if year > FIRST_YEAR else None,
            "after": year + 1 if year < LAST_YEAR else None,
            "may_change": self.has_change_permission(request),
        }
        title = _("Workday calendar %(year)s") % {"year": year}
        return self._page(request, "change_list", title, context)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """Links of the history name a day by its key; its page is found by the date."""
        entry = self.get_object(request, object_id)
        if entry is None:
            raise Http404
        return redirect("admin:grids_workday_day", entry.date)

    def day_view(self, request: HttpRequest, day: str) -> HttpResponse:
        """One day with the form to change it."""
        self._check_keeper(request)
        on = _date_of(day)
        cell = Cell(on, self.get_queryset(request).filter(date=on).first())
        form = DayForm(
            request.POST if request.method == "POST" else None,
            initial={"is_workday": int(cell.is_workday), "name": cell.name},
        )
        if form.is_valid() and self._save_day(request, on, form):
            return redirect(_month_of(on))
        context = {
            "adminform": _admin_form(form, ("is_workday", "name", "source")),
            "cell": cell,
            "year_url": _month_of(on),
            "names": list(Workday.objects.names()),
        }
        return self._page(request, "day", date_format(on), context, status=400 if form.errors else 200)

    def _save_day(self, request: HttpRequest, day: date, form: DayForm) -> bool:
        """Saves and records it; False when a rule refused, which the form then tells."""
        try:
            with transaction.atomic():
                set_workday(actor=request.user, day=day, **form.cleaned_data)
                entry = self.get_queryset(request).get(date=day)
                self.log_change(request, entry, f"{entry} · {entry.name or '–'} · {entry.source}")
        except DomainError as error:
            form.add_error(None, str(error))
            return False
        messages.success(request, _("Saved: %(day)s") % {"day": entry})
        return True

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """The form for an official list; by POST the preview of what it changes."""
        self._check_keeper(request)
        asked = YearForm(request.GET)
        initial = {"year": asked.cleaned_data["year"]} if asked.is_valid() else {}
        sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = ListForm(*sent, initial=initial)
        if form.is_valid():
            return self._preview(request, form)
        adminform = _admin_form(form, ("year", "source", "file"))
        context = {"adminform": adminform, "columns": FILE_COLUMNS}
        status = 200
        if form.is_bound:
            status = 413 if form.has_error("file", "too_large") else 400
        return self._page(request, "import", _("Import the official list"), context, status=status)

    def confirm_view(self, request: HttpRequest) -> HttpResponse:
        """Saves the list that was previewed; when the calendar was changed meanwhile, its preview comes again."""
        self._check_keeper(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        form = ConfirmForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Choose the file once more."))
            return redirect("admin:grids_workday_import")
        try:
            self._save_year(request, form)
        except StalePage as error:
            messages.error(request, _("%(reason)s Nothing was saved.") % {"reason": error})
            return self._preview(request, form, status=error.status)
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("admin:grids_workday_import")
        return redirect(_year_url(form.cleaned_data["year"]))

    @transaction.atomic
    def _save_year(self, request: HttpRequest, form: ConfirmForm) -> None:
        """Saves and records it, under the first day of the year."""
        year, source = form.cleaned_data["year"], form.cleaned_data["source"]
        changed = import_year(
            actor=request.user, year=year, rows=form.rows, source=source, seen=form.cleaned_data["seen"]
        )
        text = ngettext(
            "%(year)s is saved: %(count)s day counts differently now.",
            "%(year)s is saved: %(count)s days count differently now.",
            len(changed),
        ) % {"year": year, "count": len(changed)}
        self.log_change(request, self.get_queryset(request).get(date=date(year, 1, 1)), f"{text} {source}")
        messages.success(request, text)

    def export_view(self, request: HttpRequest, year: int) -> HttpResponse:
        """Every day of the year as CSV: as entered, the others as they count until then."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Http404
        response = HttpResponse(year_file(year, entered_days(year)), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="workdays-{year}.csv"'
        return response

    def _preview(self, request: HttpRequest, form: ListForm | ConfirmForm, status: int = 200) -> HttpResponse:
        year, source = form.cleaned_data["year"], form.cleaned_data["source"]
        entered = entered_days(year)
        all_changes = changes(form.rows, entered)
        shown = [change for change in all_changes if change.turns or change.renames]
        future = {
            row.day: Workday(date=row.day, is_workday=row.is_workday, name=row.name, source=source)
            for row in form.rows
        }
        sent = {"year": year, "source": source, "seen": seen_mark(entered), "table": table_text(form.rows)}
        context = {
            "columns": COLUMNS,
            "page": year_page(year, future, changed=frozenset(change.after.day for change in shown)),
            "source": source,
            "changes": [
                (Cell(change.after.day, change.before), Cell(change.after.day, future[change.after.day]))
                for change in shown
            ],
            "turned": sum(change.turns for change in shown),
            "now_official": sum(change.counts_anew and not change.turns for change in all_changes),
            "confirm": ConfirmForm(initial=sent),
            "filled": getattr(form, "filled", 0),
            "listed": len(form.rows) - getattr(form, "filled", 0),
        }
        return self._page(
            request, "preview", _("Check the list of %(year)s") % {"year": year}, context, status=status
        )

    def _check_keeper(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _page(
        self, request: HttpRequest, name: str, title: str, context: dict[str, Any], *, status: int = 200
    ) -> HttpResponse:
        frame = {**self.admin_site.each_context(request), "opts": self.opts, "title": title}
        return TemplateResponse(
            request, f"admin/grids/workday/{name}.html", {**frame, **context}, status=status
        )


def _admin_form(form: forms.Form, fields: tuple[str, ...]) -> AdminForm:
    return AdminForm(form, [(None, {"fields": list(fields)})], {})


def _date_of(text: str) -> date:
    """A day of a year that can be looked at, else there is no such page."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Http404 from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Http404
    return day


def _year_url(year: int) -> str:
    return f"{reverse('admin:grids_workday_changelist')}?year={year}"


def _month_of(day: date) -> str:
    return f"{_year_url(day.year)}#month-{day.month}"


class OfficeHoursAdmin(admin.ModelAdmin):
    """Hours of offices: of an area with all that lies in it, and of everywhere else."""

    form = OfficeHoursForm
    list_display = (
        "__str__",
        "morning_from",
        "morning_to",
        "afternoon_from",
        "closes",
        "cut_off",
        "basis",
    )
    list_select_related = ("area",)
    list_filter = ("area__level",)
    search_fields = ("area__name", "area__code", "basis")
    autocomplete_fields = ("area",)
    # Hours and minutes of 24 hours; the administration's own field offers "now", which makes no sense here.
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        TimeField: {"widget": forms.TimeInput(format="%H:%M", attrs={"class": "vTimeField", "size": 5})}
    }
    fieldsets = (
        (None, {"fields": ("area",)}),
        (
            gettext_lazy("Office day"),
            {"fields": (("morning_from", "morning_to"), ("afternoon_from", "afternoon_to"), "cut_off")},
        ),
        (gettext_lazy("Reminders"), {"fields": (("quiet_from", "quiet_to"), "digest_at")}),
        (None, {"fields": ("basis",)}),
    )

    @admin.display(description=gettext_lazy("afternoon until"), ordering="afternoon_to")
    def closes(self, obj: OfficeHours) -> str:
        return "24:00" if obj.afternoon_to == MIDNIGHT else time_format(obj.afternoon_to)

    def save_model(self, request: HttpRequest, obj: OfficeHours, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not change or COUNTED.intersection(form.changed_data):
            hours_changed()

    def delete_model(self, request: HttpRequest, obj: OfficeHours) -> None:
        super().delete_model(request, obj)
        hours_changed()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[OfficeHours]) -> None:
        super().delete_queryset(request, queryset)
        hours_changed()
