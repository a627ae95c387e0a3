"""Where in a document something stands: “3”, “3-5”, “3, 7-9”, or “iv” of its front."""

from __future__ import annotations

import re

# Of a document whose pages are not counted; longer ones are not drawn either.
MOST_PAGES = 20_000
_ONE = r"(?:[0-9]{1,9}|[ivxlc]{1,8})"
_SOME = re.compile(
    rf"{_ONE}(?:\s*[-–]\s*{_ONE})?(?:\s*,\s*{_ONE}(?:\s*[-–]\s*{_ONE})?)*",
    re.IGNORECASE,
)


def why_no_page(text: str, page_count: int | None) -> str:
    """Return why a document has no such page, empty where it may have it.

    Numbers run from 1 to its pages, or to ``MOST_PAGES`` where they are not counted;
    Roman numerals, by which front pages are numbered, are taken as they are.
    """
    page = text.strip()
    if not _SOME.fullmatch(page):
        return f"“{page}” names no page. Write 3, 3-5, or 3, 7-9."
    numbers = [int(one) for one in re.findall(r"[0-9]+", page)]
    most = MOST_PAGES if page_count is None else page_count
    if all(1 <= number <= most for number in numbers):
        return ""
    if page_count is None:
        return f"Page {page} is none: a document has pages from 1 to {MOST_PAGES:,}."
    has = "1 page" if page_count == 1 else f"{page_count} pages"
    return f"Page {page} is not in the document; it has {has}."
