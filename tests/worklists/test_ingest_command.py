"""``manage.py ingest``: one JSON line a file, exit codes, and what people are told."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.denials.conftest import make_remit_site
from tests.denials.remit import clp, interchange, payment, svc
from worklists.models import Event, Facility, IngestBatch, WorkItem

pytestmark = pytest.mark.django_db

DENIED = svc("HC:45380", "300", cas=[("CO", "97", "300")])
GOOD = interchange(payment(clp("PCN1", DENIED, charge="300")))
OTHER = interchange(payment(clp("PCN2", svc(paid="100"), paid="100"), trace="T2"))
BAD = b"no remittance at all"


@pytest.fixture
def files(tmp_path, settings):
    """A site, and three files: two good ones and one that is none."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    make_remit_site()
    made = []
    for name, content in (("good", GOOD), ("bad", BAD), ("other", OTHER)):
        path = tmp_path / f"{name}.835"
        path.write_bytes(content)
        made.append(str(path))
    return made


def run(*arguments: str) -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of the command."""
    out, err = StringIO(), StringIO()
    try:
        call_command("ingest", *arguments, stdout=out, stderr=err)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_one_json_line_a_file_in_the_order_given(files):
    code, out, err = run(*files, "--json")
    reports = [json.loads(line) for line in out.splitlines()]
    assert [report["file"] for report in reports] == files
    assert [r["status"] for r in reports] == ["accepted", "rejected", "accepted"]
    assert code == 1
    assert files[1] in err
    assert files[0] not in err


def test_the_shape_is_the_contracts(files):
    code, out, _ = run(files[0], "--json")
    report = json.loads(out)
    assert code == 0
    assert list(report)[:4] == ["file", "sha256", "status", "transactions"]
    assert report["transactions"] == [
        {
            "type": "835",
            "control": "0001",
            "balances": True,
            "payment": "0",
            "plb_total": "0",
            "claims": 1,
        }
    ]
    assert report["created"] == {
        "claims": 1,
        "remittance_claims": 1,
        "denials": 1,
        "denied_amount": "300.00",
        "items": 1,
        "ingest_exceptions": 0,
    }
    assert report["835"]["claims"] == 1
    assert "837" not in report
    assert (report["warnings"], report["errors"]) == ([], [])


def test_a_second_time_is_a_duplicate_and_no_failure(files):
    run(files[0])
    code, out, _ = run(files[0], "--json")
    assert code == 0
    assert json.loads(out)["status"] == "duplicate"
    assert WorkItem.objects.count() == 1


def test_a_dry_run_says_the_same_and_stores_nothing(files):
    code, out, _ = run(files[0], files[1], "--json", "--dry-run")
    assert code == 1
    assert json.loads(out.splitlines()[0])["created"]["items"] == 1
    assert not WorkItem.objects.exists()
    assert not IngestBatch.objects.exists()


def test_people_read_a_line_a_file(files):
    code, out, _ = run(files[0])
    assert code == 0
    assert out.startswith(f"{files[0]}: accepted; claims 1, remittance_claims 1")


def test_a_file_that_is_not_there(files, tmp_path):
    missing = str(tmp_path / "missing.835")
    code, out, err = run(missing, files[0], "--json")
    first, second = (json.loads(line) for line in out.splitlines())
    assert code == 1
    assert (first["status"], second["status"]) == ("rejected", "accepted")
    assert first["errors"][0]["code"] == "file_not_readable"
    assert "No such file" in err
    assert IngestBatch.objects.count() == 1


def test_a_folder_is_no_file(files, tmp_path):
    code, out, _ = run(str(tmp_path), "--json")
    assert code == 1
    assert json.loads(out)["errors"][0]["code"] == "file_not_readable"


def test_a_site_that_is_not_set_up(files):
    Facility.objects.update(is_default=False, payee_ids=[])
    code, out, err = run(files[0], "--json")
    assert code == 1
    assert json.loads(out)["errors"][0]["code"] == "no_default_facility"
    assert "Mark one facility as the default" in err
    assert not WorkItem.objects.exists()


def test_without_a_file_it_is_wrong_usage(db):
    with pytest.raises(CommandError):
        call_command("ingest")


def test_acts_are_those_of_the_command(files):
    run(files[0])
    sources = Event.objects.order_by().values_list("source", "actor_name").distinct()
    assert list(sources) == [("command", "worker")]
