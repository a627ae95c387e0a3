"""Raw segments as they may be shown: what names a patient is masked.

Pure. A person's NM1 as patient or insured (QC, IL, 74, 03, GB) loses names and number,
and what follows it until the next NM1 its address (N3, N4 but for the state), birth date
and sex (DMG) and secondary numbers (REF). Claim and account numbers stay: they are how
the claim is found. Text that is cut off or damaged is masked as far as it can be read.
Sources: X12 005010X221A1, X222A1 and X223A2, loops 2100 and 2010.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

HIDDEN = "…"
PATIENTS = frozenset({"QC", "IL", "74", "03", "GB"})
# Last, first, middle, prefix, suffix and number of an NM1.
_NAMED = (3, 4, 5, 6, 7, 9)
_OF_PATIENT = {"N3": (1, 2), "N4": (1, 3), "DMG": (2, 3), "REF": (2,)}
_TAG = re.compile(r"\s*(NM1|N3|N4|DMG|REF|CLP|CLM|SVC|LX|HL)(\W)", re.ASCII)
_ENDS = frozenset({"CLP", "CLM", "SVC", "LX", "HL"})
# What stands before a segment that is known everywhere: its terminator.
_BEFORE = re.compile(
    r"([^\w\s])\s*(?:NM1|N1|N3|N4|DMG|REF|CLP|CLM|CAS|DTM|SVC|LX|HL|SE|PER|LQ)\W",
    re.ASCII,
)


def masked(raw: str) -> str:
    """Return segments with what names a patient replaced by an ellipsis."""
    before = Counter(_BEFORE.findall(raw)).most_common(1)
    terminator = re.escape(before[0][0] if before else "~")
    pieces = re.split(f"([{terminator}\r\n]+)", raw)
    about_patient = False
    for place in range(0, len(pieces), 2):
        found = _TAG.match(pieces[place])
        if not found:
            continue
        tag, separator = found[1], found[2]
        elements = pieces[place].split(separator)
        hidden: Sequence[int] = ()
        if tag == "NM1":
            about_patient = len(elements) > 1 and elements[1] in PATIENTS
            hidden = _NAMED if about_patient else ()
        elif tag in _ENDS:
            about_patient = False
        elif about_patient:
            hidden = _OF_PATIENT[tag]
        for number in hidden:
            if number < len(elements) and elements[number].strip():
                elements[number] = HIDDEN
        pieces[place] = separator.join(elements)
    return "".join(pieces)
