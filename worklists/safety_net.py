"""The safety net of a ladder: the step that catches an item before a legal limit.

One rule for Python and SQL: what makes a step the net stands in ``_NET``, and the
database's form of the rule is written beside Python's. A test compares both.
"""

from __future__ import annotations

import operator

from worklists.enums import ClockKind
from worklists.ladder_words import DAY, OWN_NET
from worklists.models import LadderStep

Ladder = tuple[LadderStep, ...]
# The net is a ladder's first step, of those that are all of this.
_NET = (
    ("clock_kind", "=", ClockKind.LEGAL.value),
    ("offset_hours", "<", 0),
    ("needs_acknowledgement", "=", True),
)
_ORDER = ("offset_hours", "position")
_HOLDS = {"=": operator.eq, "<": operator.lt}


def net_of(ladder: Ladder) -> LadderStep | None:
    """Return the safety net of a ladder: its first step before a legal limit that needs
    an answer; None where it has none."""
    return min(filter(_is_one, ladder), key=_place, default=None)


def _is_one(rung: LadderStep) -> bool:
    return all(_HOLDS[how](getattr(rung, name), to) for name, how, to in _NET)


def _place(rung: LadderStep) -> tuple[int, int]:
    return rung.offset_hours, rung.position


def with_margin(ladder: Ladder, margin_days: int | None) -> Ladder:
    """Return the rungs beside a legal clock whose safety net has a margin of its own.

    The ladder's net comes that many days before the limit; a ladder without one gets a
    net that calls the supervisor.
    """
    if margin_days is None:
        return ladder
    net = net_of(ladder)
    own = LadderStep(
        clock_kind=ClockKind.LEGAL.value,
        position=net.position if net else OWN_NET,
        tell=net.tell if net else LadderStep.Tell.SUPERVISOR.value,
        needs_acknowledgement=True,
        offset_hours=-DAY * margin_days,
    )
    rungs = [own, *(rung for rung in ladder if rung is not net)]
    return tuple(sorted(rungs, key=_place))


def sql_net(policy: str) -> str:
    """Write the position of a ladder's safety net as a query: ``net_of`` in SQL.

    ``policy`` is the expression of the ladder's id; no row where it has none.
    """
    asked = " AND ".join(f"s.{name} {how} {_literal(to)}" for name, how, to in _NET)
    order = ", ".join(f"s.{name}" for name in _ORDER)
    return f"""SELECT s.position FROM worklists_ladderstep s
        WHERE s.policy_id = {policy} AND {asked} ORDER BY {order} LIMIT 1"""  # noqa: S608 - our own names


def sql_rungs(policy: str, margin: str, net: str) -> str:
    """Write the rungs beside a legal clock as a query: ``with_margin`` in SQL.

    ``margin`` and ``net`` are the expressions of the clock's own margin in days and of
    the position that ``sql_net`` finds. Rows of position and hours, to be ordered.
    """
    own = f"{margin} * {-DAY}"
    legal = _literal(ClockKind.LEGAL.value)
    return f"""SELECT l.position,
               CASE WHEN l.position = {net} THEN COALESCE({own}, l.offset_hours)
                    ELSE l.offset_hours END AS offset_hours
          FROM worklists_ladderstep l
         WHERE l.policy_id = {policy} AND l.clock_kind = {legal}
        UNION ALL
        SELECT {OWN_NET}, {own} WHERE {net} IS NULL AND {margin} IS NOT NULL"""  # noqa: S608 - our own names


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower()
