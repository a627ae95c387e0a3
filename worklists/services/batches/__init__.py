"""Files that come in: stored, read once, loaded by whoever knows their transactions.

The flow: ``receive`` keeps a file under its digest and makes its batch; ``process``
reads it event by event into temporary tables, then stores everything in one
transaction. The gate: one file is one unit of work, and two files are never stored at
the same time. The trap: what is staged while reading is not in the database yet, so a
process killed at any moment leaves its batch record and nothing else.
"""

from worklists.services.batches.findings import Findings
from worklists.services.batches.handlers import Created, Handler, Stored, register
from worklists.services.batches.parties import Parties
from worklists.services.batches.process import (
    finish_unfinished,
    ingest_path,
    process_batch,
)
from worklists.services.batches.receiving import receive_upload

__all__ = [
    "Created",
    "Findings",
    "Handler",
    "Parties",
    "Stored",
    "finish_unfinished",
    "ingest_path",
    "process_batch",
    "receive_upload",
    "register",
]
