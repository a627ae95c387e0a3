"""One pass over a file: events to facts, to handlers, and to what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from worklists.services.batches.findings import Findings
from worklists.services.batches.handlers import Created, Handler, Stored, maker_of
from worklists.services.batches.parties import Parties
from worklists.services.batches.troubles import Troubles
from worklists.x12 import (
    Event,
    FileEnd,
    FileFacts,
    Finding,
    RemittanceClaim,
    TransactionEnd,
    TransactionStart,
    read_file,
)

EVERY = 2000
NOT_LOADED = "transaction_not_loaded"
Progress = Callable[[int], None]


class Reading:
    """One pass over one file.

    Constant memory: claims go to their handler, which stores them as it goes, in the
    transaction of the file.
    """

    def __init__(self, parties: Parties, stored: Stored) -> None:
        self.parties = parties
        self.stored = stored
        self.created = Created()
        self.facts = FileFacts()
        self.troubles = Troubles()
        self.handlers: dict[str, Handler] = {}
        self.not_loaded = Findings()
        self.loadable_claims = 0
        self.size = 0
        self.suppressed: dict[str, int] = {}
        self._handler: Handler | None = None

    def read(self, path: Path, progress: Progress) -> None:
        """Read the whole file; tell ``progress`` the bytes read now and then."""
        with path.open("rb") as stream:
            for event in read_file(stream):
                self.facts.add(event)
                if type(event) is RemittanceClaim:  # most events by far
                    self._claim(event, progress)
                else:
                    self._other(event)
        for handler in self.handlers.values():
            self.created += handler.finish()

    def close(self) -> None:
        """Let handlers go."""
        for handler in self.handlers.values():
            handler.close()

    def _claim(self, event: RemittanceClaim, progress: Progress) -> None:
        handler = self._handler
        if handler is None:
            return
        handler.take(event)
        self.troubles.claim(event, handler.facility_id)
        if event.complete:
            self.loadable_claims += 1
            if self.loadable_claims % EVERY == 0:
                progress(event.position)

    def _other(self, event: Event) -> None:
        if isinstance(event, Finding):
            self.troubles.finding(event)
        elif isinstance(event, FileEnd):
            self.size, self.suppressed = event.bytes, event.suppressed
            self.troubles.end(event)
        else:
            self._within_transaction(event)

    def _within_transaction(self, event: Event) -> None:
        if isinstance(event, TransactionStart):
            self._handler = self._handler_of(event)
        if self._handler is not None:
            self._handler.take(event)
        if isinstance(event, TransactionEnd):
            self.troubles.transaction(event)
            self._handler = None

    def _handler_of(self, event: TransactionStart) -> Handler | None:
        if event.kind in self.handlers:
            return self.handlers[event.kind]
        make = maker_of(event.kind)
        if make is None:
            self._note_not_loaded(event)
            return None
        self.handlers[event.kind] = make(self.parties, self.stored)
        return self.handlers[event.kind]

    def _note_not_loaded(self, event: TransactionStart) -> None:
        if not event.supported:
            return
        self.not_loaded.extend(
            [
                Finding(
                    code=NOT_LOADED,
                    segment=event.segment,
                    position=event.position,
                    message=(
                        f"Transaction {event.control} ({event.kind}) was read and counted, "
                        "but nothing here loads this kind. Keep the file; bringing it in "
                        "again later doubles nothing."
                    ),
                    level="warning",
                )
            ]
        )
