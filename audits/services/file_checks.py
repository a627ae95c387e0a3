"""Files of evidence held against the digests that the trail names, some of them a day."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from audits.selectors.verification import LIMIT, Fault
from worklists.models import Attachment
from worklists.services.stored_files import WORDS, wrong_with

# Every file is read once in so many days; that it is there, with its size, is seen daily.
# No multiple of a week: a site that sleeps on Sundays would never read what falls on one.
ROUND = 29


@dataclass(slots=True)
class FileChecks:
    """What a look at the store found: how many files there are, how many were read."""

    files: int = 0
    read: int = 0
    faults: list[Fault] = field(default_factory=list)


def check_files(day: date | None = None) -> FileChecks:
    """Look whether every file is there, and read those whose turn it is on ``day``.

    Without a day all are read. A file is looked at once, however many answers it is
    evidence of; its fault names the first.
    """
    found = FileChecks()
    rows = Attachment.objects.order_by("sha256", "pk").distinct("sha256")
    columns = ("pk", "item_id", "sha256", "size")
    for pk, item_id, sha256, size in rows.values_list(*columns).iterator():
        turn = day is None or int(sha256[:4], 16) % ROUND == day.toordinal() % ROUND
        wrong = wrong_with(sha256, size, read=turn)
        found.files += 1
        found.read += turn
        if wrong and len(found.faults) < LIMIT:
            message = f"file {pk} {WORDS[wrong]}"
            found.faults.append(Fault(wrong, f"item:{item_id}", 0, None, message))
    return found
