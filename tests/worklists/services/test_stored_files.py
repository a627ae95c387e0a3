"""A file of evidence is the one that was attached, or is not shown."""

import pytest

from audits.services.file_checks import check_files
from tests.factories import QueueFactory, make_site, open_item, take
from tests.worklists.api.test_attachments import PNG
from worklists.errors import FileDamaged
from worklists.models import Event, WorkItem
from worklists.services.attachments import NewFile, attach, open_file
from worklists.services.showing import look_at, open_page
from worklists.services.uploads import place_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(settings, tmp_path):
    """A site with an item in hand and a queue for reports."""
    settings.MEDIA_ROOT = tmp_path
    made = make_site()
    QueueFactory(
        kind="issue_report", team=made.queue.team, sla_policy=made.queue.sla_policy
    ).rules.update(conditions=[])
    made.item = take(open_item(made.queue, made.facility), made.coder)
    return made


@pytest.fixture
def row(site):
    """A text file on the item."""
    file = NewFile([b"Seen at noon.\n"], "note.txt", "note", "EHR")
    return attach(item_id=site.item.pk, actor=site.coder, file=file).attachment


def asked(site, row):
    return {"actor": site.coder, "item_id": site.item.pk, "attachment_id": row.pk}


def reports() -> list[str]:
    rows = WorkItem.objects.filter(reason_code="file_damaged")
    return list(rows.values_list("reason_label", flat=True))


def test_a_whole_file_is_handed_out(site, row):
    _, file = open_file(**asked(site, row))
    with file:
        assert file.read() == b"Seen at noon.\n"
    assert reports() == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"Seen at ten!!\n", "is not the one that was attached"),
        (b"Seen", "is not the one that was attached"),
        (None, "is missing from the store"),
    ],
)
def test_another_is_refused_and_reported_once(site, row, content, said):
    place = place_of(row.sha256)
    place.unlink() if content is None else place.write_bytes(content)

    for use in (open_file, look_at, look_at):
        with pytest.raises(FileDamaged, match=f"File {row.pk} of .* {said}"):
            use(**asked(site, row))

    assert reports() == [f"File {row.pk} of {site.item.number} {said}"]
    reads = ("read.attachment", "read.page")
    assert not Event.objects.filter(action__in=reads).exists()


def test_a_drawn_page_is_not_shown_of_another_file(site):
    file = NewFile([PNG], "look.png", "note", "EHR")
    row = attach(item_id=site.item.pk, actor=site.coder, file=file).attachment
    assert open_page(**asked(site, row), number=1).exists()
    place_of(row.sha256).write_bytes(PNG[:-1] + b"!")

    with pytest.raises(FileDamaged):
        open_page(**asked(site, row), number=1)


def test_a_file_that_cannot_be_read_is_refused_reported_and_stops_nothing(
    site, row, monkeypatch
):
    def broken(*_args):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("worklists.services.stored_files.hashlib.file_digest", broken)

    with pytest.raises(FileDamaged, match="cannot be read from the store"):
        open_file(**asked(site, row))

    assert len(reports()) == 1
    found = check_files()
    assert [fault.code for fault in found.faults] == ["file_unreadable"]
