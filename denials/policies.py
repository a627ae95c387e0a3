"""Who may read what a payer sent.

Working a denial is the kernel's policy: it is an item like any other.
"""

from __future__ import annotations

from worklists.policies import Access, Barred, sees_clinical


def may_read_remittance(access: Access) -> Barred | None:
    """The segments of a claim name the patient: people of the clinical side only."""
    if sees_clinical(access):
        return None
    return Barred(
        "not_permitted",
        "The payer's text names the patient. Coders, reviewers, managers and auditors "
        "read it.",
    )
