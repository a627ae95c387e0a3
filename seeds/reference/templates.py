"""Evidence templates as they ship: what must be proven before an item leaves."""

from __future__ import annotations

from typing import Any

from seeds.reference.checklists import CHECKLISTS

Fields = list[dict[str, Any]]

_DECISION: Fields = [
    {
        "name": "decision", "label": "Decision", "type": "choice", "required": True,
        "per_part": True,
        "choices": [
            ["correct_resubmit", "Correct, resend"], ["appeal", "Appeal"],
            ["other_payer", "Other payer"], ["bill_patient", "Bill patient"],
            ["write_off", "Write off"], ["query_provider", "Query provider"],
            ["educate", "Educate upstream"],
        ],
        "help": "What is to be done about this denial.",
    },
    {
        "name": "root_cause", "label": "Root cause", "type": "choice", "required": True,
        "per_part": True,
        "choices": [
            ["knowledge", "Knowledge"], ["documentation", "Documentation"],
            ["payer_policy", "Payer policy"],
            ["system_configuration", "System configuration"],
            ["time_pressure", "Time pressure"], ["front_end", "Front end"],
        ],
        "help": "Why it came to this, by what the record shows.",
    },
]  # fmt: skip
_WHY: Fields = [
    {
        "name": "why", "label": "Why", "type": "text", "required": True,
        "validators": [{"rule": "min_length", "value": 20}],
        "help": "What the record shows, and how that leads to the decision.",
    },
    {
        "name": "rule_cited", "label": "Rule or policy", "type": "policy",
        "required": True,
        "help": "The rule relied on and its edition or date.",
    },
]  # fmt: skip
_DOCUMENT: Fields = [
    {
        "name": "document", "label": "Document and page", "type": "document",
        "required_when": {"field": "decision", "in": ["appeal", "query_provider"]},
        "help": "The page that proves it. Add the file and say the page.",
    },
]  # fmt: skip
_PROOF: Fields = [
    {
        "name": "proof_of_filing", "label": "Proof of timely filing", "type": "text",
        "required_when": {"field": "decision", "in": ["appeal"]},
        "help": "Clearinghouse receipt or acceptance number, with its date.",
    },
]  # fmt: skip
_REJECTED: Fields = [
    {
        "name": "alternatives", "label": "Alternatives rejected", "type": "text",
        "required": True,
        "validators": [{"rule": "min_length", "value": 10}],
        "help": "At least one other way, and why not.",
    },
]  # fmt: skip

_PLAIN = [*_DECISION, *_WHY, *_PROOF, *_REJECTED]
_PROVEN = [*_DECISION, *_WHY, *_DOCUMENT, *_REJECTED]
# Each type of work has a form of its own: its checklist, then what all decide.
_TYPES: dict[str, tuple[str, Fields]] = {
    "high-dollar": ("High-dollar denial", _PROVEN),
    "bundling": ("Bundling denial", _PROVEN),
    "coding": ("Coding denial", _PROVEN),
    "necessity": ("Medical necessity denial", _PROVEN),
    "documentation": ("Documentation denial", _PROVEN),
    "authorization": ("Authorization denial", _PROVEN),
    "eligibility": ("Eligibility denial", _PROVEN),
    "duplicates": ("Duplicate denial", _PROVEN),
    "timely-filing": (
        "Late-filing denial",
        [*_DECISION, *_WHY, *_PROOF, *_DOCUMENT, *_REJECTED],
    ),
    "other-denials": ("Other denial", _PROVEN),
}

TEMPLATES: dict[str, tuple[str, str, Fields]] = {
    "denial": ("Denial", "denial", _PLAIN),
    "denial-proven": ("Denial with document", "denial", _PROVEN),
    **{
        slug: (name, "denial", [*CHECKLISTS[slug], *fields])
        for slug, (name, fields) in _TYPES.items()
    },
    "exception": (
        "Exception", "ingest_exception",
        [
            {
                "name": "outcome", "label": "What was done", "type": "choice",
                "required": True,
                "choices": [
                    ["loaded_again", "A mended file was loaded"],
                    ["entered_by_hand", "Entered by hand elsewhere"],
                    ["not_ours", "Not for us"], ["no_effect", "No effect on any claim"],
                ],
            },
            {
                "name": "why", "label": "How you know", "type": "text", "required": True,
                "validators": [{"rule": "min_length", "value": 10}],
            },
        ],
    ),
    "report": (
        "Issue report", "issue_report",
        [
            {
                "name": "outcome", "label": "What came of it", "type": "choice",
                "required": True,
                "choices": [
                    ["mended", "Mended here"], ["handed_on", "Handed on to who can mend it"],
                    ["as_meant", "It is as it is meant to be"],
                    ["not_found", "It could not be found again"],
                ],
            },
            {
                "name": "cause", "label": "Cause", "type": "text", "required": True,
                "validators": [{"rule": "min_length", "value": 10}],
                "help": "Where it comes from: a master file, a rule, a file, a person's step.",
            },
            {
                "name": "owner", "label": "Who mends it", "type": "text",
                "required_when": {"field": "outcome", "in": ["handed_on"]},
                "help": "Team or person, and by when.",
            },
            {
                "name": "prevention", "label": "So that it does not come again",
                "type": "text",
                "help": "A rule, a check, a word to somebody. Empty where nothing is due.",
            },
        ],
    ),
}  # fmt: skip
