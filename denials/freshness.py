"""Whether a row of a profile can be relied on: verified, and not too long ago.

Pure: rows and the day in, a sentence out; empty where nothing is to be said.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeVar

from django.conf import settings

NOBODY = "Not verified: check it with the payer before you rely on it."


class Checked(Protocol):
    """What somebody held against its source, or nobody yet."""

    @property
    def verified_on(self) -> date | None:
        """The day of verification."""


class Floor(Checked, Protocol):
    """A money floor of one year."""

    @property
    def year(self) -> int:
        """The calendar year."""

    @property
    def amount(self) -> Decimal:
        """Dollars."""


OneFloor = TypeVar("OneFloor", bound=Floor)


def row_warning(row: Checked, today: date) -> str:
    """Return what to warn of on a limit: nobody verified it, or long ago.

    A site says how many days a verification holds (``PROFILE_STALE_DAYS``).
    """
    if row.verified_on is None:
        return NOBODY
    age = (today - row.verified_on).days
    if age > settings.PROFILE_STALE_DAYS:
        return f"Last verified {age} days ago: check it with the payer again."
    return ""


def floor_warning(floor: Floor) -> str:
    """Return what to warn of on a money floor: verified before its year began."""
    if floor.verified_on is None:
        return NOBODY
    if floor.verified_on < date(floor.year, 1, 1):
        return f"Verified before {floor.year} began: check the notice for {floor.year}."
    return ""


def floor_for(floors: Iterable[OneFloor], year: int) -> tuple[OneFloor | None, str]:
    """Return the floor of a year and its warning; a level without floors has none."""
    by_year = {floor.year: floor for floor in floors}
    if not by_year:
        return None, ""
    found = by_year.get(year)
    if found is None:
        return None, f"No floor known for {year}: look it up and propose it."
    return found, floor_warning(found)
