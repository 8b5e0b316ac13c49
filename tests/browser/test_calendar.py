"""The workday calendar in a real browser: a day is turned by keyboard or thumb, a list is uploaded and saved."""

from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from grids.calendar_files import COLUMNS, days_of_year
from grids.models import Workday
from grids.workdays import by_weekday


def test_a_day_is_turned_and_the_official_list_imported(
    visit: Any, screen: str, system_admin: Any, tree: Any, settings: Any, tmp_path: Path
) -> None:
    settings.ADMIN_SECOND_FACTOR = False
    seen = visit(system_admin, screen).go("admin:grids_workday_changelist")
    page = seen.page
    page.click(".cal-years a[href='?year=2027']")
    expect(page.locator(".cal-notice")).to_be_visible()
    expect(page.locator("a.cal-day.cal-provisional")).to_have_count(365)
    seen.check()

    page.locator("a[href$='/day/2027-01-01/']").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[name=is_workday][value='1']")).to_be_checked()
    seen.check()
    page.check("[name=is_workday][value='0']")
    page.fill("[name=name]", "元旦")
    page.fill("[name=source]", "街道通知")
    page.click("input[type=submit]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator("a.cal-day.cal-holiday")).to_have_count(1)
    assert not Workday.objects.get(date=date(2027, 1, 1)).is_workday

    page.click(".object-tools a >> nth=0")
    lines = [f"{day:%Y/%m/%d},{'是' if by_weekday(day).is_workday else '否'}," for day in days_of_year(2027)]
    file = tmp_path / "2027.csv"
    file.write_text("\n".join([",".join(COLUMNS), *lines[:-1]]), encoding="gb18030")
    page.fill("[name=source]", "国办发明电〔2026〕示例")
    page.set_input_files("[name=file]", file)
    seen.expected = (400,)
    page.click("input[type=submit]")
    expect(page.locator(".errors .errorlist")).to_contain_text("2027")
    expect(page.locator("[name=source]")).to_have_value("国办发明电〔2026〕示例")
    seen.check()

    file.write_text("\n".join([",".join(COLUMNS), *lines]), encoding="gb18030")
    page.set_input_files("[name=file]", file)
    page.click("input[type=submit]")
    expect(page.locator(".cal-changes tbody tr")).to_have_count(1)
    seen.check()
    page.click("input[type=submit]")
    expect(page.locator(".messagelist .success")).to_be_visible()
    expect(page.locator(".cal-notice")).to_have_count(0)
    assert Workday.objects.counts_by_year()[2027] == (365, 0)
