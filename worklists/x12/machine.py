"""What the readers of transaction bodies share: one table of handlers, one loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from worklists.x12.findings import Report
from worklists.x12.limits import Limits
from worklists.x12.segments import Block

CONTROL_TAGS = frozenset({"ISA", "IEA", "GS", "GE", "ST", "SE"})
BLANKS = " \t\r\n\x1a\xa0\ufeff"
PADDING = [""] * 40
Handler = Callable[[list[str], int], None]


class Leave(Exception):  # noqa: N818 - it leads out of the loop, nothing is wrong
    """The segment at hand belongs to an envelope, not to this transaction."""


class Handlers(dict[str, Handler]):
    """Tag to handler; ``other`` takes every tag that has none."""

    def __init__(self, known: Mapping[str, Handler], other: Handler) -> None:
        super().__init__(known)
        self._other = other

    def __missing__(self, tag: str) -> Handler:
        return self._other


class Machine:
    """Reads the body of one transaction, block by block.

    A subclass gives its handlers: each takes the elements of a segment and its index
    in the block at hand, and raises ``IndexError`` or ``ValueError`` before it has
    changed anything where a segment is not as expected; ``repair`` then has its turn.
    """

    __slots__ = ("block", "claims", "first", "handlers", "incomplete", "limits",
                 "report")  # fmt: skip

    def __init__(self, report: Report, limits: Limits) -> None:
        self.report = report
        self.limits = limits
        self.claims = 0
        self.incomplete = 0
        self.first = 0
        self.block: Block
        self.handlers = Handlers(self.known(), self.other)

    def known(self) -> dict[str, Handler]:
        """Return the handlers by tag: none in a transaction that is not read."""
        return {}

    def consume(self, block: Block, start: int) -> int:
        """Read from ``start`` on; return the index of the first segment not ours."""
        self.enter(block)
        return self.run(start, len(block.segments))

    def enter(self, block: Block) -> None:
        """Take up a block."""
        self.block = block
        self.first = block.first

    def run(self, start: int, stop: int) -> int:
        """Hand every segment to its handler. This loop is the reader's hot path."""
        segments = self.block.segments
        if start or stop < len(segments):
            segments = segments[start:stop]
        separator = self.block.delimiters.element
        handlers = self.handlers
        index = start
        try:
            for segment in segments:
                elements = segment.split(separator)
                try:
                    handlers[elements[0]](elements, index)
                except (IndexError, ValueError):
                    self.repair(elements, index)
                index += 1
        except Leave:
            pass
        return index

    def other(self, elements: list[str], index: int) -> None:
        """Take a tag nobody knows: an envelope, an indented or lower-case tag.

        Raises ``Leave`` for envelopes.
        """
        tag = elements[0].strip(BLANKS)
        known = tag.upper()
        if known in CONTROL_TAGS:
            raise Leave
        if known == elements[0] or known not in self.handlers:
            self.unknown(known, index)
            return
        self._name_oddity(elements[0], index)
        self.handlers[known]([known, *elements[1:]], index)

    def _name_oddity(self, tag: str, index: int) -> None:
        place = (self.first + index, self.block.position(index))
        if tag.strip(BLANKS) != tag:
            self.report.once("indented_segments", *place, "Segments are indented.")
        if not tag.isupper():
            self.report.once("lowercase_tags", *place, "Tags are in small letters.")

    def unknown(self, tag: str, index: int) -> None:
        """Pass over a segment that this machine does not read."""

    def repair(self, elements: list[str], index: int) -> None:
        """Read a segment that is shorter or otherwise than its handler expects."""
        tag = elements[0].strip(BLANKS).upper()
        self.handlers[tag]([tag, *elements[1:], *PADDING], index)

    def end(self, position: int, segment: int, *, complete: bool) -> None:
        """Finish at byte ``position`` before segment number ``segment``.

        ``complete`` is False where the file ends here.
        """

    def counts(self) -> object:
        """Return what was counted, for machines that only count."""
        return None
