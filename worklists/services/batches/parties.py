"""Whom the identifiers of a file mean: our facilities and payers."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from worklists.errors import Conflict
from worklists.models import Facility, Payer


class Parties:
    """Facilities and payers by identifier, read once a file.

    Identifiers and names are compared in upper case without blanks around them.
    """

    @cached_property
    def facilities(self) -> dict[int, Facility]:
        """Every facility with its calendar."""
        rows = Facility.objects.select_related("calendar")
        return {row.pk: row for row in rows}

    @cached_property
    def payers(self) -> dict[int, Payer]:
        """Every payer we know."""
        return {row.pk: row for row in Payer.objects.all()}

    @cached_property
    def _by_payee(self) -> dict[str, int]:
        return {
            _key(payee_id): row.pk
            for row in self.facilities.values()
            for payee_id in row.payee_ids
        }

    @cached_property
    def _by_payer(self) -> dict[str, int]:
        named = {_key(row.name): row.pk for row in self.payers.values()}
        return named | {
            _key(name): row.pk for row in self.payers.values() for name in row.payer_ids
        }

    @cached_property
    def default_facility_id(self) -> int:
        """The facility that takes what names no known payee.

        Raises ``Conflict`` when none is marked as the default.
        """
        for row in self.facilities.values():
            if row.is_default:
                return row.pk
        raise Conflict(
            "No facility takes files that name an unknown payee. Mark one facility as "
            "the default, then bring the file in again.",
            code="no_default_facility",
        )

    def facility_of(self, payee_ids: Iterable[str]) -> int:
        """Return the first facility one of these ids means, else the default one."""
        found = self._first(self._by_payee, payee_ids)
        return self.default_facility_id if found is None else found

    def payer_of(self, names: Iterable[str]) -> int | None:
        """Return the first payer one of these ids or names means, if any."""
        return self._first(self._by_payer, names)

    def _first(self, table: dict[str, int], names: Iterable[str]) -> int | None:
        keys = (_key(name) for name in names)
        return next((table[key] for key in keys if key and key in table), None)


def _key(name: str) -> str:
    return " ".join(name.split()).upper()
