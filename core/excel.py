"""The program that opens an .xlsx, run as a child process with set limits of memory and time.

`python -m core.excel MOST` reads a file from its input and writes JSON: of each sheet the first MOST lines with text,
with their numbers, or the reason why not. Only the rows a sheet holds are looked at, none of the gaps between them and
nothing behind them, such as merged ranges.
"""

import io
import json
import re
import sys
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser
from openpyxl.xml.functions import iterparse

from core.limited import limit
from core.texts import clean_text

MAX_COLUMNS, MAX_SHEETS = 50, 10
# Excel's own last row; a file that names a later one means nothing by it.
LAST_ROW = 1_048_576
# SECURITY: what 2 MB of .xlsx may unpack to: together, which bounds the sheets, in their texts, which are all kept in
# memory, and in each other part, which is read as a whole. Real tables pack about ten to one. And how many cells are
# looked at, empty ones with them.
MAX_UNPACKED_BYTES = 60 * 1024 * 1024
MAX_TEXT_BYTES = 20 * 1024 * 1024
MAX_PART_BYTES = 4 * 1024 * 1024
MAX_CELLS = 400_000
# SECURITY: the kernel ends what goes beyond this all the same.
MOST_BYTES, SECONDS = 260_000_000, 10
# From here on Excel has turned the last digits to zeros before we see them.
TOO_LONG_A_NUMBER = 10**15
# Stands before the digits of such a number; no text holds it.
DOUBTFUL = "\x00"
# openpyxl has no error of its own for a file that is broken inside; these are what it runs into.
BROKEN = (
    zipfile.BadZipFile, zlib.error, InvalidFileException, SyntaxError, KeyError, IndexError, ValueError, TypeError,
    AttributeError, OverflowError, EOFError, RuntimeError,
)  # fmt: skip

Rows = list[tuple[int, list[str]]]


class Refused(Exception):
    """Carries the reason: `too_large` or `too_many_cells`."""


def _most_bytes(part: str) -> int:
    """How large a part of this name may be."""
    if part.startswith("xl/worksheets/"):
        return MAX_UNPACKED_BYTES
    return MAX_TEXT_BYTES if part.startswith("xl/sharedStrings") else MAX_PART_BYTES


def main() -> None:
    limit(seconds=SECONDS, most_bytes=MOST_BYTES)
    # openpyxl warns of parts it leaves out; nobody would read it.
    warnings.simplefilter("ignore")
    answer: dict[str, Any]
    try:
        answer = {"sheets": sheets(sys.stdin.buffer.read(), int(sys.argv[1]))}
    except Refused as error:
        answer = {"refused": error.args[0]}
    except BROKEN:
        answer = {"refused": "unreadable"}
    sys.stdout.write(json.dumps(answer))


def sheets(content: bytes, most: int) -> list[Rows]:
    """The first lines with text of each sheet. Raises Refused or one of BROKEN."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
    if sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise Refused("too_large")
    for part in parts:
        if part.file_size > _most_bytes(part.filename):
            raise Refused("too_large")
    book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    found: list[Rows] = []
    looked_at = 0
    for sheet in book.worksheets[:MAX_SHEETS]:
        found.append([])
        for number, row in _rows(sheet):
            looked_at += len(row)
            if looked_at > MAX_CELLS:
                raise Refused("too_many_cells")
            keep(found[-1], number, _values(row))
            if len(found[-1]) == most:
                break
    return found


def _rows(sheet: Any) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The rows that are in the sheet, by the parser of openpyxl; its own loop makes up all rows between them."""
    book = sheet.parent
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=True,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        for _event, element in iterparse(source):
            if element.tag == ROW_TAG:
                number, row = parser.parse_row(element)
                element.clear()
                if number > LAST_ROW:
                    return
                yield number, row
            elif element.tag == DATA_TAG:
                return


def _values(row: list[dict[str, Any]]) -> list[Any]:
    values: list[Any] = []
    for cell in row:
        place, value = cell["column"] - 1, cell["value"]
        if value is not None and 0 <= place < MAX_COLUMNS:
            values.extend([None] * (place + 1 - len(values)))
            values[place] = value
    return values


def keep(rows: Rows, number: int, values: list[Any]) -> None:
    """Adds the line when it holds text."""
    cells = [text_of(value) for value in values]
    if any(cells):
        rows.append((number, cells[:MAX_COLUMNS]))


def text_of(value: Any) -> str:
    """A cell as text: dates as 2023-01-02, whole numbers without a point, yes and no as 1 and 0.

    A number of more than 15 digits is marked as doubtful.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    if isinstance(value, int | float) and abs(value) >= TOO_LONG_A_NUMBER:
        return f"{DOUBTFUL}{value}"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return re.sub(r"\s+", " ", clean_text(str(value))).strip()


if __name__ == "__main__":
    main()
