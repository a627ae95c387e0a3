"""What an auditor takes away of the trail, and what is written down about it."""

import csv
import hashlib
import io
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from audits.selectors.trail_file import file_rows
from audits.selectors.trail_search import Filters, search
from tests.factories import make_site, open_item, take
from worklists.models import Event
from worklists.selectors import exports

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site with one item that was taken."""
    site = make_site()
    site.item = take(open_item(site.queue, site.facility), site.coder)
    return site


def ask(user, form="csv", matching=""):
    """Export what a search finds as a person."""
    client = Client()
    client.force_login(user)
    answer = client.post("/audit/export/", {"form": form, "matching": matching})
    answer.body = answer.getvalue()
    return answer


def exported():
    """Return the facts of the only export."""
    return json.loads(Event.objects.get(action="export.rows").facts)


def test_what_is_found_is_given_out_and_nothing_else(site):
    answer = ask(site.auditor, matching="family=item&actor=coder")
    body = answer.body

    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
    event = Event.objects.get(action="item.claimed")
    assert [(r["Event"], r["Action"], r["Who"], r["Chain"]) for r in rows] == [
        (str(event.pk), "item.claimed", "coder", f"item:{site.item.pk}")
    ]
    assert rows[0]["SHA-256 of the event"] == bytes(event.hash).hex()
    assert rows[0]["Queue"] == site.queue.slug
    assert answer["Content-Type"] == "text/csv; charset=utf-8"


def test_the_event_says_filters_rows_and_the_files_hash(site):
    body = ask(site.auditor, matching="family=item&actor=coder").body

    event = Event.objects.get(action="export.rows")
    assert (event.subject_kind, event.subject_id) == ("user", site.auditor.pk)
    assert exported() == {
        "what": "trail",
        "form": "csv",
        "rows": 1,
        "sha256": hashlib.sha256(body).hexdigest(),
        "filters": {"family": "item", "typed": ["actor"]},
    }


@pytest.mark.parametrize("name", ["queue", "facility"])
def test_a_name_that_no_row_has_stays_out_of_the_event(site, name):
    ask(site.auditor, matching=f"{name}=jane-doe")

    assert exported()["filters"] == {"typed": [name]}


def test_a_workbook_holds_the_same_rows(site):
    body = ask(site.auditor, form="xlsx", matching="family=item").body

    sheet = load_workbook(io.BytesIO(body)).active
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:2] == ("Event", "Happened")
    assert [row[5] for row in rows[1:]] == ["item.claimed", "item.opened"]
    assert exported()["sha256"] == hashlib.sha256(body).hexdigest()


def test_too_many_rows_are_refused_and_nothing_is_given_out(site, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 1)

    answer = ask(site.auditor, matching="family=item")

    assert answer.status_code == 400
    assert "more than 1 rows" in answer.content.decode()
    assert not Event.objects.filter(action="export.rows").exists()


def test_the_search_behind_a_file_reads_one_row_more_than_it_holds(site, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    found = search(site.auditor, Filters(family="item"))

    with CaptureQueriesContext(connection) as asked:
        rows = list(file_rows(found))

    assert len(rows) == 2
    assert asked[-1]["sql"].endswith(" LIMIT 2")


def test_filters_that_cannot_be_read_are_refused(site):
    assert ask(site.auditor, matching="family=nonsense").status_code == 400
    assert not Event.objects.filter(action="export.rows").exists()


def test_a_filter_that_cannot_be_read_is_named(site):
    answer = ask(site.auditor, matching="family=nonsense&since=soon")
    assert answer.status_code == 400
    said = answer.content.decode()
    assert "These filters cannot be read: family, since." in said


def test_an_unknown_filter_is_refused_by_name(site):
    answer = ask(site.auditor, matching="famly=item")
    assert answer.status_code == 400
    assert "Not known here: famly." in answer.content.decode()
    assert not Event.objects.filter(action="export.rows").exists()


def test_a_place_in_the_list_is_no_filter(site):
    assert ask(site.auditor, matching="family=item&cursor=x").status_code == 200


def test_the_search_refuses_an_unknown_filter_too(site):
    client = Client()
    client.force_login(site.auditor)
    answer = client.get("/audit/?famly=item")
    assert answer.status_code == 400
    assert "Not known here: famly." in answer.content.decode()
    assert not Event.objects.filter(action="search.trail").exists()


def test_a_coder_takes_nothing_of_the_trail(site):
    assert ask(site.coder).status_code == 403
    assert not Event.objects.filter(action="export.rows").exists()


def test_the_export_stands_on_the_persons_own_page_alone(site):
    ask(site.auditor, matching="family=item")
    pages = {}
    for user in (site.auditor, site.coder):
        client = Client()
        client.force_login(user)
        pages[user.username] = client.get("/exports/").content.decode()

    assert exported()["sha256"] in pages["auditor"]
    assert "family: item" in pages["auditor"]
    assert "You exported nothing yet" in pages["coder"]
