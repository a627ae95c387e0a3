"""Bringing a file in: upload, progress, what became of it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.denials import remit
from tests.denials.conftest import make_remit_site
from tests.factories import person
from tests.worklists.views.conftest import HTMX, text_of
from worklists.enums import BatchStatus, Role
from worklists.errors import Refusal
from worklists.models import Event, Facility, IngestBatch, WorkItem
from worklists.services.batches import process_batch, receive_upload

pytestmark = pytest.mark.django_db

LINE = remit.svc("HC:45380:59", "140", "0", cas=[("CO", "97", "140")], remarks=["M15"])
CLAIM = remit.clp("PCN1", LINE, status="4", charge="140", control="ICN1")
FILE = remit.interchange(remit.payment(CLAIM, amount="0"))


@pytest.fixture(autouse=True)
def _private_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def here(db):
    """A site that takes remittances."""
    return make_remit_site()


@pytest.fixture
def manager(here):
    """A manager who sees both queues of the site."""
    queues = [here.bundling, here.other, here.exceptions]
    return person(Role.MANAGER, manages=queues, facilities=[here.facility])


@pytest.fixture
def upload(django_capture_on_commit_callbacks):
    """Send the upload form; the worker comes by as soon as it is stored."""

    def send(client, content=FILE, name="remit.835", **more):
        file = SimpleUploadedFile(name, content)
        with django_capture_on_commit_callbacks(execute=True):
            return client.post("/ingest/", {"file": file}, **more)

    return send


def test_a_file_is_read_and_its_report_shown(manager, as_person, upload):
    client = as_person(manager)

    answer = upload(client)

    batch = IngestBatch.objects.get()
    assert answer.url == f"/ingest/{batch.pk}/"
    page = text_of(client.get(answer.url))
    for words in (
        "Accepted",
        "<small>denial</small>",
        "$140.00",
        "in balance",
        "What the file brought",
    ):
        assert words in page
    assert "PCN1" not in page
    assert WorkItem.objects.get().reason_code == "CO-97 · M15"
    assert Event.objects.filter(action="batch.uploaded", actor=manager).count() == 1
    assert Event.objects.filter(action="read.batch", actor=manager).count() == 1


def test_the_same_file_again_adds_nothing_and_says_so(manager, as_person, upload):
    client = as_person(manager)
    upload(client)

    again = upload(client)

    assert "Known already, nothing was added" in text_of(client.get(again.url))
    assert WorkItem.objects.count() == 1


def test_an_upload_through_htmx_redirects_the_page(manager, as_person, upload):
    answer = upload(as_person(manager), **HTMX)

    assert answer["HX-Redirect"] == f"/ingest/{IngestBatch.objects.get().pk}/"


def test_a_file_that_cannot_be_read_names_segment_and_place(manager, as_person, upload):
    client = as_person(manager)

    answer = upload(client, FILE[:-60])

    page = text_of(client.get(answer.url))
    assert "Errors and warnings" in page
    assert "se_missing" in page


def test_an_empty_file_is_rejected_and_keeps_its_record(manager, as_person, upload):
    client = as_person(manager)

    answer = upload(client, b"")

    assert "Rejected" in text_of(client.get(answer.url))
    assert IngestBatch.objects.get().status == BatchStatus.REJECTED


def test_no_file_is_refused(manager, as_person):
    assert as_person(manager).post("/ingest/", {}).status_code == 400


@pytest.fixture
def unread(manager, tmp_path):
    """A batch that waits, as between upload and worker."""
    path = tmp_path / "waiting.835"
    path.write_bytes(FILE)
    with path.open("rb") as stream:
        return receive_upload(stream=stream, file_name=path.name, actor=manager)


def test_the_page_asks_again_by_itself_while_it_waits(manager, as_person, unread):
    client = as_person(manager)

    page = text_of(client.get(f"/ingest/{unread.pk}/"))

    assert 'hx-trigger="every 1s"' in page
    assert '"X-Background": "1"' in page
    assert "Waiting for its turn" in page


def test_progress_shows_how_far_it_is(manager, as_person, unread):
    IngestBatch.objects.filter(pk=unread.pk).update(
        status=BatchStatus.READING, bytes_read=unread.size // 2
    )

    answer = as_person(manager).get(f"/ingest/{unread.pk}/progress/", **HTMX)

    page = text_of(answer)
    assert "Being read" in page
    assert 'value="50"' in page or 'value="49"' in page
    assert not Event.objects.filter(action="read.batch").exists()


def test_other_roles_see_no_file(manager, as_person, unread, here, upload):
    coder = person(Role.CODER, works=[here.bundling], facilities=[here.facility])

    assert as_person(coder).get(f"/ingest/{unread.pk}/").status_code == 403
    assert upload(as_person(coder)).status_code == 403
    assert IngestBatch.objects.count() == 1


def test_an_unknown_file_is_not_there(manager, as_person):
    assert as_person(manager).get("/ingest/999/").status_code == 404


def test_an_administrator_sees_exceptions_but_no_link(as_person, here, manager, upload):
    broken = remit.clp("PCN2", LINE, status="X", charge="140", control="ICN2")
    client = as_person(manager)
    answer = upload(client, remit.interchange(remit.payment(CLAIM, broken)))
    administrator = person(Role.ADMINISTRATOR)

    assert 'href="/items/' in text_of(client.get(answer.url))
    assert 'href="/items/' not in text_of(as_person(administrator).get(answer.url))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_with_more_files(
    manager, as_person, upload, django_assert_num_queries, count
):
    client = as_person(manager)
    for number in range(count):
        upload(client, FILE, f"{number}.835")
    client.get("/ingest/")

    with django_assert_num_queries(4):
        client.get("/ingest/")


def test_the_report_leads_to_its_items_the_largest_first(manager, as_person, upload):
    client = as_person(manager)
    large = remit.svc("HC:45378", "900", "0", cas=[("CO", "97", "900")])
    more = remit.clp("PCN3", large, status="4", charge="900", control="ICN3")

    answer = upload(client, remit.interchange(remit.payment(CLAIM, more, amount="0")))

    page = text_of(client.get(answer.url))
    small_id, large_id = WorkItem.objects.order_by("amount").values_list(
        "pk", flat=True
    )
    assert "Items of this file" in page
    assert page.index(f'href="/items/{large_id}/"') < page.index(
        f'href="/items/{small_id}/"'
    )
    batch = IngestBatch.objects.get()
    assert f'href="/audit/?subject=batch:{batch.pk}"' in page
    assert "PCN3" not in page


def test_the_files_count_is_compared_with_ours(manager, as_person, upload):
    client = as_person(manager)
    first = upload(client)
    again = upload(client)

    assert "The file names 1 claim: 1 new." in text_of(client.get(first.url))
    assert "1 claim: 0 new, 1 known already or not stored." in text_of(
        client.get(again.url)
    )


def test_totals_have_words_and_money_in_the_order_people_compare(
    manager, as_person, upload
):
    client = as_person(manager)

    page = text_of(client.get(upload(client).url))

    assert "clp02" not in page
    charged, paid, lines = (
        page.index(f"<dt>{words}</dt>")
        for words in ("charged", "paid", "paid on lines")
    )
    assert charged < paid < lines
    assert '<dt>charged</dt> <dd class="ct-num"> $140.00 </dd>' in page


def test_a_fault_of_the_whole_file_names_no_segment(manager, as_person, upload):
    client = as_person(manager)

    page = text_of(client.get(upload(client, b"%PDF-1.4").url))

    assert "This is no X12 file" in page
    assert "the whole file" in page


def test_a_file_that_cannot_be_stored_yet_says_what_is_missing(
    manager, as_person, here, unread
):
    Facility.objects.update(is_default=False, payee_ids=[])
    with pytest.raises(Refusal) as refused:
        process_batch(unread.pk)

    for path in ("", "progress/"):
        page = text_of(as_person(manager).get(f"/ingest/{unread.pk}/{path}"))
        assert "It could not be stored yet." in page
        assert refused.value.detail in page
        assert 'hx-trigger="every 1s"' in page
    assert not WorkItem.objects.exists()
