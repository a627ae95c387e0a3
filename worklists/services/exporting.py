"""Exports: rows leave as CSV or XLSX, and the trail says which and how many.

A file is written whole before its first byte is given out, so that nothing leaves
without its event: what was asked, how many rows, and the SHA-256 of the file. Rows are
never held in memory together.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

from defusedcsv import csv

from worklists.context import now
from worklists.errors import BadInput
from worklists.models import User
from worklists.selectors import exports
from worklists.services import reading
from worklists.services.workbooks import write_workbook

CSV, XLSX = "csv", "xlsx"
TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# How else a formula begins than defusedcsv knows: behind blanks, after a tab or a line
# end that a spreadsheet drops, in letters of full width.
_HIDDEN = re.compile(r"[\t\r\n]|\s+[=+\-@|%]|[＝＋－＠]")
_READ_AT_ONCE = 1 << 16
Row = Sequence[Any]


@dataclass(frozen=True, slots=True)
class Export:
    """A finished file, standing at its first byte, and what the trail says of it."""

    file: IO[bytes]
    name: str
    type: str
    rows: int
    sha256: str


def export_rows(
    *,
    actor: User,
    what: str,
    columns: Sequence[str],
    rows: Iterable[Row],
    form: str,
    filters: Mapping[str, Any],
    queue_id: int | None = None,
) -> Export:
    """Return rows as a file and record on the person's chain that they were given out.

    Moments stand in the person's own time zone: in a CSV each with its offset from UTC,
    in a workbook as dates, beside a sheet that names the zone.
    ``filters`` are codes, days and names of fields, never what a person typed. No cell
    can run as a formula. The caller hands in only rows that the person may see.
    Refuses an unknown form, and more than ``MOST_ROWS`` rows; then nothing is given
    out and nothing recorded.
    """
    write = _WRITERS.get(form)
    if write is None:
        raise BadInput("Export as csv or xlsx.", fields={"form": ["Take csv or xlsx."]})
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        zone = ZoneInfo(actor.time_zone)
        count = write(file, columns, _in_zone(_bounded(rows), zone))
        sha256 = _digest(file)
        facts = {
            "what": what,
            "form": form,
            "rows": count,
            "sha256": sha256,
            "filters": dict(filters),
        }
        reading.record(
            actor=actor, action="export.rows", facts=facts, queue_id=queue_id
        )
    except BaseException:
        file.close()
        raise
    name = f"{what}-{now().astimezone(zone):%Y%m%d-%H%M%S}.{form}"
    return Export(file, name, TYPES[form], count, sha256)


def _bounded(rows: Iterable[Row]) -> Iterable[Row]:
    for number, row in enumerate(rows, start=1):
        if number > exports.MOST_ROWS:
            raise BadInput(
                f"This is more than {exports.MOST_ROWS:,} rows, which is the most that one "
                "file holds. Nothing was exported. Narrow it by days, queue or person "
                "and export the parts.",
                code="too_many_rows",
            )
        yield row


def _in_zone(rows: Iterable[Row], zone: ZoneInfo) -> Iterator[Row]:
    """Yield rows with their moments as the person's clock shows them, offset and all."""
    for row in rows:
        yield [v.astimezone(zone) if isinstance(v, datetime) else v for v in row]


def _digest(file: IO[bytes]) -> str:
    file.seek(0)
    found = hashlib.sha256()
    while piece := file.read(_READ_AT_ONCE):
        found.update(piece)
    file.seek(0)
    return found.hexdigest()


def _write_csv(file: IO[bytes], columns: Row, rows: Iterable[Row]) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    count = 0
    try:
        out = csv.writer(text)
        out.writerow([_inert(name) for name in columns])
        for row in rows:
            out.writerow([_inert(value) for value in row])
            count += 1
        text.flush()
    finally:
        text.detach()
    return count


def _inert(value: Any) -> Any:
    """Return a value for a CSV; text that hides a formula begins with an apostrophe."""
    value = _plain(value)
    hides = isinstance(value, str) and _HIDDEN.match(value)
    return f"'{value}" if hides else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value


_WRITERS: dict[str, Callable[[IO[bytes], Row, Iterable[Row]], int]] = {
    CSV: _write_csv,
    XLSX: write_workbook,
}
