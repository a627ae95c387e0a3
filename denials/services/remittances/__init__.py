"""Remittances in: written while the file is read, in the file's one transaction.

``loader`` is the 835 handler of the kernel's batches. ``rows`` turns claims into COPY
text, ``chunks`` stores some thousand claims at a time behind the reader's back,
``tables`` are the columns and the few temporary tables, ``finishing`` makes work of
the denials. The trap: a chunk is stored by another thread on the same
connection, so nothing else may use it until ``Behind.settle``.
"""

from denials.services.remittances.loader import RemittanceLoader

__all__ = ["RemittanceLoader"]
