"""Files that come in: stored, read once, loaded by whoever knows their transactions.

The flow: ``receive_upload`` keeps a file under its digest and makes its batch;
``process_batch`` reads it event by event and stores what is new, all in one
transaction. The gate: one file is one unit of work, and files are stored one after
the other. The trap: until the commit nothing of a file is there for anybody else, so
a process killed at any moment leaves its batch record and nothing else.
"""

from worklists.services.batches.findings import Findings
from worklists.services.batches.handlers import Created, Handler, Stored, register
from worklists.services.batches.parties import Parties
from worklists.services.batches.process import ingest_path, process_batch
from worklists.services.batches.receiving import receive_upload

__all__ = [
    "Created",
    "Findings",
    "Handler",
    "Parties",
    "Stored",
    "ingest_path",
    "process_batch",
    "receive_upload",
    "register",
]
