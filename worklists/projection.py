"""When a queue would be empty, from how its backlog moved: pure, no date of its own.

Projected finish, the written definition. Looked at are the counts of active items on
the last ``MOST_DAYS`` business days, each taken as its day began; what fell between two
of them is what went out less what came in. The pace is the slower of two: over all of
these days, and over the newer half of them. Finish is the newest count over that pace,
in business days, rounded up. Without ``LEAST_DAYS`` counted days nothing is said; a
backlog that does not fall at either pace has no finish; beyond ``FURTHEST`` days none
is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from math import ceil

LEAST_DAYS, MOST_DAYS = 5, 10
# A quarter of a year.
FURTHEST = 65

# A business day, by its number in a row of them, and how many items there were.
Point = tuple[int, int]


class Outlook(Enum):
    """What can be said of a queue's finish."""

    UNKNOWN = "unknown"
    EMPTY = "empty"
    NOT_FALLING = "not_falling"
    FAR = "far"
    IN_SIGHT = "in_sight"


@dataclass(frozen=True, slots=True)
class Projection:
    """The outlook; ``days`` to go where it is in sight, and what it stands on.

    ``items`` were there at the newest count, ``pace`` is how many fewer there are a
    business day, ``counted`` how many days were looked at.
    """

    outlook: Outlook
    days: int = 0
    items: int = 0
    pace: float = 0.0
    counted: int = 0


def project(course: Sequence[Point]) -> Projection:
    """Return the outlook of a backlog, its points oldest first.

    Days before anything was there are none of the queue's history.
    """
    if course and not course[-1][1]:
        return Projection(Outlook.EMPTY, counted=len(course))
    begun = next((n for n, (_, items) in enumerate(course) if items), len(course))
    course = course[begun:][-MOST_DAYS:]
    counted = len(course)
    if counted < LEAST_DAYS:
        return Projection(Outlook.UNKNOWN, counted=counted)
    items = course[-1][1]
    pace = min(_pace(course), _pace(course[counted // 2 :]))
    if pace <= 0:
        return Projection(Outlook.NOT_FALLING, items=items, pace=pace, counted=counted)
    days = ceil(items / pace)
    far = days > FURTHEST
    outlook = Outlook.FAR if far else Outlook.IN_SIGHT
    return Projection(outlook, 0 if far else days, items, pace, counted)


def _pace(course: Sequence[Point]) -> float:
    """Return how many fewer items there are a business day, over these points."""
    (first, before), (last, after) = course[0], course[-1]
    return (before - after) / (last - first)
