"""What a file really is, and hostile PDFs."""

import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfWriter

from worklists.errors import BadInput
from worklists.services import pdf_pages, uploads
from worklists.services.page_images import (
    BUSY,
    PASSWORD,
    STOPPED,
    TOO_LONG,
    PageRefusedError,
)
from worklists.services.pdf_pages import PdfRefusedError, pages_of
from worklists.services.uploads import keep, place_of, received

pytestmark = pytest.mark.integration


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def pdf(*, password="", pages=3):
    """Return a PDF."""
    writer, out = PdfWriter(), BytesIO()
    for _ in range(pages):
        writer.add_blank_page(100, 100)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


def test_pages_of_counts(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(pages=7))

    assert pages_of(path) == 7


def test_pages_behind_a_password_are_not_known(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf(password="secret"))

    assert pages_of(path) is None


LOOP = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[2 0 R]/Count 1>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.4\n",
        b"%PDF-1.4\n" + b"[" * 100_000,
        b"%PDF-1.4\nstartxref\n0\n%%EOF",
        LOOP,
        pdf(pages=1)[:-200],
    ],
)
def test_pages_of_a_hostile_file(tmp_path, content):
    path = tmp_path / "a.pdf"
    path.write_bytes(content)

    try:
        assert pages_of(path) in {0, 1, None}
    except PdfRefusedError as refused:
        assert "cannot be opened" in str(refused)  # noqa: PT017 - either will do


def test_pages_of_a_file_that_takes_too_long(tmp_path, monkeypatch):
    def slow(*_args, **more):
        raise subprocess.TimeoutExpired("x", more["timeout"])

    monkeypatch.setattr(subprocess, "run", slow)

    with pytest.raises(PdfRefusedError, match="too long"):
        pages_of(tmp_path / "a.pdf")


@pytest.mark.parametrize(
    ("name", "declared", "accepted"),
    [
        ("a.pdf", "", True),
        ("a.PDF", "application/pdf; charset=x", True),
        ("a.pdf", "application/octet-stream", True),
        ("a.pdf", "image/png", False),
        ("a.txt", "application/pdf", False),
        ("pdf", "application/pdf", False),
        ("a.pdf.exe", "application/pdf", False),
    ],
)
def test_name_type_and_content_agree(name, declared, accepted):
    try:
        with received([pdf(pages=1)], file_name=name, declared=declared) as file:
            assert accepted
            assert (file.content_type, file.page_count) == ("application/pdf", 1)
    except BadInput:
        assert not accepted


def test_a_received_file_is_gone_unless_it_is_kept(tmp_path):
    with received([b"some words"], file_name="a.txt") as file:
        assert file.path.exists()
    assert not file.path.exists()

    with received([b"some ", b"words"], file_name="a.txt") as again:
        place = keep(again)
    assert place == place_of(file.sha256)
    assert place.read_bytes() == b"some words"


def test_chunks_of_any_size_are_sniffed_alike():
    content = pdf(pages=1)
    chunks = (content[i : i + 7] for i in range(0, len(content), 7))

    with received(chunks, file_name="a.pdf") as file:
        assert file.content_type == "application/pdf"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        (BUSY, "again in a moment"),
        (STOPPED, "again in a moment"),
        (TOO_LONG, "too long to draw"),
    ],
)
def test_what_is_not_looked_at_is_not_taken_and_says_what_to_do(
    monkeypatch, tmp_path, why, said
):
    def undrawn(_path):
        raise PageRefusedError(why)

    monkeypatch.setattr(uploads, "refuse_undrawable", undrawn)

    with (
        pytest.raises(BadInput, match=said),
        received([pdf(pages=1)], file_name="a.pdf"),
    ):
        pytest.fail("taken")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_pdf_that_people_open_with_a_password_is_taken(monkeypatch):
    with received([pdf(password="secret")], file_name="a.pdf") as file:
        assert file.page_count is None

    def locked(_path):
        raise PageRefusedError(PASSWORD)

    monkeypatch.setattr(uploads, "refuse_undrawable", locked)
    with received([pdf(pages=2)], file_name="a.pdf") as file:
        assert file.page_count == 2


@pytest.fixture
def unlimited(monkeypatch):
    """Run the script in this process, without limits on it."""
    limited = []
    monkeypatch.setattr(pdf_pages, "_limit", lambda: limited.append(1))
    yield
    assert limited == [1]


CASES = {
    "counted": (pdf(pages=4), 0, "4\n"),
    "locked": (pdf(password="secret"), pdf_pages.LOCKED, ""),
    "broken": (b"%PDF-1.4", pdf_pages.BROKEN, ""),
}


@pytest.mark.usefixtures("unlimited")
@pytest.mark.parametrize("case", CASES)
def test_the_script_says_what_it_found(tmp_path, monkeypatch, capsys, case):
    content, code, said = CASES[case]
    path = tmp_path / "a.pdf"
    path.write_bytes(content)
    monkeypatch.setattr("sys.argv", ["pdf_pages.py", str(path)])

    assert pdf_pages.main() == code
    assert capsys.readouterr().out == said


def test_a_file_that_swallows_memory_ends_its_reader_alone(tmp_path, monkeypatch):
    script = tmp_path / "greedy.py"
    source = Path(pdf_pages.__file__).read_text()
    script.write_text(
        source.replace("count = _count(sys.argv[1])", "count = len(b'x' * 2**31)")
    )
    monkeypatch.setattr(pdf_pages, "__file__", str(script))

    with pytest.raises(PdfRefusedError, match="cannot be opened"):
        pages_of(tmp_path / "a.pdf")
