"""Synthetic 835 files with a believable mix of denials. Same seed, same bytes.

Source of the shapes: X12 005010X221A1. The mix of reasons, the share of claims
denied by payer and the share of reversals are assumptions of ours after published
surveys (docs/data.md); nobody's real rates. All names and numbers are invented.

Every line, claim and transaction balances; counts and control numbers are right.
Amounts are whole cents, kept as integers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple, TextIO

CLAIMS_PER_PAYMENT = 400
DEFAULT_DATE = date(2026, 11, 20)


class Payer(NamedTuple):
    """A payer and the share of its claims that are denied at first."""

    name: str
    id: str
    denied: float
    indicator: str = "12"


class Payee(NamedTuple):
    """Who is paid."""

    name: str
    npi: str
    tax_id: str
    hospital: bool


class Reason(NamedTuple):
    """One kind of denial: its weight, group, CARC and possible remarks."""

    weight: int
    group: str
    carc: str
    remarks: tuple[str, ...] = ()


PAYERS = (
    Payer("MEDICARE FFS", "1350000001", 0.09, "MB"),
    Payer("MERIDIAN PPO", "1350000002", 0.15, "12"),
    Payer("BLUE HARBOR HMO", "1350000003", 0.14, "HM"),
    Payer("NORTHGATE MA", "1350000004", 0.16, "16"),
    Payer("SUMMIT MEDICAID", "1350000005", 0.17, "MC"),
    Payer("CASCADE MANAGED MEDICAID", "1350000006", 0.15, "MC"),
)
PAYEES = (
    Payee("RIVERSIDE GENERAL HOSPITAL", "1902847361", "990000001", True),
    Payee("LAKEVIEW MEDICAL CENTER", "1518273648", "990000002", True),
    Payee("SUMMIT PHYSICIANS GROUP", "1336274810", "990000003", False),
)
REASONS = (
    Reason(14, "CO", "16", ("MA130", "N290", "M51", "N56", "M76")),
    Reason(7, "CO", "27", ("N30",)),
    Reason(5, "CO", "31", ("N382",)),
    Reason(2, "CO", "26"),
    Reason(7, "CO", "22", ("MA04", "N598")),
    Reason(3, "CO", "109", ("N418", "N104")),
    Reason(9, "OA", "18", ("N522",)),
    Reason(7, "CO", "97", ("M15", "N20")),
    Reason(3, "CO", "236", ("M80",)),
    Reason(8, "CO", "197", ("N54", "M62")),
    Reason(6, "CO", "50", ("N115", "N130")),
    Reason(2, "CO", "151", ("N362",)),
    Reason(5, "CO", "252", ("N706", "M127")),
    Reason(3, "CO", "226", ("N517",)),
    Reason(3, "CO", "4", ("N519", "N822")),
    Reason(2, "CO", "11", ("M76",)),
    Reason(1, "CO", "181", ("M20",)),
    Reason(2, "CO", "96", ("N180", "N425")),
    Reason(2, "PR", "204", ("N130",)),
    Reason(2, "PR", "119"),
    Reason(3, "CO", "29", ("N211",)),
    Reason(2, "CO", "B7", ("N570",)),
    Reason(1, "CO", "208", ("N77",)),
    Reason(1, "CO", "242", ("N130",)),
)
# Procedure number, usual charge in cents, and (for hospitals) its revenue code.
PROCEDURES = (
    ("99213", 18_500, "0510"), ("99214", 26_200, "0510"), ("99285", 148_000, "0450"),
    ("45380", 214_000, "0750"), ("45385", 298_000, "0750"), ("43239", 186_000, "0750"),
    ("20610", 31_800, "0360"), ("29881", 612_000, "0360"), ("71046", 24_500, "0324"),
    ("70450", 129_000, "0351"), ("74177", 241_000, "0352"), ("93306", 172_000, "0480"),
    ("93000", 9_800, "0730"), ("80053", 11_200, "0300"), ("85025", 7_400, "0300"),
    ("36415", 2_900, "0300"), ("97110", 12_600, "0420"), ("96372", 8_800, "0260"),
    ("27447", 1_842_000, "0360"), ("33208", 2_460_000, "0481"), ("59400", 412_000, "0720"),
    ("11042", 47_900, "0360"), ("17000", 15_600, "0510"), ("64483", 98_700, "0360"),
)  # fmt: skip
MODIFIERS = ("", "", "", "", "25", "59", "LT", "RT", "XS")
LAST = tuple(
    [
        "ABBOTT",
        "BELL",
        "CRUZ",
        "DIAZ",
        "ELLIS",
        "FORD",
        "GRANT",
        "HAYES",
        "IBARRA",
        "JONES",
        "KLEIN",
        "LOPEZ",
        "MOORE",
        "NGUYEN",
        "ORTIZ",
        "PARK",
        "QUINN",
        "REED",
        "SOTO",
        "TRAN",
        "UNGER",
        "VEGA",
        "WARD",
        "XU",
        "YOUNG",
        "ZIMMER",
    ]
)
FIRST = tuple(
    [
        "ADA",
        "BEN",
        "CARA",
        "DEAN",
        "ELI",
        "FAY",
        "GUS",
        "HANA",
        "IVAN",
        "JOY",
        "KURT",
        "LEA",
        "MAX",
        "NORA",
        "OTTO",
        "PIA",
        "RAY",
        "SUE",
        "TOM",
        "UMA",
        "VERA",
        "WES",
        "YARA",
        "ZOE",
    ]
)
DOCTORS = ("OSEI", "LINDGREN", "MATSUDA", "PETROV", "ALVAREZ", "COHEN", "DUBOIS")


@dataclass(slots=True)
class Line:
    """One service line in cents; ``adjustments`` are group, CARC, cents."""

    code: str
    modifier: str
    revenue: str
    units: int
    charge: int
    paid: int
    on: date
    adjustments: list[tuple[str, str, int]]
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class Paid:
    """One claim as the payer answers it."""

    control: str
    status: str
    payer_control: str
    patient: tuple[str, str, str]
    doctor: str
    lines: list[Line]
    indicator: str
    bill: str

    @property
    def charge(self) -> int:
        """Return the claim's charge."""
        return sum(line.charge for line in self.lines)

    @property
    def paid(self) -> int:
        """Return what was paid."""
        return sum(line.paid for line in self.lines)

    @property
    def patient_share(self) -> int:
        """Return the sum of the PR group."""
        return sum(
            a[2] for line in self.lines for a in line.adjustments if a[0] == "PR"
        )


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

    Memory does not grow with ``claims``. ``on`` is the payment date; services lie in
    the months before it.
    """
    rng = random.Random(f"835:{seed}:{on.isoformat()}")
    writer = _Writer(out, on, seed)
    writer.start()
    left, number = claims, 0
    while left > 0:
        number += 1
        size = min(left, CLAIMS_PER_PAYMENT, rng.randint(20, CLAIMS_PER_PAYMENT))
        payer = payers[rng.randrange(len(payers))]
        payee = payees[rng.randrange(len(payees))]
        found = list(_claims(rng, size, payer, payee, on, f"{seed}{on:%y%m%d}{number}"))
        writer.payment(number, payer, payee, found, _plb(rng))
        left -= size
    writer.end(number)


def _plb(rng: random.Random) -> int:
    """Return a provider-level adjustment in cents; most payments have none."""
    return rng.choice((-1, 1)) * rng.randint(100, 250_000) if rng.random() < 0.2 else 0


def _claims(
    rng: random.Random, size: int, payer: Payer, payee: Payee, on: date, mark: str
) -> Iterator[Paid]:
    """Yield exactly ``size`` claims; a reversal and its correction count as two."""
    made = 0
    while made < size:
        claim = _claim(rng, payer, payee, on, f"{mark}{made:04d}")
        if rng.random() < 0.02 and made + 2 <= size:
            yield reversal(claim)
            corrected = _copy(
                claim, status="1", payer_control=f"{claim.payer_control}C"
            )
            yield corrected
            made += 2
        else:
            yield claim
            made += 1


def _claim(rng: random.Random, payer: Payer, payee: Payee, on: date, mark: str) -> Paid:
    served = on - timedelta(days=rng.randint(14, 75))
    lines = [
        _line(rng, payee, served) for _ in range(rng.choice((1, 1, 2, 2, 3, 4, 6)))
    ]
    secondary = rng.random() < 0.06
    if rng.random() < payer.denied:
        deny(rng, lines)
    for line in lines:
        if not line.adjustments:
            _pay(rng, line)
    patient = (
        rng.choice(LAST),
        rng.choice(FIRST),
        f"MB{rng.randint(10**7, 10**8 - 1)}",
    )
    return Paid(
        control=f"PT{mark}",
        status="2" if secondary else "1",
        payer_control=f"{on:%Y%j}{rng.randint(10**7, 10**8 - 1)}",
        patient=patient,
        doctor=rng.choice(DOCTORS),
        lines=lines,
        indicator=payer.indicator,
        bill="13" if payee.hospital else "11",
    )


def _line(rng: random.Random, payee: Payee, served: date) -> Line:
    code, usual, revenue = rng.choice(PROCEDURES)
    charge = usual * rng.randint(90, 115) // 100
    modifier = rng.choice(MODIFIERS)
    return Line(
        code, modifier, revenue if payee.hospital else "", 1, charge, 0, served, []
    )


def deny(rng: random.Random, lines: list[Line]) -> None:
    """Deny one line, or the whole claim in three of ten cases."""
    reason = rng.choices(REASONS, weights=[r.weight for r in REASONS])[0]
    remarks = (rng.choice(reason.remarks),) if reason.remarks else ()
    whole = rng.random() < 0.3
    for line in lines if whole else [rng.choice(lines)]:
        line.adjustments = [(reason.group, reason.carc, line.charge)]
        line.remarks = remarks
        line.paid = 0


def _pay(rng: random.Random, line: Line) -> None:
    """Pay a line: contract price first, then the patient's share, the rest is paid."""
    contract = line.charge * rng.randint(35, 65) // 100
    line.adjustments = [("CO", "45", contract)]
    rest = line.charge - contract
    if rng.random() < 0.55:
        share = rest * rng.choice((10, 20, 20, 100)) // 100
        carc = "1" if share == rest else rng.choice(("2", "2", "3"))
        line.adjustments.append(("PR", carc, share))
        rest -= share
    line.paid = rest


def reversal(claim: Paid) -> Paid:
    """Return the claim taken back: status 22, every amount of the opposite sign."""
    lines = [
        Line(
            line.code, line.modifier, line.revenue, line.units, -line.charge, -line.paid,
            line.on, [(g, c, -cents) for g, c, cents in line.adjustments], line.remarks,
        )
        for line in claim.lines
    ]  # fmt: skip
    return _copy(claim, status="22", lines=lines)


def _copy(
    claim: Paid,
    *,
    status: str,
    lines: list[Line] | None = None,
    payer_control: str = "",
) -> Paid:
    return Paid(
        claim.control,
        status,
        payer_control or claim.payer_control,
        claim.patient,
        claim.doctor,
        claim.lines if lines is None else lines,
        claim.indicator,
        claim.bill,
    )


def dollars(cents: int) -> str:
    """Return cents as the guide writes amounts: no needless zeros behind the point."""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    whole, rest = divmod(cents, 100)
    return (
        f"{sign}{whole}.{rest:02d}".rstrip("0").rstrip(".")
        if rest
        else f"{sign}{whole}"
    )


class _Writer:
    """Segments into a file, counted as the envelopes need."""

    def __init__(self, out: TextIO, on: date, seed: int) -> None:
        self.out = out
        self.on = on
        self.control = f"{(seed * 7919 + on.toordinal()) % 10**9:09d}"
        self.made = datetime(on.year, on.month, on.day, 6, 2)
        self.count = 0

    def put(self, *elements: str) -> None:
        """Write one segment; empty elements at its end are left out."""
        text = "*".join(elements).rstrip("*")
        self.out.write(f"{text}~\n")
        self.count += 1

    def start(self) -> None:
        """Write ISA and GS."""
        self.out.write(
            f"ISA*00*{'':10}*00*{'':10}*ZZ*{'CODETRAILGEN':15}*ZZ*{'HOSPITAL':15}"
            f"*{self.made:%y%m%d}*{self.made:%H%M}*^*00501*{self.control}*0*T*:~\n"
        )
        self.put(
            "GS", "HP", "CODETRAILGEN", "HOSPITAL", f"{self.made:%Y%m%d}",
            f"{self.made:%H%M}", "1", "X", "005010X221A1",
        )  # fmt: skip

    def end(self, payments: int) -> None:
        """Write GE and IEA."""
        self.put("GE", str(payments), "1")
        self.put("IEA", "1", self.control)

    def payment(
        self, number: int, payer: Payer, payee: Payee, claims: list[Paid], plb: int
    ) -> None:
        """Write one ST to SE; BPR02 is what was paid less the PLB."""
        self.count = 0
        total = sum(claim.paid for claim in claims)
        if total - plb < 0:
            plb = 0
        amount = total - plb
        st = f"{number:04d}"
        self.put("ST", "835", st)
        self._head(number, payer, payee, amount)
        self.put("LX", "1")
        for claim in claims:
            self._claim(claim)
        if plb:
            year_end = f"{self.on.year}1231"
            self.put("PLB", payee.npi, year_end, f"WO:{payer.id}{number}", dollars(plb))
        self.put("SE", str(self.count + 1), st)

    def _head(self, number: int, payer: Payer, payee: Payee, amount: int) -> None:
        day = f"{self.on:%Y%m%d}"
        method = ("ACH", "CCP") if amount else ("NON", "")
        account = (
            ("01", "111000025", "DA", "98765401", payer.id, "", "01", "121000248", "DA",
             "12345601") if amount else ("", "", "", "", "", "", "", "", "", "")
        )  # fmt: skip
        self.put(
            "BPR", "I" if amount else "H", dollars(amount), "C", *method, *account, day
        )
        self.put("TRN", "1", f"{self.control}{number:05d}", payer.id)
        self.put("DTM", "405", day)
        self.put("N1", "PR", payer.name)
        self.put("N3", "100 PAYER WAY")
        self.put("N4", "SPRINGFIELD", "IL", "62701")
        self.put("PER", "BL", "PROVIDER LINE", "TE", "8005550100")
        self.put("N1", "PE", payee.name, "XX", payee.npi)
        self.put("REF", "TJ", payee.tax_id)

    def _claim(self, claim: Paid) -> None:
        last, first, member = claim.patient
        self.put(
            "CLP", claim.control, claim.status, dollars(claim.charge), dollars(claim.paid),
            dollars(claim.patient_share) if claim.patient_share > 0 else "",
            claim.indicator, claim.payer_control, claim.bill, "1",
        )  # fmt: skip
        self.put("NM1", "QC", "1", last, first, "", "", "", "MI", member)
        self.put("NM1", "82", "1", claim.doctor, "", "", "", "", "XX", "1487654321")
        served = claim.lines[0].on
        self.put("DTM", "232", f"{served:%Y%m%d}")
        self.put("DTM", "233", f"{served:%Y%m%d}")
        for number, line in enumerate(claim.lines, 1):
            self._line(number, line)

    def _line(self, number: int, line: Line) -> None:
        code = f"HC:{line.code}" + (f":{line.modifier}" if line.modifier else "")
        self.put(
            "SVC", code, dollars(line.charge), dollars(line.paid), line.revenue,
            str(line.units),
        )  # fmt: skip
        self.put("DTM", "472", f"{line.on:%Y%m%d}")
        groups: dict[str, list[str]] = {}
        for group, carc, cents in line.adjustments:
            groups.setdefault(group, []).extend((carc, dollars(cents), ""))
        for group, triplets in groups.items():
            self.put("CAS", group, *triplets)
        self.put("REF", "6R", f"L{number}")
        if line.paid:
            self.put("AMT", "B6", dollars(abs(line.paid)))
        for remark in line.remarks:
            self.put("LQ", "HE", remark)
