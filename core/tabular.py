"""Tables as people really save them (.csv, .xlsx): an upload becomes lines of text, rows become a CSV file.

Tolerated: UTF-8 with or without its mark, GB18030, title rows above the header, columns in any order and further
ones, blank lines, spaces around a text, Excel's own date and number cells. What is not tolerated is a sentence.
"""

import csv
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from core.errors import DomainError

SUFFIXES = (".csv", ".xlsx")
MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
# The header is one of the first lines with text; no table has more titles above it.
HEADER_WITHIN = 20
MAX_COLUMNS, MAX_SHEETS = 50, 10
# Excel's own last row; a file that names a later one would keep us busy with rows that are not there.
LAST_ROW = 1_048_576
# SECURITY: what 2 MB of .xlsx may unpack to. Real tables pack about ten to one.
MAX_UNPACKED_BYTES = 60 * 1024 * 1024
# openpyxl has no error of its own for a file that is broken inside; these are what it runs into.
BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, KeyError, IndexError, ValueError, TypeError,
    AttributeError, OverflowError, EOFError, RuntimeError,
)  # fmt: skip
DATE = re.compile("([0-9]{4})([-/.年])([0-9]{1,2})(?:\\2|月)([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
MIDNIGHT = re.compile(r"\s+0{1,2}:00(:00)?$")
# Marks that have no width, and control characters; tabs and line ends are spaces.
INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
FORMULA_SIGNS = ("=", "+", "-", "@")

Rows = list[tuple[int, list[str]]]


class TableError(DomainError):
    """The file is not the table asked for; `code`: too_large, wrong_type, unreadable, no_header or too_long."""

    def __init__(self, message: Any, code: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Line:
    """One line below the header: its number in the file and the text under each column asked for."""

    number: int
    cells: dict[str, str]


def read_table(
    content: bytes, file_name: str, columns: Sequence[str], *, max_rows: int = MAX_ROWS
) -> list[Line]:
    """The lines with text under the columns. TableError says what is wrong with the file."""
    if len(content) > MAX_BYTES:
        raise too_large()
    most, name = HEADER_WITHIN + max_rows + 1, file_name.lower()
    if not name.endswith(SUFFIXES):
        raise TableError(
            _("Choose a file that ends in .csv or .xlsx. An older .xls must be saved as .xlsx."), "wrong_type"
        )
    for rows in _excel_sheets(content, most) if name.endswith(".xlsx") else [_csv_rows(content, most)]:
        for place, (_number, row) in enumerate(rows[:HEADER_WITHIN]):
            titles = [plain(cell) for cell in row]
            if all(titles.count(column) == 1 for column in columns):
                where = {column: titles.index(column) for column in columns}
                return _lines(rows[place + 1 :], where, max_rows)
    raise TableError(
        _("No line of the file has the column titles %(columns)s.") % {"columns": "、".join(columns)},
        "no_header",
    )


def too_large() -> TableError:
    """Also for who knows the size before reading."""
    return TableError(
        _("The file is larger than %(limit)s MB.") % {"limit": MAX_BYTES // 1024 // 1024}, "too_large"
    )


def _lines(rows: Rows, where: dict[str, int], max_rows: int) -> list[Line]:
    lines = []
    for number, row in rows:
        cells = {column: row[place] if place < len(row) else "" for column, place in where.items()}
        if any(cells.values()):
            lines.append(Line(number, cells))
    if len(lines) > max_rows:
        raise TableError(_("The file has more than %(limit)s lines.") % {"limit": max_rows}, "too_long")
    return lines


def _csv_rows(content: bytes, most: int) -> Rows:
    """The first lines with text, with their numbers."""
    reader = csv.reader(io.StringIO(_decoded(content), newline=""))
    rows: Rows = []
    try:
        for row in reader:
            _keep(rows, reader.line_num, row)
            if len(rows) == most:
                break
    except csv.Error as error:
        raise TableError(_("The file cannot be read as a CSV table."), "unreadable") from error
    return rows


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise TableError(
        _("The file is no text in UTF-8 or GB18030. Save it as CSV or .xlsx once more."), "unreadable"
    )


def _excel_sheets(content: bytes, most: int) -> list[Rows]:
    """The first lines with text of each sheet, with their numbers."""
    sheets: list[Rows] = []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > MAX_UNPACKED_BYTES:
                raise too_large()
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        for sheet in book.worksheets[:MAX_SHEETS]:
            sheets.append([])
            rows = sheet.iter_rows(max_row=LAST_ROW, max_col=MAX_COLUMNS, values_only=True)
            for number, row in enumerate(rows, start=1):
                _keep(sheets[-1], number, row)
                if len(sheets[-1]) == most:
                    break
        book.close()
    except BROKEN as error:
        raise TableError(
            _("The file cannot be read as an Excel table; it may be damaged or protected by a password."),
            "unreadable",
        ) from error
    return sheets


def _keep(rows: Rows, number: int, row: Iterable[Any]) -> None:
    cells = [text_of(value) for value in row]
    if any(cells):
        rows.append((number, cells[:MAX_COLUMNS]))


def text_of(value: Any) -> str:
    """A cell as text: dates as 2023-01-02, whole numbers without a point, yes and no as 1 and 0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return re.sub(r"\s+", " ", INVISIBLE.sub("", str(value))).strip()


def plain(text: str) -> str:
    """Full-width letters, digits and signs as ordinary ones, and no spaces: for titles, dates and numbers."""
    return unicodedata.normalize("NFKC", text).replace(" ", "")


def read_date(text: str) -> date:
    """A day written 2023-01-02, 2023/1/2, 2023.1.2, 20230102 or 2023年1月2日. ValueError for anything else."""
    found = DATE.fullmatch(plain(MIDNIGHT.sub("", text)))
    if found is None:
        raise ValueError(text)
    year, month, day = (found[1], found[3], found[4]) if found[1] else (found[5], found[6], found[7])
    return date(int(year), int(month), int(day))


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """The rows as CSV, cell by cell as they are."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()


def csv_file(rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file that Excel opens with the right characters."""
    return csv_text([safe_cell(cell) for cell in row] for row in rows).encode("utf-8-sig")


def safe_cell(text: str) -> str:
    """SECURITY: a text that Excel would take for a formula is kept a text."""
    return f"'{text}" if text.startswith(FORMULA_SIGNS) else text
