"""A document proves something only where one can look it up."""

from __future__ import annotations

from collections.abc import Sequence

from worklists.evidence.fields import FileFact
from worklists.evidence.pages import why_no_page

# Pages taken by earlier releases are words as people wrote them (“p. 12”).
ANEW = "Add the file once more with its page, and take the other off."


def document_page(files: Sequence[FileFact]) -> str:
    """Ask for the page when no document names one that it has (``why_no_page``)."""
    paged = [file for file in files if file.page.strip()]
    if not paged:
        return "Say on which page of which document this stands."
    faults = [why_no_page(file.page, file.page_count) for file in paged]
    return f"{faults[0]} {ANEW}" if all(faults) else ""
