"""The trail's page: what an event is about leads on, and says what came of it."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audits.forms import TrailSearch
from audits.selectors.subject_names import subject_names
from tests.factories import QueueFactory, grant, make_site, open_item, person, take
from tests.factories.people import ClearanceFactory
from worklists.enums import Role
from worklists.event_words import sentence
from worklists.models import Event, Rule, User, WorkItem
from worklists.services import reading
from worklists.services.clearances import grant_clearance
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site(db):
    """A small site."""
    return make_site()


def act(item, action, actor, **more):
    """Do an act of a person on an item as it stands."""
    version = WorkItem.objects.get(pk=item.pk).version
    who = User.objects.get(pk=actor.pk)
    perform(item_id=item.pk, action=action, actor=who, expected_version=version, **more)


def look(user, **params):
    """Return the trail's page as a person sees it."""
    client = Client()
    client.force_login(user)
    return " ".join(client.get("/audit/", params).content.decode().split())


def test_a_read_of_a_file_leads_to_the_file_and_its_trail(site):
    reading.record_batch_read(actor=site.manager, batch_id=7)

    page = look(site.auditor)

    assert re.search(r'href="/ingest/7/"[^>]*>file 7</a>', page)
    assert 'href="?subject=batch:7"' in page


def test_what_an_event_is_about_has_a_name(site):
    rule = Rule.objects.create(kind="queue", slug="coding")
    gone = rule.pk + 1
    ana = site.coder
    about = [("user", ana.pk), ("rule", rule.pk), ("rule", gone), ("site", 1)]

    with CaptureQueriesContext(connection) as asked:
        names = subject_names([*about, ("bulk_act", 4), ("absence", 2)])

    assert names == {
        ("user", ana.pk): str(ana),
        ("rule", rule.pk): "Queue coding",
        ("rule", gone): f"rule {gone}",
        ("site", 1): "the site",
        ("bulk_act", 4): "act on many 4",
        ("absence", 2): "absence 2",
    }
    assert len(asked) == 2
    assert subject_names([]) == {}


def test_a_log_in_stands_under_the_persons_name(site):
    reading.record(actor=site.coder, action="login")

    page = look(site.auditor)

    link = rf'href="/manage/people/{site.coder.pk}/"[^>]*>{site.coder}</a>'
    assert re.search(link, page)


def test_an_event_of_an_item_leads_to_the_item(site):
    item = take(open_item(site.queue, site.facility), site.coder)

    page = look(site.auditor, subject=f"item:{item.pk}")

    assert f'href="/items/{item.pk}/"' in page
    assert Event.objects.filter(action="read.trail", actor=site.auditor).count() == 1


def test_a_clearance_is_said_with_its_name_on_the_persons_trail(site):
    clearance = ClearanceFactory(slug="bundling")
    grant_clearance(
        actor=site.administrator, user_id=site.coder.pk, clearance_id=clearance.pk
    )

    page = look(site.auditor, subject=f"user:{site.coder.pk}")

    assert "granted a clearance, “bundling”" in page
    assert f'href="/manage/people/{site.coder.pk}/"' in page


def test_what_has_no_trail_of_its_own_leads_nowhere(site):
    about = reading.subject("printer", 4)
    reading.record(
        actor=person(Role.ADMINISTRATOR), action="setup.changed", about=about
    )

    page = look(site.auditor)

    assert "printer:4" in page
    assert "subject=printer:4" not in page


@pytest.mark.parametrize(
    ("action", "facts", "words"),
    [
        (
            "batch.finished",
            {"status": "accepted_with_exceptions", "items": 1, "ingest_exceptions": 2},
            "finished reading a file, accepted with exceptions: 1 item, 2 exceptions",
        ),
        ("batch.finished", {}, "finished reading a file"),
        (
            "clearance.granted",
            {"clearance": "bundling", "expires_on": "2027-01-31"},
            "granted a clearance, “bundling”, until Jan\N{NO-BREAK SPACE}31, 2027",
        ),
        (
            "setup.changed",
            {"fields": ["groups"], "roles": ["coder", "reviewer"]},
            "changed the set-up, groups (roles now: coder, reviewer)",
        ),
        ("setup.changed", {"fields": ["on_watch"]}, "changed the set-up, on watch"),
        ("setup.added", {"fields": []}, "set up"),
        (
            "absence.changed",
            {"ends_on": "2026-12-04", "until_before": "2026-12-09"},
            (
                "changed an absence, until Dec\N{NO-BREAK SPACE}4, 2026, "
                "was Dec\N{NO-BREAK SPACE}9, 2026"
            ),
        ),
        (
            "authority.lent",
            {
                "to": "Ana Ruiz",
                "starts_on": "2026-12-01",
                "ends_on": "2026-12-04",
                "amount_limit": "50",
            },
            (
                "lent authority to review, to Ana Ruiz, Dec\N{NO-BREAK SPACE}1, 2026 "
                "to Dec\N{NO-BREAK SPACE}4, 2026, up to $50.00, every class"
            ),
        ),
        (
            "absence.recorded",
            {"starts_on": "2026-12-01", "ends_on": "2026-12-04"},
            "recorded an absence, Dec\N{NO-BREAK SPACE}1, 2026 to Dec\N{NO-BREAK SPACE}4, 2026",
        ),
    ],
)
def test_facts_become_words(action, facts, words):
    assert sentence(action, facts) == words


@pytest.mark.parametrize("name", ["coder", "CODER", "{first} {last}"])
def test_a_person_is_found_by_username_or_full_name(site, name):
    item = take(open_item(site.queue, site.facility), site.coder)
    coder = site.coder

    page = look(
        site.auditor, actor=name.format(first=coder.first_name, last=coder.last_name)
    )

    assert f'href="/items/{item.pk}/"' in page
    assert "took it</td>" in page.replace(" </td>", "</td>")
    assert "opened it," not in page


def test_people_roles_and_queues_stand_by_their_names(site):
    item = open_item(site.queue, site.facility)
    other = QueueFactory(team=site.queue.team, name="Implants", slug="implant_care")
    grant(site.manager, other, "manage")
    assign = {"options": {"to": site.coder.username}}
    act(item, "assign", site.manager, **assign)
    act(
        item, "reroute", site.manager, reason="Implants.", options={"queue": other.slug}
    )

    page = look(site.auditor)

    assert f"assigned it, to {site.coder}" in page
    assert f"from {site.queue.name}, to Implants" in page
    assert f'{site.manager}<span class="two">Manager</span>' in page
    assert "implant_care" not in page.split("<tbody>")[1].split("</tbody>")[0]


def test_two_of_one_name_are_told_apart_and_each_is_found(site):
    User.objects.filter(pk=site.other_coder.pk).update(
        first_name=site.coder.first_name, last_name=site.coder.last_name
    )
    item = take(open_item(site.queue, site.facility), site.coder)
    told, row = f"{site.coder} (coder)", f'href="/items/{item.pk}/"'

    assert f'{told}<span class="two">Coder</span>' in look(site.auditor)
    assert row in look(site.auditor, actor=told)
    assert row not in look(site.auditor, actor=f"{site.coder} (other_coder)")
    assert row in look(site.auditor, actor=str(site.coder))


def test_the_worker_is_asked_for_as_it_is_named(site):
    item = open_item(site.queue, site.facility)

    page = look(site.auditor, actor="Worker")

    assert f'href="/items/{item.pk}/"' in page
    assert '<option value="Worker">' in page


def test_an_item_in_a_search_leads_to_its_chain(site):
    item = take(open_item(site.queue, site.facility), site.coder)

    chain = f'href="?subject=item:{item.pk}"'
    assert chain in look(site.auditor)
    assert chain not in look(site.auditor, subject=f"item:{item.pk}")


def test_one_bar_holds_what_is_typed_and_what_is_chosen(site):
    take(open_item(site.queue, site.facility), site.coder)

    page = look(site.auditor, action="item.claimed")

    name = 'aria-label="Search the trail"'
    assert page.count(name) == 1
    bar = page[page.index(name) :]
    bar = bar[: bar.index("</section>")]
    assert "<select" not in bar
    assert [n for n in TrailSearch.base_fields if f'name="{n}"' in bar] == [
        *("subject", "action", "actor", "since", "until")
    ]
    assert '<input type="hidden" name="action" value="item.claimed">' in bar
    assert 'aria-label="Narrow the search"' in bar
    assert f'<option value="{site.coder}">' in bar  # people are proposed, by name
    assert 'value="coder"' not in bar


def test_an_act_that_nobody_did_lately_can_be_chosen(site):
    open_item(site.queue, site.facility)

    page = look(site.auditor)

    assert "?action=batch.finished" in page
    assert "?source=command" in page


def test_facets_and_columns_say_what_they_are_in_words(site):
    take(open_item(site.queue, site.facility), site.coder)

    page = look(site.auditor)

    for label in ("Reads or changes", "Sort of act", "Role that day", "Came through"):
        assert f">{label}" in page or f" {label}" in page, label
    assert "Door" not in page
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    assert "A command on the server" in body
    assert ">command<" not in body
