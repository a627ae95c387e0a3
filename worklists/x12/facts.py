"""Facts of a file for the report of CONTRACT 2, added up while it is read.

The counting rules: amounts that are empty or no numbers count as 0; a claim whose
CLP03 or CLP04 cannot be read is counted as such and not as out of balance; a claim
that was cut off counts. Money is decimal strings.
"""

from __future__ import annotations

from typing import Any

from worklists.x12.claims837 import ClaimCounts
from worklists.x12.events import (
    Event,
    Finding,
    ProviderAdjustments,
    RemittanceClaim,
    ServiceLine,
    TransactionEnd,
    TransactionStart,
)
from worklists.x12.limits import Limits
from worklists.x12.status27x import StatusCounts
from worklists.x12.tallies import CasTally, Tally
from worklists.x12.values import ZERO, plain


class RemittanceFacts:
    """The ``835`` section."""

    def __init__(self, limits: Limits) -> None:
        self.claims = self.lines = self.paid_zero = self.unreadable = self.uneven = 0
        self.charge = self.paid = self.share = self.plb = ZERO
        self.line_charge = self.line_paid = ZERO
        self.statuses = Tally(limits.distinct)
        self.remarks = Tally(limits.distinct)
        self.cas = CasTally(limits.distinct)

    def add(self, claim: RemittanceClaim) -> None:
        """Count one claim."""
        self.claims += 1
        self.statuses.add((claim.status,))
        self.charge += claim.charge
        self.paid += claim.paid
        self.share += claim.patient_responsibility
        self.paid_zero += not claim.paid
        if any(found.element in ("CLP03", "CLP04") for found in claim.unreadable):
            self.unreadable += 1
        elif not claim.balanced:
            self.uneven += 1
        if claim.remarks:
            self.remarks.add(claim.remarks)
        for group, reason, amount, _ in claim.adjustments:
            self.cas.add(("claim", group, reason), amount)
        for line in claim.lines:
            self._add_line(line)

    def _add_line(self, line: ServiceLine) -> None:
        self.lines += 1
        self.line_charge += line.charge
        self.line_paid += line.paid
        if line.remarks:
            self.remarks.add(line.remarks)
        for group, reason, amount, _ in line.adjustments:
            self.cas.add(("line", group, reason), amount)

    def add_outside(self, event: ProviderAdjustments) -> None:
        """Count money outside claims."""
        self.plb += sum((pair.amount for pair in event.adjustments), ZERO)

    def section(self) -> dict[str, Any]:
        """Return the section as JSON."""
        return {
            "claims": self.claims,
            "status_counts": self.statuses.counts,
            "denied_claims_clp02_4": self.statuses.counts.get("4", 0),
            "reversals_clp02_22": self.statuses.counts.get("22", 0),
            "claims_paid_zero": self.paid_zero,
            "total_charge": plain(self.charge),
            "total_paid": plain(self.paid),
            "total_patient_resp": plain(self.share),
            "service_lines": self.lines,
            "service_line_charge": plain(self.line_charge),
            "service_line_paid": plain(self.line_paid),
            "cas": self.cas.rows("level", "group", "reason"),
            "cas_total": plain(self.cas.total),
            "rarc_counts": self.remarks.counts,
            "plb_total": plain(self.plb),
            "claims_with_unreadable_amounts": self.unreadable,
            "claims_not_in_balance": self.uneven,
        }


def claims_section(counts: ClaimCounts) -> dict[str, Any]:
    """Return the ``837`` section as JSON."""
    return {
        "form_by_service_segment": counts.form or "unknown",
        "claims": counts.claims,
        "total_charge": plain(counts.charge),
        "frequency_codes": counts.frequencies.counts,
        "service_lines": counts.lines,
        "service_line_charge": plain(counts.line_charge),
        "hl_levels": counts.levels.counts,
        "diagnosis_codes": counts.diagnoses,
        "distinct_diagnoses": len(counts.codes),
        "modifiers": counts.modifiers.counts,
        "billing_npis": counts.npis.sorted(),
        "payers": counts.payers.sorted(),
        "other_payer_lines_svd": counts.others_paid,
        "cas": counts.cas.rows("group", "reason"),
    }


def status_section(counts: StatusCounts) -> dict[str, Any]:
    """Return the ``27x`` section as JSON."""
    return {
        "hl_levels": counts.levels.counts,
        "trn": counts.traces,
        "stc": counts.statuses,
        "stc_count": counts.found,
        "claim_level_stc": counts.claims,
        "claim_level_accept_WQ": counts.accepted,
        "claim_level_reject_U": counts.refused,
        "category_counts": counts.categories.counts,
    }


class FileFacts:
    """All sections of one file, fed with the reader's events."""

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.remittance: RemittanceFacts | None = None
        self.claims: ClaimCounts | None = None
        self.status: StatusCounts | None = None
        self._transactions: list[dict[str, Any]] = []
        self._findings: list[Finding] = []

    def add(self, event: Event) -> None:
        """Add one event."""
        if isinstance(event, RemittanceClaim):
            if self.remittance is not None:
                self.remittance.add(event)
        elif isinstance(event, Finding):
            self._findings.append(event)
        elif isinstance(event, TransactionStart):
            if event.kind == "835" and self.remittance is None:
                self.remittance = RemittanceFacts(self._limits)
        elif isinstance(event, ProviderAdjustments) and self.remittance is not None:
            self.remittance.add_outside(event)
        elif isinstance(event, TransactionEnd):
            self._end(event)

    def _end(self, event: TransactionEnd) -> None:
        if isinstance(event.counts, ClaimCounts):
            self.claims = self.claims or ClaimCounts.within(self._limits)
            self.claims.add(event.counts)
        elif isinstance(event.counts, StatusCounts):
            self.status = self.status or StatusCounts.within(self._limits)
            self.status.add(event.counts)
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
        found: dict[str, dict[str, Any]] = {}
        if self.remittance is not None:
            found["835"] = self.remittance.section()
        if self.claims is not None:
            found["837"] = claims_section(self.claims)
        if self.status is not None:
            found["27x"] = status_section(self.status)
        return found

    def transactions(self) -> list[dict[str, Any]]:
        """Return one entry a transaction."""
        return self._transactions

    def warnings(self) -> list[dict[str, object]]:
        """Return findings that lose nothing."""
        return [found.as_json for found in self._findings if found.level != "error"]

    def errors(self) -> list[dict[str, object]]:
        """Return findings by which something is not there or cannot be known."""
        return [found.as_json for found in self._findings if found.level == "error"]
