"""What synthetic remittances are made of: payers, payees, prices, reasons for denial.

All names and numbers are invented; procedure, revenue, DRG and reason codes are
numbers in public use. Shares, prices and rates are assumptions of ours: the share of
claims denied at first (11 to 15 % over all, from 8 % for traditional Medicare to 17 %
for Medicaid) and the mix of reasons follow published surveys, nobody's real rates.
"""

from __future__ import annotations

from typing import NamedTuple


class Payer(NamedTuple):
    """A payer: the share of its claims denied at first, and how it pays.

    ``rate`` is its usual price as a share of the charge, ``copay`` cents a visit,
    ``coinsurance`` the patient's percent, ``deductible`` the share of claims on which
    one is still open.
    """

    name: str
    id: str
    denied: float
    indicator: str = "12"
    rate: float = 0.5
    copay: int = 0
    coinsurance: int = 20
    deductible: float = 0.15


class Payee(NamedTuple):
    """Who is paid; ``level`` is its price level in percent of the usual charge."""

    name: str
    npi: str
    tax_id: str
    hospital: bool
    level: int = 100


class Reason(NamedTuple):
    """One kind of denial: weight, group, CARC, remarks of which it needs one.

    ``whole`` is how often it hits the whole claim instead of one line.
    """

    weight: int
    group: str
    carc: str
    remarks: tuple[str, ...] = ()
    whole: float = 0.1


class Service(NamedTuple):
    """A procedure, its usual charge in cents, its revenue code, its most units."""

    code: str
    charge: int
    revenue: str
    units: int = 1


class Stay(NamedTuple):
    """A kind of inpatient stay: DRG, usual charge in cents, days."""

    drg: str
    charge: int
    days: int


PAYERS = (
    Payer("MEDICARE FFS", "1350000001", 0.08, "MB", 0.36, 0, 20, 0.12),
    Payer("MERIDIAN PPO", "1350000002", 0.14, "12", 0.62, 4_000, 20, 0.25),
    Payer("BLUE HARBOR HMO", "1350000003", 0.14, "HM", 0.55, 3_000, 10, 0.10),
    Payer("NORTHGATE MA", "1350000004", 0.16, "16", 0.38, 2_500, 20, 0.08),
    Payer("SUMMIT MEDICAID", "1350000005", 0.17, "MC", 0.29, 300, 0, 0.0),
    Payer("CASCADE MANAGED MEDICAID", "1350000006", 0.15, "MC", 0.31, 0, 0, 0.0),
)
PAYEES = (
    Payee(
        "RIVERSIDE GENERAL HOSPITAL",
        "1902847361",
        "990000001",
        hospital=True,
        level=118,
    ),
    Payee(
        "LAKEVIEW MEDICAL CENTER", "1518273648", "990000002", hospital=True, level=104
    ),
    Payee(
        "SUMMIT PHYSICIANS GROUP", "1336274810", "990000003", hospital=False, level=92
    ),
)
REASONS = (
    Reason(14, "CO", "16", ("MA130", "N290", "M51", "N56", "M76"), 0.5),
    Reason(7, "CO", "27", ("N30",), 0.95),
    Reason(5, "CO", "31", ("N382",), 1.0),
    Reason(2, "CO", "26", (), 1.0),
    Reason(7, "CO", "22", ("MA04", "N598"), 0.95),
    Reason(3, "CO", "109", ("N418", "N104"), 1.0),
    Reason(9, "OA", "18", ("N522",), 0.7),
    Reason(7, "CO", "97", ("M15", "N20")),
    Reason(3, "CO", "236", ("M80",)),
    Reason(8, "CO", "197", ("N54", "M62"), 0.4),
    Reason(6, "CO", "50", ("N115", "N130"), 0.2),
    Reason(2, "CO", "151", ("N362",)),
    Reason(5, "CO", "252", ("N706", "M127"), 0.5),
    Reason(3, "CO", "226", ("N517",), 0.6),
    Reason(3, "CO", "4", ("N519", "N822")),
    Reason(2, "CO", "11", ("M76",)),
    Reason(1, "CO", "181", ("M20",)),
    Reason(2, "CO", "96", ("N180", "N425")),
    Reason(2, "PR", "204", ("N130",)),
    Reason(2, "PR", "119"),
    Reason(3, "CO", "29", ("N211",), 1.0),
    Reason(2, "CO", "B7", ("N570",), 0.8),
    Reason(1, "CO", "208", ("N77",), 1.0),
    Reason(1, "CO", "242", ("N130",), 0.5),
)
VISITS = (
    Service("99213", 18_500, "0510"), Service("99214", 26_200, "0510"),
    Service("99203", 24_800, "0510"), Service("99285", 148_000, "0450"),
    Service("99283", 61_500, "0450"), Service("99232", 17_900, "0987"),
)  # fmt: skip
SERVICES = (
    Service("45380", 214_000, "0750"), Service("45385", 298_000, "0750"),
    Service("43239", 186_000, "0750"), Service("20610", 31_800, "0360"),
    Service("29881", 612_000, "0360"), Service("71046", 24_500, "0324"),
    Service("70450", 129_000, "0351"), Service("74177", 241_000, "0352"),
    Service("93306", 172_000, "0480"), Service("93000", 9_800, "0730"),
    Service("80053", 11_200, "0301"), Service("85025", 7_400, "0305"),
    Service("83036", 6_300, "0301"), Service("81001", 4_100, "0307"),
    Service("36415", 2_900, "0300"), Service("97110", 12_600, "0420", 4),
    Service("97140", 11_900, "0420", 2), Service("96372", 8_800, "0260"),
    Service("96413", 74_000, "0335"), Service("27447", 1_842_000, "0360"),
    Service("33208", 2_460_000, "0481"), Service("59400", 412_000, "0720"),
    Service("11042", 47_900, "0360"), Service("17000", 15_600, "0361"),
    Service("64483", 98_700, "0360"), Service("J1885", 1_900, "0636", 4),
    Service("J2405", 900, "0636", 8), Service("J0696", 2_300, "0636", 4),
    Service("A0429", 96_000, "0540"), Service("G0283", 5_400, "0420"),
)  # fmt: skip
STAYS = (
    Stay("470", 6_420_000, 2), Stay("871", 7_180_000, 6), Stay("291", 4_350_000, 4),
    Stay("194", 3_260_000, 3), Stay("392", 2_740_000, 3), Stay("690", 2_480_000, 3),
    Stay("247", 9_120_000, 2), Stay("807", 1_690_000, 2),
)  # fmt: skip
MODIFIERS = ("", "", "", "", "", "", "25", "59", "LT", "RT", "XS")
LAST = (
    "ABBOTT", "BELL", "CRUZ", "DIAZ", "ELLIS", "FORD", "GRANT", "HAYES", "IBARRA",
    "JONES", "KLEIN", "LOPEZ", "MOORE", "NGUYEN", "ORTIZ", "PARK", "QUINN", "REED",
    "SOTO", "TRAN", "UNGER", "VEGA", "WARD", "XU", "YOUNG", "ZIMMER",
)  # fmt: skip
FIRST = (
    "ADA", "BEN", "CARA", "DEAN", "ELI", "FAY", "GUS", "HANA", "IVAN", "JOY", "KURT",
    "LEA", "MAX", "NORA", "OTTO", "PIA", "RAY", "SUE", "TOM", "UMA", "VERA", "WES",
    "YARA", "ZOE",
)  # fmt: skip
DOCTORS = (
    ("OSEI", "ABENA", "1487654321"), ("LINDGREN", "NILS", "1679012345"),
    ("MATSUDA", "KEI", "1205987434"), ("PETROV", "IRINA", "1770123451"),
    ("ALVAREZ", "LUIS", "1316098722"), ("COHEN", "RUTH", "1942087653"),
    ("DUBOIS", "MARC", "1033456780"),
)  # fmt: skip
