"""The official list of a year as a file: read with the reason for every refusal, compared, written again."""

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.dates import WEEKDAYS as WEEKDAY_NAMES
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.tabular import Line, csv_file, csv_text, plain, read_date
from grids.calendar_models import Workday
from grids.workdays import DAY, by_weekday

# Titles and values of the file are the field's words in every language of the site.
DATE, WORKED, NAME = COLUMNS = ("日期", "是否工作日", "名称")
FURTHER_COLUMNS = ("来源", "暂估")
YES, NO = "是", "否"
WORDS = {
    **dict.fromkeys((YES, "1", "Y", "YES", "T", "TRUE", "√", "对"), True),
    **dict.fromkeys((NO, "0", "N", "NO", "F", "FALSE", "×", "错"), False),
    **dict.fromkeys(("班", "上班", "工作日", "工作", "补班", "调休上班", "正常上班"), True),
    **dict.fromkeys(("休", "休息", "休息日", "放假", "节假日", "法定节假日", "假", "假日", "假期"), False),
    **dict.fromkeys(("放假调休", "公休", "公休日", "周末", "双休日"), False),
}
# 星期五, 周五, (周五) or 礼拜五 behind a date.
WEEKDAY = re.compile(r"[(\[]?(?:星期|周|礼拜)([一二三四五六日天])[)\]]?$")
WEEKDAYS = "一二三四五六日"
# So many days or lines are named; the rest is counted.
NAMED = 10


@dataclass(frozen=True)
class DayRow:
    """One day of an official list; `line` is where it stands in the file, 0 for rows that are from none."""

    day: date
    is_workday: bool
    name: str = ""
    line: int = 0


@dataclass(frozen=True)
class Change:
    """What an official list changes about one day: before (None: nothing was entered) and after."""

    before: Workday | None
    after: DayRow

    @property
    def was_workday(self) -> bool:
        """As the day counted until now; one that was not entered counts by its weekday."""
        return self.before.is_workday if self.before else by_weekday(self.after.day).is_workday

    @property
    def turns(self) -> bool:
        """Whether a workday becomes a day off or the other way round."""
        return self.was_workday != self.after.is_workday

    @property
    def renames(self) -> bool:
        return (self.before.name if self.before else "") != self.after.name

    @property
    def counts_anew(self) -> bool:
        """Whether limits over this day may end at another time or are no longer provisional."""
        return self.turns or self.before is None or self.before.is_provisional


def read_rows(lines: Iterable[Line]) -> tuple[list[DayRow], list[str]]:
    """The days of the lines, and a sentence for each line that cannot be read."""
    rows, problems = [], []
    longest = Workday._meta.get_field("name").max_length or 0
    for line in lines:
        try:
            day, weekday = read_day(line.cells[DATE])
        except ValueError:
            problems.append(
                _("Line %(line)s: “%(text)s” is no date.")
                % {"line": line.number, "text": line.cells[DATE][:30]}
            )
            continue
        is_workday = WORDS.get(plain(line.cells[WORKED]).upper())
        if weekday is not None and weekday != day.weekday():
            problems.append(
                _("Line %(line)s: %(day)s is no %(weekday)s.")
                % {"line": line.number, "day": date_format(day), "weekday": WEEKDAY_NAMES[weekday]}
            )
        elif is_workday is None:
            problems.append(
                _("Line %(line)s: “%(text)s” says neither workday (%(yes)s) nor day off (%(no)s).")
                % {"line": line.number, "text": line.cells[WORKED][:30], "yes": YES, "no": NO}
            )
        elif len(line.cells[NAME]) > longest:
            problems.append(
                _("Line %(line)s: the name has more than %(limit)s characters.")
                % {"line": line.number, "limit": longest}
            )
        else:
            rows.append(DayRow(day, is_workday, line.cells[NAME], line.number))
    if len(problems) > NAMED:
        more = len(problems) - NAMED
        rest = ngettext("And %(count)s more line.", "And %(count)s more lines.", more) % {"count": more}
        problems = [*problems[:NAMED], rest]
    return rows, problems


def read_day(text: str) -> tuple[date, int | None]:
    """A day, and the weekday written behind it (Monday is 0). ValueError when it is no date."""
    found = WEEKDAY.search(plain(text))
    if found is None:
        return read_date(text), None
    return read_date(plain(text)[: found.start()]), WEEKDAYS.index(found[1].replace("天", "日"))


def with_the_rest(year: int, rows: Sequence[DayRow]) -> list[DayRow]:
    """A list of holidays and worked weekends alone, as a notice prints it, with the rest of the year by the weekday
    rule. Rows of an ordinary workday are none of a notice: such a list has gaps, and is returned as it is.
    """
    if not rows or any(row.is_workday and by_weekday(row.day).is_workday for row in rows):
        return list(rows)
    named = {row.day for row in rows}
    rest = [DayRow(day, by_weekday(day).is_workday) for day in days_of_year(year) if day not in named]
    return [*rows, *rest]


def year_problems(year: int, rows: Sequence[DayRow]) -> list[str]:
    """Why the rows are not exactly the days of the year: days of another one, repeated days, missing days."""
    by_day: dict[date, list[DayRow]] = defaultdict(list)
    for row in rows:
        by_day[row.day].append(row)
    problems = []
    if foreign := [day for day in by_day if day.year != year]:
        problems.append(_("Not in %(year)s: %(days)s.") % {"year": year, "days": _named(by_day, foreign)})
    if twice := [day for day, rows_of_it in by_day.items() if len(rows_of_it) > 1]:
        problems.append(_("More than once: %(days)s.") % {"days": _named(by_day, twice)})
    if missing := [day for day in days_of_year(year) if day not in by_day]:
        problems.append(_("Missing: %(days)s.") % {"days": _named(by_day, missing)})
    return problems


def days_of_year(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + DAY * n for n in range((date(year, 12, 31) - first).days + 1)]


def _named(by_day: Mapping[date, Sequence[DayRow]], days: list[date]) -> str:
    """The days with the lines they stand in, the first ones by name."""
    words = []
    for day in sorted(days)[:NAMED]:
        lines = _(", ").join(str(row.line) for row in by_day.get(day, ()) if row.line)
        text = date_format(day)
        words.append(_("%(day)s (line %(lines)s)") % {"day": text, "lines": lines} if lines else text)
    named = _(", ").join(words)
    more = len(days) - len(words)
    if more <= 0:
        return named
    return ngettext("%(days)s and %(count)s more day", "%(days)s and %(count)s more days", more) % {
        "days": named,
        "count": more,
    }


def changes(rows: Iterable[DayRow], entered: Mapping[date, Workday]) -> list[Change]:
    """What the rows make of the entered days, day by day, for all of them."""
    return [Change(entered.get(row.day), row) for row in sorted(rows, key=lambda row: row.day)]


def seen_mark(entered: Mapping[date, Workday]) -> str:
    """Tells whether a year was changed since somebody looked at it."""
    days = (
        f"{day} {entry.is_workday} {entry.is_provisional} {entry.name}"
        for day, entry in sorted(entered.items())
    )
    return hashlib.sha256("\n".join(days).encode()).hexdigest()


def table_text(rows: Iterable[DayRow]) -> str:
    """The rows as the text a form carries from the preview to the confirmation; `read_table` reads it again."""
    lines = [[row.day.isoformat(), YES if row.is_workday else NO, row.name] for row in rows]
    return csv_text([COLUMNS, *lines])


def year_file(year: int, entered: Mapping[date, Workday]) -> bytes:
    """Every day of the year as a CSV file to be edited and uploaded again; days not entered are estimated."""
    days = [entered.get(day) or estimate(day) for day in days_of_year(year)]
    lines = [
        [
            day.date.isoformat(),
            YES if day.is_workday else NO,
            day.name,
            day.source,
            YES if day.is_provisional else NO,
        ]
        for day in days
    ]
    return csv_file([[*COLUMNS, *FURTHER_COLUMNS], *lines])


def estimate(day: date) -> Workday:
    """A day nobody entered, as it counts; not saved."""
    return Workday(date=day, is_workday=by_weekday(day).is_workday, is_provisional=True)
