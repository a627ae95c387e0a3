"""The table and the acts of the system on pages: who reads, what is offered, the way back."""

import json

import pytest
from django.test import Client

from tests.factories import QueueFactory, grant, make_site, open_item, person
from tests.worklists.services.classes import choose
from tests.worklists.services.covering import in_days
from tests.worklists.services.timekeeping import DAY, MONDAY, held, read, timed_site
from tests.worklists.views.drawn import send
from worklists.context import now
from worklists.enums import Role
from worklists.models import Absence, Event, RuleVersion, TeamMember, User
from worklists.selectors import automatic_acts as selectors
from worklists.services.sweep import sweep
from worklists.task_classes import TABLE as TABLE_OF_ACTS

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TABLE = "/rules/site/task-classes/"
ACTS = "/rules/automatic/"


@pytest.fixture
def site():
    """A site where an idle item was released by itself."""
    site = timed_site(release_after_hours=9)
    site.item = held(site)
    sweep(MONDAY + DAY)
    site.event = Event.objects.get(action="item.auto_released")
    return site


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def page(user, path, **params):
    return " ".join(browser(user).get(path, params).content.decode().split())


class TestTheTable:
    """Everybody reads it; a change by form goes to another person."""

    @pytest.mark.parametrize("who", ["coder", "reviewer", "manager", "auditor"])
    def test_everybody_reads_every_act_with_its_class(self, site, who):
        text = page(getattr(site, who), TABLE)
        assert "Version 1 is in force." in text
        assert "Release what nobody worked" in text
        assert "The site’s choice: automatic, assisted, human only." in text
        assert "It only tells people, and a breach that is not told" in text
        assert "Give it back to the person who held it." in text
        assert text.count("since v1") == len(TABLE_OF_ACTS)

    def test_it_stands_in_the_index(self, site):
        text = page(site.coder, "/rules/")
        assert f'href="{TABLE}"' in text
        assert "Human, assisted, automatic" in text

    def test_since_which_version_a_class_holds(self, site):
        choose(hand_over="assisted")
        choose(release_idle="human_only")
        text = page(site.coder, TABLE)
        assert "Version 3 is in force." in text
        assert (text.count("since v2"), text.count("since v3")) == (1, 1)

    def test_the_form_shows_what_holds_and_proposes(self, site):
        text = page(site.manager, f"{TABLE}change/")
        assert text.count('value="automatic" checked') == 3
        posted = {
            "release_idle": "assisted",
            "hand_over": "automatic",
            "cancel_reversed": "automatic",
            "effective_from": now().date().isoformat(),
            "reason": "Look first.",
        }
        looked = browser(site.manager).post(f"{TABLE}change/", posted | {"look": "1"})
        assert "Assisted" in looked.content.decode()
        assert not RuleVersion.objects.exists()
        answer = send(browser(site.manager), f"{TABLE}change/", posted | {"do": "1"})
        assert answer["Location"] == f"{TABLE}2/"
        assert RuleVersion.objects.get(number=2).content["classes"] == {
            "release_idle": "assisted",
            "hand_over": "automatic",
            "cancel_reversed": "automatic",
        }

    def test_a_class_that_is_none_is_no_choice(self, site):
        posted = {"release_idle": "never", "effective_from": "2030-01-01"}
        answer = browser(site.manager).post(f"{TABLE}change/", posted | {"do": "1"})
        assert "Some fields cannot be read." in answer.content.decode()
        assert not RuleVersion.objects.exists()

    def test_a_coder_is_told_who_changes_it(self, site):
        assert "changed by managers and administrators" in page(site.coder, TABLE)


class TestTheList:
    """Newest first; of one's own queues; each with class, version and way back."""

    @pytest.mark.parametrize("who", ["manager", "auditor"])
    def test_it_names_item_class_and_version(self, site, who):
        text = page(getattr(site, who), ACTS)
        assert site.item.number in text
        assert f"released it after no work, was with {site.coder}" in text
        assert "was with coder" not in text
        assert 'Automatic <span class="two">v1</span>' in text
        offered = f'href="{ACTS}{site.event.pk}/"' in text
        assert offered is (who == "manager")

    @pytest.mark.parametrize("who", ["coder", "reviewer", "administrator"])
    def test_others_are_refused(self, site, who):
        assert browser(getattr(site, who)).get(ACTS).status_code == 403

    def test_a_manager_of_another_queue_sees_nothing_of_it(self, site):
        other = person(Role.MANAGER, username="other", facilities=[site.facility])
        grant(other, QueueFactory(), "manage")
        text = page(other, ACTS)
        assert site.item.number not in text
        assert "Nothing yet" in text
        assert browser(other).get(f"{ACTS}{site.event.pk}/").status_code == 404

    def test_an_auditor_of_another_facility_sees_nothing_of_it(self, site):
        other = person(Role.AUDITOR, username="elsewhere")
        assert site.item.number not in page(other, ACTS, show="all")

    def test_everything_shows_openings_too_and_one_act_narrows(self, site):
        every = page(site.manager, ACTS, show="all")
        assert "Open an item in the queue" in every
        assert "opened it" in every
        only = page(site.manager, ACTS, show="all", act="route")
        assert "released it after no work" not in only
        assert "opened it" in only

    def test_pages_are_bounded_and_lead_on(self, site, monkeypatch):
        monkeypatch.setattr(selectors, "LOOK", 1)
        open_item(site.queue, site.facility)
        open_item(site.queue, site.facility)
        first = selectors.automatic_acts(site.manager)
        assert (first.rows, first.next) == ([], "")
        second = selectors.automatic_acts(site.manager, cursor=first.further)
        assert [row.event for row in second.rows] == [site.event]

    def test_a_page_leads_to_the_next(self, site):
        for _ in range(3):
            open_item(site.queue, site.facility)
        first = selectors.automatic_acts(site.manager, show="all", size=2)
        second = selectors.automatic_acts(
            site.manager, show="all", size=2, cursor=first.next
        )
        ids = [row.event.pk for row in (*first.rows, *second.rows)]
        assert (len(ids), ids) == (4, sorted(ids, reverse=True))

    def test_a_long_list_costs_no_more(self, site, django_assert_max_num_queries):
        for _ in range(30):
            open_item(site.queue, site.facility)
        user = User.objects.get(pk=site.manager.pk)
        selectors.access_of(user)
        with django_assert_max_num_queries(8):
            assert len(selectors.automatic_acts(user, show="all").rows) == 32

    def test_what_was_left_waits_until_it_is_done(self):
        site = timed_site(release_after_hours=9)
        item = held(site)
        choose(release_idle="human_only")
        sweep(MONDAY + DAY)
        text = page(site.manager, ACTS, show="left")
        assert item.number in text
        assert "waits for a person" in text
        assert "Human only" in text

    def test_who_is_away_is_handed_over_from_here(self):
        site = make_site()
        TeamMember.objects.create(team=site.queue.team, user=site.coder)
        today = in_days(0)
        Absence.objects.create(
            user=site.coder,
            starts_on=today,
            ends_on=today,
            recorded_by=site.manager,
            recorded_at=now(),
        )
        assert "Hand over now" not in page(site.manager, ACTS)
        choose(hand_over="assisted")
        assert "Hand over now" in page(site.manager, ACTS)
        absence = Absence.objects.get()
        answer = browser(site.manager).post(f"/absences/{absence.pk}/hand-over/")
        assert answer.status_code == 302
        absence.refresh_from_db()
        assert absence.handed_over_at is not None


class TestTheWayBack:
    """The page says what will happen; with a reason it is done."""

    def test_it_says_what_will_happen_and_does_nothing(self, site):
        text = page(site.manager, f"{ACTS}{site.event.pk}/")
        assert "Nothing happens until you press the button." in text
        assert "Automatic, task classes version 1" in text
        assert read(site.item).assignee is None

    def test_with_a_reason_it_is_done_and_leads_to_the_item(self, site):
        answer = browser(site.manager).post(
            f"{ACTS}{site.event.pk}/", {"reason": "She was at it."}
        )
        assert answer["Location"] == f"/items/{site.item.pk}/"
        assert read(site.item).assignee == User.objects.get(pk=site.coder.pk)
        event = Event.objects.filter(action="item.assigned").get()
        assert json.loads(event.facts)["reverses"]["seq"] == site.event.seq
        text = page(site.manager, ACTS)
        assert "taken back" in text
        assert f"{site.manager} assigned it, to {site.coder}" in text
        assert f"reversing event {site.event.seq}" in text

    def test_without_one_it_says_so_and_keeps_what_was_typed(self, site):
        answer = browser(site.manager).post(f"{ACTS}{site.event.pk}/", {"reason": " "})
        assert "Say why, in a sentence." in answer.content.decode()
        assert read(site.item).assignee is None

    def test_an_auditor_reads_and_may_not(self, site):
        answer = browser(site.auditor).post(
            f"{ACTS}{site.event.pk}/", {"reason": "Because."}
        )
        assert "Only a manager" in answer.content.decode()
        assert read(site.item).assignee is None

    def test_the_history_of_the_item_says_it(self, site):
        browser(site.manager).post(
            f"{ACTS}{site.event.pk}/", {"reason": "She was at it."}
        )
        text = page(site.manager, f"/items/{site.item.pk}/history/")
        assert "reversing event" in text
        assert "release what nobody worked" in text

    def test_what_is_no_act_of_the_system_is_not_there(self, site):
        claimed = Event.objects.get(action="item.claimed")
        assert browser(site.manager).get(f"{ACTS}{claimed.pk}/").status_code == 404
