"""Upper bounds of what one file may bring into memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What is beyond a bound is left out and named by a finding, never silently.

    ``segment_bytes`` is the longest segment in characters, ``leading_bytes`` how far
    the first segment is looked for, ``elements`` the most
    elements of one segment that are looked at, ``segments`` the most of a file,
    ``claim_segments`` the most of one claim (999 lines need some 10,000), and
    ``same_findings`` how often one code is reported before it is only counted.
    ``distinct`` bounds every table of the facts (codes, names) and ``listed`` the
    lists of 277 statuses and traces.
    """

    segment_bytes: int = 1 << 16
    leading_bytes: int = 1 << 20
    elements: int = 1_000
    segments: int = 50_000_000
    claim_segments: int = 20_000
    same_findings: int = 200
    distinct: int = 20_000
    listed: int = 100_000
