"""What of a file a person has to look at: from findings to exception items.

One entry a claim, however many of its elements cannot be read, and one for a file
that was cut off, so that a bad file never floods its queue.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from worklists import trail
from worklists.models import ExceptionDetail
from worklists.services import opening
from worklists.services.batches.handlers import Stored
from worklists.x12 import FileEnd, Finding, RemittanceClaim, TransactionEnd

KIND = "ingest_exception"
MOST = 200
RAW_LIMIT = 4000
SHOWN = 20
TRUNCATED = "file_truncated"
INCOMPLETE = "claim_incomplete"
UNSUPPORTED = "unsupported_transaction"
# Warnings of the reader by which something of the content is not known or not there:
# a person looks at each, as at every error. Other faults (counts, control numbers,
# balance, dates) stay warnings.
EXCEPTIONAL = frozenset(
    {
        UNSUPPORTED,
        "amount_unreadable",
        "claim_id_missing",
        "claim_status_unusable",
    }
)
# Said of the end of a file or of the file as a whole; ``end`` decides what it means.
CUT = frozenset({"se_missing", "last_segment_unterminated", "empty_file", "not_x12"})
LABELS = {
    TRUNCATED: "The file ends too early",
    INCOMPLETE: "Claim not whole",
    UNSUPPORTED: "Transaction of another kind",
    "amount_unreadable": "Amount cannot be read",
    "claim_status_unusable": "Claim status cannot be used",
    "claim_id_missing": "Claim without a number",
    "more_exceptions": "More of the same file",
}
NEXT_STEP = {
    TRUNCATED: (
        "Ask the sender for the whole file and bring it in: what is stored already is "
        "not doubled, only the rest is added."
    ),
    UNSUPPORTED: "Hand it to whoever works with this kind of transaction.",
}
ASK_SENDER = (
    "Look at the text below, ask the payer or clearing house what was meant, and post "
    "what is missing by hand."
)


@dataclass(slots=True)
class Trouble:
    """One thing to look at: where, why, and the text concerned."""

    code: str
    segment: int
    position: int
    facility_id: int | None
    messages: list[str] = field(default_factory=list)
    raw: str = ""
    of_claim: bool = False

    @property
    def message(self) -> str:
        """Return what is wrong and what to do next."""
        said = " ".join(list(dict.fromkeys(self.messages))[:SHOWN])
        return f"{said} {NEXT_STEP.get(self.code, ASK_SENDER)}"


def is_serious(event: Finding) -> bool:
    """Return whether a person has to look at a finding."""
    if event.code in CUT:
        return False
    return event.level == "error" or event.code in EXCEPTIONAL


class Troubles:
    """Collects troubles while a file is read."""

    def __init__(self) -> None:
        self.found: list[Trouble] = []
        self.beyond = 0
        self.truncated = False
        self._claim: RemittanceClaim | None = None
        self._facility_id: int | None = None
        self._open = False

    def claim(self, event: RemittanceClaim, facility_id: int | None) -> None:
        """Remember the claim that findings may follow."""
        self._claim, self._facility_id = event, facility_id

    def transaction(self, event: TransactionEnd) -> None:
        """Remember whether the last transaction was left open."""
        self._claim = None
        self._open = not event.complete

    def finding(self, event: Finding) -> None:
        """Take a finding, if somebody has to look at it."""
        if is_serious(event):
            self._add(event)

    def end(self, event: FileEnd) -> None:
        """Take the end of the file: one trouble when it came too early."""
        self.truncated = self._open and not event.complete
        if not self.truncated:
            return
        cut = self._take_cut_claim()
        self.found.insert(
            0,
            Trouble(
                code=TRUNCATED,
                segment=cut.segment if cut else event.segments,
                position=cut.position if cut else event.bytes,
                facility_id=self._facility_id,
                messages=[_cut_words(cut)],
                raw=cut.raw if cut else "",
            ),
        )

    def _take_cut_claim(self) -> Trouble | None:
        if self.found and self.found[-1].code == INCOMPLETE:
            return self.found.pop()
        return None

    def _add(self, event: Finding) -> None:
        claim = self._claim if event.claim else None
        there = self._to_join(event, claim)
        if there is not None:
            there.messages.append(event.message)
        elif len(self.found) >= MOST:
            self.beyond += 1
        else:
            self.found.append(self._trouble(event, claim))

    def _to_join(self, event: Finding, claim: RemittanceClaim | None) -> Trouble | None:
        """Return the trouble that stands for this one too, if any."""
        if event.code == UNSUPPORTED:
            return next((t for t in self.found if t.code == UNSUPPORTED), None)
        last = self.found[-1] if self.found else None
        if claim and last and last.of_claim and last.segment == claim.segment:
            return last
        return None

    def _trouble(self, event: Finding, claim: RemittanceClaim | None) -> Trouble:
        whole = claim is None or claim.complete
        return Trouble(
            code=event.code if whole else INCOMPLETE,
            segment=claim.segment if claim else event.segment,
            position=claim.position if claim else event.position,
            facility_id=self._facility_id,
            messages=[event.message],
            raw=claim.raw[:RAW_LIMIT] if claim else "",
            of_claim=claim is not None,
        )

    def all(self) -> list[Trouble]:
        """Return every trouble; what is beyond ``MOST`` is one more that counts it."""
        if not self.beyond:
            return self.found
        last = self.found[-1]
        more = Trouble("more_exceptions", last.segment, last.position, last.facility_id)
        more.messages.append(
            f"{self.beyond} more places of this file could not be read; the report of "
            "the file counts them by code."
        )
        return [*self.found, more]


def _cut_words(cut: Trouble | None) -> str:
    if cut is not None:
        return (
            f"The file ends in the middle of a claim (segment {cut.segment}); the "
            "complete claims before it were stored, this one was not."
        )
    return "The file ends before its last transaction does."


def open_exceptions(
    troubles: Sequence[Trouble],
    *,
    stored: Stored,
    path: Path,
    default_facility_id: int,
    claims: Mapping[int, int],
) -> int:
    """Open one exception item for each trouble and return how many.

    ``claims`` are the claim rows by first segment, so that an exception about a
    claim that was stored hangs on it. Effects: items with event, details, in bulk.
    """
    items = [
        opening.NewItem(
            kind=KIND,
            facility_id=trouble.facility_id or default_facility_id,
            claim_id=claims.get(trouble.segment) if trouble.of_claim else None,
            reason_code=trouble.code,
            reason_label=LABELS.get(trouble.code, "Part of a file cannot be read"),
            facts={"code": trouble.code},
        )
        for trouble in troubles
    ]
    about = trail.Subject("batch", stored.batch.pk)
    ids = opening.open_items(items, at=stored.at, about=about)
    rows = zip(ids, troubles, strict=True)
    ExceptionDetail.objects.bulk_create(
        _detail(item_id, trouble, stored, path) for item_id, trouble in rows
    )
    return len(ids)


def _detail(
    item_id: int, trouble: Trouble, stored: Stored, path: Path
) -> ExceptionDetail:
    return ExceptionDetail(
        item_id=item_id,
        batch=stored.batch,
        code=trouble.code[:60],
        message=trouble.message,
        segment=trouble.segment or None,
        position=trouble.position,
        raw=trouble.raw or _text_at(path, trouble.position),
    )


def _text_at(path: Path, position: int, limit: int = 400) -> str:
    """Return the text that stands at a place of the file, for a person to see."""
    with path.open("rb") as stream:
        stream.seek(position)
        return stream.read(limit).decode("utf-8", "replace").replace("\x00", "")
