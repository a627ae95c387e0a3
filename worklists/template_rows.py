"""Rows of a template that were posted: named, and moved up or down, added, taken out.

The page works without a script: each of these buttons posts the whole form, which
comes back with its rows as they stand now. Pure.
"""

from __future__ import annotations

from django.http import QueryDict

from worklists.evidence.template import MOST_FIELDS
from worklists.template_forms import BLANK, count_of
from worklists.template_lines import code_of

Row = dict[str, list[str]]


def arranged(posted: QueryDict) -> QueryDict:
    """Return what was posted with its rows named, and as ``row`` asks for.

    ``row`` is ``up:2``, ``down:2``, ``drop:2`` or ``add:2`` (below that row; at the end
    without a number). Every row with a label has a name of its own from here on, so
    that others can depend on it before it is kept.
    """
    rows = _rows(posted)
    act, _, place = posted.get("row", "").partition(":")
    at = int(place) if place.isascii() and place.isdecimal() and len(place) < 4 else -1  # noqa: PLR2004 - at most 200 rows
    if act == "add" and len(rows) < MOST_FIELDS:
        blank = {name: [value] for name, value in BLANK.items()}
        rows.insert(at + 1 if 0 <= at < len(rows) else len(rows), blank)
    elif act == "drop" and 0 <= at < len(rows):
        del rows[at]
    elif act in {"up", "down"}:
        other = at + (1 if act == "down" else -1)
        if 0 <= at < len(rows) and 0 <= other < len(rows):
            rows[at], rows[other] = rows[other], rows[at]
    return _posted(posted, rows)


def _rows(posted: QueryDict) -> list[Row]:
    rows: list[Row] = [{} for _ in range(count_of(posted))]
    for number, row in enumerate(rows):
        head = f"rows-{number}-"
        row |= {
            key.removeprefix(head): posted.getlist(key)
            for key in posted
            if key.startswith(head)
        }
    _name(rows)
    return rows


def _name(rows: list[Row]) -> None:
    taken = {(row.get("name") or [""])[0] for row in rows}
    for row in rows:
        label, name = (row.get(key) or [""] for key in ("label", "name"))
        if label[0].strip() and not name[0]:
            code = code_of(label[0], taken)
            row["name"] = [code]
            taken.add(code)


def _posted(posted: QueryDict, rows: list[Row]) -> QueryDict:
    made = QueryDict(mutable=True)
    for key in posted:
        if not key.startswith("rows-"):
            made.setlist(key, posted.getlist(key))
    made["rows-TOTAL_FORMS"] = str(len(rows))
    made["rows-INITIAL_FORMS"] = "0"
    for number, row in enumerate(rows):
        for name, values in row.items():
            made.setlist(f"rows-{number}-{name}", values)
    return made
