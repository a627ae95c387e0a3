"""Where an interchange begins and which separators it uses.

The separators are the fourth character of the ISA, its sixteenth element and what
stands behind that. They are found by counting elements, because real ISA segments
are padded wrongly, wrapped or cut, and their fixed places are then others.
"""

# ruff: noqa: PLR2004 - numbers of elements are the guide's

from __future__ import annotations

import re
import string
from typing import NamedTuple

from worklists.x12.events import Delimiters

LOOK_AHEAD = 1_024
USUAL_LENGTH = 106
_LONGEST_ISA = 400
_VERSION, _USAGE, _REPETITION = 12, 15, 11
_SHORT_ELEMENTS = (1, 3, 5, 7)  # qualifiers of two characters
_LETTERS = string.ascii_letters + string.digits
# No element may take a separator in: else a run of separators is tried in 40 ** 6 ways.
_LENIENT = re.compile(
    r"(?:ST([^A-Za-z0-9\s\x00])\d{3}\1[A-Za-z0-9]{1,20}(?:\1[A-Za-z0-9]*)?"
    r"|GS([^A-Za-z0-9\s\x00])[A-Za-z]{2}(?:\2(?:(?!\2)[^~\r\n]){0,40}){6}\2[A-Za-z0-9]+)"
    r"(?![A-Za-z0-9])(.)",
    re.DOTALL | re.IGNORECASE,
)


class Header(NamedTuple):
    """What an ISA says: its separators and elements, and where it ends.

    ``length`` counts the terminator where there is one, ``printed`` is the length
    without line breaks in between. ``by_lines`` says that a line
    break follows the terminator, so a line break inside a later segment means that a
    terminator was lost there. Without an ISA ``length`` is 0, ``elements`` are empty.
    """

    delimiters: Delimiters
    length: int
    elements: list[str]
    by_lines: bool
    printed: int = 0


def begins(text: str, at: int, terminator: str = "") -> bool:
    """Tell whether the three letters ISA at this place can open an interchange.

    Within an interchange (``terminator`` given) it must stand where a segment can.
    """
    before, behind = text[at - 1 : at] if at else "", text[at + 3 : at + 4]
    if not behind or (behind.isalnum() and behind.isascii()) or behind in " \r\n\x00":
        return False
    if terminator and before:
        return (
            before == terminator or before.isspace() or before in "\x00\x1a\xbf\ufeff"
        )
    return not (before.isalnum() and before.isascii())


def header_at(text: str, at: int) -> Header | None:
    """Read the ISA at ``at``; None where it is none.

    ``text`` must hold ``LOOK_AHEAD`` characters from there, or all that the file has.
    """
    window = text[at : at + LOOK_AHEAD]
    parts = window.split(window[3], 16)
    if len(parts) == 17 and _plausible(parts):
        return _counted(window, parts)
    return _before_group(window)


def _plausible(parts: list[str]) -> bool:
    """Prose and other segments also have sixteen separators somewhere."""
    length = sum(map(len, parts[:16])) + 16
    return (
        length <= _LONGEST_ISA
        and all(len(parts[place].strip()) <= 2 for place in _SHORT_ELEMENTS)
        and (
            parts[_VERSION].strip().isdecimal()
            or parts[_USAGE].strip().upper() in ("P", "T", "I")
        )
    )


def _counted(window: str, parts: list[str]) -> Header:
    element, rest = window[3], parts[16]
    empty = _is_empty_component(rest, element)
    component = ":" if empty else rest[:1]
    at = len(window) - len(rest) + (0 if empty else 1)
    terminator = window[at : at + 1]
    length = at + 1
    if terminator in ("", element) or (terminator.isalnum() and terminator.isascii()):
        terminator, length = _usual_terminator(rest), at
    elements = [part.replace("\r", "").replace("\n", "") for part in parts[:16]]
    return _header(
        window, Delimiters(element, component, "", terminator), length, elements
    )


def _is_empty_component(rest: str, element: str) -> bool:
    """Tell whether ISA16 is empty, so that the first character ends the segment.

    Then the GS follows at once, and the same character ends it too.
    """
    behind = rest[1:].lstrip()
    if not behind.startswith(f"GS{element}"):
        return False
    parts = behind.split(element, 8)
    return parts[-1].lstrip(_LETTERS)[:1] == rest[:1]


def _before_group(window: str) -> Header | None:
    """Take what stands before the GS of a damaged ISA; None without one."""
    element = window[3]
    found = re.search(
        r"(.)(.)[\r\n\t ]*GS" + re.escape(element), window[:_LONGEST_ISA], re.DOTALL
    )
    if found is None or window.count(element, 0, found.start()) < 8:
        return None
    component, terminator = found.groups()
    if component == element or component.isalnum():
        component = ":"
    elements = [part.strip() for part in window[: found.end(1)].split(element)]
    cuts = Delimiters(element, component, "", terminator)
    return _header(window, cuts, found.end(2), elements)


def _header(window: str, cuts: Delimiters, length: int, elements: list[str]) -> Header:
    terminator, behind = cuts.segment, window[length:]
    if terminator == "\r" and behind[:1] == "\n":
        terminator = "\n"
    by_lines = behind[:1] in ("\r", "\n")
    if terminator in "\r\n" and _lines_end_otherwise(behind):
        terminator, by_lines = "~", True
    elements += [""] * (16 - len(elements))
    repetition = elements[_REPETITION]
    if len(repetition) != 1 or repetition.isalnum() or repetition == " ":
        repetition = ""
    cuts = cuts._replace(repetition=repetition, segment=terminator)
    breaks = sum(map(window[: length - 1].count, "\r\n"))
    return Header(cuts, length, elements, by_lines, length - breaks)


def _lines_end_otherwise(behind: str) -> bool:
    """Tell whether only the ISA lost its terminator: the next lines all have theirs."""
    lines = [line for line in behind.splitlines()[:-1] if line][:3]
    return bool(lines) and all(line.endswith("~") for line in lines)


def _usual_terminator(text: str) -> str:
    return "~" if "~" in text else "\n"


def lenient(text: str) -> tuple[int, Header] | None:
    """Find the first ST or GS and the separators it shows, for files without ISA."""
    for found in _LENIENT.finditer(text):
        before = text[found.start() - 1 : found.start()]
        if not (before.isalnum() and before.isascii()):
            return found.start(), _lenient_header(text, found)
    return None


def _lenient_header(text: str, found: re.Match[str]) -> Header:
    element, terminator = found.group(1) or found.group(2), found.group(3)
    behind = text[found.end() : found.end() + 1]
    if terminator == "\r" and behind == "\n":
        terminator, behind = "\n", ""
    if terminator in (element, " "):
        terminator = _usual_terminator(text)
    cuts = Delimiters(element, ":", "", terminator)
    return Header(cuts, 0, [], behind in ("\r", "\n"))
