"""Input of the workday calendar's pages in the administration."""

from datetime import time
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.forms import UploadField
from core.tabular import MAX_BYTES, SUFFIXES, TableError, plain, read_table, too_large
from grids.calendar_files import COLUMNS, DayRow, read_rows, with_the_rest, year_problems
from grids.calendar_models import OfficeHours, Workday
from grids.calendar_year import FIRST_YEAR, LAST_YEAR
from grids.workdays import MIDNIGHT

ENDS_OF_DAY = ("24:00", "24:00:00", "24时", "24点")


def source_field() -> forms.CharField:
    field = Workday._meta.get_field("source")
    return forms.CharField(
        label=_("Source"),
        max_length=field.max_length,
        help_text=_("The number or title of the notice, or who decided it."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )


class DayForm(forms.Form):
    """Whether one day is worked, and by whose word."""

    is_workday = forms.TypedChoiceField(
        label=_("This day is"),
        choices=[("1", _("a workday")), ("0", _("a day off"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    name = forms.CharField(
        label=_("Name of the day"),
        required=False,
        max_length=Workday._meta.get_field("name").max_length,
        help_text=_("The holiday, or why the day is worked. It may stay empty."),
        widget=forms.TextInput(attrs={"class": "vTextField", "list": "day-names", "autocomplete": "off"}),
    )
    source = source_field()


class ClosingTimeField(forms.TimeField):
    """A time of day that may be 24:00, which is kept as the midnight that ends the day."""

    def to_python(self, value: Any) -> time | None:
        return (
            MIDNIGHT if isinstance(value, str) and plain(value) in ENDS_OF_DAY else super().to_python(value)
        )

    def prepare_value(self, value: Any) -> Any:
        return ENDS_OF_DAY[0] if value == MIDNIGHT else super().prepare_value(value)


class OfficeHoursForm(forms.ModelForm):
    """The hours of an office; it may be open until 24:00."""

    afternoon_to = ClosingTimeField(
        label=capfirst(OfficeHours._meta.get_field("afternoon_to").verbose_name),
        help_text=OfficeHours._meta.get_field("afternoon_to").help_text,
        widget=forms.TimeInput(format="%H:%M", attrs={"class": "vTimeField", "size": 5}),
    )

    class Meta:
        model = OfficeHours
        fields = (
            *("area", "morning_from", "morning_to", "afternoon_from", "afternoon_to", "cut_off"),
            *("quiet_from", "quiet_to", "digest_at", "basis"),
        )


class YearForm(forms.Form):
    """Which year to show."""

    year = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR)


class ListForm(forms.Form):
    """The official list of a year as a file; `rows` are its days when it is sound, `filled` of them by the weekday."""

    year = forms.IntegerField(
        label=_("Year"),
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        widget=forms.NumberInput(attrs={"class": "vIntegerField"}),
    )
    source = source_field()
    file = UploadField(
        label=_("File"),
        help_text=_(
            "CSV or Excel (.xlsx), at most 2 MB: a line for every day of the year, "
            "or holidays and worked weekends alone."
        ),
        widget=forms.FileInput(attrs={"accept": ",".join(SUFFIXES)}),
        error_messages={"empty": _("The file is empty. Choose another one.")},
    )
    rows: list[DayRow]
    filled = 0

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise refused(too_large())
        try:
            self.rows, problems = read_rows(read_table(file.read(), file.name, COLUMNS))
        except TableError as error:
            raise refused(error) from error
        if problems:
            raise forms.ValidationError(problems)
        return file

    def clean(self) -> dict[str, Any]:
        """The days of the file against the year, when both could be read."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if "year" in data and "file" in data:
            listed = len(self.rows)
            self.rows = with_the_rest(data["year"], self.rows)
            self.filled = len(self.rows) - listed
            if problems := year_problems(data["year"], self.rows):
                self.add_error("file", problems)
        return data


class ConfirmForm(forms.Form):
    """A list that was previewed: sent back as text, read as a file is."""

    year = forms.IntegerField(min_value=FIRST_YEAR, max_value=LAST_YEAR, widget=forms.HiddenInput)
    source = forms.CharField(
        max_length=Workday._meta.get_field("source").max_length, widget=forms.HiddenInput
    )
    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    table = forms.CharField(widget=forms.HiddenInput)
    rows: list[DayRow]

    def clean_table(self) -> str:
        text: str = self.cleaned_data["table"]
        try:
            self.rows, problems = read_rows(read_table(text.encode(), "table.csv", COLUMNS))
        except TableError as error:
            raise refused(error) from error
        if problems:
            raise forms.ValidationError(problems)
        return text


def refused(error: TableError) -> forms.ValidationError:
    return forms.ValidationError(str(error), code=error.code)
