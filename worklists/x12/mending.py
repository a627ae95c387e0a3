"""Bringing a segment into the shape its handler takes."""

from __future__ import annotations

from collections.abc import Callable

from worklists.x12.events import Unreadable
from worklists.x12.machine import PADDING
from worklists.x12.payment import SHOWN
from worklists.x12.values import NotReadable, Tables

# Where amounts and dates stand, by tag. In a CAS every third element from the third on
# is a reason; the two behind it are an amount and a quantity.
_AMOUNTS = {
    "BPR": (2,), "CLP": (3, 4, 5), "SVC": (2, 3, 5, 7), "AMT": (2,), "QTY": (2,),
    "CAS": tuple(place for place in range(3, 1000) if (place - 2) % 3),
}  # fmt: skip
_DATES = {"DTM": (2,)}
_LENGTHS = {"DTM": 3, "REF": 3, "AMT": 3, "QTY": 3, "LQ": 3, "NM1": 10}


def fitted(elements: list[str]) -> list[str]:
    """Return the segment as long as its handler wants it."""
    length = _LENGTHS.get(elements[0], len(elements) + len(PADDING))
    return [*elements, *PADDING][:length]


def made_readable(
    elements: list[str], place: tuple[int, int], tables: Tables
) -> list[Unreadable]:
    """Take out of a segment what is no amount and no date, and return it."""
    tag = elements[0]
    found: list[Unreadable] = []
    for places, read in (
        (_AMOUNTS.get(tag, ()), tables.amounts.__getitem__),
        (_DATES.get(tag, ()), tables.dates.__getitem__),
    ):
        for at in places:
            if at < len(elements) and not _reads(read, elements[at]):
                text = elements[at][:SHOWN]
                found.append(Unreadable(f"{tag}{at:02}", text, *place))
                # CLP03 and CLP04 must not be empty: that is another fault.
                elements[at] = "0" if tag == "CLP" else ""
    return found


def _reads(read: Callable[[str], object], text: str) -> bool:
    try:
        read(text)
    except NotReadable:
        return False
    return True


def period(elements: list[str]) -> list[str]:
    """Return the two dates of a DTM that holds a range (RD8), else nothing."""
    if "RD8" not in elements[4:6]:
        return []
    return next((text for text in elements[5:7] if "-" in text), "").split("-")[:2]
