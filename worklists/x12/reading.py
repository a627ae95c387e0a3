"""The one loop over a file: segments to envelopes, bodies to their machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from worklists.x12.envelope import Envelope
from worklists.x12.events import Delimiters, Event, FileEnd
from worklists.x12.findings import Report
from worklists.x12.limits import Limits
from worklists.x12.segments import CHUNK, Block, SegmentReader
from worklists.x12.separators import Header


def read_file(
    stream: BinaryIO, *, limits: Limits | None = None, chunk_size: int = CHUNK
) -> Iterator[Event]:
    """Yield what a file says, event by event, in bounded memory.

    ``stream`` needs ``read``. Never raises on content. Order: interchange,
    transaction, payment header, claims, provider adjustments, transaction end;
    findings about a claim right behind it, others anywhere; ``FileEnd`` once, last.
    """
    events: list[Event] = []
    file = _File(stream, limits or Limits(), chunk_size, events)
    for block in file.reader.blocks():
        file.take(block)
        yield from events
        events.clear()
    file.finish()
    yield from events


class _File:
    """One file being read; its events go into a list that the loop empties."""

    def __init__(
        self, stream: BinaryIO, limits: Limits, chunk_size: int, events: list[Event]
    ) -> None:
        self._events = events
        self._report = Report(events.append, limits)
        self._envelope = Envelope(events.append, self._report, limits)
        self._segments = 0
        self._header: Header | None = None
        self._delimiters: Delimiters | None = None
        self.reader = SegmentReader(stream, limits, chunk_size, self._report)

    def take(self, block: Block) -> None:
        """Read one block: bodies by the machine, the rest by the envelopes."""
        envelope, index, end = self._envelope, 0, len(block.segments)
        self._delimiters = self._delimiters or block.delimiters
        self._header = self._header or block.header
        while index < end:
            if envelope.machine is not None:
                index = envelope.machine.consume(block, index)
                if index == end:
                    break
            envelope.take(block, index)
            index += 1
        if block.tail and end:
            envelope.unterminated(block)
        self._segments = block.first + end - 1

    def finish(self) -> None:
        """End what is open and add the file's own summary."""
        envelope, reader = self._envelope, self.reader
        envelope.finish(self._segments, reader.size)
        counts = envelope.counts
        self._events.append(
            FileEnd(
                reader.size, self._segments, counts["interchanges"], counts["groups"],
                counts["transactions"], envelope.complete and reader.whole,
                envelope.readable, self._structure(), self._report.suppressed(),
            )
        )  # fmt: skip

    def _structure(self) -> dict[str, object]:
        """Return the envelope facts of the file; separators are the first ones."""
        envelope, cuts = self._envelope, self._delimiters
        elements = self._header.elements if self._header else []
        return {
            "has_isa": envelope.counts["interchanges"] > 0,
            "isa_length_to_terminator": self._header.printed if self._header else None,
            "isa_version": elements[12].strip() if elements else None,
            "delimiters": _shown(cuts) if cuts else None,
            "segments": self._segments,
            "interchanges": envelope.counts["interchanges"],
            "groups": envelope.counts["groups"],
            "transactions": envelope.counts["transactions"],
            "transaction_types": dict(envelope.kinds),
            "gs08": dict(envelope.versions),
            "issues": sorted(self._report.counts),
        }


def _shown(cuts: Delimiters) -> dict[str, str | None]:
    signs = {"\n": "\\n", "\r": "\\r"}
    return {
        "element": cuts.element,
        "component": cuts.component,
        "repetition": cuts.repetition or None,
        "segment": signs.get(cuts.segment, cuts.segment),
    }
