"""``document_page``: a document proves something only where one can look it up."""

from __future__ import annotations

import pytest

from worklists.evidence import FileFact
from worklists.evidence.rules.document_page import ANEW, document_page

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    "files",
    [
        [FileFact("3")],
        [FileFact(" 3 ", 3)],
        [FileFact("1", 1)],
        [FileFact("iv", 2)],
        [FileFact("3-4", 4)],
        [FileFact(), FileFact("3")],
        [FileFact("9", 3), FileFact("2", 3)],
        [FileFact("-1"), FileFact("2", 3)],
    ],
)
def test_a_page_that_can_be_looked_up(files):
    assert document_page(files) == ""


@pytest.mark.parametrize(
    "files", [[FileFact()], [FileFact("  ", 4)], [FileFact(), FileFact()]]
)
def test_no_page(files):
    assert document_page(files) == "Say on which page of which document this stands."


@pytest.mark.parametrize("page", ["-1", "x!", "page 3", "3;4"])
def test_what_names_no_page(page):
    assert document_page([FileFact(page)]) == (
        f"“{page}” names no page. Write 3, 3-5, or 3, 7-9. {ANEW}"
    )


@pytest.mark.parametrize("page", ["13", "0", "12-13", "0-3"])
def test_a_page_the_document_does_not_have(page):
    assert document_page([FileFact(page, 12)]) == (
        f"Page {page} is not in the document; it has 12 pages. {ANEW}"
    )
