"""What a reader has to say about a file, each thing with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from worklists.x12.events import Finding
from worklists.x12.limits import Limits

# Marks of a file that lose nothing and hurt nobody.
NOTES = frozenset(
    {
        "utf8_bom", "utf16", "not_utf8", "newline_terminator", "wrapped_lines",
        "indented_segments", "lowercase_tags", "delimiters_differ",
    }
)  # fmt: skip
# Something of the content is not there or cannot be known.
ERRORS = frozenset(
    {
        "empty_file", "not_x12", "last_segment_unterminated", "segment_too_long",
        "too_many_elements", "too_many_segments", "claim_incomplete",
        "claim_segments_dropped", "claims_outside_transaction",
        "payment_repeated",
    }
)  # fmt: skip


def level_of(code: str) -> str:
    """Return note, warning or error; warning is whatever is neither of the others."""
    if code in NOTES:
        return "note"
    return "error" if code in ERRORS else "warning"


class Report:
    """Hands findings on, at most ``same_findings`` of a code; the rest it counts."""

    def __init__(self, emit: Callable[[Finding], None], limits: Limits) -> None:
        self._emit = emit
        self._most = limits.same_findings
        self.counts: Counter[str] = Counter()

    def say(
        self, code: str, segment: int, position: int, message: str, claim: str = ""
    ) -> None:
        """Report one finding."""
        self.counts[code] += 1
        if self.counts[code] <= self._most:
            level = level_of(code)
            self._emit(Finding(code, segment, position, message, level, claim))

    def once(self, code: str, segment: int, position: int, message: str) -> None:
        """Report what is true of the file as a whole, the first time only."""
        if not self.counts[code]:
            self.say(code, segment, position, message)

    def shows(self, code: str) -> bool:
        """Tell whether the last finding of this code was handed on."""
        return self.counts[code] <= self._most

    def suppressed(self) -> dict[str, int]:
        """Return how many findings of each code were counted only."""
        most = self._most
        return {code: n - most for code, n in self.counts.items() if n > most}
