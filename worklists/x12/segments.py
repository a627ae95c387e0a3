"""A streaming, tolerant reader of segments: bytes in, blocks of segments out.

A clean block is split by one ``split`` and nobody looks at its single segments; what
is not clean goes through ``CarefulSplitter``. Both give the same segments for the same
bytes, wherever chunks end. Nothing raises on content: what is odd becomes a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from worklists.x12 import separators
from worklists.x12.careful import NOTHING, CarefulSplitter
from worklists.x12.events import Delimiters
from worklists.x12.findings import Report
from worklists.x12.limits import Limits
from worklists.x12.separators import LOOK_AHEAD, Header
from worklists.x12.source import Source

_ISA = re.compile("ISA", re.IGNORECASE)
# What is larger falls out of the processor's cache, and its claims live long enough to
# cost the collector's attention: a tenth of the reader's time.
CHUNK = 1 << 13
SEARCHED = 1 << 16


class Block:
    """Whole segments of one interchange in file order, without their terminators.

    ``first`` is the running number of the first one. ``header`` is set on the block
    that holds an ISA and nothing else. ``tail`` says that the file ended inside the
    last segment. Positions are byte offsets.
    """

    __slots__ = ("_base", "_gap", "_index", "_place", "_scale", "_starts", "delimiters",
                 "first", "header", "segments", "tail")  # fmt: skip

    def __init__(
        self,
        segments: list[str],
        first: int,
        delimiters: Delimiters,
        *,
        base: int = 0,
        gap: int = 0,
        scale: int = 1,
        starts: list[int] | None = None,
    ) -> None:
        self.segments = segments
        self.first = first
        self.delimiters = delimiters
        self.header: Header | None = None
        self.tail = False
        self._base = base
        self._gap = gap
        self._scale = scale
        self._starts = starts
        self._index, self._place = 0, base

    def position(self, index: int) -> int:
        """Return the byte offset at which segment ``index`` begins.

        Cheap where it is asked for rising numbers: it counts on from the last one.
        """
        if self._starts is not None:
            return self._starts[index]
        if index == self._index:
            return self._place
        at, place = self._index, self._place
        if index < at:
            at, place = 0, self._base
        passed = self.segments[at:index]
        length = sum(map(len, passed)) + self._gap * len(passed)
        return self._reached(index, place + length * self._scale)

    def position_behind(self, index: int, count: int, place: int, length: int) -> int:
        """Return ``position(index)`` by what stands before it, without counting again.

        The ``count`` segments before ``index`` begin at byte ``place`` and have
        ``length`` characters, with two for each one's end.
        """
        if self._starts is not None:
            return self._starts[index]
        return self._reached(
            index, place + (length + (self._gap - 2) * count) * self._scale
        )

    def _reached(self, index: int, place: int) -> int:
        self._index, self._place = index, place
        return place


class SegmentReader:
    """Reads a stream once into blocks of segments.

    ``report`` takes the findings. Holds one chunk and the longest segment allowed.
    """

    def __init__(
        self, stream: BinaryIO, limits: Limits, chunk_size: int, report: Report
    ) -> None:
        self._source = Source(stream, chunk_size)
        self._limits = limits
        self._report = report
        self._number = 1
        self._blank = True
        self._tag = "ISA"
        self._header = Header(Delimiters("", "", "", ""), 0, [], by_lines=False)
        self._careful: CarefulSplitter | None = None

    @property
    def size(self) -> int:
        """Return the bytes read so far; at the end, those of the file."""
        return self._source.size

    @property
    def whole(self) -> bool:
        """Return whether the whole file was read, no bound reached."""
        return self._source.ended and self._number <= self._limits.segments

    def blocks(self) -> Iterator[Block]:
        """Yield every segment of the file, in blocks, whatever shape it has."""
        for block in self._blocks():
            room = self._limits.segments - self._number + 1
            if len(block.segments) > room:
                del block.segments[room:]
                self._number += room + 1
                yield block
                self._say("too_many_segments", 0, _TOO_MANY)
                return
            self._number += len(block.segments)
            if block.segments:
                yield block

    def _blocks(self) -> Iterator[Block]:
        header = self._begin()
        source = self._source
        while header is not None:
            yield from self._start(header)
            at: int | None = None
            while at is None:
                at = self._next_isa()
                yield from self._cut_off(at)
                if at is None and not source.more():
                    yield from self._rest(len(source.text))
                    return
            header = separators.header_at(source.text, 0)

    def _say(self, code: str, at: int, message: str) -> None:
        self._report.say(code, self._number, self._source.position(at), message)

    # -- where it begins --------------------------------------------------------

    def _begin(self) -> Header | None:
        """Go to the first ISA, or to the first ST or GS where there is none."""
        source, passed = self._source, 0
        self._name_marks()
        while True:
            source.reach(SEARCHED)
            found = self._first()
            if found is not None:
                self._leading(found[0])
                source.drop(found[0])
                return found[1]
            if source.ended or passed > self._limits.leading_bytes:
                self._nothing()
                return None
            passed += len(source.text)
            self._pass(len(source.text) - LOOK_AHEAD)

    def _pass(self, length: int) -> None:
        """Forget text in which nothing begins."""
        if length > 0:
            self._blank = self._blank and not self._source.text[:length].strip(_MARKS)
            self._source.drop(length)

    def _name_marks(self) -> None:
        if self._source.wide:
            self._report.say("utf16", 0, 0, "The file is UTF-16 and was read as such.")
        elif self._source.marked:
            self._report.say(
                "utf8_bom", 0, 0, "The file begins with a byte order mark."
            )

    def _first(self) -> tuple[int, Header] | None:
        """Return the first place in the window where reading can begin."""
        source = self._source
        start = separators.lenient(source.text)
        if start is not None:
            source.reach(start[0] + LOOK_AHEAD)
            start = separators.lenient(source.text)
        end = len(source.text) if start is None else start[0]
        for found in _ISA.finditer(source.text, 0, end):
            at = found.start()
            source.reach(at + LOOK_AHEAD)
            if separators.begins(source.text, at):
                header = separators.header_at(source.text, at)
                if header is not None:
                    return at, header
        return start

    def _nothing(self) -> None:
        if self._blank and not self._source.text.strip(_MARKS):
            self._report.say("empty_file", 0, 0, "The file is empty.")
        else:
            self._report.say("not_x12", 0, 0, _NOT_X12)

    def _leading(self, at: int) -> None:
        """Name what stands before the first segment, if it is more than a mark."""
        source = self._source
        count, mark = source.position(at), 0
        if source.marked:
            mark = 2 if source.wide else 3
        if count > mark:
            blank = self._blank and not source.text[:at].strip(_MARKS)
            kind = "blank bytes" if blank else "bytes"
            message = f"{count - mark} {kind} stand before the first segment."
            self._report.say("leading_bytes", 0, 0, message)

    # -- interchanges -----------------------------------------------------------

    def _start(self, header: Header) -> Iterator[Block]:
        """Take the separators of the interchange that begins here; yield its ISA."""
        before, self._header = self._header.delimiters, header
        self._careful = None
        self._name_header(header, before)
        if header.length:
            self._tag = "isa" if self._source.text[0] == "i" else "ISA"
            text = self._source.text[: header.length]
            shown = text.removesuffix("\n").removesuffix("\r")
            shown = shown.removesuffix(header.delimiters.segment)
            shown = shown.replace("\r", "").replace("\n", "").replace("\x00", "")
            yield self._isa_block(shown)
            self._source.drop(header.length)

    def _isa_block(self, text: str) -> Block:
        starts = [self._source.position(0)]
        block = Block([text], self._number, self._header.delimiters, starts=starts)
        block.header = self._header
        return block

    def _name_header(self, header: Header, before: Delimiters) -> None:
        if not header.length:
            self._say("isa_missing", 0, _NO_ISA)
        elif header.printed != separators.USUAL_LENGTH:
            message = f"The ISA has {header.printed} characters instead of 106."
            self._say("isa_length", 0, message)
        cuts = header.delimiters._replace(repetition=before.repetition)
        if before.element and before != cuts:  # 4010 has no repetition: no change
            self._say("delimiters_differ", 0, _DIFFER)
        if header.delimiters.segment in "\r\n":
            place = self._source.position(0)
            self._report.once("newline_terminator", self._number, place, _BY_LINES)

    def _next_isa(self) -> int | None:
        """Return where the next interchange begins in the window, if it does."""
        source, at = self._source, -1
        while (at := source.text.find(self._tag, at + 1)) >= 0:
            if separators.begins(source.text, at, self._header.delimiters.segment):
                source.reach(at + LOOK_AHEAD)
                if separators.header_at(source.text, at) is not None:
                    return at
        return None

    # -- blocks -----------------------------------------------------------------

    def _cut_off(self, isa: int | None) -> Iterator[Block]:
        """Yield the segments in the window that are whole, and drop them."""
        source = self._source
        if isa is not None:
            yield from self._rest(isa)
            return
        cut = source.text.rfind(self._header.delimiters.segment) + 1
        if cut:
            yield self._block(source.text[:cut])
            source.drop(cut)
        if len(source.text) > self._limits.segment_bytes:
            yield self._shortened()

    def _rest(self, end: int) -> Iterator[Block]:
        """Yield all that stands before ``end``, where interchange or file ends."""
        text = self._source.text[:end]
        if text.strip(_MARKS):
            block = self._block(text)
            terminator = self._header.delimiters.segment
            cut = text.rstrip(NOTHING.replace(terminator, ""))
            block.tail = terminator not in "\r\n" and not cut.endswith(terminator)
            yield block
        self._source.drop(end)

    def _shortened(self) -> Block:
        """Return the beginning of a segment that is too long and pass over the rest."""
        source = self._source
        text, base = source.text[: self._limits.segment_bytes + 1], source.position(0)
        source.drop(self._limits.segment_bytes)
        ended = self._pass_over()
        block = self._carefully(text, base)
        block.tail = not ended
        return block

    def _pass_over(self) -> bool:
        """Drop the window up to the next terminator; False where none comes first."""
        source, terminator = self._source, self._header.delimiters.segment
        while True:
            isa, end = self._next_isa(), source.text.find(terminator)
            if end >= 0 and (isa is None or end < isa):
                source.drop(end + 1)
                return True
            if isa is not None:
                source.drop(isa)
                return False
            source.drop(max(0, len(source.text) - LOOK_AHEAD))
            if not source.more():
                source.drop(len(source.text))
                return False

    def _block(self, text: str) -> Block:
        """Split ``text``, which stands at the window's start."""
        clean = self._clean(text)
        return clean or self._carefully(text, self._source.position(0))

    def _carefully(self, text: str, base: int) -> Block:
        if self._careful is None:
            self._careful = CarefulSplitter(
                self._header, self._limits, self._report, wide=self._source.wide
            )
        segments, starts = self._careful.split(text, base, self._number)
        return Block(segments, self._number, self._header.delimiters, starts=starts)

    def _clean(self, text: str) -> Block | None:
        """Split text in which nothing is odd, or return None.

        Clean is: ASCII without NUL, no empty segment, and the same line end, or none,
        behind every terminator and nowhere else.
        """
        terminator = self._header.delimiters.segment
        if not text.isascii() or "\x00" in text or text[-1] != terminator:
            return None
        body = text[:-1] if terminator in "\r\n" else text[:-1].lstrip("\r\n")
        after = body.find(terminator) + 1
        ending = terminator + _line_end(body[after : after + 2], terminator)
        segments = body.split(ending)
        if not _uniform(body, terminator, ending, len(segments) - 1) or not all(
            segments
        ):
            return None
        longest = self._limits.segment_bytes - 2
        if len(body) > longest and max(map(len, segments)) > longest:
            return None
        return Block(
            segments,
            self._number,
            self._header.delimiters,
            base=self._source.position(len(text) - 1 - len(body)),
            gap=len(ending),
            scale=2 if self._source.wide else 1,
        )


def _line_end(behind: str, terminator: str) -> str:
    """Return the line end that follows the first terminator."""
    if terminator in "\r\n":
        return ""
    if behind == "\r\n":
        return behind
    return behind[:1] if behind[:1] in ("\r", "\n") else ""


def _uniform(body: str, terminator: str, ending: str, count: int) -> bool:
    """Tell whether terminator and line breaks stand only where ``ending`` does."""
    if ending != terminator and body.count(terminator) != count:
        return False
    for sign in "\r\n":
        if sign in ending:
            if body.count(sign) != count:
                return False
        elif sign in body:
            return False
    return True


_MARKS = NOTHING + "\xef\xbb\xbf"
_TOO_MANY = "The file has more segments than are read; the rest was left out."
_NOT_X12 = "This is no X12 file: it has neither an ISA nor an ST or GS segment."
_NO_ISA = "The file has no ISA; its separators were taken from the first segment."
_DIFFER = "The separators change from one interchange to the next."
_BY_LINES = "Segments end at the end of the line."
