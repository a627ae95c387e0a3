"""Segments that ran together because a terminator was lost within a line."""

# ruff: noqa: PLR2004 - numbers of elements are the guide's

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_GROUPS = frozenset({"CO", "OA", "PI", "PR", "CR"})
_AMOUNT = re.compile(r"-?\d{1,12}(\.\d{1,2})?", re.ASCII)
_DAY = re.compile(r"\d{8}", re.ASCII)
_TAGS = re.compile(r"(CLP|SVC|CAS|DTM|NM1|AMT|LQ|PLB)$")


def _claim(behind: Sequence[str], _component: str) -> bool:
    return len(behind) > 3 and all(_AMOUNT.fullmatch(text) for text in behind[2:4])


def _service(behind: Sequence[str], component: str) -> bool:
    return (
        len(behind) > 2
        and component in behind[0]
        and bool(_AMOUNT.fullmatch(behind[1]))
    )


def _adjustment(behind: Sequence[str], _component: str) -> bool:
    return len(behind) > 2 and behind[0] in _GROUPS


def _date(behind: Sequence[str], _component: str) -> bool:
    return len(behind) > 1 and len(behind[0]) == 3 and bool(_DAY.match(behind[1]))


def _name(behind: Sequence[str], _component: str) -> bool:
    return len(behind) > 2 and len(behind[0]) == 2 and behind[1] in ("1", "2")


def _amount(behind: Sequence[str], _component: str) -> bool:
    return len(behind) > 1 and len(behind[0]) < 4 and bool(_AMOUNT.match(behind[1]))


def _remark(behind: Sequence[str], _component: str) -> bool:
    return len(behind) > 1 and behind[0] in ("HE", "RX")


def _provider(behind: Sequence[str], _component: str) -> bool:
    return len(behind) > 3 and bool(_DAY.fullmatch(behind[1]))


# What must stand behind a tag for it to be one, and not the end of a name.
_PROOFS: dict[str, Callable[[Sequence[str], str], bool]] = {
    "CLP": _claim, "SVC": _service, "CAS": _adjustment, "DTM": _date, "NM1": _name,
    "AMT": _amount, "LQ": _remark, "PLB": _provider,
}  # fmt: skip


def parted(elements: list[str], component: str) -> list[list[str]]:
    """Return the segments that ``elements`` are: usually one, ``elements`` itself.

    A tag at the end of an element begins a segment only if what follows proves it.
    """
    pieces, start = [], elements
    place = 1
    while place < len(start):
        found = _TAGS.search(start[place])
        if found and _PROOFS[found.group()](start[place + 1 :], component):
            pieces.append([*start[:place], start[place][: found.start()]])
            start = [found.group(), *start[place + 1 :]]
            place = 1
        else:
            place += 1
    return [*pieces, start]
