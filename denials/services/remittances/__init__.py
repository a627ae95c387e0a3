"""Remittances in: staged while a file is read, stored in one transaction.

``loader`` is the 835 handler of the kernel's batches. ``rows`` turns events into COPY
text, ``tables`` are the temporary tables it goes to, ``storing`` moves what is new
into ours.
"""

from denials.services.remittances.loader import RemittanceLoader

__all__ = ["RemittanceLoader"]
