"""What is looked at before a denial is decided, by type of work, in our own words.

A step is required unless it says ``sometimes``: then it may be left out, with a reason
where the reason teaches something.
"""

from __future__ import annotations

from typing import Any

Steps = list[dict[str, Any]]


def _step(name: str, label: str, hint: str = "", **more: Any) -> dict[str, Any]:
    kept = {"name": f"step_{name}", "label": label, "type": "step", **more}
    if "required_when" not in more:
        kept["required"] = True
    return {**kept, "not_applicable": more.get("not_applicable", "never"), "help": hint}


def _sometimes(name: str, label: str, hint: str = "") -> dict[str, Any]:
    return _step(name, label, hint, not_applicable="with_reason")


def _on_appeal(name: str, label: str, hint: str = "") -> dict[str, Any]:
    when = {"field": "decision", "in": ["appeal"]}
    return _step(name, label, hint, required_when=when)


_LIMIT = _on_appeal(
    "limit", "The appeal limit is checked against the notice",
    "The clock names its source. Compare it with the day on the payer's letter.",
)  # fmt: skip
_HISTORY = _step(
    "history", "Earlier claims and payments of the same day are looked through",
    "Same patient, same day: paid, denied or still on its way.",
)  # fmt: skip

CHECKLISTS: dict[str, Steps] = {
    "high-dollar": [
        _step("contract", "Expected payment is compared with the contract",
              "What the claim should have paid, and by which clause."),
        _HISTORY,
        _step("note", "The signed note is in the record",
              "Signed and dated by whoever did the service."),
        _LIMIT,
    ],
    "bundling": [
        _step("pair", "The code pair is looked up for the date of service",
              "The edition of the quarter of the service, not of today."),
        _sometimes("distinct", "The note shows a separate site, session or lesion",
                   "Does not apply where no modifier would be right anyway."),
        _sometimes("modifier", "Modifiers sent are compared with the note",
                   "The one on the claim, and the one the note supports."),
        _LIMIT,
    ],
    "coding": [
        _step("note", "The signed note is read beside the codes",
              "Every code and modifier that was denied has its sentence in the note."),
        _step("edition", "Codes are valid on the date of service",
              "Codes end and begin by day; today's book may be the wrong one."),
        _sometimes("link", "The diagnosis points to the right line",
                   "Does not apply to a denial of the whole claim."),
        _LIMIT,
    ],
    "necessity": [
        _step("policy", "The payer's coverage policy of that day is read",
              "The version in force on the date of service."),
        _step("criteria", "Each criterion of the policy is looked for in the note",
              "Severity, findings, what was tried before, and for how long."),
        _sometimes("diagnosis", "The diagnosis is one the policy covers",
                   "Does not apply where the policy lists none."),
        _LIMIT,
    ],
    "documentation": [
        _step("request", "What the payer asked for is listed line by line",
              "The letter or remark names it; a record too many is no answer."),
        _step("signed", "Signature, date and time are on the record",
              "An unsigned note is not sent."),
        _sometimes("sent", "Whether records were sent before is checked",
                   "Does not apply to the first request."),
        _LIMIT,
    ],
    "authorization": [
        _step("portal", "The authorization is looked up with the payer",
              "Number, dates, units, code and place as the payer holds them."),
        _step("match", "It is compared with the service that was done",
              "Code, date, place and provider: name what differs."),
        _sometimes("emergency", "Whether the service was an emergency is checked",
                   "Does not apply to planned services."),
        _LIMIT,
    ],
    "eligibility": [
        _step("coverage", "Coverage on the date of service is checked",
              "With the payer, for that day, not for today."),
        _step("identity", "Name, birth date and member number are compared",
              "As the payer holds them."),
        _sometimes("order", "Which payer goes first is settled",
                   "Does not apply where only one plan covers the day."),
        _LIMIT,
    ],
    "duplicates": [
        _HISTORY,
        _step("same", "Code, modifier, units and provider are compared",
              "A repeat that was really done is no duplicate."),
        _LIMIT,
    ],
    "timely-filing": [
        _step("first", "The day the claim was first sent is found",
              "Clearinghouse or payer receipt, with its number."),
        _step("rule", "The limit of this payer is looked up",
              "Counted from the service, the discharge or the other payer's answer."),
        _sometimes("excuse", "Reasons that extend the limit are checked",
                   "Late eligibility, another payer first, the payer's own error."),
        _LIMIT,
    ],
    "other-denials": [
        _step("reason", "Reason and remark codes are read to the end",
              "The remark often says what the reason leaves open."),
        _HISTORY,
        _LIMIT,
    ],
}  # fmt: skip
