"""What ships, from the tables of ``reference``, for the kernel's registry.

``reference/shipped.csv`` has a line for every version of everything that ever shipped,
with the digest of its content: add one with each change, never change or remove one. It
tells a site whether it has an earlier release's version or one of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seeds.reference.queues import REVIEWS, SLAS, ReviewRow, SlaRow
from seeds.reference.templates import TEMPLATES
from worklists import shipped
from worklists.enums import RuleKind
from worklists.ladder_words import in_order
from worklists.shipped import Shipped

LEDGER = Path(__file__).resolve().parent / "reference" / "shipped.csv"
# Templates are at their first version; one that changes is named here.
TEMPLATE_VERSIONS: Mapping[str, int] = dict.fromkeys(
    ("authorization", "eligibility", "duplicates", "timely-filing", "other-denials"), 2
)


def register() -> None:
    """Make known to the kernel what ships. May be called again."""
    shipped.register(*all_shipped())


def all_shipped() -> Iterator[Shipped]:
    """Yield every form, review policy and ladder of this release."""
    earlier = read_ledger()
    for kind, slug, version, content in _contents():
        known = earlier.get((kind, slug), {})
        before = {one: number for one, number in known.items() if number < version}
        yield Shipped(kind, slug, version, content, before)


def read_ledger() -> dict[tuple[str, str], dict[str, int]]:
    """Return the version of every digest by kind and short name."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    with LEDGER.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            of_one = found.setdefault((row["kind"], row["slug"]), {})
            of_one[row["digest"]] = int(row["version"])
    return found


def _contents() -> Iterator[tuple[RuleKind, str, int, dict[str, Any]]]:
    for slug, (name, kind, fields) in TEMPLATES.items():
        content = {"name": name, "kind": kind, "step": "work", "fields": fields}
        yield RuleKind.TEMPLATE, slug, TEMPLATE_VERSIONS.get(slug, 1), content
    for review in REVIEWS:
        yield RuleKind.REVIEW, review.slug, review.version, _review(review)
    for sla in SLAS:
        yield RuleKind.SLA, sla.slug, sla.version, _sla(sla)


def _review(row: ReviewRow) -> dict[str, Any]:
    content = {
        name: list(one) if isinstance(one, tuple) else one
        for name, one in row._asdict().items()
        if name not in {"slug", "version"}
    }
    return content | {"autonomy": [list(step) for step in row.autonomy]}


def _sla(row: SlaRow) -> dict[str, Any]:
    steps = [
        {"position": place, **step._asdict()} for place, step in enumerate(row.steps, 1)
    ]
    return {
        "name": row.name,
        "business_hours": row.business_hours,
        "steps": in_order(steps),
    }
