"""Which item comes next, in points that can be explained.

Every number stands once, in the band tables below; the score of one item in Python
and the set-based re-aging in SQL are both made from them, and a property test holds
the two together. Points are whole numbers. A score runs from -5 to 100 by its facts,
and 30 to either side where a manager raised or lowered the item, or 20 up where the
safety net caught it.

Source: PRODUCT 2 (dollars, nearest legal deadline, age, chance to recover from the
site's own outcomes, neutral until it has 30).
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

DAY_HOURS = 24
ENOUGH_OUTCOMES = 30


class Factor(NamedTuple):
    """One reason of a score: what was looked at, the band it is in, its points."""

    factor: str
    value: str
    points: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What the score looks at.

    ``amount`` in dollars; ``recovery`` is (won, decided) of the site's own finished
    items like this one, or None when nobody has counted.
    """

    amount: Decimal
    opened_at: datetime
    legal_due_at: datetime | None = None
    internal_due_at: datetime | None = None
    recovery: tuple[int, int] | None = None
    lift: int = 0


class Score(NamedTuple):
    """Points, the factors they come from, age bucket, and when any of it changes."""

    points: int
    reasons: tuple[Factor, ...]
    bucket: int
    changes_at: datetime | None

    def reasons_as_json(self) -> list[dict[str, str | int]]:
        """Return the reasons as the API shows them."""
        return [reason._asdict() for reason in self.reasons]


# Dollars at stake from which a band begins, and its points.
DOLLARS = (
    (50, Factor("dollars", "$50 or more", 3)),
    (200, Factor("dollars", "$200 or more", 7)),
    (500, Factor("dollars", "$500 or more", 11)),
    (1_000, Factor("dollars", "$1,000 or more", 16)),
    (2_000, Factor("dollars", "$2,000 or more", 21)),
    (5_000, Factor("dollars", "$5,000 or more", 26)),
    (10_000, Factor("dollars", "$10,000 or more", 30)),
)
# Hours from the nearest legal due moment at which a band begins.
LEGAL = (
    (-60 * DAY_HOURS, Factor("legal_due", "within 60 days", 4)),
    (-30 * DAY_HOURS, Factor("legal_due", "within 30 days", 10)),
    (-14 * DAY_HOURS, Factor("legal_due", "within 14 days", 18)),
    (-7 * DAY_HOURS, Factor("legal_due", "within 7 days", 26)),
    (-3 * DAY_HOURS, Factor("legal_due", "within 3 days", 32)),
    (-1 * DAY_HOURS, Factor("legal_due", "within 1 day", 36)),
    (0, Factor("legal_due", "overdue", 40)),
)
# Hours since arrival at which a band, and with it the next age bucket, begins. An
# item is 8 days old when 8 full days have passed.
AGE = (
    (8 * DAY_HOURS, Factor("age", "8 to 14 days", 3)),
    (15 * DAY_HOURS, Factor("age", "15 to 30 days", 6)),
    (31 * DAY_HOURS, Factor("age", "31 to 60 days", 9)),
    (61 * DAY_HOURS, Factor("age", "61 to 90 days", 12)),
    (91 * DAY_HOURS, Factor("age", "over 90 days", 15)),
)
INTERNAL = ((0, Factor("internal_due", "overdue", 10)),)
# Won items in a hundred decided ones, from 30 decided on; the middle is neutral.
RECOVERY: tuple[tuple[int, Factor | None], ...] = (
    (0, Factor("recovery", "won less than 1 of 10", -5)),
    (10, Factor("recovery", "won 1 of 10 or more", -2)),
    (30, None),
    (50, Factor("recovery", "won 5 of 10 or more", 2)),
    (70, Factor("recovery", "won 7 of 10 or more", 5)),
)


# What a manager made of it, lowered or raised, and 2 where the safety net caught it.
LIFT: tuple[tuple[int, Factor], ...] = (
    (-1, Factor("by_hand", "lowered by a manager", -30)),
    (1, Factor("by_hand", "raised by a manager", 30)),
    (2, Factor("safety_net", "caught before a legal limit", 20)),
)
_LIFTS = dict(LIFT)


class _Clocked(NamedTuple):
    """A factor that rises as time passes a moment of the item."""

    column: str
    hours: tuple[int, ...]
    offsets: tuple[timedelta, ...]
    bands: tuple[Factor | None, ...]


def _clocked(column: str, table: Sequence[tuple[int, Factor]]) -> _Clocked:
    hours = tuple(start for start, _ in table)
    offsets = tuple(timedelta(hours=start) for start in hours)
    return _Clocked(column, hours, offsets, (None, *(band for _, band in table)))


_AGE = _clocked("opened_at", AGE)
_LEGAL = _clocked("legal_due_at", LEGAL)
_INTERNAL = _clocked("internal_due_at", INTERNAL)
_DOLLAR_STARTS = tuple(start for start, _ in DOLLARS)
_DOLLAR_BANDS = (None, *(band for _, band in DOLLARS))
_RECOVERY_STARTS = tuple(start for start, _ in RECOVERY)


def score(facts: Facts, at: datetime) -> Score:
    """Return the points of an item at moment ``at``, with the reasons for them.

    Bands that give no points are no reasons. ``changes_at`` is the next moment any
    band or the age bucket changes, None when time alone changes nothing more.
    """
    bucket, age, change = _standing(_AGE, facts.opened_at, at, None)
    _, legal, change = _standing(_LEGAL, facts.legal_due_at, at, change)
    _, internal, change = _standing(_INTERNAL, facts.internal_due_at, at, change)
    # Bands begin at whole dollars; comparing whole numbers is quicker.
    dollars = _DOLLAR_BANDS[bisect_right(_DOLLAR_STARTS, int(facts.amount))]
    recovery = _recovery(facts.recovery) if facts.recovery else None
    lift = _LIFTS.get(facts.lift)
    reasons = tuple([r for r in (legal, dollars, age, internal, recovery, lift) if r])
    return Score(sum([r.points for r in reasons]), reasons, bucket, change)


def _standing(
    clocked: _Clocked, anchor: datetime | None, at: datetime, change: datetime | None
) -> tuple[int, Factor | None, datetime | None]:
    """Return the band number, its factor, and the earlier of the next changes."""
    if anchor is None:
        return 0, None, change
    offsets = clocked.offsets
    band = bisect_right(offsets, at - anchor)
    if band < len(offsets):
        following = anchor + offsets[band]
        if change is None or following < change:
            change = following
    return band, clocked.bands[band], change


def _recovery(outcomes: tuple[int, int]) -> Factor | None:
    won, decided = outcomes
    if decided < ENOUGH_OUTCOMES:
        return None
    return RECOVERY[bisect_right(_RECOVERY_STARTS, won * 100 // decided) - 1][1]


# --- The same tables as SQL ------------------------------------------------------
#
# Each function returns one expression over the columns ``amount``, ``opened_at``,
# ``legal_due_at``, ``internal_due_at`` and ``lift`` of ``alias``; ``at`` is the text that stands
# for the moment (a parameter or a column), ``won`` and ``decided`` are expressions
# for the site's outcomes, empty when nobody has counted. Hours are used, not days,
# because a day of PostgreSQL is 23 or 25 hours long when the session's clocks change.


def sql_points(
    alias: str = "i", at: str = "%(at)s", *, won: str = "", decided: str = ""
) -> str:
    """Return the points as an SQL integer expression."""
    say = _Saying(lambda band: str(band.points), "0", " + ")
    return _sum_of(alias, at, (won, decided), say)


def sql_reasons(
    alias: str = "i", at: str = "%(at)s", *, won: str = "", decided: str = ""
) -> str:
    """Return the reasons as an SQL ``jsonb`` array, in the order of Python's."""
    say = _Saying(_as_jsonb, "'[]'::jsonb", " || ")
    return _sum_of(alias, at, (won, decided), say)


def sql_bucket(alias: str = "i", at: str = "%(at)s") -> str:
    """Return the age bucket as an SQL integer expression."""
    starts = enumerate(_starts(_AGE, alias), 1)
    return _case([(f"{at} >= {start}", str(n)) for n, start in starts], "0")


def sql_bucket_of_days(days: str) -> str:
    """Return the bucket of an age in whole days as an SQL integer expression."""
    starts = enumerate((hours // DAY_HOURS for hours, _ in AGE), 1)
    return _case([(f"{days} >= {start}", str(n)) for n, start in starts], "0")


def age_bands() -> list[tuple[int, int | None]]:
    """Return the first and last day of each age bucket; the last one has no end."""
    starts = [0, *(hours // DAY_HOURS for hours, _ in AGE)]
    ends = [start - 1 for start in starts[1:]]
    return list(zip(starts, [*ends, None], strict=True))


def sql_changes_at(alias: str = "i", at: str = "%(at)s") -> str:
    """Return the next moment any band changes as SQL, null when none does."""
    moments = (_next(clocked, alias, at) for clocked in (_AGE, _LEGAL, _INTERNAL))
    return f"LEAST({', '.join(moments)})"


class _Saying(NamedTuple):
    """How a band is said in SQL, what stands for none, and what joins them."""

    band: Callable[[Factor], str]
    nothing: str
    join: str


def _sum_of(alias: str, at: str, outcomes: tuple[str, str], say: _Saying) -> str:
    parts: list[Sequence[tuple[str, Factor | None]]] = [
        _by_time(_LEGAL, alias, at),
        [(f"{alias}.amount >= {start}", band) for start, band in DOLLARS],
        _by_time(_AGE, alias, at),
        _by_time(_INTERNAL, alias, at),
    ]
    if all(outcomes):
        parts.append(_by_outcomes(*outcomes))
    parts.append([(f"{alias}.lift = {lift}", band) for lift, band in LIFT])
    return f"({say.join.join(_said(part, say) for part in parts)})"


def _said(cases: Sequence[tuple[str, Factor | None]], say: _Saying) -> str:
    return _case(
        [(test, say.band(band) if band else say.nothing) for test, band in cases],
        say.nothing,
    )


def _by_time(clocked: _Clocked, alias: str, at: str) -> list[tuple[str, Factor | None]]:
    starts = _starts(clocked, alias)
    return [
        (f"{at} >= {start}", band)
        for start, band in zip(starts, clocked.bands[1:], strict=True)
    ]


def _by_outcomes(won: str, decided: str) -> list[tuple[str, Factor | None]]:
    enough = f"({decided}) >= {ENOUGH_OUTCOMES}"
    return [
        (f"{enough} AND ({won}) * 100 >= {start} * ({decided})", band)
        for start, band in RECOVERY
    ]


def _case(cases: Sequence[tuple[str, str]], nothing: str) -> str:
    """Return the last case that holds: bands begin one after the other."""
    whens = " ".join(f"WHEN {test} THEN {text}" for test, text in reversed(cases))
    return f"(CASE {whens} ELSE {nothing} END)"


def _starts(clocked: _Clocked, alias: str) -> list[str]:
    anchor = f"{alias}.{clocked.column}"
    return [f"{anchor} + interval '{hours} hours'" for hours in clocked.hours]


def _next(clocked: _Clocked, alias: str, at: str) -> str:
    starts = _starts(clocked, alias)
    whens = " ".join(f"WHEN {at} < {start} THEN {start}" for start in starts)
    return f"(CASE {whens} END)"


def _as_jsonb(band: Factor) -> str:
    text = json.dumps([band._asdict()]).replace("'", "''")
    return f"'{text}'::jsonb"
