"""A document proves something only where one can look it up."""

from __future__ import annotations

from collections.abc import Sequence

from worklists.evidence.fields import FileFact


def document_page(files: Sequence[FileFact]) -> str:
    """Ask for the page when no document names one that it has.

    A page that is not a plain number, such as “iv” or “3-4”, is taken as it is.
    """
    paged = [file for file in files if file.page.strip()]
    if not paged:
        return "Say on which page of which document this stands."
    if any(_is_within(file) for file in paged):
        return ""
    file = paged[0]
    return f"Page {file.page} is not in the document; it has {file.page_count} pages."


def _is_within(file: FileFact) -> bool:
    page = file.page.strip()
    if file.page_count is None or not page.isdecimal():
        return True
    return 1 <= int(page) <= file.page_count
