"""What of a remittance claim is a denial: the taxonomy at work on one claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from worklists.taxonomy import (
    CLAIM,
    DENIED,
    GROUPS,
    NEVER_STATUSES,
    Adjusted,
    ClaimFacts,
    Doubt,
    Found,
    Line,
    TaxonomyTable,
    classify,
)
from worklists.x12 import Adjustment, Finding, RemittanceClaim

MOST_REMARKS = 12
Classified = tuple[list[Found], list[Doubt]]
NOTHING: Classified = ([], [])
_REMARK = re.compile(r"(M|MA|N)[0-9]{1,4}")


def classified(claim: RemittanceClaim, table: TaxonomyTable) -> Classified:
    """Return what is denied, reduced, pending or in doubt on a claim.

    Most claims carry contractual and patient adjustments only; they are passed by
    before any facts are gathered.
    """
    if claim.status in NEVER_STATUSES or _says_nothing(claim, table):
        return NOTHING
    return classify(_facts(claim), table)


def _says_nothing(claim: RemittanceClaim, table: TaxonomyTable) -> bool:
    if claim.status == DENIED or _speaks(claim.adjustments, table):
        return False
    return not any(_speaks(line.adjustments, table) for line in claim.lines)


def _speaks(entries: Sequence[Adjustment], table: TaxonomyTable) -> bool:
    silent = table.silent
    for entry in entries:  # noqa: SIM110 - a loop is quicker than a generator here
        if entry.reason not in silent or entry.group not in GROUPS:
            return True
    return False


def _facts(claim: RemittanceClaim) -> ClaimFacts:
    remarks: dict[int | str, Sequence[str]] = {CLAIM: claim.remarks}
    remarks |= {line.number: line.remarks for line in claim.lines if line.remarks}
    return ClaimFacts(
        status=claim.status,
        charge=claim.charge,
        paid=claim.paid,
        lines=[Line(line.number, line.charge, line.paid) for line in claim.lines],
        adjustments=list(_adjusted(claim)),
        remarks=remarks,
    )


def _adjusted(claim: RemittanceClaim) -> Iterator[Adjusted]:
    for entry in claim.adjustments:
        yield Adjusted(CLAIM, entry.group, entry.reason, entry.amount)
    for line in claim.lines:
        for entry in line.adjustments:
            yield Adjusted(line.number, entry.group, entry.reason, entry.amount)


def remarks_beside(claim: RemittanceClaim, found: Found) -> tuple[str, ...]:
    """Return the remark codes that stand beside a finding, a line's own first."""
    own: Iterable[str] = ()
    if found.level != CLAIM:
        own = next(s.remarks for s in claim.lines if s.number == found.level)
    return tuple(dict.fromkeys((*own, *claim.remarks)))[:MOST_REMARKS]


def as_warning(claim: RemittanceClaim, doubt: Doubt) -> Finding:
    """Return a doubt as a warning of the file's report, at its line or claim."""
    at = next(
        (line.segment for line in claim.lines if line.number == doubt.level),
        claim.segment,
    )
    return Finding(doubt.code, at, claim.position, doubt.message, "warning")


@lru_cache(maxsize=4096)
def is_remark(code: str) -> bool:
    """Return whether a code has the form of a remittance advice remark code."""
    return _REMARK.fullmatch(code) is not None


def strange_remarks(claim: RemittanceClaim) -> Iterator[Finding]:
    """Yield a warning for each remark code that cannot be one."""
    for code in claim.remarks:
        if not is_remark(code):
            yield _strange(claim, claim.segment)
    for line in claim.lines:
        for code in line.remarks:
            if not is_remark(code):
                yield _strange(claim, line.segment)


def _strange(claim: RemittanceClaim, segment: int) -> Finding:
    return Finding(
        code="unknown_remark",
        segment=segment,
        position=claim.position,
        message="A remark code here has not the form of one; it was kept as it is.",
        level="warning",
    )
