"""The temporary tables a file is staged in, and how rows get into them.

They belong to the session, so a killed process leaves nothing. Empty text is NULL
there: fewer bytes to send, and put back by ``storing``.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

PAYMENT = "staged_payment"
MONEY_OUTSIDE = "staged_plb"
CLAIM = "staged_claim"
LINE = "staged_line"
ADJUSTMENT = "staged_adjustment"
REMARK = "staged_remark"
FINDING = "staged_finding"

_TABLES = {
    PAYMENT: """
        tx int, payer_id bigint, payer_identifier text, payer_name text, trace text,
        paid_on date, paid_on_text text, amount numeric, credit_debit text,
        method text, handling text, facility_id bigint, payee_id text,
        payee_name text, produced_on date, control text, version text, raw text""",
    MONEY_OUTSIDE: """
        tx int, ord int, provider text, fiscal_on date, reason text, reference text,
        amount numeric, occurrence int""",
    CLAIM: """
        n int, tx int, patient_control_number text, status text, charge numeric,
        paid numeric, patient_responsibility numeric, filing_indicator text,
        payer_control_number text, facility_code text, frequency text, drg text,
        service_from date, service_to date, received_on date, patient_name text,
        member_id text, provider_name text, provider_id text, balanced bool,
        unreadable text, segment bigint, position bigint, length int, digest text,
        raw text""",
    LINE: """
        n int, number smallint, segment bigint, qualifier text, code text,
        modifiers text, revenue_code text, charge numeric, paid numeric,
        units numeric, allowed numeric, original_code text, original_units numeric,
        service_from date, service_to date, control text, text text""",
    ADJUSTMENT: """
        n int, position int, line_number smallint, "group" text, carc text,
        amount numeric, quantity numeric""",
    REMARK: "n int, position int, line_number smallint, code text, source text",
    FINDING: """
        n int, ord int, line_number smallint, kind text, "group" text, carc text,
        remarks text, amount numeric, label text, defect_class text,
        root_cause text, failed_stage text, owner text, route text,
        appealable bool, coding_related bool""",
}
# Made by ``storing``; named here so that one place drops them all.
DERIVED = ("fresh_payment", "fresh_claim", "fresh_denial", "fresh_cover")


def create() -> None:
    """Make the temporary tables of one file, empty."""
    drop()
    with connection.cursor() as cursor:
        for name, columns in _TABLES.items():
            cursor.execute(f"CREATE TEMP TABLE {name} ({columns})")


def drop() -> None:
    """Drop them, if they are there and the session still takes statements."""
    if connection.needs_rollback:
        return
    names = ", ".join(f"pg_temp.{name}" for name in (*_TABLES, *DERIVED))
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {names}")


def fill(name: str, rows: Iterable[str]) -> None:
    """Send rows of COPY text, each without its newline, to one table."""
    text = "\n".join(rows)
    if not text:
        return
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name} FROM STDIN WITH (NULL '')") as copy,
    ):
        copy.write(text + "\n")


def analyze() -> None:
    """Tell the planner how much was staged."""
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(_TABLES)}")


_SPECIAL = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def clean(text: str) -> str:
    """Return text as COPY takes it."""
    if text.isalnum():  # most codes and ids, at a fifth of the cost
        return text
    return text.translate(_SPECIAL)


def joined(cells: Iterable[str]) -> str:
    """Return one row; cells of free text have gone through ``clean``."""
    return "\t".join(cells)
