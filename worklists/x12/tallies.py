"""Sums and sets that do not grow without bound, whatever a file holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from worklists.x12.values import ZERO, plain

OTHERS = "(others)"


@dataclass(slots=True)
class Distinct:
    """The distinct texts seen, up to a bound; beyond it new ones are left out."""

    _most: int
    texts: set[str] = field(default_factory=set)

    def add(self, text: str) -> None:
        """Take one text."""
        if len(self.texts) < self._most:
            self.texts.add(text)

    def update(self, other: Distinct) -> None:
        """Take the texts of another set."""
        for text in other.texts:
            self.add(text)

    def __len__(self) -> int:
        return len(self.texts)

    def sorted(self) -> list[str]:
        """Return the texts in order."""
        return sorted(self.texts)


@dataclass(slots=True)
class Tally:
    """How often each text was seen; texts beyond the bound count under one name."""

    _most: int
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, texts: Iterable[str]) -> None:
        """Count every text."""
        counts = self.counts
        for text in texts:
            key = text if text in counts or len(counts) < self._most else OTHERS
            counts[key] = counts.get(key, 0) + 1

    def merge(self, other: Tally) -> None:
        """Take all of another tally."""
        counts = self.counts
        for text, count in other.counts.items():
            key = text if text in counts or len(counts) < self._most else OTHERS
            counts[key] = counts.get(key, 0) + count


@dataclass(slots=True)
class CasTally:
    """Adjustments by key (level, group, reason): how many and how much."""

    _most: int
    _sums: dict[tuple[str, ...], tuple[int, Decimal]] = field(default_factory=dict)

    def add(self, key: tuple[str, ...], amount: Decimal, count: int = 1) -> None:
        """Take one adjustment."""
        sums = self._sums
        before = sums.get(key)
        if before is None:
            if len(sums) >= self._most:
                key = (*key[:-1], OTHERS)
            before = sums.get(key, (0, ZERO))
        sums[key] = (before[0] + count, before[1] + amount)

    def add_all(self, other: CasTally) -> None:
        """Take all of another tally."""
        for key, (count, amount) in other._sums.items():
            self.add(key, amount, count)

    @property
    def total(self) -> Decimal:
        """Return the sum of all."""
        return sum((amount for _, amount in self._sums.values()), ZERO)

    def rows(self, *names: str) -> list[dict[str, object]]:
        """Return one row a key, in order, its parts under ``names``."""
        return [
            {**dict(zip(names, key, strict=True)), "count": n, "amount": plain(amount)}
            for key, (n, amount) in sorted(self._sums.items())
        ]
