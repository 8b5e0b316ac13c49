"""The entered calendar: what a new installation gets, whose hours hold where, and who hears of a changed day."""

from datetime import date, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, NotAllowed, StalePage
from core.tabular import read_table
from grids import calendar_listeners
from grids.calendar_files import (
    COLUMNS,
    DayRow,
    changes,
    days_of_year,
    read_rows,
    seen_mark,
    table_text,
    with_the_rest,
    year_file,
    year_problems,
)
from grids.calendar_listeners import register_calendar_listener
from grids.calendar_year import HOLIDAY, MAKE_UP, WEEKEND, WORKDAY, entered_days, year_links, year_page
from grids.management.commands import make_workdays
from grids.models import OfficeHours, Workday
from grids.office_calendar import calendar_for, office_hours_for
from grids.services import import_year, set_workday
from grids.workdays import Day, OfficeDay, by_weekday
from tests.factories.calendar import at, official_days

pytestmark = pytest.mark.django_db
NOTICE = "国办发明电〔2026〕示例"


@pytest.fixture
def heard(monkeypatch):
    """The days a registered listener hears of, and how they stood in the database at that moment."""
    told = []
    monkeypatch.setattr(calendar_listeners, "_listeners", [])
    register_calendar_listener(
        lambda days: told.append({d: Workday.objects.get(date=d).is_workday for d in days})
    )
    return told


def list_of(year, turned=(), names=None):
    """A complete list: the weekday rule with some days turned and some named."""
    return [
        DayRow(day, by_weekday(day).is_workday != (day in turned), (names or {}).get(day, ""))
        for day in days_of_year(year)
    ]


# --- what a new installation gets ---
def test_the_data_file_is_what_the_command_makes():
    assert make_workdays.FILE.read_text(encoding="utf-8") == make_workdays.text()


@pytest.mark.parametrize("year", range(2023, 2028))
def test_every_day_of_the_first_years_is_entered(year):
    assert Workday.objects.days_of(year) == official_days(year)
    assert len(official_days(year)) == (366 if year == 2024 else 365)


def test_only_the_year_without_a_notice_is_provisional():
    assert Workday.objects.counts_by_year() == {
        2023: (365, 0), 2024: (366, 0), 2025: (365, 0), 2026: (365, 0), 2027: (365, 365),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "is_workday", "name"),
    [
        (date(2023, 1, 22), False, "春节"),
        (date(2023, 1, 28), True, "调休上班"),
        (date(2023, 2, 20), True, ""),
        (date(2026, 2, 20), False, "春节"),
        (date(2026, 10, 10), True, "调休上班"),
        (date(2027, 10, 1), True, ""),
    ],
)
def test_known_days_are_right(day, is_workday, name):
    entry = Workday.objects.get(date=day)
    assert (entry.is_workday, entry.name) == (is_workday, name)
    assert entry.source
    assert str(day.year) in str(entry)


def test_one_row_of_hours_holds_everywhere_with_its_basis():
    hours = OfficeHours.objects.get()
    assert hours.area is None
    assert hours.basis
    assert hours.office == OfficeDay()
    assert (hours.quiet_from, hours.quiet_to, hours.digest_at) == (time(21), time(8), time(8, 40))


# --- how people write it ---
def row_of(day, word):
    rows, problems = read_rows(read_table(f"日期,是否工作日,名称\n{day},{word},".encode(), "a.csv", COLUMNS))
    return rows[0] if rows else problems[0]


@pytest.mark.parametrize(
    ("words", "is_workday"),
    [
        ("是 班 上班 工作日 补班 调休上班 Y y Yes TRUE true 1 １ Ｙ", True),
        ("否 休 休息 休息日 放假 节假日 法定节假日 N n No FALSE false 0 ０ Ｎ", False),
    ],
)
def test_workdays_and_days_off_are_read_in_any_usual_word(words, is_workday):
    for word in words.split():
        assert row_of("2027-01-01", word).is_workday is is_workday, word


@pytest.mark.parametrize(
    "text",
    ["2027-01-01 星期五", "2027年1月1日（周五）", "2027/1/1(星期五)", "2027.1.1周五", "20270101 礼拜五"],
)
def test_a_weekday_may_stand_behind_the_date(text):
    assert row_of(text, "休").day == date(2027, 1, 1)
    assert row_of("2027-01-03 星期天", "休").day == date(2027, 1, 3)


def test_a_weekday_that_is_another_one_is_told():
    assert "星期四" in row_of("2027-01-01 星期四", "休")


def test_a_list_of_holidays_and_worked_weekends_alone_is_filled_by_the_weekday_rule():
    """As the notice prints it: days off, also weekends among them, and weekends that are worked."""
    notice = [DayRow(date(2027, 10, day), False, "国庆节") for day in range(1, 8)]
    notice.append(DayRow(date(2027, 10, 9), True, "调休上班"))
    year = with_the_rest(2027, notice)
    assert year_problems(2027, year) == []
    by_day = {row.day: row for row in year}
    assert by_day[date(2027, 10, 1)].name == "国庆节"
    assert by_day[date(2027, 10, 9)].is_workday
    assert by_day[date(2027, 10, 8)].is_workday
    assert not by_day[date(2027, 10, 10)].is_workday


def test_a_list_with_ordinary_workdays_and_a_gap_is_not_filled():
    rows = list_of(2027)[:-1]
    assert with_the_rest(2027, rows) == rows
    assert year_problems(2027, with_the_rest(2027, rows))


# --- whose hours hold where ---
@pytest.fixture
def hours_of(tree):
    def enter(key, **fields):
        return OfficeHours.objects.create(area=tree[key], basis="测试", **fields)

    return enter


def test_the_hours_of_the_narrowest_area_hold(tree, hours_of):
    hours_of("", cut_off=time(16))
    hours_of("005", cut_off=time(15))
    assert office_hours_for(tree["00500101"].code).cut_off == time(15)
    assert office_hours_for(tree["005"].code).cut_off == time(15)
    assert office_hours_for(tree["006001"].code).cut_off == time(16)
    assert office_hours_for(tree[""].code).cut_off == time(16)
    assert office_hours_for("620103").cut_off == time(17)
    assert office_hours_for("").cut_off == time(17)


def test_without_any_row_the_usual_hours_hold():
    OfficeHours.objects.all().delete()
    assert office_hours_for("620102").office == OfficeDay()


def test_the_calendar_counts_with_hours_and_days_of_its_place(tree, hours_of):
    hours_of("005", morning_from=time(9), afternoon_to=time(17, 30))
    here, elsewhere = calendar_for(tree["00500101"].code), calendar_for(tree["006"].code)
    assert here.opening(date(2023, 1, 28)) == at("2023-01-28 09:00")
    assert elsewhere.closing(date(2023, 1, 28)) == at("2023-01-28 18:00")
    assert here.add_working_time(at("2023-01-20 17:00"), timedelta(hours=1)) == at("2023-01-28 09:30")


def test_counting_asks_for_the_hours_once_and_for_each_year_once(tree):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        calendar = calendar_for(tree["00500101"].code)
        for _ in range(3):
            calendar.add_workdays(date(2026, 12, 15), 15)
    assert len(queries) == 3


def test_a_year_without_rows_counts_by_the_weekday_and_is_provisional():
    calendar = calendar_for("620102")
    assert calendar.day(date(2040, 10, 1)) == Day(is_workday=True, is_provisional=True)
    assert calendar.is_provisional(date(2026, 12, 31), date(2027, 1, 1))


# --- rules of the rows, in the form and in the database ---
@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("morning", {"morning_from": time(12)}),
        ("midday", {"morning_to": time(15)}),
        ("afternoon", {"afternoon_from": time(18)}),
        ("cut_off", {"cut_off": time(8)}),
        ("cut_off", {"cut_off": time(18, 1)}),
        ("quiet", {"quiet_to": time(21)}),
        ("digest", {"digest_at": time(7, 59)}),
        ("digest", {"digest_at": time(21)}),
        ("one_per_area", {}),
    ],
)
def test_hours_that_break_a_rule_are_refused_with_its_sentence_and_by_the_database(rule, fields):
    if fields:
        OfficeHours.objects.all().delete()
    hours = OfficeHours(basis="测试", **fields)
    sentence = {c.name: c.violation_error_message for c in OfficeHours._meta.constraints}
    with pytest.raises(ValidationError) as caught:
        hours.full_clean()
    assert sentence[f"grids_office_hours_{rule}"] in caught.value.messages
    with pytest.raises(IntegrityError), transaction.atomic():
        hours.save()


def test_an_area_has_one_row_of_hours(tree, hours_of):
    hours_of("005")
    with pytest.raises(ValidationError):
        OfficeHours(area=tree["005"], basis="测试").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        hours_of("005")


def test_a_day_is_entered_once():
    with pytest.raises(IntegrityError), transaction.atomic():
        Workday.objects.create(date=date(2026, 1, 1), is_workday=True, source="x")


# --- one day ---
def test_a_day_turns_and_whoever_counts_hears_of_it(system_admin, heard):
    day = date(2027, 2, 6)
    changed = set_workday(actor=system_admin, day=day, is_workday=True, name=" 调休上班 ", source=NOTICE)
    assert changed == [day]
    assert heard == [{day: True}]
    entry = Workday.objects.get(date=day)
    assert (entry.is_workday, entry.name, entry.source, entry.is_provisional) == (
        True,
        "调休上班",
        NOTICE,
        False,
    )


def test_a_day_that_was_never_entered_is_entered(system_admin, heard):
    day = date(2031, 5, 1)
    assert set_workday(actor=system_admin, day=day, is_workday=True, name="", source=NOTICE) == [day]
    assert Workday.objects.days_of(2031) == {day: Day(is_workday=True)}


def test_an_estimate_that_is_confirmed_counts_differently(system_admin, heard):
    day = date(2027, 3, 1)
    assert set_workday(actor=system_admin, day=day, is_workday=True, name="", source=NOTICE) == [day]


def test_a_new_name_alone_is_no_news_for_whoever_counts(system_admin, heard):
    day = date(2026, 10, 1)
    assert set_workday(actor=system_admin, day=day, is_workday=False, name="国庆", source=NOTICE) == []
    assert heard == []
    assert Workday.objects.get(date=day).name == "国庆"


@pytest.mark.parametrize("fields", [{"source": " "}, {"source": "x" * 121}, {"name": "名" * 31}])
def test_a_day_without_source_or_with_too_long_a_text_is_refused(system_admin, heard, fields):
    day = date(2026, 10, 1)
    with pytest.raises(DomainError):
        set_workday(
            **{"actor": system_admin, "day": day, "is_workday": True, "name": "", "source": NOTICE, **fields}
        )
    assert not Workday.objects.get(date=day).is_workday
    assert heard == []


@pytest.mark.parametrize(
    "who", ["secretary", "subdistrict_admin", "leader_view", "department_handler", "grid_worker"]
)
def test_only_the_system_administrator_changes_the_calendar(request, heard, who):
    actor = request.getfixturevalue(who)
    with pytest.raises(NotAllowed):
        set_workday(actor=actor, day=date(2026, 10, 1), is_workday=True, name="", source=NOTICE)
    with pytest.raises(NotAllowed):
        import_year(actor=actor, year=2027, rows=list_of(2027), source=NOTICE)
    assert heard == []


def test_when_a_listener_fails_the_day_stands_as_before(system_admin, monkeypatch):
    def fail(days):
        raise DomainError("no")

    monkeypatch.setattr(calendar_listeners, "_listeners", [fail])
    with pytest.raises(DomainError):
        set_workday(actor=system_admin, day=date(2026, 10, 1), is_workday=True, name="", source=NOTICE)
    assert not Workday.objects.get(date=date(2026, 10, 1)).is_workday


def test_a_listener_registered_twice_hears_once(monkeypatch):
    monkeypatch.setattr(calendar_listeners, "_listeners", [])
    told = []
    for _ in range(2):
        register_calendar_listener(told.append)
    calendar_listeners.tell_listeners([date(2026, 1, 1)])
    assert told == [[date(2026, 1, 1)]]


# --- the list of a year ---
def test_a_provisional_year_is_replaced_and_every_day_is_news(system_admin, heard):
    rows = list_of(2027, turned={date(2027, 1, 1), date(2027, 1, 2)}, names={date(2027, 1, 1): "元旦"})
    changed = import_year(actor=system_admin, year=2027, rows=rows[::-1], source=NOTICE)
    assert changed == days_of_year(2027)
    assert [sorted(days) for days in heard] == [changed]
    assert Workday.objects.counts_by_year()[2027] == (365, 0)
    first = Workday.objects.get(date=date(2027, 1, 1))
    assert (first.is_workday, first.name, first.source) == (False, "元旦", NOTICE)


def test_of_an_official_year_only_the_days_that_turn_are_news(system_admin, heard):
    rows = [DayRow(day, d.is_workday) for day, d in official_days(2026).items()]
    rows[0] = DayRow(rows[0].day, not rows[0].is_workday)
    assert import_year(actor=system_admin, year=2026, rows=rows, source=NOTICE) == [date(2026, 1, 1)]
    assert set(Workday.objects.of_year(2026).values_list("source", "name")) == {(NOTICE, "")}


def test_a_year_nobody_entered_is_entered_whole(system_admin, heard):
    assert len(import_year(actor=system_admin, year=2028, rows=list_of(2028), source=NOTICE)) == 366
    assert Workday.objects.counts_by_year()[2028] == (366, 0)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda rows: rows[:-1],
        lambda rows: [*rows, rows[5]],
        lambda rows: [*rows[:-1], DayRow(date(2028, 12, 31), True)],
        lambda rows: [],
    ],
    ids=["a missing day", "a day twice", "a day of another year", "nothing"],
)
def test_a_list_that_is_not_exactly_the_year_saves_nothing(system_admin, heard, spoil):
    before = Workday.objects.days_of(2027)
    with pytest.raises(DomainError):
        import_year(actor=system_admin, year=2027, rows=spoil(list_of(2027)), source=NOTICE)
    assert Workday.objects.days_of(2027) == before
    assert heard == []


def test_a_list_previewed_before_somebody_changed_the_year_is_stale(system_admin, heard):
    seen = seen_mark(entered_days(2027))
    set_workday(actor=system_admin, day=date(2027, 1, 1), is_workday=False, name="元旦", source=NOTICE)
    with pytest.raises(StalePage):
        import_year(actor=system_admin, year=2027, rows=list_of(2027), source=NOTICE, seen=seen)
    now = seen_mark(entered_days(2027))
    assert len(import_year(actor=system_admin, year=2027, rows=list_of(2027), source=NOTICE, seen=now)) == 365


def test_days_are_named_with_their_lines_and_the_rest_is_counted():
    rows = [
        DayRow(row.day, row.is_workday, row.name, line) for line, row in enumerate(list_of(2027), start=2)
    ]
    (missing,) = year_problems(2027, rows[30:])
    assert "2027" in missing
    assert "20" in missing
    (twice,) = year_problems(2027, [*rows, DayRow(rows[0].day, True, "", 400)])
    assert "2" in twice
    assert "400" in twice
    foreign, missing = year_problems(2028, rows)
    assert "2027" in foreign
    assert "2028" in missing


@pytest.mark.parametrize("word", ["是", "1", "１", "工作日", "上班", " 工作日 "])
def test_workdays_are_told_in_many_words(word):
    rows, problems = read_rows(
        read_table(f"{','.join(COLUMNS)}\n2027/1/4,{word},\n".encode(), "a.csv", COLUMNS)
    )
    assert (rows, problems) == ([DayRow(date(2027, 1, 4), True, "", 2)], [])


@pytest.mark.parametrize("word", ["否", "0", "休息日", "休息"])
def test_days_off_are_told_in_many_words(word):
    rows, _problems = read_rows(
        read_table(f"{','.join(COLUMNS)}\n2027/1/4,{word},元旦\n".encode(), "a.csv", COLUMNS)
    )
    assert rows == [DayRow(date(2027, 1, 4), False, "元旦", 2)]


@pytest.mark.parametrize(
    "line",
    ["2027年2月30日,是,", "2027/1/4,也许,", "2027/1/4,,", ",是,", f"2027/1/4,是,{'名' * 31}"],
)
def test_a_line_that_cannot_be_read_is_named(line):
    rows, problems = read_rows(read_table(f"{','.join(COLUMNS)}\n{line}\n".encode(), "a.csv", COLUMNS))
    assert rows == []
    assert len(problems) == 1
    assert "2" in problems[0]


def test_many_unreadable_lines_are_counted():
    text = f"{','.join(COLUMNS)}\n" + "x,是,\n" * 50
    _rows, problems = read_rows(read_table(text.encode(), "a.csv", COLUMNS))
    assert len(problems) == 11
    assert "40" in problems[-1]


def test_a_year_written_as_a_file_is_read_again_without_a_change():
    entered = entered_days(2026)
    rows, problems = read_rows(read_table(year_file(2026, entered), "2026.csv", COLUMNS))
    assert problems == year_problems(2026, rows) == []
    told = changes(rows, entered)
    assert not any(change.turns or change.renames or change.counts_anew for change in told)
    again, _problems = read_rows(read_table(table_text(rows).encode(), "table.csv", COLUMNS))
    assert [(row.day, row.is_workday, row.name) for row in again] == [
        (row.day, row.is_workday, row.name) for row in rows
    ]


def test_a_year_nobody_entered_is_a_file_to_begin_with():
    rows, problems = read_rows(read_table(year_file(2028, {}), "2028.csv", COLUMNS))
    assert problems == year_problems(2028, rows) == []
    assert {row.day: row.is_workday for row in rows} == {
        day: by_weekday(day).is_workday for day in days_of_year(2028)
    }


# --- the page of a year ---
def test_the_page_tells_days_apart_and_sums_them_up():
    page = year_page(2026, entered_days(2026))
    kinds = {cell.day: cell.kind for cell in page.cells}
    assert len(kinds) == 365
    assert kinds[date(2026, 10, 1)] == kinds[date(2026, 1, 3)] == HOLIDAY
    assert kinds[date(2026, 10, 10)] == MAKE_UP
    assert kinds[date(2026, 11, 21)] == WEEKEND
    assert kinds[date(2026, 11, 25)] == WORKDAY
    assert (page.workdays, page.days_off, page.holidays, page.make_ups) == (248, 117, 33, 6)
    assert page.is_official
    assert page.sources == ("国办发明电〔2025〕7号",)
    assert [(note.days, note.name) for note in page.months[9].notes] == [
        ("1–7", "国庆节"),
        ("10", "调休上班"),
    ]


@pytest.mark.parametrize(("year", "state"), [(2026, "official"), (2027, "provisional"), (2028, "missing")])
def test_the_page_says_how_sure_the_year_is(year, state):
    page = year_page(year, entered_days(year))
    assert page.state == state
    assert any(cell.is_provisional for cell in page.cells) is (state != "official")


def test_years_are_offered_without_gaps_up_to_the_next_one(time_machine):
    time_machine.move_to("2028-03-01T12:00:00+08:00")
    assert [(link.year, link.state) for link in year_links(2035)] == [
        *[(year, "official") for year in range(2023, 2027)],
        (2027, "provisional"), (2028, "missing"), (2029, "missing"), (2035, "missing"),
    ]  # fmt: skip
