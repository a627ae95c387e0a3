"""What a benchmark says: ours, the reference, and their ratio over several runs."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

WORKERS = 8


@dataclass(slots=True)
class Figure:
    """One line of the table: medians, and the spread of ours."""

    name: str
    unit: str
    ours: float
    reference: float | None
    ratio: float | None
    runs: int
    min: float
    max: float
    more: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the entry of ``bench.json``."""
        values = asdict(self)
        more = values.pop("more")
        values.pop("name")
        return {**values, **more}


def interleaved(
    name: str,
    unit: str,
    ours: Callable[[], float],
    reference: Callable[[], float] | None,
    *,
    runs: int = 5,
    more: dict[str, Any] | None = None,
) -> Figure:
    """Run ours and the reference in turn; the ratio is the median of the pairs'."""
    mine: list[float] = []
    theirs: list[float] = []
    for _ in range(runs):
        mine.append(ours())
        if reference is not None:
            theirs.append(reference())
    ratios = [a / b for a, b in zip(mine, theirs, strict=False) if b]
    return Figure(
        name,
        unit,
        statistics.median(mine),
        statistics.median(theirs) if theirs else None,
        statistics.median(ratios) if ratios else None,
        runs,
        min(mine),
        max(mine),
        more or {},
    )


def percentile(values: list[float], share: float) -> float:
    """Return the value below which ``share`` of the sorted values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
