"""Columns of what a file adds, and how rows of text get into them.

Rows are CSV with tabs and a quote sign that no text holds, so that values without
control characters go as they are; an empty cell is NULL but in ``texts`` columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

QUOTE = "\x01"
FORMAT = "FORMAT csv, DELIMITER E'\\t', QUOTE E'\\x01', ESCAPE E'\\x01', NULL ''"


@dataclass(frozen=True, slots=True)
class Target:
    """A table, its columns in the order of the rows, and which take empty text."""

    table: str
    columns: Sequence[str]
    texts: Sequence[str]
    statement: str = field(init=False)

    def __post_init__(self) -> None:
        names = ", ".join(f'"{name}"' for name in self.columns)
        texts = ", ".join(f'"{name}"' for name in self.texts)
        options = f"{FORMAT}, FORCE_NOT_NULL ({texts})" if texts else FORMAT
        statement = f"COPY {self.table} ({names}) FROM STDIN WITH ({options})"
        object.__setattr__(self, "statement", statement)

    def fill(self, cursor: psycopg.Cursor[Any], rows: Iterable[str]) -> None:
        """Send rows, each ending with its newline."""
        text = "".join(rows)
        if text:
            with cursor.copy(self.statement) as copy:
                copy.write(text)


def _target(table: str, columns: str) -> Target:
    """Return a table whose columns named in capitals are texts."""
    names = [name.lower() for name in columns.split()]
    texts = [name.lower() for name in columns.split() if name.isupper()]
    return Target(table, names, texts)


CLAIM = _target(
    "worklists_claim",
    "id PAYEE_ID PATIENT_CONTROL_NUMBER service_from service_to facility_id payer_id "
    "PAYER_NAME PATIENT_NAME MEMBER_ID PROVIDER_NAME SPECIALTY charge paid created_at",
)
REMITTANCE_CLAIM = _target(
    "denials_remittanceclaim",
    "id claim_id remittance_id batch_id PATIENT_CONTROL_NUMBER STATUS charge paid "
    "patient_responsibility FILING_INDICATOR PAYER_CONTROL_NUMBER FACILITY_CODE "
    "FREQUENCY DRG service_from service_to received_on PATIENT_NAME MEMBER_ID "
    "PROVIDER_NAME PROVIDER_ID balanced unreadable segment position length digest RAW",
)
LINE = _target(
    "denials_remittanceline",
    "remittance_claim_id number segment QUALIFIER CODE modifiers REVENUE_CODE charge "
    "paid units allowed ORIGINAL_CODE original_units service_from service_to CONTROL "
    "TEXT",
)
ADJUSTMENT = _target(
    "denials_adjustment",
    "remittance_claim_id position line_number GROUP CARC amount quantity",
)
REMARK = _target(
    "denials_remark", "remittance_claim_id position line_number CODE SOURCE"
)
FINDING = _target(
    "staged_finding",
    "remittance_claim_id ord line_number kind GROUP CARC remarks amount LABEL "
    "DEFECT_CLASS ROOT_CAUSE FAILED_STAGE OWNER ROUTE appealable coding_related",
)
PAYMENT = _target(
    "staged_payment",
    "tx payer_id PAYER_IDENTIFIER PAYER_NAME TRACE paid_on PAID_ON_TEXT amount "
    "CREDIT_DEBIT METHOD HANDLING facility_id PAYEE_ID PAYEE_NAME produced_on CONTROL "
    "VERSION RAW",
)
OUTSIDE = _target(
    "staged_plb",
    "remittance_id PROVIDER fiscal_on REASON REFERENCE amount occurrence",
)
FRESH = _target("fresh_claim", "id claim_id added")

_TEMPORARY = {
    "staged_payment": """
        tx int, payer_id bigint, payer_identifier text, payer_name text, trace text,
        paid_on date, paid_on_text text, amount numeric, credit_debit text,
        method text, handling text, facility_id bigint, payee_id text,
        payee_name text, produced_on date, control text, version text, raw text""",
    "staged_plb": """
        remittance_id bigint, provider text, fiscal_on date, reason text,
        reference text, amount numeric, occurrence int""",
    "staged_finding": """
        remittance_claim_id bigint, ord int, line_number int, kind text, "group" text,
        carc text, remarks text, amount numeric, label text, defect_class text,
        root_cause text, failed_stage text, owner text, route text,
        appealable bool, coding_related bool""",
    "fresh_payment": "id bigint",
    "fresh_claim": "id bigint, claim_id bigint, added bool",
    "fresh_denial": "id bigint, claim_id bigint, kind text, amount numeric",
    "fresh_round": "denial_id bigint, item_id bigint, round int, previous_id bigint",
    "fresh_cover": "denial_id bigint, item_id bigint, reversal_id bigint",
}


def create(cursor: Any) -> None:
    """Make the temporary tables of one file, empty; they go with its transaction."""
    for name, columns in _TEMPORARY.items():
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{name}")
        cursor.execute(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
