"""A streaming, tolerant reader of segments: bytes in, segments with positions out.

Bytes are handled as Latin-1 text, one character a byte, so a position in the text
is a position in the file; segments that are not ASCII are then read as UTF-8 where
that is possible. Separators are taken at every ISA, by position and by counting
elements. Nothing here raises on content: what is odd becomes a finding.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple

from worklists.x12.events import Delimiters, Finding, Limits

CHUNK = 1 << 18
KNOWN_TAGS = frozenset(
    "ISA IEA GS GE ST SE BPR TRN CUR REF DTM N1 N2 N3 N4 PER RDM LX TS3 TS2 CLP CAS NM1"
    " MIA MOA AMT QTY SVC LQ PLB BHT HL PRV SBR PAT CLM CL1 PWK CN1 K3 NTE CR1 CR2 CR3"
    " CRC HI HCP SV1 SV2 SV3 SV5 LIN CTP SVD OI DMG DTP STC SVC TA1".split()
)
_MELTED = re.compile(r"[\r\n]+\s*(?=([A-Za-z][A-Za-z0-9]{1,2})([^A-Za-z0-9 \t\r\n]))")
_ISA = re.compile(r"ISA([^A-Za-z0-9 \t\r\n])", re.IGNORECASE)
_ST = re.compile(r"(?:^|[\s~])((?:ST|GS|BPR|BHT)([^A-Za-z0-9 \t\r\n]))")
_BREAKS = str.maketrans("", "", "\r\n")


class Segment(NamedTuple):
    """One segment: running number, byte position, its text, its elements."""

    number: int
    position: int
    text: str
    elements: list[str]


class _NextInterchange(NamedTuple):
    """What is left of a buffer when it begins with another ISA."""

    text: str


@dataclass(slots=True)
class Reader:
    """Reads a stream once; ``findings`` fill as oddities are met.

    ``delimiters`` are those in force for the segment just yielded.
    """

    stream: BinaryIO
    limits: Limits = field(default_factory=Limits)
    chunk_size: int = CHUNK
    delimiters: Delimiters | None = None
    findings: list[Finding] = field(default_factory=list)
    isa_lengths: list[int] = field(default_factory=list)
    lines_wrapped: bool = False
    leading: int = 0
    trailing: str = ""
    terminated: bool = True
    size: int = 0
    _scale: int = 1
    _offset: int = 0
    _count: int = 0
    _seen: set[str] = field(default_factory=set)

    def note(
        self, code: str, message: str, level: str = "warning", position: int | None = None
    ) -> None:
        """Keep a finding about the segment being read."""
        place = self._offset if position is None else position
        self.findings.append(Finding(code, self._count, place, message, level))

    def once(self, code: str, message: str, level: str = "note") -> None:
        """Keep a finding that is true of the file as a whole, once."""
        if code not in self._seen:
            self._seen.add(code)
            self.note(code, message, level)

    def __iter__(self) -> Iterator[Segment]:
        chunks = self._chunks()
        buffer = self._start(chunks)
        if buffer is None:
            return
        yield from self._segments(buffer, chunks)

    # -- bytes to text ----------------------------------------------------------

    def _chunks(self) -> Iterator[str]:
        first = self.stream.read(self.chunk_size)
        while 0 < len(first) < 4 and (more := self.stream.read(4 - len(first))):
            first += more
        codec = self._codec(first)
        decoder = None if codec == "latin-1" else _transcoder(codec)
        chunk = first
        while chunk:
            self.size += len(chunk)
            yield chunk.decode("latin-1") if decoder is None else decoder(chunk)
            chunk = self.stream.read(self.chunk_size)

    def _codec(self, first: bytes) -> str:
        if first[:2] in (b"\xff\xfe", b"\xfe\xff"):
            self._utf16()
            return "utf-16"
        if first[1:2] == b"\x00" and first[3:4] == b"\x00":
            self._utf16()
            return "utf-16-le"
        if first[:1] == b"\x00" and first[2:3] == b"\x00":
            self._utf16()
            return "utf-16-be"
        return "latin-1"

    def _utf16(self) -> None:
        self._scale = 2
        self.once("utf16", "The file is UTF-16; it was read as such.")

    def _text(self, text: str) -> str:
        """Read what is not ASCII as UTF-8 where it is; take out NUL."""
        if not text.isascii():
            try:
                text = text.encode("latin-1").decode("utf-8")
            except UnicodeDecodeError:
                self.once("latin1", "Some letters are not UTF-8; read as Latin-1.")
        if "\x00" in text:
            self.once("nul_bytes", "The file holds NUL bytes; they were taken out.")
            text = text.replace("\x00", "")
        return text

    # -- the beginning ----------------------------------------------------------

    def _start(self, chunks: Iterator[str]) -> str | None:
        """Find the first ISA, or read leniently from the first known segment."""
        buffer = next(chunks, "")
        if not buffer.strip("\x00\r\n\t \ufeff"):
            self.note("empty_file", "The file is empty.", "error", 0)
            return None
        if buffer.startswith("\xef\xbb\xbf"):
            self.once("utf8_bom", "The file begins with a byte order mark.")
        while _ISA.search(buffer) is None and len(buffer) < (1 << 20):
            more = next(chunks, "")
            if not more:
                break
            buffer += more
        found = _ISA.search(buffer)
        if found is not None:
            return self._from_isa(buffer, found.start(), chunks)
        return self._without_isa(buffer)

    def _from_isa(self, buffer: str, start: int, chunks: Iterator[str]) -> str:
        self.leading = start
        self._offset = start
        if start and buffer[:start] != "\xef\xbb\xbf":
            self.once("leading_bytes", f"{start} bytes stand before the first ISA.")
        buffer = buffer[start:]
        while len(buffer) < 400 and (more := next(chunks, "")):
            buffer += more
        lines = [len(line) for line in buffer[:4096].replace("\r", "").split("\n")[:-1]]
        self.lines_wrapped = len(lines) > 2 and len(set(lines)) == 1 and lines[0] >= 40
        return buffer

    def _without_isa(self, buffer: str) -> str | None:
        found = _ST.search(buffer)
        if found is None:
            self.note("not_x12", "This is no X12 file: it has no ISA and no ST.", "error", 0)
            return None
        self.note(
            "isa_missing",
            "The file has no ISA; separators were taken from its first segment.",
            "warning",
            found.start(1),
        )
        self.leading = found.start(1)
        self._offset = found.start(1)
        buffer = buffer[found.start(1) :]
        terminator = "~" if "~" in buffer[:4000] else "\n"
        self.delimiters = Delimiters(found.group(2), ":", "^", terminator)
        return buffer

    # -- separators -------------------------------------------------------------

    def _take_delimiters(self, buffer: str, *, ended: bool) -> bool:
        """Take the separators of the ISA at the start of ``buffer``.

        The terminator stands one character behind the sixteenth separator and the
        component separator. Where an ISA has too few elements it is what stands before
        the GS. Returns False when the buffer is too short to tell.
        """
        separator = buffer[3]
        place = 3
        for _ in range(15):
            place = buffer.find(separator, place + 1)
            if place < 0 and len(buffer) < 400 and not ended:
                return False
            if place < 0 or place > 400:
                return self._from_group(buffer, separator)
        if place + 3 >= len(buffer):
            return self._from_group(buffer, separator) if ended else False
        component, terminator = buffer[place + 1], buffer[place + 2]
        if terminator.isalnum() or terminator == separator:
            return self._from_group(buffer, separator)
        elements = buffer[: place + 1].split(separator)
        repetition = elements[11] if len(elements) > 11 else ""
        if terminator == "\r" and buffer[place + 3 : place + 4] == "\n":
            terminator = "\n"
        self.isa_lengths.append(place + 3)
        if place + 3 != 106:
            self.once("isa_length", f"The ISA has {place + 3} characters instead of 106.")
        self._set(separator, component, repetition, terminator)
        return True

    def _from_group(self, buffer: str, separator: str) -> bool:
        found = re.search(r"(.)\s*GS" + re.escape(separator), buffer[:2000], re.DOTALL)
        if found is None:
            self._set(separator, ":", "", "~" if "~" in buffer else "\n")
            self.isa_lengths.append(0)
            self.once("isa_length", "The ISA is damaged; usual separators are assumed.")
            return True
        before = found.group(1)
        terminator = "\n" if before in "\r\n" else before
        component = buffer[found.start(1) - 1]
        self.isa_lengths.append(found.end(1))
        self.once("isa_length", f"The ISA has {found.end(1)} characters instead of 106.")
        self._set(separator, component, "", terminator)
        return True

    def _set(self, element: str, component: str, repetition: str, segment: str) -> None:
        usable = len(repetition) == 1 and not repetition.isalnum() and repetition != " "
        repetition = repetition if usable else ""
        fresh = Delimiters(element, component, repetition, segment)
        if self.delimiters not in (None, fresh):
            self.once("delimiters_differ", "The separators change between interchanges.")
        if segment in "\r\n":
            self.once("newline_terminator", "Segments end at the end of the line.")
        self.delimiters = fresh

    # -- segments ---------------------------------------------------------------

    def _segments(self, buffer: str, chunks: Iterator[str]) -> Iterator[Segment]:
        """Split at the terminator, a chunk at a time; begin anew at every ISA."""
        ended = False
        while True:
            at_isa = _ISA.match(buffer) is not None
            while at_isa and not self._take_delimiters(buffer, ended=ended):
                more = next(chunks, "")
                ended = not more
                buffer += more
            again = yield from self._run(buffer, skip_first=at_isa)
            if isinstance(again, _NextInterchange):
                buffer = again.text
                continue
            if ended:
                yield from self._last(again)
                return
            more = next(chunks, "")
            ended = not more
            buffer = again + more
            if len(again) > self.limits.segment_bytes:
                buffer = self._cut(buffer)

    def _run(
        self, buffer: str, *, skip_first: bool
    ) -> Generator[Segment, None, str | _NextInterchange]:
        """Yield the whole segments of a buffer; return what is left of it.

        Stops before the next ISA, whose separators may be others.
        """
        assert self.delimiters is not None
        terminator = self.delimiters.segment
        pieces = buffer.split(terminator)
        rest = pieces.pop()
        for index, piece in enumerate(pieces):
            text = piece.lstrip("\r\n\t \x00")
            if _ISA.match(text) and not (skip_first and index == 0):
                self._offset += (len(piece) - len(text)) * self._scale
                return _NextInterchange(terminator.join([text, *pieces[index + 1 :], rest]))
            yield from self._piece(piece)
        text = rest.lstrip("\r\n\t \x00")
        if _ISA.match(text) and (pieces or not skip_first):
            self._offset += (len(rest) - len(text)) * self._scale
            return _NextInterchange(text)
        return rest

    def _cut(self, buffer: str) -> str:
        self.note(
            "segment_too_long",
            f"A segment is longer than {self.limits.segment_bytes} bytes; it was left out.",
            "error",
        )
        self._offset += len(buffer) * self._scale
        return ""

    def _last(self, rest: str) -> Iterator[Segment]:
        if not rest.strip("\r\n\t \x00\x1a"):
            return
        if rest.strip()[:2].upper() in {"IE"} or self._looks_like_segment(rest):
            self.terminated = False
            self.note(
                "last_segment_unterminated",
                "The file ends inside a segment: it was cut off.",
                "error",
            )
            yield from self._piece(rest)
        else:
            self.trailing = rest
            self.once("trailing_bytes", "Text stands behind the last segment.")

    def _looks_like_segment(self, text: str) -> bool:
        assert self.delimiters is not None
        tag = text.strip().split(self.delimiters.element, 1)[0].upper()
        return tag in KNOWN_TAGS

    def _piece(self, piece: str) -> Iterator[Segment]:
        """Yield the segment of one piece, or several where a terminator is missing."""
        assert self.delimiters is not None
        position = self._offset
        self._offset += (len(piece) + 1) * self._scale
        text = piece
        if "\n" in piece or "\r" in piece:
            text = piece.strip("\r\n")
            if "\n" in text or "\r" in text:
                yield from self._broken(text, position + piece.index(text) * self._scale)
                return
            position += (len(piece) - len(piece.lstrip("\r\n"))) * self._scale
        segment = self._make(text, position)
        if segment is not None:
            yield segment

    def _broken(self, text: str, position: int) -> Iterator[Segment]:
        """Line breaks inside: wrapped lines are joined, melted segments parted."""
        assert self.delimiters is not None
        if not self.lines_wrapped:
            for found in _MELTED.finditer(text):
                tag, separator = found.group(1).upper(), found.group(2)
                if tag in KNOWN_TAGS and separator == self.delimiters.element:
                    self.note(
                        "terminator_missing",
                        "A segment's terminator is missing; the line break parts it from "
                        "the next.",
                        position=position + found.start() * self._scale,
                    )
                    head = self._make(text[: found.start()].translate(_BREAKS), position)
                    if head is not None:
                        yield head
                    after = position + found.end() * self._scale
                    yield from self._broken(text[found.end() :], after)
                    return
        self.once("wrapped_lines", "Lines are wrapped inside segments; they were joined.")
        segment = self._make(text.translate(_BREAKS), position)
        if segment is not None:
            yield segment

    def _make(self, text: str, position: int) -> Segment | None:
        assert self.delimiters is not None
        if not text.isascii() or "\x00" in text:
            text = self._text(text)
        first = text[:1]
        if first in (" ", "\t", "\xa0", "\ufeff"):
            stripped = text.lstrip(" \t\xa0\ufeff")
            if stripped:
                self.once("indented_segments", "Segments are indented; read all the same.")
            position += (len(text) - len(stripped)) * self._scale
            text = stripped
        if not text or text.isspace():
            return None
        elements = text.split(self.delimiters.element)
        tag = elements[0]
        if not tag.isupper():
            upper = tag.strip().upper()
            if upper != tag and upper in KNOWN_TAGS:
                self.once("lowercase_tags", "Segment names are not in capitals.")
            elements[0] = upper
        if len(elements) > self.limits.elements:
            self.note("too_many_elements", "A segment has too many elements.", "error")
            del elements[self.limits.elements :]
        self._count += 1
        return Segment(self._count, position, text, elements)


def _transcoder(codec: str):  # type: ignore[no-untyped-def]
    import codecs  # noqa: PLC0415 - only UTF-16 files need it

    decoder = codecs.getincrementaldecoder(codec)(errors="replace")

    def decode(chunk: bytes) -> str:
        text = decoder.decode(chunk)
        return text.lstrip("\ufeff").encode("utf-8").decode("latin-1")

    return decode
