"""Claims as payers answer them, before they are written down. Amounts are cents.

Prices are fixed: a payee charges the same for the same service, a payer allows the
same for it. So amounts repeat in a file as they do in real ones. Every line balances:
charge less payment is the sum of its adjustments.
"""

from __future__ import annotations

import random
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from seeds.x12_tables import (
    DOCTORS,
    FIRST,
    LAST,
    MODIFIERS,
    REASONS,
    SERVICES,
    STAYS,
    VISITS,
    Payee,
    Payer,
    Reason,
    Service,
)

REVERSED = 0.021  # pairs of reversal and corrected claim; each pair is two claims
SECONDARY = 0.06
INPATIENT = 0.1
WITHOUT_VISIT = 0.35
SECOND_PAYS_ALL = 0.8
DENIED_AGAIN = 0.25
UPHELD = 0.35  # what was sent back and is denied for the same reason again
REMEMBERED = 40  # claims of a payer that may be reversed later on
_WEIGHTS = [reason.weight for reason in REASONS]
Adjusted = tuple[str, str, int]  # group, CARC, cents


@dataclass(slots=True)
class Line:
    """One service line; ``allowed`` is what the contract gives for it."""

    service: Service
    modifier: str
    units: int
    charge: int
    allowed: int
    on: date
    paid: int = 0
    adjustments: list[Adjusted] = field(default_factory=list)
    remark: str = ""


@dataclass(slots=True)
class Answer:
    """One claim as the payer answers it; an inpatient stay has no lines."""

    control: str
    payer_control: str
    patient: tuple[str, str, str]
    doctor: tuple[str, str, str]
    facility: str
    served: tuple[date, date]
    received: date
    lines: list[Line]
    status: str = "1"
    frequency: str = "1"
    indicator: str = "12"
    charge: int = 0
    paid: int = 0
    drg: str = ""
    days: int = 0
    adjustments: list[Adjusted] = field(default_factory=list)
    remark: str = ""

    @property
    def share(self) -> int:
        """Return what is left to the patient: the PR group."""
        every = [
            *self.adjustments,
            *(a for line in self.lines for a in line.adjustments),
        ]
        return sum(cents for group, _, cents in every if group == "PR")

    def add_up(self) -> Answer:
        """Take charge and payment from the lines, where there are any."""
        if self.lines:
            self.charge = sum(line.charge for line in self.lines)
            self.paid = sum(line.paid for line in self.lines)
        return self


class ClaimMaker:
    """Makes claims for one file. The same ``rng`` state gives the same claims."""

    def __init__(self, rng: random.Random, on: date, mark: str) -> None:
        self._rng = rng
        self._on = on
        self._mark = mark
        self._made = 0
        self._past: dict[tuple[str, str], deque[Answer]] = {}

    def claims(self, payer: Payer, payee: Payee, count: int) -> Iterator[Answer]:
        """Yield ``count`` claims; a reversal and its correction are two of them."""
        past = self._past.setdefault((payer.id, payee.npi), deque(maxlen=REMEMBERED))
        made = 0
        while made < count:
            if made + 2 <= count and self._rng.random() < REVERSED:
                before = past.popleft() if past else self._claim(payer, payee)
                yield reversal(before)
                yield self._corrected(before, payer)
                made += 2
                continue
            claim = self._claim(payer, payee)
            if claim.status == "1":
                past.append(claim)
            yield claim
            made += 1

    def _claim(self, payer: Payer, payee: Payee) -> Answer:
        rng = self._rng
        self._made += 1
        served = self._on - timedelta(days=rng.randint(14, 75))
        claim = Answer(
            control=f"PT{self._mark}{self._made:06d}",
            payer_control=f"{self._on:%Y%j}{rng.randint(10**7, 10**8 - 1)}",
            patient=(
                rng.choice(LAST),
                rng.choice(FIRST),
                f"MB{rng.randint(10**7, 10**8)}",
            ),
            doctor=rng.choice(DOCTORS),
            facility="13" if payee.hospital else "11",
            served=(served, served),
            received=served + timedelta(days=rng.randint(3, 12)),
            lines=[],
            indicator=payer.indicator,
        )
        if payee.hospital and rng.random() < INPATIENT:
            self._stay(claim, payer, payee)
        else:
            self._visit(claim, payer, payee)
        return claim.add_up()

    # -- outpatient and professional --------------------------------------------

    def _visit(self, claim: Answer, payer: Payer, payee: Payee) -> None:
        rng = self._rng
        count = rng.choice((1, 2, 2, 3, 4, 6) if payee.hospital else (1, 1, 2, 2, 3))
        services = [rng.choice(VISITS), *rng.choices(SERVICES, k=count - 1)]
        if rng.random() < WITHOUT_VISIT:
            services[0] = rng.choice(SERVICES)
        claim.lines = [self._line(s, payer, payee, claim.served[0]) for s in services]
        if rng.random() < SECONDARY:
            claim.status = "2"
            self._pay_second(claim)
            return
        if rng.random() < payer.denied:
            self._deny(claim)
        self._pay(claim, payer)

    def _line(self, service: Service, payer: Payer, payee: Payee, on: date) -> Line:
        units = self._rng.randint(1, service.units)
        price = service.charge * payee.level // 10_000 * 100
        charge = price * units
        allowed = charge * rate_of(payer, service.code) // 10_000
        modifier = self._rng.choice(MODIFIERS)
        return Line(service, modifier, units, charge, allowed, on)

    def _deny(self, claim: Answer) -> None:
        """Deny the whole claim or one line, for one reason."""
        reason = self._reason()
        whole = self._rng.random() < reason.whole
        for line in claim.lines if whole else [self._rng.choice(claim.lines)]:
            line.adjustments = [(reason.group, reason.carc, line.charge)]
            line.remark = self._remark(reason)

    def _reason(self) -> Reason:
        return self._rng.choices(REASONS, weights=_WEIGHTS)[0]

    def _remark(self, reason: Reason) -> str:
        return self._rng.choice(reason.remarks) if reason.remarks else ""

    def _pay(self, claim: Answer, payer: Payer) -> None:
        """Pay what was not denied: contract price, then the patient's share."""
        rng = self._rng
        open_deductible = 0
        if rng.random() < payer.deductible:
            open_deductible = rng.choice((2_500, 5_000, 10_000, 17_500, 40_000))
        copay = payer.copay
        for line in claim.lines:
            if line.adjustments:
                continue
            contract = line.charge - line.allowed
            line.adjustments = [("CO", "45", contract)] if contract else []
            left = line.allowed
            for carc, share in (
                ("1", min(left, open_deductible)),
                ("3", min(left, copay) if line.service in VISITS else 0),
                ("2", left * payer.coinsurance // 100),
            ):
                if share:
                    line.adjustments.append(("PR", carc, share))
                    left -= share
                    break
            if line.adjustments and line.adjustments[-1][1] == "1":
                open_deductible -= line.adjustments[-1][2]
            elif line.service in VISITS:
                copay = 0
            line.paid = left

    def _pay_second(self, claim: Answer) -> None:
        """The first payer paid four fifths of its price; this one pays of the rest."""
        for line in claim.lines:
            before = line.allowed * 4 // 5
            rest = line.allowed - before
            line.paid = rest if self._rng.random() < SECOND_PAYS_ALL else rest // 2
            line.adjustments = [
                ("OA", "23", before),
                ("CO", "45", line.charge - line.allowed),
            ]
            if rest > line.paid:
                line.adjustments.append(("PR", "2", rest - line.paid))
            line.adjustments = [entry for entry in line.adjustments if entry[2]]

    # -- inpatient --------------------------------------------------------------

    def _stay(self, claim: Answer, payer: Payer, payee: Payee) -> None:
        """An inpatient stay is paid by its DRG, on the claim, without lines."""
        rng = self._rng
        stay = rng.choice(STAYS)
        claim.drg, claim.days = stay.drg, stay.days + rng.randint(0, 2)
        claim.facility = "11"
        claim.served = (claim.served[0] - timedelta(days=claim.days), claim.served[0])
        claim.charge = stay.charge * payee.level // 100 + rng.randint(-4000, 9000) * 100
        if rng.random() < payer.denied:
            reason = self._reason()
            claim.adjustments = [(reason.group, reason.carc, claim.charge)]
            claim.remark = self._remark(reason)
            return
        allowed = stay.charge * rate_of(payer, stay.drg) // 10_000
        share = 167_600 if rng.random() < payer.deductible * 3 else 0
        claim.paid = allowed - share
        claim.adjustments = [("CO", "45", claim.charge - allowed)]
        if share:
            claim.adjustments.append(("PR", "1", share))

    # -- reversals --------------------------------------------------------------

    def _corrected(self, before: Answer, payer: Payer) -> Answer:
        """The claim again, as it should have been: mostly what was denied is paid."""
        claim = _anew(before, paid_again=True)
        if not claim.lines:
            return claim
        if self._rng.random() < DENIED_AGAIN:
            self._deny(claim)
        self._pay(claim, payer)
        return claim.add_up()

    def again(self, before: Answer, payer: Payer) -> Answer:
        """Return the claim as the payer decides it when it went back: what was denied is
        paid, or denied for the same reason as before."""
        if not before.lines or self._rng.random() < UPHELD:
            return _anew(before, paid_again=False)
        claim = _anew(before, paid_again=True)
        self._pay(claim, payer)
        return claim.add_up()


def _anew(before: Answer, *, paid_again: bool) -> Answer:
    lines = [replace(line) for line in before.lines]
    if paid_again:
        lines = [replace(line, paid=0, adjustments=[], remark="") for line in lines]
    control = f"{before.payer_control[:-1]}C"
    return replace(before, payer_control=control, frequency="7", lines=lines)


def rate_of(payer: Payer, code: str) -> int:
    """Return what a payer allows for a service, in hundredths of a percent."""
    spread = zlib.crc32(f"{payer.id}:{code}".encode()) % 31  # 0 to 30 percent of it
    return round(payer.rate * (85 + spread) * 100)


def reversal(claim: Answer) -> Answer:
    """Return the claim taken back: status 22, every amount of the opposite sign."""
    return replace(
        claim,
        status="22",
        charge=-claim.charge,
        paid=-claim.paid,
        adjustments=_negative(claim.adjustments),
        lines=[
            replace(
                line,
                charge=-line.charge,
                paid=-line.paid,
                adjustments=_negative(line.adjustments),
            )
            for line in claim.lines
        ],
    )


def _negative(adjustments: list[Adjusted]) -> list[Adjusted]:
    return [(group, carc, -cents) for group, carc, cents in adjustments]
