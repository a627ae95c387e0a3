"""Facts of a file for the report of CONTRACT 2, added up while it is read.

Sections and counting as ``about`` of the sample facts explains: amounts that are
empty or no numbers count as 0; money is decimal strings.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

from worklists.x12.events import (
    Event,
    Finding,
    OtherSegment,
    ProviderAdjustments,
    RemittanceClaim,
    TransactionEnd,
    TransactionStart,
)
from worklists.x12.remittance import at
from worklists.x12.values import ZERO, amount, plain

CasKey = tuple[str, ...]


class _Cas:
    """Adjustments by key: how many and how much."""

    def __init__(self) -> None:
        self.counts: Counter[CasKey] = Counter()
        self.sums: dict[CasKey, Decimal] = {}

    def add(self, key: CasKey, money: Decimal) -> None:
        self.counts[key] += 1
        self.sums[key] = self.sums.get(key, ZERO) + money

    def rows(self, *names: str) -> list[dict[str, Any]]:
        """Return one row a key, in order."""
        return [
            dict(zip(names, key, strict=True))
            | {"count": self.counts[key], "amount": plain(self.sums[key])}
            for key in sorted(self.counts)
        ]

    @property
    def total(self) -> Decimal:
        return sum(self.sums.values(), ZERO)


class RemittanceFacts:
    """The ``835`` section."""

    def __init__(self) -> None:
        self.claims = self.paid_zero = self.unreadable = self.unbalanced = 0
        self.lines = 0
        self.status: Counter[str] = Counter()
        self.charge = self.paid = self.patient = ZERO
        self.line_charge = self.line_paid = self.plb = ZERO
        self.cas = _Cas()
        self.remarks: Counter[str] = Counter()

    def add_claim(self, claim: RemittanceClaim) -> None:
        """Count one claim."""
        self.claims += 1
        self.status[claim.status] += 1
        self.charge += claim.charge
        self.paid += claim.paid
        self.patient += claim.patient_responsibility
        self.paid_zero += claim.paid == 0
        bad = {u.element for u in claim.unreadable} & {"CLP03", "CLP04"}
        blank = any(not at(claim.texts[0].split(_cut(claim)), n) for n in (3, 4))
        unreadable = bool(bad) or blank
        self.unreadable += unreadable
        self.unbalanced += not (unreadable or claim.balanced)
        self.remarks.update(claim.remarks)
        for adjustment in claim.adjustments:
            key = ("claim", adjustment.group, adjustment.reason)
            self.cas.add(key, adjustment.amount)
        for line in claim.lines:
            self.lines += 1
            self.line_charge += line.charge
            self.line_paid += line.paid
            self.remarks.update(line.remarks)
            for adjustment in line.adjustments:
                key = ("line", adjustment.group, adjustment.reason)
                self.cas.add(key, adjustment.amount)

    def section(self) -> dict[str, Any]:
        """Return the section as JSON."""
        return {
            "claims": self.claims,
            "status_counts": dict(self.status),
            "denied_claims_clp02_4": self.status["4"],
            "reversals_clp02_22": self.status["22"],
            "claims_paid_zero": self.paid_zero,
            "total_charge": plain(self.charge),
            "total_paid": plain(self.paid),
            "total_patient_resp": plain(self.patient),
            "service_lines": self.lines,
            "service_line_charge": plain(self.line_charge),
            "service_line_paid": plain(self.line_paid),
            "cas": self.cas.rows("level", "group", "reason"),
            "cas_total": plain(self.cas.total),
            "rarc_counts": dict(self.remarks),
            "plb_total": plain(self.plb),
            "claims_with_unreadable_amounts": self.unreadable,
            "claims_not_in_balance": self.unbalanced,
        }


def _cut(claim: RemittanceClaim) -> str:
    return claim.texts[0][3:4] or "*"


class ClaimFacts:
    """The ``837`` section, counted from segments."""

    FORMS = {"SV1": "837P", "SV2": "837I", "SV3": "837D"}

    def __init__(self) -> None:
        self.form = ""
        self.claims = self.lines = self.svd = self.diagnoses = 0
        self.charge = self.line_charge = ZERO
        self.frequency: Counter[str] = Counter()
        self.levels: Counter[str] = Counter()
        self.codes: set[str] = set()
        self.modifiers: Counter[str] = Counter()
        self.npis: set[str] = set()
        self.payers: set[str] = set()
        self.cas = _Cas()

    def add(self, segment: OtherSegment) -> None:
        """Count one segment."""
        handler = getattr(self, f"_{segment.elements[0].lower()}", None)
        if handler is not None:
            handler(segment.elements, segment.component)

    def _hl(self, e: list[str], _cut: str) -> None:
        self.levels[at(e, 3)] += 1

    def _clm(self, e: list[str], cut: str) -> None:
        self.claims += 1
        self.charge += amount(at(e, 2)) or ZERO
        place = at(e, 5).split(cut)
        self.frequency[place[2] if len(place) > 2 else ""] += 1

    def _line(self, e: list[str], place: int, code: int, cut: str, form: str) -> None:
        self.form = self.form or form
        self.lines += 1
        self.line_charge += amount(at(e, place)) or ZERO
        self.modifiers.update(p for p in at(e, code).split(cut)[2:6] if p)

    def _sv1(self, e: list[str], cut: str) -> None:
        self._line(e, 2, 1, cut, "837P")

    def _sv2(self, e: list[str], cut: str) -> None:
        self._line(e, 3, 2, cut, "837I")

    def _sv3(self, e: list[str], cut: str) -> None:
        self._line(e, 2, 1, cut, "837D")

    def _hi(self, e: list[str], cut: str) -> None:
        for element in e[1:]:
            kind, _, rest = element.strip().partition(cut)
            code = rest.split(cut)[0]
            if code and kind in _DIAGNOSES:
                self.diagnoses += 1
                self.codes.add(f"{kind}:{code}")

    def _nm1(self, e: list[str], _cut: str) -> None:
        if at(e, 1) == "85":
            self.npis.add(at(e, 9))
        elif at(e, 1) == "PR":
            self.payers.add(at(e, 3))

    def _svd(self, _e: list[str], _cut: str) -> None:
        self.svd += 1

    def _cas(self, e: list[str], _cut: str) -> None:
        for place in range(2, len(e), 3):
            if at(e, place):
                key = (at(e, 1), at(e, place))
                self.cas.add(key, amount(at(e, place + 1)) or ZERO)

    def section(self) -> dict[str, Any]:
        """Return the section as JSON."""
        return {
            "form_by_service_segment": self.form or "unknown",
            "claims": self.claims,
            "total_charge": plain(self.charge),
            "frequency_codes": dict(self.frequency),
            "service_lines": self.lines,
            "service_line_charge": plain(self.line_charge),
            "hl_levels": dict(self.levels),
            "diagnosis_codes": self.diagnoses,
            "distinct_diagnoses": len(self.codes),
            "modifiers": dict(self.modifiers),
            "billing_npis": sorted(self.npis),
            "payers": sorted(self.payers),
            "other_payer_lines_svd": self.svd,
            "cas": self.cas.rows("group", "reason"),
        }


_DIAGNOSES = frozenset({"BK", "BF", "ABK", "ABF", "BJ", "ABJ", "PR", "APR", "BN", "ABN"})


class StatusFacts:
    """The ``27x`` section: 276, 277 and 277CA."""

    def __init__(self) -> None:
        self.level = ""
        self.levels: Counter[str] = Counter()
        self.trn: list[dict[str, str]] = []
        self.stc: list[dict[str, Any]] = []
        self.categories: Counter[str] = Counter()

    def add(self, segment: OtherSegment) -> None:
        """Count one segment."""
        e, tag = segment.elements, segment.elements[0]
        if tag == "HL":
            self.level = at(e, 3)
            self.levels[self.level] += 1
        elif tag == "TRN":
            row = {"level_hl03": self.level, "type": at(e, 1), "id": at(e, 2)}
            self.trn.append(row)
        elif tag == "STC":
            self._stc(e, segment.component)

    def _stc(self, e: list[str], cut: str) -> None:
        status = [at(e, place).replace(cut, ":") for place in (1, 10, 11)]
        status = [text for text in status if text]
        self.stc.append(
            {
                "level_hl03": self.level,
                "status": status,
                "date": at(e, 2),
                "action": at(e, 3),
                "amount": at(e, 4),
                "paid": at(e, 5),
            }
        )
        self.categories.update(text.split(":")[0] for text in status[:1])

    def section(self) -> dict[str, Any]:
        """Return the section as JSON."""
        claims = [row for row in self.stc if row["level_hl03"] in {"22", "23", "PT"}]
        return {
            "hl_levels": dict(self.levels),
            "trn": self.trn,
            "stc": self.stc,
            "stc_count": len(self.stc),
            "claim_level_stc": len(claims),
            "claim_level_accept_WQ": sum(row["action"] == "WQ" for row in claims),
            "claim_level_reject_U": sum(row["action"] == "U" for row in claims),
            "category_counts": dict(self.categories),
        }


class FileFacts:
    """All sections of one file, fed with the reader's events."""

    def __init__(self) -> None:
        self.remittance: RemittanceFacts | None = None
        self.claims: ClaimFacts | None = None
        self.status: StatusFacts | None = None
        self._transactions: list[dict[str, Any]] = []
        self._findings: list[Finding] = []

    def add(self, event: Event) -> None:
        """Add one event."""
        kind = type(event)
        if kind is RemittanceClaim:
            assert self.remittance is not None
            self.remittance.add_claim(event)  # type: ignore[arg-type]
        elif kind is OtherSegment:
            section = self.claims if event.kind == "837" else self.status  # type: ignore[union-attr]
            assert section is not None
            section.add(event)  # type: ignore[arg-type]
        elif isinstance(event, Finding):
            self._findings.append(event)
        elif isinstance(event, TransactionStart):
            self._start(event)
        elif isinstance(event, ProviderAdjustments) and self.remittance:
            self.remittance.plb += sum((a.amount for a in event.adjustments), ZERO)
        elif isinstance(event, TransactionEnd):
            self._end(event)

    def _start(self, event: TransactionStart) -> None:
        if event.kind == "835":
            self.remittance = self.remittance or RemittanceFacts()
        elif event.kind == "837":
            self.claims = self.claims or ClaimFacts()
        elif event.supported:
            self.status = self.status or StatusFacts()

    def _end(self, event: TransactionEnd) -> None:
        self._transactions.append(
            {
                "type": event.kind,
                "control": event.control,
                "balances": event.balances,
                "payment": None if event.payment is None else plain(event.payment),
                "plb_total": plain(event.plb_total),
                "claims": event.claims,
            }
        )

    def sections(self) -> dict[str, dict[str, Any]]:
        """Return the sections that the file has."""
        named = {"835": self.remittance, "837": self.claims, "27x": self.status}
        return {name: facts.section() for name, facts in named.items() if facts}

    def transactions(self) -> list[dict[str, Any]]:
        """Return one entry a transaction."""
        return self._transactions

    def warnings(self) -> list[dict[str, object]]:
        """Return findings that lose nothing."""
        return [f.as_json for f in self._findings if f.level != "error"]

    def errors(self) -> list[dict[str, object]]:
        """Return findings by which something could not be read."""
        return [f.as_json for f in self._findings if f.level == "error"]
