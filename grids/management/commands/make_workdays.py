"""Writes grids/data/workdays.csv, from which a new installation gets its first calendar. For developers only."""

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chinese_calendar import Holiday, constants, is_workday
from django.core.management.base import BaseCommand

from grids.workdays import by_weekday

FILE = Path(__file__).resolve().parents[2] / "data" / "workdays.csv"
HEADER = ("date", "is_workday", "name", "source", "provisional")
# The yearly notices of the General Office of the State Council on holidays (国务院办公厅关于…年部分节假日安排的通知).
NOTICES = {
    2023: "国办发明电〔2022〕16号",
    2024: "国办发明电〔2023〕7号",
    2025: "国办发明电〔2024〕12号",
    2026: "国办发明电〔2025〕7号",
}
ESTIMATED_YEARS = (2027,)
ESTIMATED = "按星期暂估，待国务院办公厅通知"
MAKE_UP = "调休上班"
NAMES = {
    Holiday.new_years_day: "元旦",
    Holiday.spring_festival: "春节",
    Holiday.tomb_sweeping_day: "清明节",
    Holiday.labour_day: "劳动节",
    Holiday.dragon_boat_festival: "端午节",
    Holiday.mid_autumn_festival: "中秋节",
    Holiday.national_day: "国庆节",
}


def rows() -> Iterator[tuple[str, int, str, str, int]]:
    """Every day of the years, in the order of the header."""
    for year in (*NOTICES, *ESTIMATED_YEARS):
        day = date(year, 1, 1)
        while day.year == year:
            if year in NOTICES:
                yield day.isoformat(), int(is_workday(day)), name_of(day), notice_of(day), 0
            else:
                yield day.isoformat(), int(by_weekday(day).is_workday), "", ESTIMATED, 1
            day += timedelta(days=1)


def name_of(day: date) -> str:
    """The holiday in Chinese, that the day is worked for one, or nothing."""
    if day in constants.workdays:
        return MAKE_UP
    return NAMES[Holiday(constants.holidays[day])] if day in constants.holidays else ""


def notice_of(day: date) -> str:
    """The notice of the day's year; the last days of December that belong to New Year stand in the next one."""
    is_new_year = day.month == 12 and name_of(day) == NAMES[Holiday.new_years_day]
    return NOTICES[day.year + is_new_year]


def text() -> str:
    """The whole file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    writer.writerows(rows())
    return out.getvalue()


class Command(BaseCommand):
    help = "Write grids/data/workdays.csv from the package chinesecalendar (development only)."

    def handle(self, *args: Any, **options: Any) -> None:
        FILE.write_text(text(), encoding="utf-8")
        self.stdout.write(f"{FILE}: {len(FILE.read_text(encoding='utf-8').splitlines()) - 1} days")
