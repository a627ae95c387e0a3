"""The few ways an act can be refused, each with a stable code.

Services raise them; ``config.errors`` maps them once for the API and once for
pages. ``detail`` is a sentence for a person: what is missing, for whom, what to
do next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class Refusal(Exception):  # noqa: N818 - it is refused, nothing erred
    """Base of every refusal.

    Args: ``detail`` the sentence, ``code`` the stable code (class default when
    empty), ``fields`` messages by field, ``extra`` further facts for the API. ``later``
    is after how many seconds the same may be taken, 0 where waiting changes nothing.
    """

    code = "refused"
    status = 400
    later = 0

    def __init__(
        self,
        detail: str,
        *,
        code: str = "",
        fields: Mapping[str, Sequence[str]] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or type(self).code
        self.fields = {name: list(texts) for name, texts in (fields or {}).items()}
        self.extra = dict(extra or {})


class BadInput(Refusal):
    """The request cannot be read: a wrong shape, an unknown word, a bad date."""

    code = "bad_input"
    status = 400


class Busy(BadInput):
    """Nothing is wrong with it: the same is taken a moment later. Nothing of it is kept."""

    code = "busy"
    status = 503
    later = 5


class TooOften(Refusal):
    """A person did this as often as one person may in so short a time."""

    code = "throttled"
    status = 429

    def __init__(self, detail: str, *, later: int) -> None:
        super().__init__(detail)
        self.later = later


class NotVisible(Refusal):
    """There is no such thing for this person. Never says whether it exists."""

    code = "not_found"
    status = 404


class NotPermitted(Refusal):
    """The person sees it but may not do this."""

    code = "not_permitted"
    status = 403


class FileDamaged(Refusal):
    """A file of evidence is missing from its place, or not the one that was attached."""

    code = "file_damaged"
    status = 410


class Conflict(Refusal):
    """Somebody else was faster, or the thing is not in a state for this."""

    code = "conflict"
    status = 409


class StaleVersion(Conflict):
    """The item changed since the person read it."""

    code = "stale_version"


class MergeNeeded(Conflict):
    """Somebody saved another answer meanwhile, and which one stands is not chosen."""

    code = "merge_needed"


class Duplicate(Conflict):
    """The same work is open already; ``extra`` names the item where it may be seen."""

    code = "duplicate"


class WrongState(Conflict):
    """The transition table has no such move from the item's state."""

    code = "wrong_state"


class KeyReused(Conflict):
    """An Idempotency-Key came again with another body."""

    code = "key_reused"


class EvidenceMissing(Refusal):
    """Mandatory evidence is missing or not accepted; ``fields`` names all gaps."""

    code = "evidence_missing"
    status = 422
