"""Uploaded tables: what people really save is read, what cannot be read is refused with the reason."""

import csv
import io
import re
import zipfile
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from core.excel import text_of
from core.tabular import (
    MAX_BYTES,
    TableError,
    csv_file,
    read_date,
    read_table,
    safe_cell,
)

COLUMNS = ("日期", "名称")


def excel(*rows, sheets=()):
    """An .xlsx with the rows in its last sheet."""
    book = Workbook()
    for number, first in enumerate([*sheets, rows]):
        sheet = book.active if number == 0 else book.create_sheet()
        for row in first:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells(lines):
    return [(line.number, line.cells["日期"], line.cells["名称"]) for line in lines]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_in_the_encodings_people_save(encoding):
    content = "日期,名称\n2023-01-22,春节\n".encode(encoding)
    assert cells(read_table(content, "表.CSV", COLUMNS)) == [(2, "2023-01-22", "春节")]


def test_titles_blank_lines_further_columns_and_another_order_do_not_matter():
    above, below = "2023年放假安排,,\n\n", "春节, 2023-01-22 ,x\n,,只有备注\n,,\n　元旦　,2023-01-01\n"
    content = f"{above}名称, 日　期 ,备注\n{below}".encode()
    assert cells(read_table(content, "a.csv", COLUMNS)) == [
        (4, "2023-01-22", "春节"),
        (7, "2023-01-01", "元旦"),
    ]


def test_line_ends_of_every_system_and_quoted_texts_are_read():
    content = '日期,名称\r\n"2023-01-22","春节,\n初一"\r\n2023-01-23,春节'.encode()
    assert cells(read_table(content, "a.csv", COLUMNS)) == [
        (3, "2023-01-22", "春节, 初一"),
        (4, "2023-01-23", "春节"),
    ]


def test_an_excel_table_is_read_with_dates_numbers_and_gaps():
    content = excel(
        ("放假安排",),
        (),
        ("序号", "日期", "名称"),
        (1, date(2023, 1, 22), "春节 "),
        (),
        (2.0, datetime.fromisoformat("2023-01-23"), 7.0),
        (3, datetime.fromisoformat("2023-01-24T09:30"), True),
    )
    assert cells(read_table(content, "a.xlsx", COLUMNS)) == [
        (4, "2023-01-22", "春节"),
        (6, "2023-01-23", "7"),
        (7, "2023-01-24 09:30", "1"),
    ]


def test_the_table_may_stand_on_a_later_sheet():
    content = excel(("日期", "名称"), ("2023-01-22", "春节"), sheets=[[("说明",)]])
    assert cells(read_table(content, "a.xlsx", COLUMNS)) == [(2, "2023-01-22", "春节")]


def refusal(content, name="a.csv", **options):
    with pytest.raises(TableError) as caught:
        read_table(content, name, COLUMNS, **options)
    assert str(caught.value)
    return caught.value.code


@pytest.mark.parametrize("name", ["a.xls", "a.pdf", "a", "a.csv.exe"])
def test_another_kind_of_file_is_refused(name):
    assert refusal("日期,名称\n".encode(), name) == "wrong_type"


def test_a_file_over_two_megabytes_is_refused():
    assert refusal(b"x" * (MAX_BYTES + 1)) == "too_large"


def test_more_lines_than_agreed_are_refused_wherever_they_stand():
    line = "2023-01-22,春节\n"
    assert len(read_table(("日期,名称\n" + line * 5000).encode(), "a.csv", COLUMNS)) == 5000
    assert refusal(("日期,名称\n" + line * 5001).encode()) == "too_long"
    assert refusal(excel(COLUMNS, *[("2023-01-22", "春节")] * 12), "a.xlsx", max_rows=11) == "too_long"


@pytest.mark.parametrize(
    "content", ["名称\n春节\n", "", "\n\n", "日期,名称,日期\n1,2,3\n", "x\n" * 30 + "日期,名称\n"]
)
def test_a_table_without_its_titles_is_refused(content):
    assert refusal(content.encode()) == "no_header"


@pytest.mark.parametrize("content", [b"\xff\xfe\x00\x81", b"\x81\x30\x81"])
def test_what_is_no_text_is_refused(content):
    assert refusal(content) == "unreadable"


def test_a_cell_larger_than_any_text_is_refused():
    assert refusal(f'日期,名称\n"{"x" * 200_000}",b\n'.encode()) == "unreadable"


@pytest.mark.parametrize(
    "content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "日期,名称".encode()]
)
def test_what_is_no_excel_file_is_refused(content):
    assert refusal(content, "a.xlsx") == "unreadable"


def repacked(content, change):
    """The .xlsx with each of its parts changed by `change(name, data)`."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return out.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda name, data: data[: len(data) // 2],
        lambda name, data: data.replace(b"sheetData", b"sheetDate") if "workbook" in name else b"",
        lambda name, data: data.replace(b'r="A', b'r="?') if "sheet1" in name else data,
        lambda name, data: data.replace(b'"inlineStr"><is>', b'"s"><v>9999</v><is>'),
    ],
    ids=["cut", "empty", "coordinates", "strings"],
)
def test_an_excel_file_broken_inside_is_refused(change):
    content = repacked(excel(COLUMNS, ("2023-01-22", "春节")), change)
    assert refusal(content, "a.xlsx") == "unreadable"


def test_an_excel_file_that_unpacks_to_far_more_is_refused():
    content = repacked(
        excel(COLUMNS), lambda name, data: data + b" " * 70_000_000 if "sheet1" in name else data
    )
    assert len(content) < MAX_BYTES
    assert refusal(content, "a.xlsx") == "too_large"


def test_a_row_number_beyond_excels_last_row_keeps_nobody_busy():
    content = repacked(
        excel(COLUMNS, ("2023-01-22", "春节")),
        lambda name, data: data.replace(b'r="2"', b'r="99999999999"') if "sheet1" in name else data,
    )
    assert read_table(content, "a.xlsx", COLUMNS) == []


@pytest.mark.parametrize(
    "text",
    [
        "2023-01-02", "2023-1-2", "2023/1/2", "2023/01/02", "2023.1.2", "20230102", "2023年1月2日", "2023年01月02日",
        "２０２３年１月２日", "２０２３／１／２", " 2023 年 1 月 2 日 ", "2023-01-02 00:00:00", "2023/1/2 0:00",
    ],
)  # fmt: skip
def test_a_date_is_read_as_people_write_it(text):
    assert read_date(text) == date(2023, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2023",
        "1/2/2023",
        "2023-13-01",
        "2023-02-29",
        "2023-1/2",
        "44928",
        "一月二日",
        "2023-01-02 09:30",
        "٢٠٢٣-٠١-٠٢",
    ],
)
def test_anything_else_is_no_date(text):
    with pytest.raises(ValueError, match=r".*"):
        read_date(text)


@given(st.dates(min_value=date(1000, 1, 1)))
def test_every_day_is_read_in_every_writing(day):
    for text in (
        day.isoformat(),
        f"{day.year}/{day.month}/{day.day}",
        f"{day.year}年{day.month}月{day.day}日",
        text_of(datetime.combine(day, time())),
    ):
        assert read_date(text) == day


# What Excel takes for a formula, what hides it, and what marks it, more often than chance would have it.
CELLS = st.text(
    st.sampled_from("=+-@＝＋－＠'\t\r\n\x00 \u200b\u202e\ufeff,\"1a春") | st.characters(codec="utf-8"),
    max_size=20,
)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=8))
def test_an_export_that_is_imported_again_is_the_same(rows):
    lines = read_table(csv_file([COLUMNS, *rows]), "a.csv", COLUMNS)
    wanted = [tuple(text_of(cell) for cell in row) for row in rows]
    assert [(line.cells["日期"], line.cells["名称"]) for line in lines] == [row for row in wanted if any(row)]


@given(CELLS)
def test_no_exported_cell_begins_as_a_formula_does(text):
    assert not re.match(r"[\s\x00\u200b\ufeff]*[=+\-@＝＋－＠]|[\t\r\n\x00]", safe_cell(text))
    assert "\x00" not in safe_cell(text)


@settings(max_examples=20)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(content):
    for name in ("a.csv", "a.xlsx"):
        assert refusal(content, name) in ("unreadable", "no_header")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "＝1+1", "＋1", "－1", "＠x", "'=1"])
def test_a_formula_stays_a_text(text):
    assert safe_cell(text) == f"'{text}"
    row = next(csv.reader(io.StringIO(csv_file([[text, "春节"]]).decode("utf-8-sig"))))
    assert row == [f"'{text}", "春节"]


@pytest.mark.parametrize("text", ["\t=1", "\r=1", "\n=1", " =1", "\x00=1", "\u200b=1", "\u202e=1"])
def test_a_formula_behind_what_nobody_sees_stays_a_text(text):
    assert safe_cell(text) == "'=1"


def test_an_apostrophe_somebody_wrote_stays():
    assert read_table("日期,名称\n'x,O'Brien\n".encode(), "a.csv", COLUMNS)[0].cells["日期"] == "'x"


def test_invisible_characters_and_line_ends_are_no_text():
    assert text_of("\ufeff 春\u200b节\n初一\x00 ") == "春节 初一"
