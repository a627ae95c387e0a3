"""Who loads which transactions: a registry that apps write into when they start."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from worklists.models import IngestBatch
from worklists.services.batches.findings import Findings
from worklists.services.batches.parties import Parties
from worklists.x12 import Event


@dataclass(frozen=True, slots=True)
class Created:
    """What a file added, as CONTRACT 2 counts it. Amounts are US dollars.

    ``others`` are rows without a name there (payments, money outside claims), so that
    a file that adds only such rows is no duplicate.
    """

    claims: int = 0
    remittance_claims: int = 0
    denials: int = 0
    denied_amount: Decimal = Decimal("0.00")
    items: int = 0
    ingest_exceptions: int = 0
    others: int = 0

    def __add__(self, more: Created) -> Created:
        names = [field.name for field in fields(self)]
        return Created(**{n: getattr(self, n) + getattr(more, n) for n in names})

    @property
    def anything(self) -> bool:
        """Return whether the file brought anything that was not known before."""
        return any(getattr(self, field.name) for field in fields(self))

    def as_json(self) -> dict[str, object]:
        """Return the ``created`` object of CONTRACT 2."""
        named = [field.name for field in fields(self) if field.name != "others"]
        values: dict[str, object] = {name: getattr(self, name) for name in named}
        return values | {"denied_amount": str(self.denied_amount)}


@dataclass(frozen=True, slots=True)
class Stored:
    """The batch in whose name rows are written, and when."""

    batch: IngestBatch
    at: datetime


class Handler(Protocol):
    """Loads the transactions of one type out of one file.

    Made and used inside the transaction of the file. ``take`` sees every event of its
    transactions in order and may write, but keeps only a part of the file in memory;
    ``finish`` writes the rest. ``facility_id`` is whom the transaction being read
    belongs to.
    """

    facility_id: int | None

    def take(self, event: Event) -> None:
        """Take one event."""

    def finish(self) -> Created:
        """Write what is still held back, and say what the file created."""

    def findings(self) -> Findings:
        """Return what was doubtful in the content, for the report."""

    def claims_at(self, segments: Collection[int]) -> Mapping[int, int]:
        """Return the claim row stored for each of these first segments."""

    def close(self) -> None:
        """Let go of what is held besides the transaction. May be called twice."""


MakeHandler = Callable[[Parties, Stored], Handler]
_makers: dict[str, MakeHandler] = {}


def register(transaction: str, make: MakeHandler) -> None:
    """Let ``make`` build the loader of a transaction type, such as ``835``."""
    if _makers.get(transaction, make) is not make:
        raise ValueError(f"transaction {transaction} has a handler already")
    _makers[transaction] = make


def maker_of(transaction: str) -> MakeHandler | None:
    """Return what builds the loader of a transaction type, if anybody loads it."""
    return _makers.get(transaction)
