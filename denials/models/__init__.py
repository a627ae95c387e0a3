"""Rows of denials: fields and constraints, no workflow, no ``save`` with effects."""

from denials.models.denials import Denial
from denials.models.profiles import (
    AppealLevel,
    AppealProfile,
    MoneyFloor,
    ProfileSwitch,
    ProfileVersion,
    SourceCheck,
    VersionWords,
)
from denials.models.remittances import (
    Adjustment,
    ProviderAdjustment,
    Remark,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
)

__all__ = [
    "Adjustment",
    "AppealLevel",
    "AppealProfile",
    "Denial",
    "MoneyFloor",
    "ProfileSwitch",
    "ProfileVersion",
    "ProviderAdjustment",
    "Remark",
    "Remittance",
    "RemittanceClaim",
    "RemittanceLine",
    "SourceCheck",
    "VersionWords",
]
