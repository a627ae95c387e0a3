"""The appeal profiles that ship: Medicare fee-for-service, levels 1 to 5.

Figures and sources: domain 3.2, rows 16 to 22. A site keeps its own rows beside
them; ``services.profiles.load_shipped_profiles`` brings these up to date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from denials.enums import StartEvent

CHECKED_ON = date(2026, 11, 21)
CHECKED_BY = "Codetrail research"
PRESUMED_DAYS = 5
# The page that was read; the rule it explains stands behind it in brackets.
NGS = "NGS Medicare, levels of appeals and time limits"


@dataclass(frozen=True, slots=True)
class ShippedLevel:
    """One level as it ships. Money floors hold for 2026 and change every January."""

    level: int
    name: str
    decided_by: str
    days: int
    source: str
    answer_days: int | None = None
    money_floor: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ShippedProfile:
    """One profile as it ships."""

    slug: str
    name: str
    plan_type: str
    note: str
    start_event: StartEvent
    presumed_receipt_days: int
    floor_year: int
    levels: tuple[ShippedLevel, ...]


MEDICARE_FFS = ShippedProfile(
    slug="medicare-ffs",
    name="Medicare fee-for-service",
    plan_type="medicare_ffs",
    note=(
        "Days count from receipt of the decision; without a recorded receipt it is "
        "presumed 5 days after the date of the notice. Remark MA130 and late filing "
        "(N211) carry no right of appeal."
    ),
    start_event=StartEvent.RECEIVED,
    presumed_receipt_days=PRESUMED_DAYS,
    floor_year=2026,
    levels=(
        ShippedLevel(
            1,
            "Redetermination",
            "Medicare administrative contractor",
            120,
            f"{NGS} (42 CFR 405.942)",
            answer_days=60,
        ),
        ShippedLevel(
            2,
            "Reconsideration",
            "Qualified independent contractor",
            180,
            f"{NGS} (42 CFR 405.962)",
            answer_days=60,
        ),
        ShippedLevel(
            3,
            "Hearing",
            "Office of Medicare Hearings and Appeals",
            60,
            f"{NGS} (42 CFR 405.1014); 90 FR 55869",
            money_floor=Decimal("200.00"),
        ),
        ShippedLevel(
            4,
            "Council review",
            "Medicare Appeals Council",
            60,
            f"{NGS} (42 CFR 405.1102)",
        ),
        ShippedLevel(
            5,
            "Judicial review",
            "Federal district court",
            60,
            f"{NGS} (42 CFR 405.1136); 90 FR 55869",
            money_floor=Decimal("1960.00"),
        ),
    ),
)

SHIPPED = (MEDICARE_FFS,)
