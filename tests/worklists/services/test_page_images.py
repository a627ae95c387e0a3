"""Drawing pages of files that may be hostile: limited, kept, and said when broken."""

import os
import signal
import subprocess
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image
from pypdf import PdfWriter

from worklists.services import page_images
from worklists.services.page_images import (
    BUSY,
    LONG_SIDE,
    NO_SUCH,
    PASSWORD,
    STOPPED,
    TOO_LARGE,
    TOO_LONG,
    UNREADABLE,
    PageRefusedError,
    page_image,
)

pytestmark = pytest.mark.integration

DIGEST = "ab" * 32


def pdf(*sizes, password="") -> bytes:
    writer, out = PdfWriter(), BytesIO()
    for width, height in sizes:
        writer.add_blank_page(width, height)
    if password:
        writer.encrypt(password)
    writer.write(out)
    return out.getvalue()


def picture(name="PNG", size=(60, 40), **more) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "white").save(out, name, **more)
    return out.getvalue()


@pytest.fixture
def drawn(tmp_path):
    """Return a function that stores bytes and draws one page of them."""

    def draw(content, number=1):
        source = tmp_path / "source"
        source.write_bytes(content)
        return page_image(source, sha256=DIGEST, number=number, folder=tmp_path)

    return draw


def test_each_page_of_a_pdf_is_a_png_of_bounded_size(drawn):
    found = drawn(pdf((612, 792), (792, 612)), number=2)

    assert found.pages == 2
    with Image.open(found.path) as image:
        assert image.format == "PNG"
        assert max(image.size) == pytest.approx(LONG_SIDE, abs=1)
        assert image.width > image.height


def test_a_sheet_of_two_hundred_inches_is_no_larger(drawn):
    with Image.open(drawn(pdf((14_400, 14_400))).path) as image:
        assert max(image.size) <= LONG_SIDE + 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_a_picture_is_drawn_anew(drawn, kind):
    found = drawn(picture(kind))

    assert found.pages == 1
    with Image.open(found.path) as image:
        assert (image.format, image.size) == ("PNG", (60, 40))


def test_a_large_picture_is_made_smaller_and_a_fax_has_pages(drawn):
    more = [Image.new("RGB", (60, 40), "black")]
    fax = picture("TIFF", save_all=True, append_images=more)

    found = drawn(fax, number=2)

    assert found.pages == 2
    with Image.open(found.path) as image:
        assert image.getpixel((1, 1)) == (0, 0, 0)


def test_what_was_drawn_is_kept_private_and_not_drawn_again(drawn, monkeypatch):
    first = drawn(pdf((612, 792)))
    assert first.path.stat().st_mode & 0o777 == 0o600
    monkeypatch.setattr(page_images, "_draw", lambda *_a: pytest.fail("drawn again"))

    assert drawn(pdf((612, 792))) == first


@pytest.mark.parametrize(
    ("content", "number", "why"),
    [
        (b"%PDF-1.7\nnothing of the kind", 1, UNREADABLE),
        (picture()[:50], 1, UNREADABLE),
        (b"neither", 1, UNREADABLE),
        (pdf((612, 792), password="secret"), 1, PASSWORD),
        (pdf((612, 792)), 2, NO_SUCH),
        (pdf((612, 792)), 0, NO_SUCH),
        (picture(), 2, NO_SUCH),
    ],
)
def test_what_cannot_be_drawn_says_why_and_leaves_nothing(
    drawn, tmp_path, content, number, why
):
    with pytest.raises(PageRefusedError) as refused:
        drawn(content, number)

    assert str(refused.value) == why
    assert not list(tmp_path.glob(f"{page_images.FOLDER}/*/*/*.png"))


def bomb() -> bytes:
    """Return a PNG of a few kilobytes that says it is 30,000 pixels wide and high."""

    def chunk(kind, body):
        crc = zlib.crc32(kind + body).to_bytes(4, "big")
        return len(body).to_bytes(4, "big") + kind + body + crc

    side = (30_000).to_bytes(4, "big")
    head = side + side + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress(b"\x00" * 1_000_000)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("taken", "why", "again"),
    [(signal.SIGXCPU, TOO_LONG, TOO_LONG), (signal.SIGKILL, STOPPED, None)],
)
def test_what_the_system_ends_took_too_long_or_is_drawn_again(
    drawn, monkeypatch, taken, why, again
):
    ended = subprocess.CompletedProcess([], -taken, b"", b"")
    with monkeypatch.context() as patched:
        patched.setattr(page_images.subprocess, "run", lambda *_, **__: ended)
        with pytest.raises(PageRefusedError) as refused:
            drawn(picture())
    assert str(refused.value) == why

    if again is None:
        assert drawn(picture()).pages == 1
        return
    with pytest.raises(PageRefusedError) as refused:
        drawn(picture())
    assert str(refused.value) == again


def test_a_later_page_that_is_too_large_is_refused(drawn):
    out, pages = (
        BytesIO(),
        [Image.new("1", size) for size in ((60, 40), (12_000, 11_000))],
    )
    pages[0].save(
        out, "TIFF", save_all=True, append_images=pages[1:], compression="group4"
    )
    fax = out.getvalue()
    assert drawn(fax, number=1).pages == 2

    with pytest.raises(PageRefusedError) as refused:
        drawn(fax, number=2)

    assert str(refused.value) == TOO_LARGE


def test_a_picture_that_swells_is_refused(drawn):
    with pytest.raises(PageRefusedError) as refused:
        drawn(bomb())

    assert str(refused.value) == TOO_LARGE


def test_a_page_that_takes_too_long_is_given_up(drawn, monkeypatch, tmp_path):
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(30)")
    monkeypatch.setattr(page_images, "__file__", str(slow))
    monkeypatch.setattr(page_images, "SECONDS", -1.5)

    with pytest.raises(PageRefusedError) as refused:
        drawn(pdf((612, 792)))

    assert str(refused.value) == TOO_LONG


def test_more_at_once_than_there_are_places_wait_their_turn(drawn, monkeypatch):
    monkeypatch.setattr(page_images.AT_ONCE, "acquire", lambda **_w: False)

    with pytest.raises(PageRefusedError) as refused:
        drawn(pdf((612, 792)))

    assert str(refused.value) == BUSY


def test_a_refusal_is_remembered_for_an_hour(drawn, tmp_path, monkeypatch):
    with pytest.raises(PageRefusedError):
        drawn(b"neither")
    monkeypatch.setattr(page_images, "_draw", lambda *_: (1, b"png"))
    with pytest.raises(PageRefusedError, match="broken"):
        drawn(b"neither")
    [kept] = tmp_path.glob(f"{page_images.FOLDER}/*/*/*.refused")
    os.utime(kept, (0, time.time() - 3_601))
    assert drawn(b"neither").pages == 1


def test_a_page_that_was_not_there_may_be_asked_for_again(drawn, monkeypatch):
    with pytest.raises(PageRefusedError, match="no such page"):
        drawn(pdf((612, 792)), 2)
    monkeypatch.setattr(page_images, "_draw", lambda *_: (2, b"png"))
    assert drawn(pdf((612, 792)), 2).pages == 2


def test_the_drawing_process_knows_nothing_of_the_product(drawn, monkeypatch, tmp_path):
    spy = tmp_path / "spy.py"
    spy.write_text("import os; print(len(os.environ.get('DATABASE_URL', '')) + 1)")
    monkeypatch.setenv("DATABASE_URL", "postgresql://secret")
    monkeypatch.setattr(page_images, "__file__", str(spy))
    assert drawn(pdf((612, 792))).pages == 1


def test_old_pages_are_forgotten_and_young_ones_kept(drawn, tmp_path):
    path = drawn(pdf((612, 792))).path
    now = path.stat().st_mtime
    assert page_images.forget_old(tmp_path, now=now + page_images.KEPT_FOR - 60) == 0
    assert path.exists()
    assert page_images.forget_old(tmp_path, now=now + page_images.KEPT_FOR + 60) == 2
    assert not path.exists()
