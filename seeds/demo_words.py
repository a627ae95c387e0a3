"""What the people of the demonstration say: reasons, answers, corrections."""

from __future__ import annotations

ASK = "The payer's portal shows another reason than the remittance. Who can look?"
WAIT = "Asked for the record; it comes back when it is here."
ANSWERED = "Looked at it with the team; it goes to the front tomorrow morning."
CANCELLED = "The same denial is worked under the corrected claim."
REJECT = "The record does not support it, so the denial stands."
WRITTEN_OFF = "No appeal is left and the patient may not be billed."
# Why a senior returns it, in which words, and the answer it is about.
RETURNS = (
    ("evidence_not_specific", "The note supports it. Say on which page.", "why"),
    (
        "root_cause",
        "Root cause is the payer's policy, not knowledge.",
        "root_cause",
    ),
    ("rule_cited", "Cite the edition in force on the service date.", "rule_cited"),
    (
        "wrong_decision",
        "This one can be corrected and sent again; no need to write it off.",
        "decision",
    ),
)
REPLIES = (
    "Changed as you asked; the page is in the answer now.",
    "I looked again and keep it: the note and the remit say the same.",
)
FIXED = (
    "The second site is on page three of the note, and the modifier names it.",
    "The authorization number stands in the referral on page one.",
)
