"""Our own small files, read: what the tests of this room share.

Every file in ``tests/data/x12`` is invented here; no person, payer or claim is real.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

from worklists.x12 import (
    Event,
    FileEnd,
    FileFacts,
    Finding,
    InterchangeStart,
    Limits,
    PaymentHeader,
    ProviderAdjustments,
    RemittanceClaim,
    TransactionEnd,
    TransactionStart,
    read_file,
)

FOLDER = Path(__file__).parents[2] / "data" / "x12"


def sample(name: str) -> bytes:
    """Return one of our own files."""
    return (FOLDER / f"{name}.edi").read_bytes()


@dataclass
class Reading:
    """All events of a file, sorted by kind."""

    events: list[Event]
    facts: FileFacts = field(default_factory=FileFacts)

    def __post_init__(self) -> None:
        for event in self.events:
            self.facts.add(event)

    def of(self, kind: type) -> list:
        return [event for event in self.events if type(event) is kind]

    @property
    def claims(self) -> list[RemittanceClaim]:
        return self.of(RemittanceClaim)

    @property
    def headers(self) -> list[PaymentHeader]:
        return self.of(PaymentHeader)

    @property
    def outside(self) -> list[ProviderAdjustments]:
        return self.of(ProviderAdjustments)

    @property
    def interchanges(self) -> list[InterchangeStart]:
        return self.of(InterchangeStart)

    @property
    def starts(self) -> list[TransactionStart]:
        return self.of(TransactionStart)

    @property
    def ends(self) -> list[TransactionEnd]:
        return self.of(TransactionEnd)

    @property
    def findings(self) -> list[Finding]:
        return self.of(Finding)

    @property
    def codes(self) -> list[str]:
        return [finding.code for finding in self.findings]

    @property
    def end(self) -> FileEnd:
        return self.events[-1]

    def digests(self) -> list[str]:
        return [claim.digest for claim in self.claims]


def read(
    data: bytes, *, limits: Limits | None = None, chunk_size: int = 1 << 15
) -> Reading:
    """Read bytes as a file."""
    stream = io.BytesIO(data)
    return Reading(list(read_file(stream, limits=limits, chunk_size=chunk_size)))


def isa(cuts: str = "*:^~", *, control: int = 1, version: str = "00501") -> str:
    """Return an ISA of the right length; ``cuts`` are the four separators."""
    element, component, repetition, segment = cuts
    parts = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", f"{'HARBORLIGHT':15}", "ZZ",
        f"{'ELMSTREET':15}", "260310", "0602", repetition, version, f"{control:09}",
        "0", "T", component,
    ]  # fmt: skip
    return element.join(parts) + segment


def remittance(*body: str, control: str = "0001") -> bytes:
    """Return a file with one 835 of these segments between ST and SE."""
    segments = [
        "GS*HP*HARBORLIGHT*ELMSTREET*20260310*0602*7*X*005010X221A1",
        f"ST*835*{control}",
        *body,
        f"SE*{len(body) + 2}*{control}",
        "GE*1*7",
        "IEA*1*000000001",
    ]
    return (isa() + "".join(f"{segment}~" for segment in segments)).encode("latin-1")


HEAD = (
    "BPR*I*90*C*CHK************20260310",
    "TRN*1*CHECK7*1770000009",
    "N1*PR*HARBOR LIGHT HEALTH",
    "N1*PE*ELM STREET CLINIC*XX*1234567893",
    "LX*1",
)
CLAIM = (
    "CLP*ELM-1*1*120*90*10*12*HL1*11*1",
    "CAS*CO*45*20",
    "CAS*PR*2*10",
    "NM1*QC*1*ROWAN*TESS",
)


def translated(data: bytes, cuts: str) -> bytes:
    """Return a file of ours with other separators (element, component, repetition,
    segment); line breaks behind the terminators are taken out."""
    text = data.decode("ascii").replace("\n", "")
    return text.translate(str.maketrans("*:^~", cuts)).encode("latin-1")
