"""Rows as a workbook that can be worked with at once: dates, money, a head that stays.

Written row by row: a file of fifty thousand rows is never held in memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import IO, Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

# What XML cannot carry; a spreadsheet would call the file damaged.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
MONEY, DAY, MOMENT = '"$"#,##0.00', "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
# What the first rows need is how wide a column gets, within reason.
LOOKED_AT = 200
WIDTHS = (8, 60)
WIDE_AS = {DAY: 10, MOMENT: 19, MONEY: 14}
# A spreadsheet counts days from here; an earlier one stays text.
FIRST_YEAR = 1901
Row = Sequence[Any]


def write_workbook(file: IO[bytes], columns: Row, rows: Iterable[Row]) -> int:
    """Write rows under a head that stays in sight and can be filtered by; return how many.

    Decimals are dollars, days and moments are dates as the caller's zone shows them:
    a spreadsheet knows no zone, so a second sheet names it. Text is text and runs as
    no formula.
    """
    rows = iter(rows)
    first = list(islice(rows, LOOKED_AT))
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Rows")
    sheet.freeze_panes = "A2"
    for number, width in enumerate(_widths(columns, first), start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    zone, count = "", 0
    try:
        sheet.append([_head(sheet, name) for name in columns])
        for row in chain(first, rows):
            sheet.append([_cell(sheet, value) for value in row])
            zone = zone or _zone_of(row)
            count += 1
    except BaseException:
        sheet.close()
        raise
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{count + 1}"
    if zone:
        about = book.create_sheet("About")
        about.column_dimensions["A"].width = WIDTHS[1]
        about.append([_cell(about, f"Times are those of the clock in {zone}.")])
    book.save(file)
    return count


def _zone_of(row: Row) -> str:
    zones = (v.tzinfo for v in row if isinstance(v, datetime) and v.tzinfo)
    return str(next(zones, ""))


def _widths(columns: Row, rows: Sequence[Row]) -> Iterator[int]:
    least, most = WIDTHS
    for at, name in enumerate(columns):
        texts = [len(str(name)) + 3, *(_width(row[at]) for row in rows)]
        yield min(max(least, *texts) + 1, most)


def _width(value: Any) -> int:
    return WIDE_AS.get(_format_of(value)) or len(str("" if value is None else value))


def _format_of(value: Any) -> str:
    """Return how a spreadsheet shows a value that is no plain number or text."""
    if isinstance(value, Decimal):
        return MONEY
    if isinstance(value, date) and value.year < FIRST_YEAR:
        return ""
    if isinstance(value, datetime):
        return MOMENT
    return DAY if isinstance(value, date) else ""


def _head(sheet: Any, name: Any) -> Any:
    cell = _text(sheet, name)
    cell.font = Font(bold=True)
    return cell


def _cell(sheet: Any, value: Any) -> Any:
    if value is None or isinstance(value, int | float):
        return value
    shown = _format_of(value)
    if not shown:
        return _text(sheet, value)
    if isinstance(value, datetime):
        value = value.replace(tzinfo=None, microsecond=0)
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = shown
    return cell


def _text(sheet: Any, value: Any) -> Any:
    """Return a cell of text, which no spreadsheet runs."""
    said = value.isoformat() if isinstance(value, date) else str(value)
    cell = WriteOnlyCell(sheet, value=_UNPRINTABLE.sub("", said))
    cell.data_type = "s"
    return cell
