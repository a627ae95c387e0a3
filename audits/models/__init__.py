"""Seals of the trail, their keys and copies, and what verifications found."""

from audits.models.seals import (
    KeyEndCause,
    Seal,
    SealCopy,
    SealKey,
    SealKeyEnd,
    TrailCheck,
)

__all__ = [
    "KeyEndCause",
    "Seal",
    "SealCopy",
    "SealKey",
    "SealKeyEnd",
    "TrailCheck",
]
