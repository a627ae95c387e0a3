"""People and absences through the API: the same rules, the same refusals."""

import pytest

from tests.factories import ClearanceFactory, clear_for, open_item, take
from tests.worklists.services.covering import in_days, stands, team_up
from worklists.models import Absence, Event
from worklists.services.absences import record_absence

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
PEOPLE, ABSENCES = "/api/v1/people/", "/api/v1/absences/"


@pytest.fixture
def site(site):
    return team_up(site)


def body(**more):
    return {
        "user": "coder",
        "starts_on": in_days(0).isoformat(),
        "ends_on": in_days(3).isoformat(),
        "backup": "other_coder",
    } | more


def post(client, given, address=ABSENCES, **headers):
    return client.post(address, given, format="json", headers=headers)


def recorded(site, **more):
    given = {"starts_on": in_days(0), "ends_on": in_days(3), "backup": "other_coder"}
    return record_absence(actor=site.manager, user_id=site.coder.pk, **(given | more))[
        0
    ]


def test_people_are_what_their_page_shows(site, as_person):
    clear_for(site.coder, ClearanceFactory(slug="bundling"), expires_on=in_days(4))
    take(open_item(site.queue, site.facility), site.coder)
    rows = as_person(site.manager).get(PEOPLE).json()["results"]
    by_name = {row["username"]: row for row in rows}
    assert set(by_name) == {
        *("coder", "other_coder", "apprentice", site.queue.team.lead.username),
    }
    row = by_name["coder"]
    assert (row["carries"], row["daily_capacity"], row["tier"]) == (
        1,
        40,
        "independent",
    )
    assert row["clearances"] == [
        {"slug": "bundling", "expires_on": in_days(4).isoformat()}
    ]
    assert (row["works"], row["reviews"], row["manages"]) == ([site.queue.slug], [], [])
    assert row["facilities"] == [site.facility.slug]
    assert (row["away"], row["coming"], row["last_active_at"]) == (None, None, None)


@pytest.mark.parametrize("who", ["coder", "auditor", "administrator", "reviewer"])
def test_people_are_for_managers_and_leads(site, as_person, who):
    assert as_person(getattr(site, who)).get(PEOPLE).status_code == 403


def test_an_absence_is_recorded_and_hands_over(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    answer = post(as_person(site.manager), body())
    assert answer.status_code == 201
    said = answer.json()
    assert (said["done"], said["by_person"]) == (1, {"other_coder": 1})
    assert said["absence"]["user"] == "coder"
    assert said["absence"]["handed_over"] == 1
    assert (said["passed_by"], said["refused"], said["warnings"]) == ([], [], [])
    assert stands(item) == ("in_progress", "other_coder")


def test_a_preview_names_what_the_backup_cannot_have(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    client = as_person(site.manager)
    events = Event.objects.count()
    answer = post(client, body(backup="outsider"), f"{ABSENCES}?preview=1")
    assert answer.status_code == 200
    assert answer.json() == {
        "absence": None,
        "done": 1,
        "by_person": {"pool": 1},
        "passed_by": [
            {
                "why": f"{site.outsider} does not work the queue “{site.queue}”.",
                "items": [item.number],
            }
        ],
        "refused": [],
        "warnings": [],
    }
    assert (Event.objects.count(), Absence.objects.count()) == (events, 0)


BAD = {
    "backwards": ({"ends_on": in_days(-4).isoformat()}, 400, "bad_input"),
    "far": ({"starts_on": "9999-12-30", "ends_on": "9999-12-31"}, 400, "bad_input"),
    "nobody": ({"user": "nobody"}, 403, "not_permitted"),
    "stranger": ({"user": "outsider"}, 403, "not_permitted"),
    "oneself": ({"user": "manager"}, 403, "own_absence"),
    "no backup": ({"backup": "nobody"}, 400, "bad_input"),
    "unknown key": ({"why": "flu"}, 400, "bad_input"),
}


@pytest.mark.parametrize("name", BAD)
def test_refusals_change_nothing(site, as_person, name):
    more, status, code = BAD[name]
    answer = post(as_person(site.manager), body(**more))
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Absence.objects.exists()


def test_shared_days_are_a_conflict(site, as_person):
    recorded(site)
    answer = post(as_person(site.manager), body())
    assert (answer.status_code, answer.json()["code"]) == (409, "shared_days")
    assert Absence.objects.count() == 1


def test_the_same_key_records_once(site, as_person):
    client = as_person(site.manager)
    first, second = (
        post(client, body(), **{"Idempotency-Key": "monday"}) for _ in range(2)
    )
    assert first.json() == second.json()
    assert Absence.objects.count() == 1


def test_everybody_reads_what_concerns_them(site, as_person):
    absence = recorded(site)

    def seen(user):
        rows = as_person(user).get(ABSENCES).json()["results"]
        return [row["id"] for row in rows]

    for user in (site.coder, site.other_coder, site.manager, site.queue.team.lead):
        assert seen(user) == [absence.pk]
    for user in (site.apprentice, site.auditor, site.outsider):
        assert seen(user) == []


def test_it_is_changed_and_ended(site, as_person):
    item = take(open_item(site.queue, site.facility), site.coder)
    absence, client = recorded(site), as_person(site.manager)
    address = f"{ABSENCES}{absence.pk}/"
    given = {"ends_on": in_days(5).isoformat()}
    assert post(as_person(site.coder), given, f"{address}until/").status_code == 403
    changed = post(client, given, f"{address}until/")
    assert (changed.status_code, changed.json()["ends_on"]) == (200, given["ends_on"])
    assert post(as_person(site.coder), {}, f"{address}end/").status_code == 403
    ended = post(client, {}, f"{address}end/")
    assert (ended.status_code, ended.json()["by_person"]) == (200, {"coder": 1})
    assert stands(item) == ("in_progress", "coder")
    again = post(client, {}, f"{address}end/")
    assert (again.status_code, again.json()["code"]) == (409, "over")
    assert post(client, {}, f"{ABSENCES}999999/end/").status_code == 404


def test_items_that_the_manager_does_not_see_are_not_named(site, as_person):
    from tests.factories import QueueFactory, grant
    from worklists.models import User

    foreign = QueueFactory(name="Foreign")
    grant(site.coder, foreign, "work")
    coder = User.objects.get(pk=site.coder.pk)
    take(open_item(foreign, site.facility), coder)
    answer = post(as_person(site.manager), body(), f"{ABSENCES}?preview=1").json()
    assert answer["by_person"] == {"pool": 1}
    assert [one["items"] for one in answer["passed_by"]] == [[""]]
