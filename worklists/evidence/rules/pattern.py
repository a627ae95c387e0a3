"""An answer must have the form its owner prescribes."""

from __future__ import annotations

import re
from typing import Any

from worklists.evidence.rules.given import Given, words_of

# A badly written pattern can take time that grows with the text: bound the text.
LONGEST_TESTED = 200


def pattern(answer: Any, form: re.Pattern[str], _given: Given) -> str:
    """Refuse words that do not match ``form`` as a whole; case counts."""
    words = words_of(answer)
    if len(words) <= LONGEST_TESTED and form.fullmatch(words):
        return ""
    return "This does not have the expected form; check it against the source."
