"""The bytes of a file as a window of text whose every character has a place.

One-byte files are read as Latin-1, so a character is a byte and its index a position;
letters are put right later, segment by segment. UTF-16 is read with two bytes a
character. Only the window is in memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import BinaryIO

_SNIFFED = 4
_PAIRS = re.compile("[\U00010000-\U0010ffff]")


class Source:
    """A window over a binary stream: ``text`` grows at its end, shrinks at its start.

    ``ended`` is True once the stream gave nothing more. ``wide`` says UTF-16.
    """

    def __init__(self, stream: BinaryIO, chunk_size: int) -> None:
        self._stream = stream
        self._chunk = max(1, chunk_size)
        self.size = 0
        self.text = ""
        self.ended = False
        self.wide = False
        self.marked = False
        self._start = 0
        self._dropped = 0
        self._decode: Callable[[bytes], str] = _latin_1
        self._open()

    def _open(self) -> None:
        """Read the first bytes and tell one-byte files from UTF-16."""
        head = b""
        while len(head) < _SNIFFED and (
            more := self._stream.read(_SNIFFED - len(head))
        ):
            head += more
        self.size = len(head)
        codec = _wide_codec(head)
        if codec:
            self.wide = True
            self.marked = head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            self._start = 2 if self.marked else 0
            self._decode = _WideDecoder(codec)
        else:
            self.marked = head[:3] == codecs.BOM_UTF8
        self.text = self._decode(head[self._start :])

    def more(self) -> bool:
        """Read one more chunk; False at the end of the file."""
        chunk = b"" if self.ended else self._stream.read(self._chunk)
        if not chunk:
            self.ended = True
            return False
        self.size += len(chunk)
        self.text += self._decode(chunk)
        return True

    def reach(self, length: int) -> None:
        """Read until the window holds ``length`` characters or the file ends."""
        while len(self.text) < length and self.more():
            pass

    def drop(self, length: int) -> None:
        """Forget the first ``length`` characters of the window."""
        self.text = self.text[length:]
        self._dropped += length

    def position(self, index: int = 0) -> int:
        """Return the byte offset, in the file, of the window's character ``index``."""
        place = self._dropped + index
        return self._start + (2 * place if self.wide else place)


def _wide_codec(head: bytes) -> str:
    if head[:2] == codecs.BOM_UTF16_LE or head[1::2] == b"\x00\x00":
        return "utf-16-le" if head[:1] != b"\x00" else ""
    if head[:2] == codecs.BOM_UTF16_BE or head[::2] == b"\x00\x00":
        return "utf-16-be" if head[1:2] != b"\x00" else ""
    return ""


def _latin_1(data: bytes) -> str:
    return data.decode("latin-1")


class _WideDecoder:
    """UTF-16 to text in which every character stands for two bytes.

    Characters outside the basic plane, which take four, become two marks: no X12
    character set has them, and the positions behind them stay right.
    """

    def __init__(self, codec: str) -> None:
        self._decoder = codecs.getincrementaldecoder(codec)(errors="replace")

    def __call__(self, data: bytes) -> str:
        return _PAIRS.sub("\ufffd\ufffd", self._decoder.decode(data))
