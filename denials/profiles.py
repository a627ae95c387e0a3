"""The payer profiles that ship: Medicare fee-for-service, and examples to edit.

Figures and sources: domain 3.2, rows 16 to 31. Medicare's rows were held against their
sources; nobody verified the examples, and every page that shows one says so. Where
sources disagree the shortest figure stands, for an appeal that is early is not lost.

``edition`` rises with every change of the content. A new edition comes to a site as a
proposal that a person there approves (``services.profiles.load_shipped_profiles``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from denials.enums import ContractStatus, StartEvent

CHECKED_ON = date(2026, 11, 21)
CHECKED_BY = "Codetrail research"
PRESUMED_DAYS = 5
# The page that was read; the rule it explains stands behind it in brackets.
NGS = "NGS Medicare, levels of appeals and time limits"
FLOORS = "90 FR 55869, amount in controversy for 2026"


@dataclass(frozen=True, slots=True)
class ShippedLevel:
    """One step as it ships; level 0 is the filing of the claim."""

    level: int
    name: str
    decided_by: str
    source: str
    days: int | None = None
    months: int | None = None
    start_event: StartEvent = StartEvent.RECEIVED
    presumed_receipt_days: int = 0
    answer_days: int | None = None
    floors: tuple[tuple[int, Decimal], ...] = ()


@dataclass(frozen=True, slots=True)
class ShippedProfile:
    """One profile as it ships."""

    slug: str
    name: str
    plan_type: str
    note: str
    levels: tuple[ShippedLevel, ...]
    contract: ContractStatus = ContractStatus.ANY
    verified: bool = False
    edition: int = 1


def _medicare(
    level: int,
    name: str,
    decided_by: str,
    days: int,
    source: str,
    *,
    answer_days: int | None = None,
    floors: tuple[tuple[int, Decimal], ...] = (),
) -> ShippedLevel:
    return ShippedLevel(
        level,
        name,
        decided_by,
        source,
        days=days,
        presumed_receipt_days=PRESUMED_DAYS,
        answer_days=answer_days,
        floors=floors,
    )


MEDICARE_FFS = ShippedProfile(
    slug="medicare-ffs",
    name="Medicare fee-for-service",
    plan_type="medicare_ffs",
    note=(
        "Days count from receipt of the decision; without a recorded receipt it is "
        "presumed 5 days after the date of the notice. Remark MA130 and late filing "
        "(N211) carry no right of appeal. Filing counts from the through date of an "
        "institutional claim and from the line's from date of a professional one; "
        "corrected claims have the same limit, and being secondary does not extend it. "
        "The money floors of levels 3 and 5 change every 1 January by notice."
    ),
    verified=True,
    edition=2,
    levels=(
        ShippedLevel(
            0,
            "Filing of the claim",
            "Medicare administrative contractor",
            "CGS Medicare, timely filing requirements; NGS Medicare, CO-29 (42 CFR 424.44)",
            months=12,
            start_event=StartEvent.SERVICE_THROUGH,
        ),
        _medicare(
            1,
            "Redetermination",
            "Medicare administrative contractor",
            120,
            f"{NGS} (42 CFR 405.942)",
            answer_days=60,
        ),
        _medicare(
            2,
            "Reconsideration",
            "Qualified independent contractor",
            180,
            f"{NGS} (42 CFR 405.962)",
            answer_days=60,
        ),
        _medicare(
            3,
            "Hearing",
            "Office of Medicare Hearings and Appeals",
            60,
            f"{NGS} (42 CFR 405.1014)",
            floors=((2025, Decimal("190.00")), (2026, Decimal("200.00"))),
        ),
        _medicare(
            4,
            "Council review",
            "Medicare Appeals Council",
            60,
            f"{NGS} (42 CFR 405.1102)",
        ),
        _medicare(
            5,
            "Judicial review",
            "Federal district court",
            60,
            f"{NGS} (42 CFR 405.1136)",
            floors=((2025, Decimal("1900.00")), (2026, Decimal("1960.00"))),
        ),
    ),
)

MA_NON_CONTRACT = ShippedProfile(
    slug="ma-non-contract",
    name="Medicare Advantage without a contract (example)",
    plan_type="medicare_advantage",
    contract=ContractStatus.NON_CONTRACTED,
    note=(
        "Example, not verified. Sources disagree: 60 days on older pages (HealthTeam "
        "Advantage), 65 calendar days in a policy of 1 December 2025 (BCBS Nebraska). "
        "60 stands until you have read the plan’s own page; propose 65 then. The appeal "
        "needs a signed waiver of liability. A denial the plan upholds goes to the "
        "independent review entity by itself."
    ),
    levels=(
        ShippedLevel(
            1,
            "Plan reconsideration",
            "The plan",
            "HealthTeam Advantage, non-contracted appeals: 60; BCBS Nebraska: 65",
            days=60,
            start_event=StartEvent.REMITTANCE,
            answer_days=60,
        ),
    ),
)

MA_CONTRACT = ShippedProfile(
    slug="ma-contract",
    name="Medicare Advantage with a contract (example)",
    plan_type="medicare_advantage",
    contract=ContractStatus.CONTRACTED,
    note=(
        "Example, not verified. With a contract its dispute terms hold, not Medicare’s "
        "levels. 60 days is a careful figure to begin with: put in what yours says."
    ),
    levels=(
        ShippedLevel(
            1,
            "Contract dispute",
            "The plan",
            "No source: the contract of each plan says it",
            days=60,
            start_event=StartEvent.REMITTANCE,
        ),
    ),
)

MEDICAID = ShippedProfile(
    slug="medicaid-example",
    name="Medicaid (example)",
    plan_type="medicaid",
    note=(
        "Example, not verified. State rules differ: one hospital’s old table has 90 days, "
        "180 days and 3 months; a fair hearing in Kansas is asked for in 30 days. Put in "
        "your state’s."
    ),
    levels=(
        ShippedLevel(
            1,
            "Appeal to the state",
            "State agency",
            "Children’s Nebraska, payer timelines (old): 90 or 180 days",
            days=90,
            start_event=StartEvent.NOTICE,
        ),
        ShippedLevel(
            2,
            "Fair hearing",
            "State hearing office",
            "Children’s Nebraska, payer timelines (old): Kansas, 30 days",
            days=30,
            start_event=StartEvent.NOTICE,
        ),
    ),
)

MANAGED_MEDICAID = ShippedProfile(
    slug="managed-medicaid-example",
    name="Managed Medicaid (example)",
    plan_type="managed_medicaid",
    note=(
        "Example, not verified. Plans set their own limit within the state’s rules; "
        "samples run from 90 to 180 days, some say 3 months. Put in your plan’s."
    ),
    levels=(
        ShippedLevel(
            1,
            "Plan appeal",
            "The plan",
            "Children’s Nebraska, payer timelines (old): 3 months",
            months=3,
            start_event=StartEvent.NOTICE,
        ),
    ),
)

COMMERCIAL_180 = ShippedProfile(
    slug="commercial-180",
    name="Commercial, 180 days (example)",
    plan_type="commercial",
    note=(
        "Example, not verified. Often named for Aetna, Cigna and many Blue plans, by a "
        "vendor’s page only. The contract decides; put in what yours says."
    ),
    levels=(
        ShippedLevel(
            1,
            "Appeal to the payer",
            "The payer",
            "Prospyr, payer-specific appeal guidelines (vendor blog): 180 days",
            days=180,
            start_event=StartEvent.NOTICE,
        ),
    ),
)

COMMERCIAL_65 = ShippedProfile(
    slug="commercial-65",
    name="Commercial, 65 days (example)",
    plan_type="commercial",
    note=(
        "Example, not verified. Pages about UnitedHealthcare disagree: 65 days, 12 months "
        "for both steps together, 120 days in an older table. The shortest stands until "
        "you have read your contract."
    ),
    levels=(
        ShippedLevel(
            1,
            "Reconsideration",
            "The payer",
            "Muni Health, UHC deadlines 2026 (vendor blog): 65 days; others differ",
            days=65,
            start_event=StartEvent.REMITTANCE,
        ),
    ),
)

SHIPPED = (
    MEDICARE_FFS,
    MA_NON_CONTRACT,
    MA_CONTRACT,
    MEDICAID,
    MANAGED_MEDICAID,
    COMMERCIAL_180,
    COMMERCIAL_65,
)
