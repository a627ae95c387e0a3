"""X12 in: a tolerant streaming reader and small state machines. No ORM here.

``read_file(stream)`` yields events (``events``) for the ingest service; ``FileFacts``
adds up the report of CONTRACT 2. ``source`` and ``segments`` cut bytes into segments
(``careful`` what is not clean), ``envelope`` keeps ISA to SE, ``remittance`` is the
835, ``claims837`` and ``status27x`` count. The trap: a claim that is not ``complete``
must not be stored.
"""

from worklists.x12.events import (
    Adjustment,
    Amount,
    Delimiters,
    Event,
    FileEnd,
    Finding,
    InterchangeStart,
    Party,
    PaymentHeader,
    Procedure,
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
from worklists.x12.limits import Limits
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
    "Party",
    "PaymentHeader",
    "Procedure",
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
