"""Splitting what is not clean: one segment at a time, everything named."""

from __future__ import annotations

import re

from worklists.x12.findings import Report
from worklists.x12.limits import Limits
from worklists.x12.separators import Header

KNOWN_TAGS = frozenset(
    {
        "ISA", "IEA", "GS", "GE", "ST", "SE", "TA1", "BHT", "HL",
        "BPR", "TRN", "CUR", "REF", "DTM", "N1", "N2", "N3", "N4", "PER", "RDM",
        "LX", "TS2", "TS3", "CLP", "CAS", "NM1", "MIA", "MOA", "AMT", "QTY",
        "SVC", "LQ", "PLB",
        "PRV", "SBR", "PAT", "CLM", "CL1", "PWK", "CN1", "K3", "NTE", "CR1", "CR2",
        "CR3", "CRC", "HI", "HCP", "SV1", "SV2", "SV3", "SV5", "LIN", "CTP", "SVD",
        "OI", "DMG", "DTP", "STC",
        "AK1", "AK2", "AK3", "AK4", "AK5", "AK9", "IK3", "IK4", "IK5",
    }
)  # fmt: skip
NOTHING = " \t\r\n\x00\x1a\xa0\ufeff"  # no content, wherever it stands
_BREAK = re.compile(r"\r\n|\r|\n")


class CarefulSplitter:
    """Splits text at the terminator of one interchange and cleans every piece.

    Line breaks inside a segment are taken out (``wrapped_lines``), unless the file
    breaks its lines at segments and the next line begins with a known tag: then the
    terminator was lost and the segments are parted (``terminator_missing``). NUL is
    taken out, letters are read as UTF-8, else as Windows-1252, and a segment beyond
    the limit keeps its beginning only (``segment_too_long``).
    """

    def __init__(
        self, header: Header, limits: Limits, report: Report, *, wide: bool
    ) -> None:
        self._cuts = header.delimiters
        self._by_lines = header.by_lines
        self._longest = limits.segment_bytes
        self._report = report
        self._scale = 2 if wide else 1
        # A separator beyond ASCII would be lost by reading the letters around it.
        self._one_byte = not wide and "".join(self._cuts).isascii()
        self.segments: list[str] = []
        self.starts: list[int] = []
        self._first = 0

    def split(self, text: str, base: int, first: int) -> tuple[list[str], list[int]]:
        """Return segments and byte offsets; ``base`` is the offset of ``text``."""
        self.segments, self.starts, self._first = [], [], first
        pieces = text.split(self._cuts.segment)
        if not pieces[-1]:
            pieces.pop()
        for piece in pieces:
            self._piece(piece, base)
            base += (len(piece) + 1) * self._scale
        return self.segments, self.starts

    def _piece(self, piece: str, start: int) -> None:
        if len(piece) > self._longest:
            self._say_too_long(start)
            piece = piece[: self._longest]
        text = piece.lstrip("\r\n")
        start += (len(piece) - len(text)) * self._scale
        text = text.rstrip("\r\n")
        if "\n" in text or "\r" in text:
            self._lines(text, start)
        else:
            self._keep(text, start)

    def _lines(self, text: str, start: int) -> None:
        """Join wrapped lines, or part segments where a terminator was lost."""
        held, held_at, offset = "", start, 0
        for line, end in _lines_of(text):
            if held and self._by_lines and self._is_segment(line):
                self._keep(held, held_at)
                held, held_at = "", start + offset * self._scale
                self._say("terminator_missing", held_at, _PARTED)
            held += line
            offset = end
        if held and held_at == start:
            self._report.once("wrapped_lines", self._number(), start, _WRAPPED)
        self._keep(held, held_at)

    def _is_segment(self, line: str) -> bool:
        tag, separator, _ = line.lstrip(" \t").partition(self._cuts.element)
        return bool(separator) and tag.upper() in KNOWN_TAGS

    def _keep(self, text: str, start: int) -> None:
        if not text.isascii() or "\x00" in text:
            text = self._letters(text, start)
        if text.strip(NOTHING) or (text and self._cuts.element in NOTHING):
            self.segments.append(text)
            self.starts.append(start)

    def _letters(self, text: str, start: int) -> str:
        if "\x00" in text:
            self._report.once("nul_bytes", self._number(), start, _NUL)
            text = text.replace("\x00", "")
        if not self._one_byte:
            return text
        data = text.encode("latin-1")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            self._report.once("not_utf8", self._number(), start, _NOT_UTF8)
            return data.decode("cp1252", "replace")

    def _number(self) -> int:
        return self._first + len(self.segments)

    def _say(self, code: str, position: int, message: str) -> None:
        self._report.say(code, self._number(), position, message)

    def _say_too_long(self, start: int) -> None:
        message = (
            f"A segment is longer than {self._longest} characters; it was cut there."
        )
        self._say("segment_too_long", start, message)


def _lines_of(text: str) -> list[tuple[str, int]]:
    """Return each line with the place at which the next one begins."""
    lines, at = [], 0
    for found in _BREAK.finditer(text):
        lines.append((text[at : found.start()], found.end()))
        at = found.end()
    return [*lines, (text[at:], len(text))]


_PARTED = (
    "The terminator before this segment is missing; the line break was taken for it."
)
_WRAPPED = "Lines are broken inside segments; they were joined."
_NUL = "The file holds NUL bytes; they were taken out."
_NOT_UTF8 = "Some letters are not UTF-8; they were read as Windows-1252."
