"""The worst Excel files one can make: none takes more memory or time than was set, real ones are read whole."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font

from core.tabular import MAX_BYTES, TableError, read_table

ROOT = Path(__file__).parents[3]
COLUMNS = ("日期", "名称")
WEB_MB, PROGRAM_MB, SECONDS = 40, 300, 12

MEASURE = """
import json, resource, sys
from django.conf import settings
settings.configure(USE_I18N=False)
from core.tabular import TableError, read_table
def peak(who): return resource.getrusage(who).ru_maxrss // 1024
content = sys.stdin.buffer.read()
before = peak(resource.RUSAGE_SELF)
try:
    said = f"{len(read_table(content, 'a.xlsx', ('日期', '名称')))} lines"
except TableError as error:
    said = error.code
program = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({"said": said, "web": peak(resource.RUSAGE_SELF) - before,
    "program": program.ru_maxrss // 1024, "seconds": program.ru_utime + program.ru_stime}))
"""


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(*, sheets: int = 1) -> Workbook:
    book = Workbook()
    for number in range(sheets):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.append(["说明"] if number < sheets - 1 else COLUMNS)
        sheet.append(["2023-01-22", "春节"])
    return book


def changed(content: bytes, part: str, change) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return out.getvalue()


def with_rows(rows: bytes) -> bytes:
    """The rows stand behind the table's own."""
    return changed(
        saved(table()),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b"</sheetData>", rows + b"</sheetData>"),
    )


def phantoms() -> bytes:
    """In each of ten sheets somebody once coloured the last line."""
    book = table(sheets=10)
    for sheet in book.worksheets:
        sheet.cell(1_048_576, 16_384).font = Font(bold=True)
    return saved(book)


def merged() -> bytes:
    ranges = b"".join(b'<mergeCell ref="C%d:D%d"/>' % (n, n) for n in range(1, 60_000))
    return changed(
        saved(table()),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b"</sheetData>", b"</sheetData><mergeCells>" + ranges + b"</mergeCells>"),
    )


def gaps() -> bytes:
    book = table()
    for n in range(1, 300):
        book.active.cell(n * 700, 1).value = "2023-01-23"
    return saved(book)


def wide(rows: int, cells: int) -> bytes:
    row = b'<row r="%d">' + b'<c s="1"/>' * cells + b"</row>"
    return with_rows(b"".join(row % (n + 3) for n in range(rows)))


def strings(number: int) -> bytes:
    """A long list of texts nobody uses."""
    one = b"<si><t>" + b"x" * 30 + b"</t></si>"
    head = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + kind + b'"/></Types>'
    out = io.BytesIO(
        changed(saved(table()), "[Content_Types].xml", lambda data: data.replace(b"</Types>", override))
    )
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/sharedStrings.xml", head + one * number + b"</sst>")
    return out.getvalue()


def styles() -> bytes:
    one = b'<xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
    return changed(
        saved(table()),
        "xl/styles.xml",
        lambda data: data.replace(b"</cellXfs>", one * 900_000 + b"</cellXfs>"),
    )


def entities() -> bytes:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n + 1, b"&l%d;" % n * 10) for n in range(9))
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">' + laughs + b"]>"
    return changed(
        with_rows(b'<row r="9"><c r="A9" t="inlineStr"><is><t>&l9;</t></is></c></row>'),
        "xl/worksheets/sheet1.xml",
        lambda data: head + data.partition(b"?>")[2] if data.startswith(b"<?xml") else head + data,
    )


WORST = {
    "a coloured cell in the last row of ten sheets": (phantoms, "1 lines"),
    "60,000 merged ranges": (merged, "1 lines"),
    "gaps of 700 rows": (gaps, "300 lines"),
    "5,000 rows of 60 empty cells": (lambda: wide(5_000, 60), "1 lines"),
    "a row of three million empty cells": (lambda: wide(1, 3_000_000), "too_large"),
    "700,000 rows of two empty cells": (lambda: wide(700_000, 2), "too_large"),
    "1,300,000 texts": (lambda: strings(1_300_000), "too_large"),
    "100,000 texts": (lambda: strings(100_000), "1 lines"),
    "900,000 styles": (styles, "too_large"),
    "entities of entities": (entities, "unreadable"),
    "a part of 70 MB of blanks": (lambda: with_rows(b" " * 70_000_000), "too_large"),
    "a part of 50 MB of blanks": (lambda: with_rows(b" " * 50_000_000), "1 lines"),
}


@pytest.mark.parametrize(("content", "said"), WORST.values(), ids=WORST)
def test_no_table_takes_more_memory_or_time_than_was_set(content, said):
    data = content()
    assert len(data) <= MAX_BYTES
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MEASURE], input=data, capture_output=True, cwd=ROOT, check=True
    )
    answer = json.loads(done.stdout)
    assert answer["said"] == said
    assert answer["web"] < WEB_MB
    assert answer["program"] < PROGRAM_MB
    assert answer["seconds"] < SECONDS


def test_lines_behind_gaps_keep_their_number_in_the_file():
    lines = read_table(gaps(), "a.xlsx", COLUMNS)
    assert [line.number for line in lines[:3]] == [2, 700, 1400]
    assert lines[-1].number == 299 * 700


def refusal(content: bytes, name: str) -> TableError:
    with pytest.raises(TableError) as caught:
        read_table(content, name, COLUMNS)
    return caught.value


@pytest.mark.parametrize("value", [62010201700500101, 6.2010201700500101e16, 10**15, -(10**15), 1e300])
def test_a_number_whose_last_digits_excel_has_changed_is_refused_by_its_line(value):
    book = table()
    book.active.append(["2023-01-23", value])
    error = refusal(saved(book), "a.xlsx")
    assert error.code == "number"
    assert "3" in str(error)
    assert "15" in str(error)


def test_such_a_number_in_csv_is_refused_too():
    content = "日期,名称\n2023-01-22,6.20102E+16\n".encode()
    assert refusal(content, "a.csv").code == "number"


@pytest.mark.parametrize("value", [620102017005001, "62010201700500101", 999_999_999_999_999, "1E5", 12.5])
def test_a_number_of_fifteen_digits_and_a_code_entered_as_text_are_read(value):
    book = table()
    book.active.append(["2023-01-23", value])
    assert read_table(saved(book), "a.xlsx", COLUMNS)[-1].cells["名称"] == str(value)


def test_a_changed_number_in_a_column_nobody_asked_for_is_no_matter():
    book = table()
    book.active.append(["2023-01-23", "春节", 62010201700500101])
    assert len(read_table(saved(book), "a.xlsx", COLUMNS)) == 2
