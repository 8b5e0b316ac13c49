"""The workday calendar in the administration: click a day, upload the official list, nothing saved by half."""

import io
import re
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import Workbook

from accounts.choices import Role
from core.errors import DomainError
from core.tabular import MAX_BYTES
from grids import calendar_listeners
from grids.calendar_files import COLUMNS, days_of_year
from grids.models import OfficeHours, Workday
from grids.workdays import by_weekday
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
YEAR = reverse("admin:grids_workday_changelist")
IMPORT = reverse("admin:grids_workday_import")
CONFIRM = reverse("admin:grids_workday_import_confirm")
NOTICE = "国办发明电〔2026〕示例"
NEW_YEAR = date(2027, 1, 1)


def day_url(day: date) -> str:
    return reverse("admin:grids_workday_day", args=[day])


@pytest.fixture
def admin(client_for: Any, system_admin: Any) -> Any:
    return client_for(system_admin)


@pytest.fixture
def auditor(client_for: Any) -> Any:
    return client_for(UserFactory(role=Role.AUDITOR))


def rows_of(year: int = 2027) -> list[list[Any]]:
    """A complete list in which New Year is off and the Sunday after it is worked."""
    rows: list[list[Any]] = [
        [day, "是" if by_weekday(day).is_workday else "否", ""] for day in days_of_year(year)
    ]
    rows[0][1:], rows[2][1:] = ["休息", "元旦"], ["上班", "调休上班"]
    return rows


def csv_upload(rows: list[list[Any]], name: str = "2027.csv", encoding: str = "utf-8-sig") -> Any:
    lines = ["2027年放假安排", ",".join(COLUMNS), *[",".join(map(str, row)) for row in rows]]
    return SimpleUploadedFile(name, "\n".join(lines).encode(encoding))


def excel_upload(rows: list[list[Any]]) -> Any:
    book, out = Workbook(), io.BytesIO()
    for row in (["2027年放假安排"], list(COLUMNS), *rows):
        book.active.append(row)
    book.save(out)
    return SimpleUploadedFile("2027.xlsx", out.getvalue())


def upload(client: Any, file: Any, **fields: Any) -> Any:
    return client.post(IMPORT, {"year": 2027, "source": NOTICE, "file": file, **fields})


def file_errors(response: Any) -> str:
    return " ".join(response.context["adminform"].form.errors["file"])


# --- the year ---
def test_the_year_opens_as_twelve_months_of_days_to_choose(admin: Any) -> None:
    html = admin.get(YEAR, {"year": 2026}).content.decode()
    assert len(re.findall(r'href="/admin/grids/workday/day/2026-', html)) == 365
    assert html.count('class="cal-month"') == 12
    assert html.count("cal-day cal-holiday") == 33 + 1  # and one in the legend
    assert "国办发明电〔2025〕7号" in html
    assert "cal-notice" not in html


@pytest.mark.parametrize(("year", "state"), [(2027, "provisional"), (2029, "missing")])
def test_a_year_that_is_not_certain_says_so(admin: Any, year: int, state: str) -> None:
    response = admin.get(YEAR, {"year": year})
    assert response.context["page"].state == state
    html = response.content.decode()
    assert "cal-notice" in html
    assert html.count(" cal-provisional") == 365 + 1


@pytest.mark.parametrize("query", [{}, {"year": "x"}, {"year": 1}, {"year": 99999}, {"q": "第'1\"<网格>"}])
def test_without_a_year_that_can_be_shown_the_present_one_opens(
    client_for: Any, system_admin: Any, time_machine: Any, query: Any
) -> None:
    time_machine.move_to("2026-12-31T23:00:00+08:00")
    response = client_for(system_admin).get(YEAR, query)
    assert (response.status_code, response.context["page"].year) == (200, 2026)
    assert response.content.decode().count(" cal-today") == 1


def test_the_first_and_the_last_year_have_no_neighbour_beyond(admin: Any) -> None:
    assert admin.get(YEAR, {"year": 2000}).context["before"] is None
    assert admin.get(YEAR, {"year": 2100}).context["after"] is None


def test_the_page_asks_as_often_for_a_full_year_as_for_an_empty_one(admin: Any) -> None:
    counts = []
    admin.get(YEAR)
    for year in (2026, 2035):
        with CaptureQueriesContext(connection) as queries:
            admin.get(YEAR, {"year": year})
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 4


def test_the_page_has_no_inline_script_or_style(admin: Any) -> None:
    for url in (f"{YEAR}?year=2027", IMPORT, day_url(NEW_YEAR)):
        html = admin.get(url).content.decode()
        content = html[html.index('id="content-main"') :]
        assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=", content)


# --- one day ---
def test_a_day_is_turned_by_its_form_and_the_history_tells_who(admin: Any, system_admin: Any) -> None:
    url = day_url(NEW_YEAR)
    assert admin.get(url).status_code == 200
    response = admin.post(url, {"is_workday": "0", "name": "元旦", "source": NOTICE})
    assert response.url == f"{YEAR}?year=2027#month-1"
    entry = Workday.objects.get(date=NEW_YEAR)
    assert (entry.is_workday, entry.name, entry.source, entry.is_provisional) == (
        False,
        "元旦",
        NOTICE,
        False,
    )
    log = LogEntry.objects.get()
    assert (log.user, log.object_id) == (system_admin, str(entry.pk))
    assert NOTICE in log.change_message
    assert NOTICE in admin.get(reverse("admin:grids_workday_history", args=[entry.pk])).content.decode()


def test_a_day_nobody_entered_has_its_form_too(admin: Any) -> None:
    url = day_url(date(2029, 5, 1))
    assert admin.get(url).context["cell"].is_provisional
    assert admin.post(url, {"is_workday": "0", "name": "劳动节", "source": NOTICE}).status_code == 302
    assert Workday.objects.get(date=date(2029, 5, 1)).name == "劳动节"


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("source", {"source": " "}),
        ("source", {"source": "x" * 121}),
        ("name", {"name": "名" * 31}),
        ("is_workday", {"is_workday": "maybe"}),
        ("is_workday", {"is_workday": ""}),
    ],
)
def test_a_day_that_is_refused_keeps_what_was_typed(admin: Any, field: str, data: dict[str, str]) -> None:
    typed = {"is_workday": "0", "name": "元旦", "source": NOTICE, **data}
    response = admin.post(day_url(NEW_YEAR), typed)
    assert response.status_code == 400
    assert set(response.context["adminform"].form.errors) == {field}
    assert typed["name"] in response.content.decode()
    assert Workday.objects.get(date=NEW_YEAR).is_workday


def test_what_a_listener_refuses_is_told_in_the_form(admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(days: Any) -> None:
        raise DomainError("街道不同意")

    monkeypatch.setattr(calendar_listeners, "_listeners", [refuse])
    response = admin.post(day_url(NEW_YEAR), {"is_workday": "0", "name": "元旦", "source": NOTICE})
    assert response.status_code == 400
    assert response.context["adminform"].form.non_field_errors() == ["街道不同意"]
    assert Workday.objects.get(date=NEW_YEAR).is_workday
    sent = upload(admin, csv_upload(rows_of())).context["confirm"].initial
    assert admin.post(CONFIRM, sent).url == IMPORT
    assert Workday.objects.counts_by_year()[2027] == (365, 365)
    assert not LogEntry.objects.exists()


def test_an_empty_post_is_told_what_is_missing(admin: Any) -> None:
    for url in (day_url(NEW_YEAR), IMPORT):
        assert admin.post(url).status_code == 400


@pytest.mark.parametrize("day", ["2027-02-30", "x", "1999-12-31", "2101-01-01", "10000-01-01"])
def test_a_day_that_is_none_is_not_found(admin: Any, day: str) -> None:
    assert admin.get(f"{YEAR}day/{day}/").status_code == 404


def test_a_name_is_shown_as_the_text_it_is(admin: Any) -> None:
    admin.post(day_url(NEW_YEAR), {"is_workday": "0", "name": "<b>元旦</b>", "source": "<i>"})
    for url in (f"{YEAR}?year=2027", day_url(NEW_YEAR)):
        html = admin.get(url).content.decode()
        assert "<b>元旦" not in html
        assert "&lt;b&gt;元旦" in html


def test_links_by_key_lead_to_the_day(admin: Any) -> None:
    entry = Workday.objects.get(date=NEW_YEAR)
    assert admin.get(reverse("admin:grids_workday_change", args=[entry.pk])).url == day_url(NEW_YEAR)
    assert admin.get(reverse("admin:grids_workday_change", args=[0])).status_code == 404


def test_days_are_neither_added_nor_deleted(admin: Any) -> None:
    entry = Workday.objects.get(date=NEW_YEAR)
    assert admin.get(reverse("admin:grids_workday_add")).status_code == 403
    assert (
        admin.post(reverse("admin:grids_workday_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    )
    assert Workday.objects.filter(pk=entry.pk).exists()


# --- the official list ---
@pytest.mark.parametrize(
    "file",
    [csv_upload, lambda rows: csv_upload(rows, encoding="gb18030"), excel_upload],
    ids=["UTF-8", "GB18030", "Excel"],
)
def test_a_list_is_previewed_and_then_saved(admin: Any, file: Any) -> None:
    preview = upload(admin, file(rows_of()))
    assert preview.status_code == 200
    assert [after.day for _before, after in preview.context["changes"]] == [NEW_YEAR, date(2027, 1, 3)]
    assert preview.context["turned"] == 2
    assert preview.context["now_official"] == 363
    assert preview.content.decode().count(" cal-changed") == 2 + 1
    assert Workday.objects.counts_by_year()[2027] == (365, 365)

    response = admin.post(CONFIRM, preview.context["confirm"].initial)
    assert response.url == f"{YEAR}?year=2027"
    assert Workday.objects.counts_by_year()[2027] == (365, 0)
    assert set(Workday.objects.of_year(2027).values_list("source", flat=True)) == {NOTICE}
    assert Workday.objects.get(date=NEW_YEAR).name == "元旦"
    assert NOTICE in LogEntry.objects.get().change_message
    assert "cal-notice" not in admin.get(response.url).content.decode()


def test_a_list_as_the_notice_prints_it_is_offered_with_the_rest_by_the_weekday_rule(admin: Any) -> None:
    lines = ["日期,是否工作日,名称", "2027年10月1日（周五）,放假,国庆节", "2027年10月9日（周六）,班,调休上班"]
    file = SimpleUploadedFile("list.csv", "\n".join(lines).encode())
    preview = admin.post(IMPORT, {"year": 2027, "source": "通知", "file": file})
    assert preview.status_code == 200
    html = preview.content.decode()
    assert "列出2027年的2天" in html
    assert "其余363天" in html
    saved = admin.post(CONFIRM, preview.context["confirm"].initial)
    assert saved.status_code == 302
    assert not Workday.objects.get(date=date(2027, 10, 1)).is_workday
    assert Workday.objects.get(date=date(2027, 10, 9)).is_workday
    assert Workday.objects.counts_by_year()[2027] == (365, 0)


def test_a_list_that_says_what_stands_changes_nothing(admin: Any) -> None:
    content = admin.get(reverse("admin:grids_workday_export", args=[2026])).content
    preview = upload(admin, SimpleUploadedFile("2026.csv", content), year=2026)
    assert preview.status_code == 200
    assert (preview.context["changes"], preview.context["now_official"]) == ([], 0)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda rows: rows[:40] + rows[43:], "10"),
        (lambda rows: [*rows, rows[0]], "368"),
        (lambda rows: [*rows[:-1], [date(2028, 1, 1), "是", ""]], "2028"),
        (lambda rows: [["某日", "是", ""], *rows[1:]], "某日"),
        (lambda rows: [[NEW_YEAR, "也许", ""], *rows[1:]], "也许"),
        (lambda rows: rows * 14, "5000"),
        (lambda rows: [], "2027"),
    ],
    ids=["missing", "twice", "another year", "no date", "no value", "too long", "empty"],
)
def test_a_list_that_is_refused_is_told_by_day_or_line_and_nothing_is_lost_or_saved(
    admin: Any, spoil: Any, told: str
) -> None:
    response = upload(admin, csv_upload(spoil(rows_of())))
    assert response.status_code == 400
    assert told in file_errors(response)
    html = response.content.decode()
    assert f'value="{NOTICE}"' in html
    assert 'value="2027"' in html
    assert Workday.objects.counts_by_year()[2027] == (365, 365)
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (SimpleUploadedFile("2027.pdf", b"%PDF"), 400),
        (SimpleUploadedFile("2027.xlsx", b"no"), 400),
        (SimpleUploadedFile("2027.csv", b""), 400),
        (SimpleUploadedFile("2027.csv", "日期,名称\n".encode()), 400),
        (SimpleUploadedFile("2027.csv", b"x" * (MAX_BYTES + 1)), 413),
        ("", 400),
    ],
    ids=["type", "broken", "empty", "no titles", "too large", "none"],
)
def test_a_file_that_is_no_list_is_refused_beside_its_field(admin: Any, file: Any, status: int) -> None:
    response = upload(admin, file)
    assert response.status_code == status
    assert file_errors(response)


@pytest.mark.parametrize(
    "fields", [{"year": 1999}, {"year": "x"}, {"year": ""}, {"source": ""}, {"source": "x" * 121}]
)
def test_a_year_or_source_that_is_missing_is_told(admin: Any, fields: dict[str, Any]) -> None:
    response = upload(admin, csv_upload(rows_of()), **fields)
    assert response.status_code == 400
    assert set(response.context["adminform"].form.errors) == set(fields)


def test_a_year_changed_between_preview_and_saving_is_shown_again(admin: Any) -> None:
    sent = upload(admin, csv_upload(rows_of())).context["confirm"].initial
    admin.post(day_url(NEW_YEAR), {"is_workday": "0", "name": "元旦", "source": "街道通知"})
    response = admin.post(CONFIRM, sent)
    assert response.status_code == 409
    assert [after.day for _before, after in response.context["changes"]] == [date(2027, 1, 3)]
    assert Workday.objects.get(date=NEW_YEAR).source == "街道通知"
    assert admin.post(CONFIRM, response.context["confirm"].initial).status_code == 302


def test_saving_twice_saves_once(admin: Any) -> None:
    sent = upload(admin, csv_upload(rows_of())).context["confirm"].initial
    assert admin.post(CONFIRM, sent).status_code == 302
    assert admin.post(CONFIRM, sent).status_code == 409
    assert LogEntry.objects.count() == 1


@pytest.mark.parametrize(
    "change", [{"table": "x"}, {"table": ""}, {"year": 3000}, {"source": ""}, {"seen": ""}]
)
def test_a_confirmation_that_was_tampered_with_saves_nothing(admin: Any, change: dict[str, Any]) -> None:
    sent = upload(admin, csv_upload(rows_of())).context["confirm"].initial
    assert admin.post(CONFIRM, {**sent, **change}).url == IMPORT
    assert Workday.objects.counts_by_year()[2027] == (365, 365)


def test_a_confirmed_table_that_is_not_the_year_saves_nothing(admin: Any) -> None:
    sent = upload(admin, csv_upload(rows_of())).context["confirm"].initial
    response = admin.post(CONFIRM, {**sent, "year": 2028})
    assert response.status_code == 302
    assert response.url == IMPORT
    assert 2028 not in Workday.objects.counts_by_year()


def test_the_confirmation_is_only_posted(admin: Any) -> None:
    assert admin.get(CONFIRM).status_code == 405


# --- the year as a file ---
def test_the_year_is_downloaded_for_excel(admin: Any) -> None:
    Workday.objects.filter(date=date(2026, 1, 2)).update(name="=1+1")
    response = admin.get(reverse("admin:grids_workday_export", args=[2026]))
    assert response["Content-Disposition"] == 'attachment; filename="workdays-2026.csv"'
    lines = response.content.decode("utf-8-sig").splitlines()
    assert len(lines) == 366
    assert lines[0] == "日期,是否工作日,名称,来源,暂估"
    assert lines[1] == "2026-01-01,否,元旦,国办发明电〔2025〕7号,否"
    assert lines[2].startswith("2026-01-02,否,'=1+1,")
    assert admin.get(reverse("admin:grids_workday_export", args=[1999])).status_code == 404


def test_a_year_nobody_entered_is_downloaded_as_a_beginning(admin: Any) -> None:
    content = admin.get(reverse("admin:grids_workday_export", args=[2028])).content
    assert upload(admin, SimpleUploadedFile("2028.csv", content), year=2028).status_code == 200


# --- who may ---
def test_an_auditor_looks_at_the_year_and_changes_nothing(auditor: Any) -> None:
    html = auditor.get(YEAR, {"year": 2026}).content.decode()
    assert "workday/day/" not in html
    assert IMPORT not in html
    assert auditor.get(reverse("admin:grids_workday_export", args=[2026])).status_code == 200
    for url in (day_url(NEW_YEAR), IMPORT, CONFIRM):
        assert auditor.get(url).status_code == 403
        assert auditor.post(url, {"is_workday": "0", "source": NOTICE}).status_code == 403
    assert Workday.objects.get(date=NEW_YEAR).is_workday


@pytest.mark.parametrize("who", ["secretary", "grid_worker", "partner_contact", "leader_view"])
def test_others_do_not_enter(client_for: Any, request: pytest.FixtureRequest, who: str) -> None:
    client = client_for(request.getfixturevalue(who))
    for url in (YEAR, IMPORT, CONFIRM, day_url(NEW_YEAR), reverse("admin:grids_workday_export", args=[2026])):
        assert client.post(url).status_code == client.get(url).status_code == 302


def test_a_security_administrator_keeps_no_calendar(client_for: Any) -> None:
    client = client_for(UserFactory(role=Role.SECURITY_ADMIN))
    for url in (YEAR, IMPORT, day_url(NEW_YEAR), reverse("admin:grids_workday_export", args=[2026])):
        assert client.get(url).status_code == 403


# --- hours of offices ---
def hours_form(**fields: Any) -> dict[str, Any]:
    office = {
        "morning_from": "08:30",
        "morning_to": "12:00",
        "afternoon_from": "14:30",
        "afternoon_to": "18:00",
    }
    reminders = {"quiet_from": "21:00", "quiet_to": "08:00", "digest_at": "08:40"}
    return {"area": "", "cut_off": "17:00", "basis": "街道文件", **office, **reminders, **fields}


def test_hours_of_a_community_are_entered_and_changed(admin: Any, tree: Any) -> None:
    add = reverse("admin:grids_officehours_add")
    assert admin.post(add, hours_form(area=tree["005"].pk, cut_off="16:00")).status_code == 302
    hours = OfficeHours.objects.get(area=tree["005"])
    change = reverse("admin:grids_officehours_change", args=[hours.pk])
    assert 'value="16:00"' in admin.get(change).content.decode()
    assert admin.post(change, hours_form(area=tree["005"].pk, cut_off="16:30")).status_code == 302
    hours.refresh_from_db()
    assert hours.cut_off == time(16, 30)
    assert str(hours) == str(tree["005"])
    html = admin.get(reverse("admin:grids_officehours_changelist"), {"q": "街道"}).content.decode()
    assert str(tree["005"]) in html


@pytest.mark.parametrize("words", ["24:00", "２４：００", "24时"])
def test_an_office_may_be_open_until_midnight_and_is_shown_so(admin: Any, tree: Any, words: str) -> None:
    add = reverse("admin:grids_officehours_add")
    assert admin.post(add, hours_form(area=tree["005"].pk, afternoon_to=words)).status_code == 302
    hours = OfficeHours.objects.get(area=tree["005"])
    assert hours.office.length == timedelta(hours=13)
    change = reverse("admin:grids_officehours_change", args=[hours.pk])
    assert 'value="24:00"' in admin.get(change).content.decode()
    assert "24:00" in admin.get(reverse("admin:grids_officehours_changelist")).content.decode()
    assert admin.post(change, hours_form(area=tree["005"].pk, afternoon_to="24:30")).status_code == 200


@pytest.mark.parametrize(
    ("rule", "fields"),
    [
        ("morning", {"morning_from": "12:30"}),
        ("midday", {"morning_to": "15:00"}),
        ("afternoon", {"afternoon_to": "14:00", "cut_off": "13:00"}),
        ("cut_off", {"cut_off": "18:30"}),
        ("quiet", {"quiet_from": "07:00"}),
        ("digest", {"digest_at": "22:00"}),
        ("one_per_area", {}),
    ],
)
def test_hours_that_break_a_rule_are_refused_with_its_sentence(
    admin: Any, rule: str, fields: dict[str, str]
) -> None:
    sentences = {c.name: str(c.violation_error_message) for c in OfficeHours._meta.constraints}
    response = admin.post(reverse("admin:grids_officehours_add"), hours_form(**fields))
    assert response.status_code == 200
    assert sentences[f"grids_office_hours_{rule}"] in response.context["adminform"].form.non_field_errors()


def test_hours_without_a_basis_are_refused(admin: Any) -> None:
    response = admin.post(reverse("admin:grids_officehours_add"), hours_form(basis=""))
    assert list(response.context["adminform"].form.errors) == ["basis", "__all__"]
