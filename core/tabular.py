"""Tables as people really save them (.csv, .xlsx): an upload becomes lines of text, rows become a CSV file.

Tolerated: UTF-8 with or without its mark, GB18030, title rows above the header, columns in any order and further
ones, blank lines, spaces around a text, Excel's own date and number cells. What is not tolerated is a sentence.
"""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from core.errors import DomainError
from core.excel import DOUBTFUL, Rows, keep
from core.limited import answer_of
from core.texts import clean_text

SUFFIXES = (".csv", ".xlsx")
MAX_BYTES = 2 * 1024 * 1024
MAX_ROWS = 5_000
# The header is one of the first lines with text; no table has more titles above it.
HEADER_WITHIN = 20
DATE = re.compile("([0-9]{4})([-/.年])([0-9]{1,2})(?:\\2|月)([0-9]{1,2})日?|([0-9]{4})([0-9]{2})([0-9]{2})")
MIDNIGHT = re.compile(r"\s+0{1,2}:00(:00)?$")
# A number as Excel writes it into CSV once its last digits are lost.
SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[eE]\+(1[5-9]|[2-9][0-9])")
# What Excel takes for the start of a formula, in full width too; and what we set before it.
FORMULA_SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
QUOTE = "'"


class TableError(DomainError):
    """The file is not the table asked for; `code`: too_large, wrong_type, unreadable, no_header,
    too_long or number."""

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
        cells = {column: _unquoted(row[place]) if place < len(row) else "" for column, place in where.items()}
        if any(cells.values()):
            lines.append(Line(number, cells))
        for text in cells.values():
            if text.startswith(DOUBTFUL) or SCIENTIFIC.fullmatch(text):
                raise TableError(
                    _(
                        "Line %(line)s: %(text)s has more than 15 digits, and Excel has changed the last ones. "
                        "Set the column to text and enter it once more."
                    )
                    % {"line": number, "text": text.removeprefix(DOUBTFUL)},
                    "number",
                )
    if len(lines) > max_rows:
        raise TableError(_("The file has more than %(limit)s lines.") % {"limit": max_rows}, "too_long")
    return lines


def _csv_rows(content: bytes, most: int) -> Rows:
    """The first lines with text, with their numbers."""
    reader = csv.reader(io.StringIO(_decoded(content), newline=""))
    rows: Rows = []
    try:
        for row in reader:
            keep(rows, reader.line_num, row)
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
    try:
        written = answer_of("core.excel", content, arguments=(str(most),))
    except TimeoutError:
        written = b""
    # Without an answer the program was ended: it ran out of memory or time.
    answer: dict[str, Any] = json.loads(written or '{"refused": "too_many_cells"}')
    reason = answer.get("refused")
    if reason == "too_large":
        raise too_large()
    if reason == "too_many_cells":
        raise TableError(
            _("The sheet holds too many cells. Copy the lines you need into a new file and choose that one."),
            "too_large",
        )
    if reason:
        raise TableError(
            _("The file cannot be read as an Excel table; it may be damaged or protected by a password."),
            "unreadable",
        )
    return [[(number, cells) for number, cells in rows] for rows in answer["sheets"]]


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
    """SECURITY: a text that Excel would take for a formula is kept a text. `read_table` gives it back as it was.

    Blanks, tabs and line ends before it are dropped, and what nobody sees: Excel looks behind them.
    """
    text = clean_text(text).lstrip()
    return f"{QUOTE}{text}" if text.startswith((QUOTE, *FORMULA_SIGNS)) else text


def _unquoted(cell: str) -> str:
    """The text before `safe_cell` made it safe."""
    return cell[1:] if cell[:1] == QUOTE and cell[1:].startswith((QUOTE, *FORMULA_SIGNS)) else cell
