"""X12 in: a tolerant streaming reader and small state machines. No ORM here.

``read_file(stream)`` yields events (``events``) for the ingest service; ``FileFacts``
adds up the report of CONTRACT 2. ``segments`` cuts bytes into segments, ``reading``
keeps the envelopes, ``remittance`` is the 835, ``facts`` counts 837 and 27x too.
The trap: a claim that is not ``complete`` must not be stored.
"""

from worklists.x12.events import (
    Adjustment,
    Amount,
    Delimiters,
    Event,
    FileEnd,
    Finding,
    InterchangeStart,
    Limits,
    OtherSegment,
    Party,
    PaymentHeader,
    ProviderAdjustment,
    ProviderAdjustments,
    Reference,
    RemittanceClaim,
    ServiceLine,
    TransactionEnd,
    TransactionStart,
    Unreadable,
)
from worklists.x12.facts import FileFacts
from worklists.x12.reading import read_file

__all__ = [
    "Adjustment",
    "Amount",
    "Delimiters",
    "Event",
    "FileEnd",
    "FileFacts",
    "Finding",
    "InterchangeStart",
    "Limits",
    "OtherSegment",
    "Party",
    "PaymentHeader",
    "ProviderAdjustment",
    "ProviderAdjustments",
    "Reference",
    "RemittanceClaim",
    "ServiceLine",
    "TransactionEnd",
    "TransactionStart",
    "Unreadable",
    "read_file",
]
