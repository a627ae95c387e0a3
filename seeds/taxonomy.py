"""The default taxonomy as shipped: our labels and classes by reason code.

``reference/taxonomy.csv`` has one row per CARC, ``reference/taxonomy_remarks.csv`` what
a remark code makes of it. Code numbers are facts; every label, class and route is
ours, and a site replaces them by a new version. Retired codes have the class
``deactivated``, which counts as none.

Pure: reads files, writes nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from worklists.enums import RootCause, Stage
from worklists.taxonomy import Pattern

REFERENCE = Path(__file__).resolve().parent / "reference"
VERSION = 1

_YES_NO = {"yes": True, "no": False}


def read_taxonomy(folder: Path = REFERENCE) -> list[Pattern]:
    """Return the patterns of the shipped taxonomy, codes first, then refinements.

    Raises ``ValueError`` naming file and line for a word outside the closed sets.
    """
    return [
        *_patterns(folder / "taxonomy.csv"),
        *_patterns(folder / "taxonomy_remarks.csv"),
    ]


def _patterns(path: Path) -> Iterator[Pattern]:
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.DictReader(file), 2):
            try:
                # A refinement may name several CARCs at once: "16 96 A1".
                yield from (_pattern(carc, row) for carc in row["carc"].split())
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.name}, line {number}: {error}") from error


def _pattern(carc: str, row: dict[str, str]) -> Pattern:
    return Pattern(
        carc=carc,
        remark=row.get("remark", ""),
        label=row["label"],
        defect_class=row["defect_class"],
        root_cause=RootCause(row["root_cause"] or RootCause.UNKNOWN).value,
        failed_stage=Stage(row["failed_stage"]).value if row["failed_stage"] else "",
        owner=row["owner"],
        first_route=row["first_route"],
        is_denial=_YES_NO[row.get("is_denial", "yes")],
        appealable=_YES_NO[row["appealable"]],
        coding_related=_YES_NO[row["coding_related"]],
    )
