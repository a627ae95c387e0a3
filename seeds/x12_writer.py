"""Synthetic 835 files with a believable mix of denials. Same seed, same bytes.

Shape: X12 005010X221A1. Every line, claim and payment balances; counts and control
numbers are right. ISA15 says T: no such file was ever sent. What the claims are made
of, and why, stands in ``x12_tables`` and ``x12_claims``.
"""

from __future__ import annotations

import random
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TextIO

from seeds.x12_claims import Answer, ClaimMaker, Line, reversal
from seeds.x12_tables import PAYEES, PAYERS, Payee, Payer

CLAIMS_PER_PAYMENT = 400
DEFAULT_DATE = date(2026, 11, 20)
MONEY_OUTSIDE = 0.2  # share of payments with a PLB

__all__ = [
    "DEFAULT_DATE",
    "PAYEES",
    "PAYERS",
    "Payee",
    "Payer",
    "dollars",
    "write_835",
    "write_later_835",
]


def write_835(
    out: TextIO,
    *,
    claims: int,
    seed: int = 1,
    on: date = DEFAULT_DATE,
    payers: Sequence[Payer] = PAYERS,
    payees: Sequence[Payee] = PAYEES,
) -> None:
    """Write one interchange with ``claims`` claims to ``out``, payment by payment.

    ``on`` is the payment date; services lie in the months before it. Holds one payment
    of at most ``CLAIMS_PER_PAYMENT`` claims, whatever ``claims`` is.
    """
    writer = _Writer(out, on, seed)
    writer.start()
    number = 0
    for payment in _payments(claims, seed, on, payers, payees):
        number = payment.number
        writer.payment(payment)
    writer.end(number)


def write_later_835(
    out: TextIO,
    *,
    claims: int,
    seed: int,
    first_on: date,
    on: date,
    wanted: Container[str],
) -> int:
    """Write what payers answer on a later day to claims of an earlier file that went
    back to them: each taken back, and decided anew.

    ``claims``, ``seed`` and ``first_on`` are those the earlier file was written with;
    ``wanted`` names its claims by CLP01. Returns how many it answers; nothing is
    written where there is none.
    """
    rng = random.Random(f"later:{seed}:{on.isoformat()}")
    maker = ClaimMaker(rng, on, "")
    newest: dict[str, tuple[int, Answer]] = {}  # a corrected claim follows the first
    ends: dict[int, _Payment] = {}
    for first in _payments(claims, seed, first_on, PAYERS, PAYEES):
        for one in first.answers:
            if one.control in wanted and one.status == "1":
                newest[one.control] = first.number, one
                ends[first.number] = first
    later: dict[int, list[Answer]] = {}
    for number, one in newest.values():
        pair = [reversal(one), maker.again(one, ends[number].payer)]
        later.setdefault(number, []).extend(pair)
    if later:
        writer = _Writer(out, on, seed + 1)
        writer.start()
        for count, (number, answers) in enumerate(sorted(later.items()), 1):
            again = replace(ends[number], number=count, answers=answers, outside=[])
            writer.payment(again)
        writer.end(len(later))
    return len(newest)


@dataclass(frozen=True, slots=True)
class _Payment:
    """One payment: the claims it answers, and the pairs of its PLB."""

    number: int
    payer: Payer
    payee: Payee
    answers: list[Answer]
    outside: list[tuple[str, int]]


def _payments(
    claims: int, seed: int, on: date, payers: Sequence[Payer], payees: Sequence[Payee]
) -> Iterator[_Payment]:
    """Yield the payments of a file; one at a time is held, whatever ``claims`` is."""
    rng = random.Random(f"835:{seed}:{on.isoformat()}")
    maker = ClaimMaker(rng, on, f"{seed}{on:%y%m%d}")
    left, number = claims, 0
    while left > 0:
        number += 1
        size = min(left, rng.randint(20, CLAIMS_PER_PAYMENT))
        payer, payee = rng.choice(payers), rng.choice(payees)
        answers = list(maker.claims(payer, payee, size))
        yield _Payment(number, payer, payee, answers, _money_outside(rng, number))
        left -= size


def _money_outside(rng: random.Random, number: int) -> list[tuple[str, int]]:
    """Return pairs of a PLB: an overpayment taken back, interest, a balance carried."""
    if rng.random() >= MONEY_OUTSIDE:
        return []
    pairs = [(f"WO:OVP{number:05d}", rng.randint(1_000, 250_000))]
    if rng.random() < 0.3:
        pairs.append(("L6", -rng.randint(50, 4_000)))
    if rng.random() < 0.2:
        pairs.append(
            (f"FB:BAL{number:05d}", rng.choice((-1, 1)) * rng.randint(100, 90_000))
        )
    return pairs


def dollars(cents: int) -> str:
    """Return cents as the guide writes amounts: no needless zeros behind the point."""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    whole, rest = divmod(cents, 100)
    return f"{sign}{whole}.{rest:02d}".rstrip("0") if rest else f"{sign}{whole}"


class _Writer:
    """Segments into a file, counted as the envelopes need."""

    def __init__(self, out: TextIO, on: date, seed: int) -> None:
        self.out = out
        self.on = on
        self.day = f"{on:%Y%m%d}"
        self.control = f"{(seed * 7919 + on.toordinal()) % 10**9:09d}"
        self.made = datetime(on.year, on.month, on.day, 6, 2)
        self.count = 0

    def put(self, *elements: str) -> None:
        """Write one segment; empty elements at its end are left out."""
        self.out.write("*".join(elements).rstrip("*") + "~\n")
        self.count += 1

    def start(self) -> None:
        """Write ISA and GS."""
        self.out.write(
            f"ISA*00*{'':10}*00*{'':10}*ZZ*{'CODETRAILGEN':15}*ZZ*{'HOSPITAL':15}"
            f"*{self.made:%y%m%d}*{self.made:%H%M}*^*00501*{self.control}*0*T*:~\n"
        )
        sent = f"{self.made:%H%M}"
        ends = "CODETRAILGEN", "HOSPITAL"
        self.put("GS", "HP", *ends, self.day, sent, "1", "X", "005010X221A1")

    def end(self, payments: int) -> None:
        """Write GE and IEA."""
        self.put("GE", str(payments), "1")
        self.put("IEA", "1", self.control)

    def payment(self, payment: _Payment) -> None:
        """Write one ST to SE; BPR02 is what was paid less the PLB."""
        number, payer, payee = payment.number, payment.payer, payment.payee
        answers, outside = payment.answers, payment.outside
        paid = sum(answer.paid for answer in answers)
        if paid < sum(cents for _, cents in outside):
            outside = []  # a payment cannot be below 0
        if paid < 0:
            outside = [(f"FB:BAL{number:05d}", paid)]  # owed by the payee: carried over
        self.count = 0
        self.put("ST", "835", f"{number:04d}")
        self._head(number, payer, payee, paid - sum(cents for _, cents in outside))
        self.put("LX", "1")
        for answer in answers:
            self._claim(answer, payee)
        if outside:
            pairs = [
                text for reason, cents in outside for text in (reason, dollars(cents))
            ]
            self.put("PLB", payee.npi, f"{self.on.year}1231", *pairs)
        self.put("SE", str(self.count + 1), f"{number:04d}")

    def _head(self, number: int, payer: Payer, payee: Payee, cents: int) -> None:
        if cents:
            by = ["ACH", "CCP", "01", "111000025", "DA", "98765401", payer.id, "",
                  "01", "121000248", "DA", "12345601"]  # fmt: skip
        else:
            by = ["NON", *[""] * 11]
        self.put("BPR", "I" if cents else "H", dollars(cents), "C", *by, self.day)
        self.put("TRN", "1", f"{self.control}{number:05d}", payer.id)
        self.put("DTM", "405", self.day)
        self.put("N1", "PR", payer.name)
        self.put("N3", "100 PAYER WAY")
        self.put("N4", "SPRINGFIELD", "IL", "62701")
        self.put("PER", "BL", "PROVIDER LINE", "TE", "8005550100")
        self.put("N1", "PE", payee.name, "XX", payee.npi)
        self.put("REF", "TJ", payee.tax_id)

    def _claim(self, answer: Answer, payee: Payee) -> None:
        share = answer.share
        self.put(
            "CLP", answer.control, answer.status, dollars(answer.charge),
            dollars(answer.paid), dollars(share) if share > 0 else "", answer.indicator,
            answer.payer_control, answer.facility, answer.frequency, "", answer.drg,
        )  # fmt: skip
        self._adjustments(answer.adjustments)
        last, first, member = answer.patient
        self.put("NM1", "QC", "1", last, first, "", "", "", "MI", member)
        if not payee.hospital:
            last, first, npi = answer.doctor
            self.put("NM1", "82", "1", last, first, "", "", "", "XX", npi)
        if answer.drg:
            self.put(
                "MIA", str(answer.days), "", "", dollars(answer.paid), answer.remark
            )
        elif answer.indicator == "MB":
            self.put("MOA", "", "", "MA01")
        self.put("DTM", "232", f"{answer.served[0]:%Y%m%d}")
        self.put("DTM", "233", f"{answer.served[1]:%Y%m%d}")
        self.put("DTM", "050", f"{answer.received:%Y%m%d}")
        for number, line in enumerate(answer.lines, 1):
            self._line(f"{answer.control}{number:02d}", line, payee)

    def _adjustments(self, adjustments: list[tuple[str, str, int]]) -> None:
        """Write one CAS a group."""
        groups: dict[str, list[str]] = {}
        for group, carc, cents in adjustments:
            groups.setdefault(group, []).extend((carc, dollars(cents), ""))
        for group, triplets in groups.items():
            self.put("CAS", group, *triplets)

    def _line(self, control: str, line: Line, payee: Payee) -> None:
        service = line.service
        code = f"HC:{service.code}" + (f":{line.modifier}" if line.modifier else "")
        revenue = service.revenue if payee.hospital else ""
        amounts = dollars(line.charge), dollars(line.paid)
        self.put("SVC", code, *amounts, revenue, str(line.units))
        self.put("DTM", "472", f"{line.on:%Y%m%d}")
        self._adjustments(line.adjustments)
        self.put("REF", "6R", control)
        if line.paid > 0:
            self.put("AMT", "B6", dollars(line.allowed))
        if line.remark:
            self.put("LQ", "HE", line.remark)
