"""What the demonstration's coders write: believable, invented, free of patient data."""

from __future__ import annotations

import random
from typing import Any

from worklists.evidence import Field
from worklists.evidence.fields import DONE, NOT_APPLICABLE, WITH_REASON

WHY = (
    "The signed note shows two sites, and the second code carries its modifier.",
    "The authorization was on file before the service; its number stands on the claim.",
    "The record names another payer as primary for this date.",
    "The diagnosis billed points to the symptom, while the note names the cause.",
    "The service was billed once before and paid under another control number.",
    "The note supports the level billed: time, history and decision are signed.",
)
ALTERNATIVES = (
    "Write-off: the service is documented, so it would give money away.",
    "Correct and resend: the modifier had been sent already.",
    "Appeal: the payer's reading of the policy is right for this date.",
    "Bill the patient: the notice to the patient is missing.",
)
CITED = (
    ("NCCI policy manual, chapter I", "2026"),
    ("Payer policy RP-114", "07/01/2026"),
    ("Medicare Claims Processing Manual, chapter 34", "2026"),
    ("Provider contract, section 6.2", "2026"),
)
ROUTES = {
    "correct_resubmit": "correct_resubmit",
    "bill_other_payer": "other_payer",
    "post_patient": "bill_patient",
    "proof_or_write_off": "write_off",
    "verify_eligibility": "correct_resubmit",
    "check_history": "write_off",
}
WITHOUT_FILE = (
    "correct_resubmit",
    "other_payer",
    "bill_patient",
    "write_off",
    "educate",
)


def answer(field: Field, rng: random.Random) -> Any:
    """Return an answer that the field accepts."""
    base = field.name.split(".")[0]
    if base == "decision":
        return rng.choices(WITHOUT_FILE, weights=(55, 12, 8, 20, 5))[0]
    if field.type == "step":
        return _ticked(field, rng)
    if field.type == "choice":
        return rng.choice(field.choices)[0]
    if field.type == "policy" and rng.random() < HELD:
        return {"source": rng.choice(SOURCES)}
    if field.type == "policy":
        cite, edition = rng.choice(CITED)
        return {"cite": cite, "edition": edition}
    if base == "alternatives":
        return rng.choice(ALTERNATIVES)
    return rng.choice(WHY)


def _ticked(field: Field, rng: random.Random) -> dict[str, str]:
    """Return a step that is done; now and then one that does not apply, and why."""
    if field.not_applicable != WITH_REASON or rng.random() > LEFT_OUT:
        return {"state": DONE}
    return {"state": NOT_APPLICABLE, "reason": rng.choice(NOT_HERE)}


LEFT_OUT = 0.2
HELD = 0.6
SOURCES = ("ncci-manual", "playbook-denials")
NOT_HERE = (
    "The denial is of the whole claim.",
    "The payer asks for nothing of the kind here.",
    "It was checked with the round before.",
)
