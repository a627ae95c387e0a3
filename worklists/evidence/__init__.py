"""Evidence is a contract: what must be proven, and what is still missing.

Owns the shape of evidence templates, the check of answers against them, and one pure
rule per file under ``rules``. The flow: ``parse_template`` reads a template's JSON,
``expand`` repeats its per-part fields, ``shape_errors`` refuses what cannot be an
answer at all, ``gaps`` names everything that is missing or not accepted at once.
No ORM, no HTTP: answers are JSON values by field name, files are ``FileFact``.

May import: ``errors``, ``enums``, ``context``. Never: models.
"""

from worklists.evidence.citing import Held, HeldVersion, completed, uncitable_gaps
from worklists.evidence.fields import (
    Condition,
    Field,
    FileFact,
    Gap,
    Part,
    Validator,
    expand,
)
from worklists.evidence.gaps import asked, gap_summary, gaps, progress
from worklists.evidence.reads import Reads, Unread, unread
from worklists.evidence.shapes import shape_errors
from worklists.evidence.template import parse_template

__all__ = [
    "Condition",
    "Field",
    "FileFact",
    "Gap",
    "Held",
    "HeldVersion",
    "Part",
    "Reads",
    "Unread",
    "Validator",
    "asked",
    "completed",
    "expand",
    "gap_summary",
    "gaps",
    "parse_template",
    "progress",
    "shape_errors",
    "uncitable_gaps",
    "unread",
]
