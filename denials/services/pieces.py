"""Fresh denials as pieces of work, and how several of them are said in one line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Protocol, TypeVar

from django.db import connection

from denials.models import Denial
from worklists.models import WorkItem
from worklists.services.batches import Parties

CLAIMS_AT_ONCE = 2000
SHOWN_REMARKS = 2


class Refused(Protocol):
    """What a line about denials needs of each: a row or a piece."""

    @property
    def id(self) -> int:
        """The denial's id."""

    @property
    def code(self) -> str:
        """Group and CARC."""

    @property
    def remarks(self) -> Sequence[str]:
        """Remark codes beside it."""

    @property
    def amount(self) -> Decimal:
        """Dollars refused."""

    @property
    def label(self) -> str:
        """What failed, in our short words."""


OneRefused = TypeVar("OneRefused", bound=Refused)


@dataclass(frozen=True, slots=True)
class Piece:
    """One open denial without an item, with what routing and deadlines ask of it."""

    id: int
    claim_id: int
    facility_id: int
    remittance_id: int
    payer_id: int | None
    payer_name: str
    specialty: str
    group: str
    carc: str
    remarks: Sequence[str]
    amount: Decimal
    defect_class: str
    label: str
    appealable: bool
    service_on: date | None
    notice_on: date | None

    @property
    def code(self) -> str:
        """Return group and CARC as people write them."""
        return f"{self.group}-{self.carc}" if self.group else "no reason"

    def facts(self, parties: Parties) -> dict[str, Any]:
        """Return what routing rules look at."""
        payer = parties.payers[self.payer_id] if self.payer_id else None
        facility = parties.facilities[self.facility_id]
        return {
            "facility": facility.slug,
            "payer": payer.slug if payer else "",
            "payer_name": self.payer_name,
            "plan_type": payer.plan_type if payer else "",
            "specialty": self.specialty or facility.specialty,
            "amount": self.amount,
            "carcs": [self.carc],
            "remarks": list(self.remarks),
            "groups": [self.group],
            "defect_class": self.defect_class,
            "defect_classes": [self.defect_class],
            "service_on": self.service_on,
            "appealable": self.appealable,
        }


_CLAIMS = "SELECT DISTINCT claim_id FROM fresh_denial WHERE kind = 'denial' ORDER BY 1"
_PIECES = """
SELECT d.id, d.claim_id, k.facility_id, r.id, r.payer_id, r.payer_name, k.specialty,
       d."group", d.carc, d.remarks, d.amount, d.defect_class, d.label, d.appealable,
       coalesce(l.service_from, c.service_from), coalesce(r.paid_on, r.produced_on)
  FROM {source}
  JOIN denials_remittanceclaim c ON c.id = d.remittance_claim_id
  JOIN denials_remittance r ON r.id = c.remittance_id
  JOIN worklists_claim k ON k.id = d.claim_id
  LEFT JOIN denials_remittanceline l ON l.id = d.line_id
 WHERE {which}
 ORDER BY d.claim_id, d.id
"""
_FRESH = _PIECES.format(
    source="fresh_denial f JOIN denials_denial d ON d.id = f.id",
    which="f.claim_id BETWEEN %s AND %s AND f.kind = 'denial' AND d.status = 'open'",
)
_OF_ITEMS = _PIECES.format(source="denials_denial d", which="d.item_id = ANY(%s)")


def fresh_pieces() -> Iterator[list[Piece]]:
    """Yield the file's open denials, all of a claim together, some claims at a time."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS)
        claims = [row[0] for row in cursor.fetchall()]
    for start in range(0, len(claims), CLAIMS_AT_ONCE):
        some = claims[start : start + CLAIMS_AT_ONCE]
        with connection.cursor() as cursor:
            cursor.execute(_FRESH, [some[0], some[-1]])
            yield [Piece(*row) for row in cursor.fetchall()]


def routing_facts(items: Sequence[WorkItem]) -> Mapping[int, Mapping[str, Any]]:
    """Return what routing rules asked of items when they were opened: of their leading
    denial, since the rule that takes it takes the item."""
    with connection.cursor() as cursor:
        cursor.execute(_OF_ITEMS, [[item.pk for item in items]])
        pieces = {row[0]: Piece(*row) for row in cursor.fetchall()}
    held = Denial.objects.filter(pk__in=pieces).values_list("item_id", "pk")
    groups: dict[int, list[Piece]] = defaultdict(list)
    for item_id, denial_id in held:
        groups[item_id].append(pieces[denial_id])
    parties = Parties()
    return {pk: leading(group).facts(parties) for pk, group in groups.items()}


def leading(group: Sequence[OneRefused]) -> OneRefused:
    """Return the denial that stands for its item: the largest, then the first."""
    return min(group, key=lambda one: (-one.amount, one.id))


def summary(group: Sequence[OneRefused]) -> tuple[str, str]:
    """Return codes and words of an item: “CO-97 · M15, CO-16” and the leading label."""
    ordered = sorted(group, key=lambda one: (-one.amount, one.id))
    codes = dict.fromkeys(
        " · ".join((one.code, *one.remarks[:SHOWN_REMARKS])) for one in ordered
    )
    return ", ".join(codes), ordered[0].label
