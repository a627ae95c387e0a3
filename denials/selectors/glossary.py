"""What the codes of a denial mean, in our own words: its group, reason, remarks, class.

The words are the taxonomy's and this file's; the code lists' own descriptions belong to
their owners and are not carried here. Pure: the taxonomy is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from denials.models import Denial
from worklists.class_words import class_words
from worklists.enums import RootCause
from worklists.taxonomy import UNKNOWN, TaxonomyTable

GROUPS: Mapping[str, str] = {
    "CO": "By our contract the loss is ours; the patient is not billed for it",
    "PR": "The patient owes it",
    "OA": "No contract and no patient bears it; often another payer comes first",
    "PI": "The payer took it off by itself; the patient is not billed for it",
}
ROUTES: Mapping[str, str] = {
    "appeal": "appeal",
    "bill_other_payer": "bill the other payer",
    "check_history": "check what was sent before",
    "compliance_review": "ask compliance",
    "contact_patient": "ask the patient",
    "contact_payer": "ask the payer for the reason",
    "correct_resubmit": "correct and resend",
    "none": "",
    "post_patient": "post it to the patient’s account",
    "proof_or_write_off": "prove timely filing, or write off",
    "send_records": "send the records",
    "verify_eligibility": "verify eligibility",
    "wait": "wait for the payer",
    "writeoff_review": "look at it for a write-off",
}
NO_ROW = "Not in our taxonomy"
NO_WORDS = "Changes nothing in our taxonomy"
NO_APPEAL = "Takes the appeal away"


class Term(NamedTuple):
    """A code or a fact of the taxonomy, and what it means."""

    name: str
    words: str


def route_words(route: str) -> str:
    """Return the first thing to do in words, empty where there is nothing to do."""
    return ROUTES.get(route, route.replace("_", " "))


def code_words(table: TaxonomyTable | None, group: str, carc: str) -> str:
    """Return group and reason of one adjustment in a line, for what is pointed at."""
    terms = (_group(group), _reason(table, carc))
    return ". ".join(f"{term.name}: {term.words}" for term in terms if term)


def terms_of(row: Denial, table: TaxonomyTable | None) -> list[Term]:
    """Return each code of a denial with its meaning, then what follows from them.

    Class, cause, owner, first step and appeal are those kept with the denial, by the
    taxonomy that found it; codes are explained by ``table``, the one in force.
    """
    codes = (_group(row.group), _reason(table, row.carc), *_remarks(row, table))
    return [*filter(None, codes), *_follows(row)]


def _group(group: str) -> Term | None:
    return Term(group, GROUPS[group]) if group in GROUPS else None


def _reason(table: TaxonomyTable | None, carc: str) -> Term | None:
    if table is None or carc in {"", UNKNOWN}:
        return None
    row = table.row(carc)
    return Term(carc, row.label if row else NO_ROW)


def _remarks(row: Denial, table: TaxonomyTable | None) -> Iterable[Term]:
    if table is None:
        return
    base, _ = table.resolve(row.carc, ())
    for remark in row.remarks:
        said, by = table.resolve(row.carc, (remark,))
        words = said.label if by and said.label != base.label else ""
        barred = by and base.appealable and not said.appealable
        known = ". ".join(filter(None, [words, NO_APPEAL if barred else ""]))
        yield Term(remark, known or NO_WORDS)


def _follows(row: Denial) -> Iterable[Term]:
    cause = row.suggested_root_cause
    known = row.get_suggested_root_cause_display().lower()
    said = {
        "Class": class_words(row.defect_class),
        "Usually caused by": "" if cause == RootCause.UNKNOWN else known,
        "Owner": row.owner.replace("_", " "),
        "First thing to do": route_words(row.route),
        "Appealable": "yes" if row.appealable else "no",
    }
    return [Term(name, words) for name, words in said.items() if words]
