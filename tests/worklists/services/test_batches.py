"""Files that come in: one unit of work each, known again, never half done."""

import io
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection, connections

from denials.models import (
    AppealLevel,
    AppealProfile,
    Denial,
    MoneyFloor,
    ProfileVersion,
    Remittance,
    RemittanceClaim,
)
from denials.services import items
from tests.denials.conftest import (  # noqa: F401 - fixtures
    ingest,
    make_remit_site,
    site,
    uploads,
)
from tests.denials.remit import clp, cut_off, interchange, payment, svc
from tests.factories import person
from worklists.context import now
from worklists.enums import Role
from worklists.errors import BadInput, Conflict, NotPermitted
from worklists.models import (
    Claim,
    Event,
    ExceptionDetail,
    Facility,
    IngestBatch,
    RoutingRule,
    Taxonomy,
    WorkItem,
)
from worklists.selectors.batches import batches_for, exceptions_of, unfinished_batches
from worklists.services.batches import (
    ingest_path,
    process,
    process_batch,
    receive_upload,
    receiving,
    report,
)
from worklists.services.batches.process import BATCH_LOCK

pytestmark = pytest.mark.django_db

DENIED = svc("HC:45380", "300", cas=[("CO", "97", "300")])
ONE = clp("PCN1", DENIED, charge="300", control="ICN1")
TWO = clp("PCN2", svc(paid="100"), paid="100", control="ICN2")
THREE = clp("PCN3", DENIED, charge="300", control="ICN3")
PLB = "PLB*1999999984*20261231*WO:A*5"
FILE = interchange(payment(ONE, TWO, plb=[PLB]))
NOTHING = {
    "claims": 0,
    "remittance_claims": 0,
    "denials": 0,
    "denied_amount": "0.00",
    "items": 0,
    "ingest_exceptions": 0,
}
ACKNOWLEDGED = "ST*999*0009~AK1*HC*1*005010X222A1~AK9*A*1*1*1~SE*4*0009"
CLAIMS_OUT = "ST*837*0021~BHT*0019*00*1*20261021*0800*CH~CLM*PCN1*300~SE*4*0021"


SET_UP = (AppealProfile, ProfileVersion, AppealLevel, MoneyFloor)


def rows() -> dict[str, int]:
    """Count every row of the product but batches and their own events."""
    models = [
        *(m for m in apps.get_app_config("denials").get_models() if m not in SET_UP),
        *(Claim, WorkItem, ExceptionDetail),
    ]
    counted = {model._meta.label: model.objects.count() for model in models}
    events = Event.objects.exclude(subject_kind="batch")
    return counted | {"events": events.count()}


class TestKnownAgain:
    """What came before is counted and not created."""

    def test_the_same_file(self, site, ingest):
        first = ingest(FILE)
        assert first["status"] == "accepted"
        before = rows()
        again = ingest(FILE)
        assert again["status"] == "duplicate"
        assert again["created"] == NOTHING
        assert again["835"] == first["835"]
        assert rows() == before
        assert IngestBatch.objects.count() == 2

    def test_the_same_content_under_a_new_interchange(self, site, ingest):
        ingest(FILE)
        before = rows()
        again = ingest(interchange(payment(ONE, TWO, plb=[PLB]), control="000000777"))
        assert again["status"] == "duplicate"
        assert rows() == before

    def test_the_same_interchange_twice_in_one_file(self, site, ingest):
        report = ingest(FILE + FILE)
        assert report["835"]["claims"] == 4
        assert report["created"]["remittance_claims"] == 2
        assert report["created"]["denials"] == 1
        assert Remittance.objects.count() == 1
        assert Remittance.objects.get().provider_adjustments.count() == 1

    def test_new_claims_of_a_known_payment_are_added(self, site, ingest):
        ingest(FILE)
        report = ingest(interchange(payment(ONE, TWO, THREE, plb=[PLB])))
        assert report["status"] == "accepted"
        assert report["created"] == {
            **NOTHING,
            "claims": 1,
            "remittance_claims": 1,
            "denials": 1,
            "denied_amount": "300.00",
            "items": 1,
        }

    def test_money_outside_claims_that_is_new_makes_no_duplicate(self, site, ingest):
        ingest(interchange(payment(ONE, TWO)))
        report = ingest(FILE)
        assert report["status"] == "accepted"
        assert report["created"] == NOTHING
        assert Remittance.objects.get().plb_total == 5

    @pytest.mark.parametrize(
        "change",
        [{"trace": "T2"}, {"on": "20261022"}, {"amount": "1"}, {"payer_id": "1777"}],
    )
    def test_another_payment_is_another_remittance(self, site, ingest, change):
        ingest(interchange(payment(ONE)))
        report = ingest(interchange(payment(ONE, **change)))
        assert report["created"]["remittance_claims"] == 1
        assert report["created"]["claims"] == 0
        assert Remittance.objects.count() == 2


class TestCutOff:
    """A file that ends too early stores what is whole."""

    def test_complete_claims_and_one_exception(self, site, ingest):
        report = ingest(cut_off(ONE, TWO, THREE, at="CLP*PCN3"))
        assert report["status"] == "accepted_with_exceptions"
        assert report["created"]["remittance_claims"] == 2
        assert report["created"]["ingest_exceptions"] == 1
        detail = ExceptionDetail.objects.get()
        assert detail.code == "file_truncated"
        assert "CLP*PCN3" in detail.raw
        assert "bring it in" in detail.message
        assert (detail.item.kind, detail.item.queue) == (
            "ingest_exception",
            site.exceptions,
        )
        assert not Claim.objects.filter(patient_control_number="PCN3").exists()

    def test_the_whole_file_later_adds_only_the_rest(self, site, ingest):
        ingest(cut_off(ONE, TWO, THREE, at="CLP*PCN3"))
        assert Remittance.objects.get().balances is False
        report = ingest(interchange(payment(ONE, TWO, THREE)))
        assert report["status"] == "accepted"
        assert report["created"]["remittance_claims"] == 1
        assert report["created"]["ingest_exceptions"] == 0
        assert RemittanceClaim.objects.count() == 3

    def test_the_same_cut_file_again_is_a_duplicate(self, site, ingest):
        content = cut_off(ONE, TWO, THREE, at="CLP*PCN3")
        ingest(content)
        before = rows()
        assert ingest(content)["status"] == "duplicate"
        assert rows() == before

    def test_cut_between_two_claims(self, site, ingest):
        """The last claim may have lost its end, so it is not stored either."""
        text = interchange(payment(ONE, TWO, THREE)).decode()
        report = ingest(text[: text.index("CLP*PCN3")].encode())
        assert report["created"]["remittance_claims"] == 1
        assert report["created"]["ingest_exceptions"] == 1
        assert ExceptionDetail.objects.get().code == "file_truncated"

    def test_a_payment_is_balanced_once_all_of_it_is_there(self, site, ingest):
        ingest(cut_off(ONE, TWO, at="CLP*PCN2", amount="100"))
        assert Remittance.objects.get().balances is False
        ingest(interchange(payment(ONE, TWO, amount="100")))
        assert Remittance.objects.get().balances is True


class TestRejected:
    """A file without a claim that can be loaded leaves its batch record only."""

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "no_readable_claim"),
            (b"Dear payer, please find attached", "no_readable_claim"),
            (b"%PDF-1.7 \x00\x01\xff", "no_readable_claim"),
            (interchange(payment()), "no_readable_claim"),
            (interchange(ACKNOWLEDGED), "unsupported_transaction"),
            (interchange(CLAIMS_OUT), "transaction_not_loaded"),
            (cut_off(ONE, at="CLP*PCN1"), "no_readable_claim"),
        ],
        ids=["empty", "prose", "pdf", "no claim", "999", "837", "cut"],
    )
    def test_it_says_why_and_stores_nothing(self, site, ingest, content, code):
        before = rows()
        said = ingest(content)
        assert said["status"] == "rejected"
        assert said["created"] == NOTHING
        assert code in {error["code"] for error in said["errors"]}
        assert rows() == before
        assert IngestBatch.objects.get().status == "rejected"


class TestBeside:
    """What stands beside claims that can be loaded."""

    def test_an_unsupported_transaction_is_an_exception(self, site, ingest):
        report = ingest(interchange(payment(ONE), ACKNOWLEDGED, ACKNOWLEDGED))
        assert report["status"] == "accepted_with_exceptions"
        assert report["created"]["ingest_exceptions"] == 1
        detail = ExceptionDetail.objects.get()
        assert detail.code == "unsupported_transaction"
        assert detail.item.facility == site.facility
        assert detail.raw.startswith("ST*999")

    def test_a_kind_nobody_loads_yet_is_a_warning(self, site, ingest):
        report = ingest(interchange(payment(ONE), CLAIMS_OUT))
        assert report["status"] == "accepted"
        assert report["835"]["claims"] == 1
        assert report["837"]["claims"] == 1
        warned = [w["message"] for w in report["warnings"]]
        assert any("837" in message for message in warned)
        assert report["created"]["ingest_exceptions"] == 0

    def test_one_claims_faults_are_one_exception_on_its_claim(self, site, ingest):
        bad = clp("PCN9", svc(charge="a lot", paid="x"), charge="12,5", paid="?")
        report = ingest(interchange(payment(ONE, bad)))
        assert report["created"]["remittance_claims"] == 2
        assert report["created"]["ingest_exceptions"] == 1
        detail = ExceptionDetail.objects.get()
        assert detail.code == "amount_unreadable"
        assert detail.item.claim.patient_control_number == "PCN9"
        assert detail.raw.startswith("CLP*PCN9")
        assert detail.segment > 1

    def test_many_exceptions_end_in_one_that_counts_them(
        self, site, ingest, monkeypatch
    ):
        from worklists.services.batches import troubles

        monkeypatch.setattr(troubles, "MOST", 3)
        bad = [clp(f"PCN{n}", charge="?", control=f"I{n}") for n in range(5)]
        report = ingest(interchange(payment(*bad)))
        assert report["created"]["ingest_exceptions"] == 4
        last = exceptions_of(IngestBatch.objects.get()).get(code="more_exceptions")
        assert last.message.startswith("2 more places of this file")


class TestRehearsal:
    """A dry run says the same and changes nothing."""

    @pytest.mark.parametrize(
        "content", [FILE, cut_off(ONE, TWO, at="CLP*PCN2"), interchange(ACKNOWLEDGED)]
    )
    def test_it_reports_the_same_and_changes_nothing(
        self, site, ingest, uploads, content
    ):
        before = rows()
        rehearsed = ingest(content, dry_run=True)
        assert rows() == before
        assert not IngestBatch.objects.exists()
        assert not Event.objects.exists()
        assert not uploads.exists()
        real = ingest(content)
        assert rehearsed | {"file": ""} == real | {"file": ""}


class TestNotSetUp:
    """A site that is not ready refuses, and can do it later."""

    def test_without_a_default_facility(self, site, ingest):
        Facility.objects.update(is_default=False, payee_ids=[])
        with pytest.raises(Conflict) as refusal:
            ingest(FILE)
        assert refusal.value.code == "no_default_facility"
        assert set(rows().values()) == {0}
        batch = IngestBatch.objects.get()
        assert (batch.status, batch.finished_at is None) == ("rejected", False)

    def test_without_a_taxonomy(self, site, ingest):
        Taxonomy.objects.update(effective_from="2999-01-01")
        with pytest.raises(Conflict, match="No taxonomy"):
            ingest(FILE)
        assert set(rows().values()) == {0}

    def test_an_upload_waits_until_a_queue_takes_its_denials(self, site, uploads):
        batch = received(FILE)
        RoutingRule.objects.filter(kind="denial").update(is_active=False)
        with pytest.raises(BadInput):
            process_batch(batch.pk)
        batch.refresh_from_db()
        assert batch.status == "waiting"
        assert "routing rule" in batch.report["stopped"]["detail"]
        assert set(rows().values()) == {0}
        RoutingRule.objects.filter(kind="denial").update(is_active=True)
        assert process_batch(batch.pk)["status"] == "accepted"

    def test_while_it_is_tried_again_nothing_says_that_it_stopped(
        self, site, uploads, monkeypatch
    ):
        batch = received(FILE)
        rules = RoutingRule.objects.filter(kind="denial")
        rules.update(is_active=False)
        with pytest.raises(BadInput):
            process_batch(batch.pk)
        rules.update(is_active=True)
        plain, said = process._run, []

        def watched(source, being_read):
            said.append(report.of_batch(IngestBatch.objects.get(pk=being_read.pk)))
            return plain(source, being_read)

        monkeypatch.setattr(process, "_run", watched)
        process_batch(batch.pk)
        assert [(s["status"], "stopped" in s) for s in said] == [("reading", False)]


def received(content: bytes, name: str = "payer.835") -> IngestBatch:
    kept = receiving.keep(io.BytesIO(content))
    return receiving.make_batch(kept, file_name=name, actor=None)


class TestUploads:
    """Files that people upload."""

    def test_a_manager_uploads(self, site, uploads):
        manager = person(Role.MANAGER)
        batch = receive_upload(
            stream=io.BytesIO(FILE), file_name="../../etc/payer.835", actor=manager
        )
        assert batch.file_name == "payer.835"
        assert (batch.status, batch.size) == ("waiting", len(FILE))
        assert batch.uploaded_by == manager
        place = receiving.place_of(batch)
        assert place.read_bytes() == FILE
        assert place.is_relative_to(uploads)
        assert place.stat().st_mode & 0o777 == 0o600
        event = Event.objects.get(action="batch.uploaded")
        assert (event.subject_kind, event.subject_id) == ("user", manager.pk)
        assert (event.object_kind, event.object_id) == ("batch", batch.pk)
        assert "payer" not in event.facts

    def test_a_coder_may_not(self, site, uploads):
        coder = person(Role.CODER)
        with pytest.raises(NotPermitted):
            receive_upload(stream=io.BytesIO(FILE), file_name="a", actor=coder)
        assert not IngestBatch.objects.exists()
        assert not Event.objects.exists()
        assert not uploads.exists()

    def test_too_long_a_file_is_refused_and_nothing_of_it_stays(
        self, site, uploads, monkeypatch
    ):
        monkeypatch.setattr(receiving, "UPLOAD_LIMIT", 100)
        manager = person(Role.MANAGER)
        with pytest.raises(BadInput) as refusal:
            receive_upload(stream=io.BytesIO(FILE), file_name="a", actor=manager)
        assert refusal.value.code == "too_large"
        assert not IngestBatch.objects.exists()
        assert [path for path in uploads.rglob("*") if path.is_file()] == []

    def test_the_same_content_is_kept_once(self, uploads):
        first, second = received(FILE), received(FILE)
        assert first.stored_as == second.stored_as
        assert len([path for path in uploads.rglob("*") if path.is_file()]) == 1

    def test_progress_while_waiting_and_done(self, site, uploads):
        batch = received(FILE)
        said = report.of_batch(batch)
        assert said["status"] == "waiting"
        assert said["created"] == NOTHING
        assert said["progress"]["percent"] == 0
        process_batch(batch.pk)
        batch.refresh_from_db()
        said = report.of_batch(batch)
        assert (said["status"], said["batch"]) == ("accepted", batch.pk)
        assert said["progress"] == {
            "bytes_read": len(FILE),
            "size": len(FILE),
            "percent": 100,
            "finished": True,
        }

    def test_the_batch_has_a_chain_of_its_own(self, site, uploads):
        batch = received(FILE)
        process_batch(batch.pk)
        event = Event.objects.get(subject_kind="batch", subject_id=batch.pk)
        assert event.action == "batch.finished"
        assert '"status":"accepted"' in event.facts

    def test_people_who_upload_see_batches(self, uploads):
        received(FILE)
        assert batches_for(person(Role.MANAGER)).count() == 1
        assert batches_for(person(Role.ADMINISTRATOR)).count() == 1
        assert batches_for(person(Role.CODER)).count() == 0


class TestUnfinished:
    """A process that died leaves its batch, and the worker does it again."""

    def test_a_crash_while_storing_leaves_only_the_batch(
        self, site, uploads, monkeypatch
    ):
        batch = received(FILE)

        class Killed(BaseException):
            pass

        def die(*_args):
            raise Killed

        monkeypatch.setattr(items, "open_denials", die)
        with pytest.raises(Killed):
            process_batch(batch.pk)
        batch.refresh_from_db()
        assert (batch.status, batch.finished_at) == ("reading", None)
        assert set(rows().values()) == {0}
        monkeypatch.undo()
        assert process_batch(batch.pk)["status"] == "accepted"
        assert Denial.objects.count() == 1

    def test_what_is_done_is_not_done_again(self, site, uploads):
        batch = received(FILE)
        first = process_batch(batch.pk)
        before = rows()
        assert process_batch(batch.pk) == first
        assert rows() == before

    @pytest.mark.parametrize(
        ("status", "created", "started", "found"),
        [
            ("waiting", 30, None, False),
            ("waiting", 90, None, True),
            ("reading", 600, 30, False),
            ("reading", 600, 90, True),
            ("accepted", 600, 90, False),
            ("waiting", 90_000, None, False),
        ],
    )
    def test_which_batches_are_taken_up(self, uploads, status, created, started, found):
        batch, at = received(FILE), now()
        batch.status = status
        batch.created_at = at - timedelta(seconds=created)
        batch.started_at = at - timedelta(seconds=started) if started else None
        batch.save()
        assert (batch.pk in unfinished_batches(at)) is found

    def test_a_file_that_is_gone_leaves_its_batch_waiting(self, site, uploads):
        gone = received(FILE)
        receiving.place_of(gone).unlink()
        with pytest.raises(OSError, match="No such file"):
            process_batch(gone.pk)
        gone.refresh_from_db()
        assert (gone.status, gone.finished_at) == ("waiting", None)
        assert gone.report["stopped"]["code"] == "file_not_readable"


@pytest.mark.django_db(transaction=True)
class TestTogether:
    """Several processes at once."""

    def test_a_batch_somebody_holds_is_left_to_them(self, uploads):
        make_remit_site()
        batch = received(FILE)
        other = connections.create_connection("default")
        try:
            with other.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_advisory_lock(%s, %s)", [BATCH_LOCK, batch.pk]
                )
                assert process_batch(batch.pk) is None
                # A closed connection's lock goes a moment later; this one goes now.
                cursor.execute("SELECT pg_advisory_unlock_all()")
        finally:
            other.close()
        batch.refresh_from_db()
        assert batch.status == "waiting"
        assert process_batch(batch.pk)["status"] == "accepted"

    def test_the_same_file_at_once_ends_as_once(self, uploads, tmp_path):
        make_remit_site()
        claims = [clp(f"PCN{n}", DENIED, control=f"I{n}") for n in range(40)]
        path = tmp_path / "once.835"
        path.write_bytes(interchange(payment(*claims)))
        reports = at_once([path] * 4)
        statuses = sorted(report["status"] for report in reports)
        assert statuses == ["accepted", "duplicate", "duplicate", "duplicate"]
        assert RemittanceClaim.objects.count() == Denial.objects.count() == 40
        assert WorkItem.objects.count() == 40
        assert Claim.objects.count() == 40

    def test_different_files_of_one_payment_at_once_end_as_one(self, uploads, tmp_path):
        make_remit_site()
        claims = [clp(f"PCN{n}", DENIED, control=f"I{n}") for n in range(30)]
        paths = []
        for number, part in enumerate((claims[:20], claims[10:], claims[::-1])):
            path = tmp_path / f"{number}.835"
            path.write_bytes(interchange(payment(*part)))
            paths.append(path)
        reports = at_once(paths)
        created = sum(r["created"]["remittance_claims"] for r in reports)
        assert created == RemittanceClaim.objects.count() == 30
        assert WorkItem.objects.count() == 30


def at_once(paths: list[Path]) -> list[dict]:
    """Bring files in from one thread and connection each."""
    reports: list[dict] = []
    start = threading.Barrier(len(paths))

    def bring_in(path: Path) -> None:
        start.wait()
        try:
            reports.append(ingest_path(path))
        finally:
            connection.close()

    threads = [threading.Thread(target=bring_in, args=[path]) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return reports
