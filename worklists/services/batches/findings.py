"""Findings of a file, kept in bounded memory however bad the file is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from worklists.x12 import Finding

MOST_PER_CODE = 50


class Findings:
    """The first findings of each code, and how many more there were."""

    def __init__(self, findings: Iterable[Finding] = ()) -> None:
        self._kept: list[Finding] = []
        self._seen: Counter[str] = Counter()
        self.extend(findings)

    def __bool__(self) -> bool:
        return bool(self._kept)

    def extend(self, findings: Iterable[Finding]) -> None:
        """Take findings in order."""
        for finding in findings:
            self._seen[finding.code] += 1
            if self._seen[finding.code] <= MOST_PER_CODE:
                self._kept.append(finding)

    def as_json(self) -> list[dict[str, Any]]:
        """Return the findings as CONTRACT 2 shows them; the rest is counted."""
        shown = [finding.as_json for finding in self._kept]
        for code, seen in self._seen.items():
            if seen > MOST_PER_CODE:
                shown.append(counted(code, seen - MOST_PER_CODE))
        return shown


def counted(code: str, more: int) -> dict[str, Any]:
    """Return the entry that stands for findings which are not listed one by one."""
    message = f"{more} more findings of this kind are not listed."
    return {"code": code, "segment": 0, "position": 0, "message": message}
