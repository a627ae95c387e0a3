"""What of a remittance is a denial, and what kind of defect it shows.

Pure. The table of patterns is data with a version, which a site replaces by a new
one; only what CONTRACT 2 fixes for everybody stands here as constants.

Amounts are US dollars as ``Decimal``. Source: CONTRACT 2, "What counts as a denial".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Literal, NamedTuple

from worklists.enums import RootCause

# The key of the claim itself among the levels; its service lines have other keys.
CLAIM = 0
ANY = "*"
UNKNOWN = "unknown"
UNMAPPED = "unmapped"
ZERO = Decimal(0)

# CLP02: reversal, not ours but forwarded, predetermination, and the old pend values.
NEVER_STATUSES = frozenset({"22", "23", "25", "5", "10", "13", "15", "16", "17", "27"})
DENIED = "4"
GROUPS = frozenset({"CO", "PI", "OA", "PR"})
CORRECTION = "CR"
NO_CLASS = frozenset({"", "deactivated"})
REDUCTIONS = frozenset({"59", "B10", "B22"})
PENDING = frozenset({"P8", "257"})

Kind = Literal["denial", "reduction", "pending"]
Key = int | str


@dataclass(frozen=True, slots=True)
class Pattern:
    """One row of the taxonomy: a CARC, or a CARC with a remark, and what it means.

    ``remark`` empty is the CARC alone. A row with a remark refines the CARC's own row,
    and its empty texts are taken from there; with ``carc`` ``*`` it refines any CARC.
    ``is_denial`` is decided by the CARC's own row alone.
    """

    carc: str
    remark: str = ""
    label: str = ""
    defect_class: str = ""
    root_cause: str = RootCause.UNKNOWN.value
    failed_stage: str = ""
    owner: str = ""
    first_route: str = ""
    is_denial: bool = True
    appealable: bool = True
    coding_related: bool = False


NO_REASON = Pattern(
    carc=UNKNOWN,
    label="Denied without a reason",
    defect_class=UNMAPPED,
    first_route="contact_payer",
)
NOT_IN_TABLE = replace(NO_REASON, label="Reason code not in the taxonomy")


class Line(NamedTuple):
    """One service line: its key within the claim, charge and payment."""

    key: Key
    charge: Decimal | None
    paid: Decimal | None


class Adjusted(NamedTuple):
    """One CAS triplet at a level: ``CLAIM`` or the key of a line."""

    level: Key
    group: str
    carc: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """What a remittance says of one claim. A missing amount counts as 0.

    ``status`` is CLP02; ``remarks`` are by level, in the order of the file.
    """

    status: str
    charge: Decimal | None
    paid: Decimal | None
    lines: Sequence[Line] = ()
    adjustments: Sequence[Adjusted] = ()
    remarks: Mapping[Key, Sequence[str]] = field(default_factory=dict)


class Found(NamedTuple):
    """One denial, reduction or pending amount at one level of a claim.

    ``pattern`` is the effective row, refined by ``remark`` when one did.
    """

    kind: Kind
    level: Key
    group: str
    carc: str
    amount: Decimal
    pattern: Pattern
    remark: str

    @property
    def label(self) -> str:
        """Return what failed, in our short words."""
        return self.pattern.label

    @property
    def defect_class(self) -> str:
        """Return the class of the defect."""
        return self.pattern.defect_class

    @property
    def route(self) -> str:
        """Return the first thing to do about it."""
        return self.pattern.first_route

    @property
    def appealable(self) -> bool:
        """Tell whether the payer's decision can be appealed at all."""
        return self.pattern.appealable


class Doubt(NamedTuple):
    """Something the taxonomy will not decide: a warning of the file's report."""

    code: str
    level: Key = CLAIM
    group: str = ""
    carc: str = ""
    amount: Decimal = ZERO

    @property
    def message(self) -> str:
        """Return the sentence for a person; no patient data in it."""
        return _MESSAGES[self.code].format(doubt=self)


_MESSAGES = {
    "status_4_without_reason": (
        "The claim is marked as denied (status 4), but no adjustment gives a reason "
        "for a denial."
    ),
    "unmapped_carc": (
        "Reason code {doubt.carc} has no class in the taxonomy; its {doubt.amount} was "
        "not taken as a denial."
    ),
    "group_not_denial": (
        "Group {doubt.group} with reason {doubt.carc} corrects an earlier decision; "
        "no denial was made."
    ),
    "unknown_group": (
        "Group {doubt.group!r} with reason {doubt.carc} is not a known group; no "
        "denial was made."
    ),
}


class TaxonomyTable:
    """One version of the taxonomy, ready for look-ups.

    Raises ``ValueError`` when two patterns have the same CARC and remark.
    """

    # Remarks come in few combinations; a hostile file must not fill the memory.
    MOST_KEPT = 50_000

    def __init__(self, version: int, patterns: Iterable[Pattern]) -> None:
        self.version = version
        self._rows: dict[tuple[str, str], Pattern] = {}
        for pattern in patterns:
            key = (pattern.carc, pattern.remark)
            if key in self._rows:
                twice = " with ".join(filter(None, key))
                raise ValueError(f"The taxonomy has {twice} twice.")
            self._rows[key] = pattern
        self._kept: dict[tuple[str, tuple[str, ...]], tuple[Pattern, str]] = {}
        self.silent = frozenset(
            carc
            for (carc, remark), pattern in self._rows.items()
            if not remark and not pattern.is_denial
        )

    def row(self, carc: str) -> Pattern | None:
        """Return the row of a CARC by itself, None when it is not in the table."""
        return self._rows.get((carc, ""))

    def is_mapped(self, carc: str) -> bool:
        """Tell whether the table gives the CARC a class."""
        row = self._rows.get((carc, ""))
        return row is not None and row.defect_class not in NO_CLASS

    def resolve(self, carc: str, remarks: Sequence[str]) -> tuple[Pattern, str]:
        """Return what a CARC means beside these remarks, and the remark that said so.

        The first remark with a row for this very CARC refines class, route and words,
        else the first with a row for any CARC. A decision is appealable only when
        none of the remarks takes the appeal away.
        """
        key = (carc, tuple(remarks))
        kept = self._kept.get(key)
        if kept is None:
            if len(self._kept) >= self.MOST_KEPT:
                self._kept.clear()
            kept = self._kept[key] = self._resolve(carc, key[1])
        return kept

    def _resolve(self, carc: str, remarks: tuple[str, ...]) -> tuple[Pattern, str]:
        base = self._base(carc)
        rows = [row for remark in remarks if (row := self._refinement(carc, remark))]
        if not rows:
            return base, ""
        # False sorts first: rows of this CARC that say something, then the others.
        chosen = min(rows, key=lambda row: (not row.defect_class, row.carc == ANY))
        refined = _refined(base, chosen)
        if not all(row.appealable for row in rows):
            refined = replace(refined, appealable=False)
        return refined, chosen.remark

    def _base(self, carc: str) -> Pattern:
        if carc == UNKNOWN:
            return NO_REASON
        row = self._rows.get((carc, ""))
        if row is None:
            return replace(NOT_IN_TABLE, carc=carc)
        if row.defect_class in NO_CLASS:
            return replace(row, defect_class=UNMAPPED)
        return row

    def _refinement(self, carc: str, remark: str) -> Pattern | None:
        if not remark:
            return None
        return self._rows.get((carc, remark)) or self._rows.get((ANY, remark))


def _refined(base: Pattern, row: Pattern) -> Pattern:
    known = row.root_cause != RootCause.UNKNOWN
    return replace(
        base,
        remark=row.remark,
        label=row.label or base.label,
        defect_class=row.defect_class or base.defect_class,
        root_cause=row.root_cause if known else base.root_cause,
        failed_stage=row.failed_stage or base.failed_stage,
        owner=row.owner or base.owner,
        first_route=row.first_route or base.first_route,
        appealable=base.appealable and row.appealable,
        coding_related=(row if row.defect_class else base).coding_related,
    )


def classify(
    claim: ClaimFacts, table: TaxonomyTable
) -> tuple[list[Found], list[Doubt]]:
    """Return what of one claim is denied, reduced or pending, and what is in doubt.

    Amounts are summed per claim or line, group and CARC; each sum above 0 under CO,
    PI, OA or PR whose CARC can be a denial becomes one finding, in the order of the
    file. Codes are expected as the reader gives them: stripped and in upper case.

    Reversals, forwarded claims, predeterminations and old pend values give nothing.
    Other groups and codes without a class on something paid give doubts. Status 4
    decides nothing by itself: without any adjustment it is one denial of charge less
    paid for the reason ``unknown``, otherwise at most a doubt.
    """
    status = claim.status.strip()
    if status in NEVER_STATUSES:
        return [], []
    found: list[Found] = []
    doubts: list[Doubt] = []
    sums = _sums(claim, table)
    paid = {line.key: line.paid for line in claim.lines} if sums else {}
    for (level, group, carc), amount in sums.items():
        if group not in GROUPS:
            doubts += _group_doubt(level, group, carc, amount)
        elif kind := _kind(carc, amount, paid.get(level, claim.paid), table):
            pattern, remark = table.resolve(carc, _remarks(claim, level))
            found.append(Found(kind, level, group, carc, amount, pattern, remark))
        elif not table.is_mapped(carc):
            doubts.append(Doubt("unmapped_carc", level, group, carc, amount))
    if status == DENIED and not found:
        _deny_without_reason(claim, table, found, doubts)
    return found, doubts


def _sums(
    claim: ClaimFacts, table: TaxonomyTable
) -> dict[tuple[Key, str, str], Decimal]:
    """Sum by level, group and CARC, leaving out what can never be a denial."""
    silent = table.silent
    sums: dict[tuple[Key, str, str], Decimal] = {}
    for level, group, carc, amount in claim.adjustments:
        if carc in silent and group in GROUPS:
            continue
        key = (level, group, carc)
        sums[key] = sums.get(key, ZERO) + (amount or ZERO)
    return sums


def _kind(
    carc: str, amount: Decimal, paid: Decimal | None, table: TaxonomyTable
) -> Kind | None:
    """Judge one sum; ``paid`` is what its own line, or else the claim, was paid."""
    if amount <= 0:
        return None
    if carc in PENDING:
        return "pending"
    is_paid = paid is not None and paid > 0
    if not table.is_mapped(carc):
        return None if is_paid else "denial"
    return "reduction" if carc in REDUCTIONS and is_paid else "denial"


def _remarks(claim: ClaimFacts, level: Key) -> Sequence[str]:
    """Return the remarks of a level; a line's own come before the claim's."""
    own = claim.remarks.get(level, ())
    if level == CLAIM:
        return own
    return (*own, *claim.remarks.get(CLAIM, ()))


def _group_doubt(level: Key, group: str, carc: str, amount: Decimal) -> list[Doubt]:
    if group != CORRECTION:
        return [Doubt("unknown_group", level, group, carc, amount)]
    if amount > 0:
        return [Doubt("group_not_denial", level, group, carc, amount)]
    return []


def _deny_without_reason(
    claim: ClaimFacts, table: TaxonomyTable, found: list[Found], doubts: list[Doubt]
) -> None:
    amount = (claim.charge or ZERO) - (claim.paid or ZERO)
    if claim.adjustments or amount <= 0:
        doubts.append(Doubt("status_4_without_reason"))
        return
    pattern, remark = table.resolve(UNKNOWN, _remarks(claim, CLAIM))
    found.append(Found("denial", CLAIM, "", UNKNOWN, amount, pattern, remark))
