"""Guidance of the demonstration site: invented policies and playbooks, in our own words.

The guideline is real and named; what it says is said in our words, to be compared with
the source before anybody relies on it.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class VersionRow(NamedTuple):
    """What a source says from a day on."""

    effective_from: date
    source: str
    body: str
    checked_on: date


class GuidanceRow(NamedTuple):
    """One source with its versions, the oldest first."""

    slug: str
    name: str
    kind: str
    payer: str
    versions: tuple[VersionRow, ...]
    review_on: date = date(2027, 1, 15)
    queues: tuple[str, ...] = ()


_CHECKED = date(2026, 6, 2)
GUIDANCE = (
    GuidanceRow("rp-114", "Meridian RP-114, services billed together", "payer_policy",
        "meridian-ppo", (
            VersionRow(date(2025, 1, 1), "Meridian provider manual, RP-114, edition 2025",
                "Two procedures of one session are paid apart when the note names separate "
                "sites. The modifier stands on the second line.", date(2025, 1, 20)),
            VersionRow(date(2026, 7, 1), "Meridian provider manual, RP-114, edition 07/2026",
                "As before; besides, the note says why the second site was treated on the "
                "same day. Without it the second line is refused.", date(2026, 7, 6)),
        ), queues=("bundling",)),
    GuidanceRow("blue-harbor-records", "Blue Harbor, records with a first answer",
        "payer_policy", "blue-harbor", (
            VersionRow(date(2025, 4, 1), "Blue Harbor provider guide, chapter 9",
                "Records are sent once, with the letter's number on every page, within 45 "
                "days of the letter.", _CHECKED),
        )),
    GuidanceRow("ncci-manual", "NCCI policy manual, chapter I", "guideline", "", (
            VersionRow(date(2025, 1, 1), "CMS, NCCI Policy Manual for Medicare, 2025, ch. I",
                "A column two code is part of column one unless the pair takes a modifier "
                "and the record shows a separate service.", date(2025, 1, 15)),
            VersionRow(date(2026, 1, 1), "CMS, NCCI Policy Manual for Medicare, 2026, ch. I",
                "A column two code is part of column one unless the pair takes a modifier "
                "and the record shows a separate site, session or lesion.",
                date(2026, 1, 12)),
        ), queues=("bundling",)),
    GuidanceRow("playbook-denials", "Playbook: deciding a denial", "playbook", "", (
            VersionRow(date(2025, 1, 1), "Department of coding, playbook 3",
                "Read reason and remarks to the end. Correct what we did wrong, appeal what "
                "the payer did wrong, write off only what neither can mend.", _CHECKED),
        )),
    GuidanceRow("playbook-late", "Playbook: filed too late", "playbook", "", (
            VersionRow(date(2025, 1, 1), "Department of billing, playbook 7",
                "Find the first receipt. A rejected claim is no receipt; a later payer's "
                "limit may begin with the first payer's answer.", _CHECKED),
        ), queues=("timely-filing",)),
)  # fmt: skip
