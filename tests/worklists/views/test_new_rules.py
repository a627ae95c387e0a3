"""The pages of a new queue and a new calendar."""

import pytest
import time_machine

from tests.factories import EvidenceTemplateFactory, make_site, person
from tests.worklists.services.test_new_rules import queue_of
from tests.worklists.views.drawn import approve
from tests.worklists.views.test_template_rows import words
from worklists.enums import Role
from worklists.models import BusinessCalendar, Queue, RuleVersion

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
WHY = {"effective_from": "2026-11-23", "reason": "We grow."}
CALENDAR = {
    "slug": "night", "name": "Night desk", "time_zone": "America/Denver",
    "day_1": "18:00-23:00", "rows-TOTAL_FORMS": "1", "rows-INITIAL_FORMS": "0",
    "rows-0-day": "2026-12-24", "rows-0-name": "Christmas Eve", **WHY,
}  # fmt: skip


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    return site


def test_a_calendar_from_the_form_to_its_first_day(site, client):
    client.force_login(site.administrator)
    assert "/rules/calendar/new/" in words(client.get("/rules/"))
    empty = client.get("/rules/calendar/new/")
    assert empty.context["form"]["day_1"].value() == "08:00-17:00"

    looked = client.post("/rules/calendar/new/", CALENDAR | {"look": "1"})
    said = {change.field: change.after for change in looked.context["changes"]}
    assert (said["Monday"], said["Dec\u00a024, 2026"]) == (
        "18:00 to 23:00",
        "Christmas Eve: off",
    )
    assert not RuleVersion.objects.exists()

    answer = client.post("/rules/calendar/new/", CALENDAR | {"do": "1"})
    assert answer["Location"] == "/rules/calendar/night/1/"
    index = words(client.get("/rules/"))
    assert "Night desk" in index
    assert "not yet" in index
    assert client.get("/rules/calendar/night/")["Location"] == answer["Location"]
    assert client.get("/rules/calendar/night/change/").status_code == 302

    client.force_login(site.second)
    shown = words(client.get("/rules/calendar/night/1/"))
    assert "Nothing before" in shown
    assert "Put in force" in shown
    approve(client, "/rules/calendar/night/1/")
    assert BusinessCalendar.objects.get(slug="night").time_zone == "America/Denver"
    assert client.get("/rules/calendar/night/").status_code == 200


def test_a_queue_is_begun_and_opens(site, client):
    client.force_login(site.second)
    posted = queue_of(site) | {"slug": "large"} | WHY
    client.post("/rules/queue/new/", posted | {"do": "1"})
    version = RuleVersion.objects.get()
    assert version.content == queue_of(site)
    client.force_login(site.manager)
    assert "Large ones" in words(client.get("/rules/queue/large/1/"))
    approve(client, "/rules/queue/large/1/")
    assert Queue.objects.get(slug="large").name == "Large ones"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"slug": ""}, "This field is required."),
        ({"slug": "Night"}, "Take small letters, digits and single dashes"),
        ({"slug": "new"}, "Take small letters, digits and single dashes"),
        ({"day_1": "late"}, "Write 08:00-17:00, several with commas."),
        ({"reason": ""}, "This field is required."),
    ],
)
def test_what_cannot_be_read_says_so_at_its_field(site, client, changes, why):
    client.force_login(site.administrator)
    answer = client.post("/rules/calendar/new/", CALENDAR | changes)
    assert why in words(answer)
    assert not RuleVersion.objects.exists()


def test_a_refusal_keeps_what_was_typed(site, client):
    BusinessCalendar.objects.create(slug="night", name="Other", time_zone="UTC")
    client.force_login(site.administrator)
    answer = client.post("/rules/calendar/new/", CALENDAR | {"do": "1"})
    assert "“night” is taken: choose another short name." in words(answer)
    assert answer.context["form"]["name"].value() == "Night desk"
    assert answer.context["named"].errors["slug"] == [
        "“night” is taken: choose another short name."
    ]


@pytest.mark.parametrize("act", ["look", "do"])
def test_a_form_of_another_kind_of_work_is_said_at_its_field(site, client, act):
    other = EvidenceTemplateFactory(kind="ingest_exception", slug="other")
    client.force_login(site.second)
    posted = queue_of(site, template=other.slug) | {"slug": "large"} | WHY
    answer = client.post("/rules/queue/new/", posted | {act: "1"})
    assert answer.context["form"].errors == {
        "template": ["This form is one of another kind of work."]
    }
    assert not RuleVersion.objects.exists()


def test_who_may_not_is_sent_back_and_other_kinds_are_not_there(site, client):
    client.force_login(person(Role.CODER))
    assert client.get("/rules/queue/new/")["Location"] == "/rules/"
    assert client.get("/rules/routing/new/").status_code == 404
