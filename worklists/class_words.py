"""Classes of defects as people say them. Pure.

A class is a name of the taxonomy, which a site may extend: one that needs other words
than its own stands here, any other is read as it is spelled.
"""

from __future__ import annotations

_WORDS = {
    "cob": "coordination of benefits",
    "missing_info": "missing information",
    "network_referral": "network and referral",
    "noncovered": "not covered",
    "workers_comp_liability": "workers’ compensation and liability",
}


def class_words(name: str) -> str:
    """Return a class in words: “coordination of benefits”, “timely filing”."""
    return _WORDS.get(name) or name.replace("_", " ")
