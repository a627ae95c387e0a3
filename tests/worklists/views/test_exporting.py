"""Lists that leave as files: only what the person sees, under the list's own filters."""

import csv
import io
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import QueueFactory, grant, make_site, open_item, take
from worklists.models import Event, TeamMember, WorkItem
from worklists.selectors import exports
from worklists.selectors.items import items_for
from worklists.views.exporting import CODES

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site with two items, one of them taken."""
    site = make_site()
    site.open = open_item(site.queue, site.facility)
    site.taken = take(open_item(site.queue, site.facility), site.coder)
    return site


def ask(user, **posted):
    """Export a list as a person."""
    client = Client()
    client.force_login(user)
    answer = client.post("/exports/items/", {"form": "csv"} | posted)
    answer.body = answer.getvalue()
    return answer


def numbers(answer):
    """Return the item numbers of an exported file."""
    return set(in_order(answer))


def in_order(answer):
    """Return the item numbers of an exported file as they stand there."""
    text = answer.body.decode("utf-8-sig")
    return [row["Item"] for row in csv.DictReader(io.StringIO(text))]


def test_a_queue_is_exported_under_its_filters(site):
    every = ask(site.coder, scope="queue", queue=site.queue.slug)
    held = ask(site.coder, scope="queue", queue=site.queue.slug, matching="assignee=me")

    assert numbers(every) == {site.open.number, site.taken.number}
    assert numbers(held) == {site.taken.number}
    event = Event.objects.filter(action="export.rows").latest("id")
    facts = json.loads(event.facts)
    assert event.queue_id == site.queue.pk
    assert facts["rows"] == 1
    assert facts["filters"] == {
        "list": "queue",
        "queue": site.queue.slug,
        "assignee": "me",
    }


def test_a_list_sorted_by_two_keys_is_exported_in_its_order(site):
    WorkItem.objects.filter(pk=site.open.pk).update(amount="10.00")
    WorkItem.objects.filter(pk=site.taken.pk).update(amount="20.00")
    orders = {}
    for ordering in ("amount,age", "-amount,age"):
        answer = ask(
            site.coder,
            scope="queue",
            queue=site.queue.slug,
            matching=f"ordering={ordering}",
        )
        orders[ordering] = in_order(answer)

    assert orders == {
        "amount,age": [site.open.number, site.taken.number],
        "-amount,age": [site.taken.number, site.open.number],
    }


def test_mine_holds_what_is_mine(site):
    assert numbers(ask(site.coder, scope="mine")) == {site.taken.number}
    assert numbers(ask(site.other_coder, scope="mine")) == set()


def test_a_manager_takes_every_queue_they_manage_and_no_other(site):
    elsewhere = QueueFactory()
    grant(site.manager, elsewhere, "view")
    open_item(elsewhere, site.facility)

    answer = ask(site.manager, scope="managed")

    assert numbers(answer) == {site.open.number, site.taken.number}


def test_a_coder_has_no_managed_list(site):
    assert ask(site.coder, scope="managed").status_code == 403
    assert not Event.objects.filter(action="export.rows").exists()


def test_a_queue_that_is_not_seen_is_not_exported(site):
    answer = ask(site.outsider, scope="queue", queue=site.queue.slug)

    assert answer.status_code == 404
    assert not Event.objects.filter(action="export.rows").exists()


@pytest.mark.parametrize(
    "posted",
    [{"scope": "everything"}, {"scope": "mine", "matching": "nonsense=1"}],
)
def test_what_cannot_be_read_is_refused(site, posted):
    assert ask(site.coder, **posted).status_code == 400
    assert not Event.objects.filter(action="export.rows").exists()


def test_what_was_typed_stays_out_of_the_trail(site):
    ask(site.coder, scope="mine", matching="reason=CO-97&state=open")

    facts = json.loads(Event.objects.get(action="export.rows").facts)
    assert facts["filters"] == {
        "list": "mine",
        "state": "open",
        "typed": ["reason"],
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[
            ("stopped_by", text)
            for text in ("Jane Doe 12.03.1961", "", "return_reply.Jane")
        ],
        *[("template", text) for text in ("Jane Doe:1", "{slug}:99", "{slug}:01")],
        *[("template", text) for text in ("{slug}", "{slug}:1:Jane Doe", "{slug}: 1")],
    ],
)
def test_a_form_or_field_that_is_none_stays_out_of_the_trail(site, name, value):
    text = value.format(slug=site.queue.template.slug)

    ask(site.coder, scope="mine", matching=f"{name}={text}&state=any")

    facts = json.loads(Event.objects.get(action="export.rows").facts)
    typed = {"typed": [name]} if text else {}
    assert facts["filters"] == {"list": "mine", "state": "any"} | typed


def test_a_form_and_a_field_that_are_there_stand_in_the_trail(site):
    form = site.queue.template
    text = f"{form.slug}:{form.version}"

    ask(site.coder, scope="mine", matching=f"stopped_by=why&template={text}")

    facts = json.loads(Event.objects.get(action="export.rows").facts)
    assert facts["filters"] == {"list": "mine", "stopped_by": "why", "template": text}


@pytest.mark.parametrize("name", sorted(CODES))
def test_no_filter_brings_words_into_the_trail(site, name):
    ask(site.coder, scope="mine", matching=f"{name}=Jane+Doe")

    assert not Event.objects.filter(facts__contains="Jane").exists()


@pytest.mark.parametrize("name", ["assignee", "payer", "facility"])
def test_a_name_that_no_row_has_stays_out_of_the_trail(site, name):
    ask(site.coder, scope="mine", queue="jane-doe", matching=f"{name}=jane-doe")

    event = Event.objects.get(action="export.rows")
    assert json.loads(event.facts)["filters"] == {"list": "mine", "typed": [name]}
    assert "jane-doe" not in event.facts


def test_names_of_rows_stand_in_the_trail(site):
    payer, place = site.open.payer.slug, site.facility.slug
    ask(
        site.coder,
        scope="queue",
        queue=site.queue.slug,
        matching=f"assignee={site.coder.username}&payer={payer}&facility={place}",
    )

    facts = json.loads(Event.objects.get(action="export.rows").facts)
    assert facts["filters"] == {
        "list": "queue",
        "queue": site.queue.slug,
        "assignee": site.coder.username,
        "payer": payer,
        "facility": place,
    }


def test_no_patient_leaves_with_a_list(site):
    text = ask(site.coder, scope="mine").body.decode()

    claim = site.taken.claim
    assert claim.patient_name
    assert claim.patient_name not in text
    assert claim.patient_control_number not in text


def test_the_query_behind_a_file_reads_one_row_more_than_it_holds(site, monkeypatch):
    monkeypatch.setattr(exports, "MOST_ROWS", 1)
    open_item(site.queue, site.facility)

    with CaptureQueriesContext(connection) as asked:
        rows = list(exports.item_rows(items_for(site.coder), "-priority"))

    assert len(rows) == 2
    assert asked[0]["sql"].endswith(" LIMIT 2")


@pytest.mark.parametrize("path", ["/queues/{slug}/", "/mine/"])
def test_lists_offer_the_export(site, path):
    client = Client()
    client.force_login(site.coder)

    text = client.get(path.format(slug=site.queue.slug)).content.decode()

    assert 'action="/exports/items/"' in text


def rows_of(answer):
    """Return the rows of an exported file by their columns."""
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def download(user, path):
    """Export a table of people."""
    client = Client()
    client.force_login(user)
    return client.post(path, {"form": "csv"})


def test_a_manager_takes_the_table_of_their_people_along(site):
    TeamMember.objects.create(team=site.queue.team, user=site.coder)

    answer = download(site.manager, "/exports/people/")

    row = next(r for r in rows_of(answer) if r["Username"] == site.coder.username)
    assert (row["Carries"], row["A day holds"]) == ("1", "40")
    assert row["Works"] == site.queue.name
    facts = json.loads(Event.objects.get(action="export.rows").facts)
    assert (facts["what"], facts["filters"]) == ("people", {})
    assert facts["sha256"] == answer["X-Content-SHA256"]


def test_a_manager_takes_the_load_along(site):
    answer = download(site.manager, "/exports/load/")

    columns = ("Username", "In hand", "Resting", "In review")
    assert [tuple(row[name] for name in columns) for row in rows_of(answer)] == [
        (site.queue.team.lead.username, "0", "0", "0"),
        (site.coder.username, "1", "0", "0"),
    ]


@pytest.mark.parametrize("path", ["/exports/people/", "/exports/load/"])
def test_whoever_leads_nobody_takes_no_people_along(site, path):
    assert download(site.coder, path).status_code == 403
    assert not Event.objects.filter(action="export.rows").exists()
