"""The workday calendar and the hours of offices: what grids/workdays.py counts with, as it was entered."""

from datetime import date, time

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear, Length
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from grids.choices import LEVEL_OF_LENGTH
from grids.workdays import MIDNIGHT, Day, OfficeDay


class WorkdayQuerySet(models.QuerySet["Workday"]):
    def of_year(self, year: int) -> "WorkdayQuerySet":
        return self.filter(date__range=(date(year, 1, 1), date(year, 12, 31)))

    def days_of(self, year: int) -> dict[date, Day]:
        """The entered days of a year, as the arithmetic wants them; one query."""
        return {
            day: Day(is_workday, is_provisional)
            for day, is_workday, is_provisional in self.of_year(year).values_list(
                "date", "is_workday", "is_provisional"
            )
        }

    def names(self) -> models.QuerySet["Workday", str]:
        """The names in use, each once."""
        return self.exclude(name="").order_by("name").values_list("name", flat=True).distinct()

    def counts_by_year(self) -> dict[int, tuple[int, int]]:
        """Per year with entries: how many days were entered, and how many of them are estimated; one query."""
        rows = (
            self.annotate(year=ExtractYear("date"))
            .values_list("year")
            .annotate(entered=models.Count("pk"), estimated=models.Count("pk", filter=Q(is_provisional=True)))
            .order_by("year")
        )
        return {year: (entered, estimated) for year, entered, estimated in rows}


class Workday(models.Model):
    """Whether one day of the calendar is a workday (工作日), and by which notice."""

    date = models.DateField(_("date"), unique=True)
    is_workday = models.BooleanField(_("workday"))
    name = models.CharField(
        _("name"), max_length=30, blank=True, help_text=_("The holiday, or why the day is worked.")
    )
    source = models.CharField(
        _("source"), max_length=120, help_text=_("The notice the day follows, by its number or title.")
    )
    is_provisional = models.BooleanField(
        _("provisional"),
        default=False,
        help_text=_("Estimated by the weekday; the official list is not there yet."),
    )

    objects = WorkdayQuerySet.as_manager()

    class Meta:
        verbose_name = _("workday or day off")
        verbose_name_plural = _("workday calendar")
        ordering = ("date",)

    def __str__(self) -> str:
        state = gettext("workday") if self.is_workday else gettext("day off")
        return f"{date_format(self.date)} {state}"


class OfficeHoursQuerySet(models.QuerySet["OfficeHours"]):
    def nearest_to(self, path: str) -> "OfficeHours | None":
        """The row of the narrowest area that contains the code, else the one for everywhere else; one query."""
        around = [path[:length] for length in LEVEL_OF_LENGTH if length <= len(path)]
        rows = self.filter(Q(area__isnull=True) | Q(area__code__in=around))
        return rows.order_by(Length("area__code").desc(nulls_last=True)).first()


class OfficeHours(models.Model):
    """When the offices of one area, or of everywhere else, work on a workday, and when nobody is disturbed."""

    area = models.ForeignKey(
        "grids.Area",
        verbose_name=_("area"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="office_hours",
        help_text=_("It holds for everything in the area. Empty: everywhere else."),
    )
    morning_from = models.TimeField(_("morning from"), default=time(8, 30))
    morning_to = models.TimeField(_("morning until"), default=time(12))
    afternoon_from = models.TimeField(_("afternoon from"), default=time(14, 30))
    afternoon_to = models.TimeField(
        _("afternoon until"),
        default=time(18),
        help_text=_("24:00 for an office that is open until midnight."),
    )
    cut_off = models.TimeField(
        _("cut-off"), default=time(17), help_text=_("What arrives later counts as the next workday's.")
    )
    quiet_from = models.TimeField(
        _("quiet from"), default=time(21), help_text=_("At night only urgent reminders are told.")
    )
    quiet_to = models.TimeField(_("quiet until"), default=time(8))
    digest_at = models.TimeField(
        _("daily digest at"), default=time(8, 40), help_text=_("When the list of the day is told.")
    )
    basis = models.TextField(_("basis"), help_text=_("The document or agreement these hours follow."))

    objects = OfficeHoursQuerySet.as_manager()

    class Meta:
        verbose_name = _("office hours")
        verbose_name_plural = _("office hours")
        ordering = (F("area__code").asc(nulls_first=True),)
        constraints = [
            models.UniqueConstraint(
                fields=["area"],
                nulls_distinct=False,
                name="grids_office_hours_one_per_area",
                violation_error_message=_("These office hours stand already; change the row that is there."),
            ),
            models.CheckConstraint(
                name="grids_office_hours_morning",
                condition=Q(morning_from__lt=F("morning_to")),
                violation_error_message=_("The morning must end after it begins."),
            ),
            models.CheckConstraint(
                name="grids_office_hours_midday",
                condition=Q(morning_to__lte=F("afternoon_from")),
                violation_error_message=_("The afternoon must not begin before the morning ends."),
            ),
            models.CheckConstraint(
                name="grids_office_hours_afternoon",
                condition=Q(afternoon_from__lt=F("afternoon_to")) | Q(afternoon_to=MIDNIGHT),
                violation_error_message=_("The afternoon must end after it begins."),
            ),
            models.CheckConstraint(
                name="grids_office_hours_cut_off",
                condition=Q(cut_off__gte=F("morning_from"))
                & (Q(cut_off__lte=F("afternoon_to")) | Q(afternoon_to=MIDNIGHT)),
                violation_error_message=_("The cut-off must lie within the office day."),
            ),
            models.CheckConstraint(
                name="grids_office_hours_quiet",
                condition=Q(quiet_to__lt=F("quiet_from")),
                violation_error_message=_(
                    "Quiet hours run through the night: they begin in the evening and end in the morning."
                ),
            ),
            models.CheckConstraint(
                name="grids_office_hours_digest",
                condition=Q(digest_at__gte=F("quiet_to"), digest_at__lt=F("quiet_from")),
                violation_error_message=_("The daily digest must not fall into the quiet hours."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.area) if self.area else gettext("everywhere else")

    @property
    def office(self) -> OfficeDay:
        """The hours as the arithmetic wants them."""
        return OfficeDay(
            spans=((self.morning_from, self.morning_to), (self.afternoon_from, self.afternoon_to)),
            cut_off=self.cut_off,
        )
