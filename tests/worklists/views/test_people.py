"""A manager's people on pages: who sees whom, and every act on one person."""

from datetime import UTC, date, datetime

import pytest

from tests.factories import (
    ClearanceFactory,
    FacilityFactory,
    QueueFactory,
    clear_for,
    grant,
    open_item,
    open_many,
    take,
)
from tests.worklists.services.covering import away, in_days, stands, team_up
from tests.worklists.views.conftest import text_of
from worklists.context import now
from worklists.models import Absence, ClearanceGrant, Event, User
from worklists.selectors.access import access_of
from worklists.selectors.pages.people import person_for
from worklists.services.absences import record_absence
from worklists.views.people import row_of

pytestmark = pytest.mark.django_db
PEOPLE = "/manage/people/"


@pytest.fixture
def site(site):
    return team_up(site)


def page_of(user):
    return f"{PEOPLE}{user.pk}/"


def holds(user):
    return access_of(User.objects.get(pk=user.pk))


class TestWhoSeesWhom:
    """Managers and leads see the people below them, nobody else."""

    def test_a_manager_sees_their_people_with_what_they_carry(self, site, as_person):
        take(open_item(site.queue, site.facility), site.coder)
        clear_for(site.coder, ClearanceFactory(name="Bundling"), expires_on=in_days(9))
        page = as_person(site.manager).get(PEOPLE)
        assert str(site.coder) in page.text
        assert str(site.queue.team.lead) in page.text
        assert str(site.outsider) not in page.text
        assert "Bundling" in page.text
        assert f"until {in_days(9):%m/%d/%Y}" in text_of(page)

    def test_a_lead_sees_members_and_changes_nothing(self, site, as_person):
        lead = as_person(site.queue.team.lead)
        assert str(site.coder) in lead.get(PEOPLE).text
        page = lead.get(page_of(site.coder))
        assert "Grants are given by the person’s own manager" in page.text.replace(
            "&#x27;", "’"
        )
        form = {"daily_capacity": 5, "tier": "independent", "code": "hours"}
        assert lead.post(f"{page_of(site.coder)}work/", form).status_code == 403
        site.coder.refresh_from_db()
        assert site.coder.daily_capacity == 40

    @pytest.mark.parametrize(
        "who", ["coder", "reviewer", "auditor", "administrator", "outsider"]
    )
    def test_others_see_no_page(self, site, as_person, who):
        client = as_person(getattr(site, who))
        reads = who == "auditor"  # one person at a time, where the trail leads
        assert client.get(PEOPLE).status_code == 403
        assert client.get(page_of(site.coder)).status_code == (200 if reads else 403)

    def test_who_is_not_theirs_does_not_exist(self, site, as_person):
        client = as_person(site.manager)
        for user in (site.outsider, site.manager):
            assert client.get(page_of(user)).status_code == 404
            assert client.get(f"{page_of(user)}absence/").status_code == 404
            for act in ("work", "clearances", "queues", "facilities", "revoke"):
                assert client.post(f"{page_of(user)}{act}/").status_code == 404

    @pytest.mark.parametrize("count", [1, 4])
    def test_it_costs_the_same_with_more_people(
        self, site, as_person, count, django_assert_num_queries
    ):
        from tests.factories import person
        from worklists.enums import Role
        from worklists.models import TeamMember

        for _ in range(count):
            one = person(Role.CODER, works=[site.queue], facilities=[site.facility])
            TeamMember.objects.create(team=site.queue.team, user=one)
        client = as_person(site.manager)
        client.get(PEOPLE)
        with django_assert_num_queries(16):
            client.get(PEOPLE)

    def test_a_queue_without_its_clearance_is_not_worked(self, site, as_person):
        clearance = ClearanceFactory(name="Inpatient")
        guarded = QueueFactory(team=site.queue.team, clearance=clearance)
        grant(site.coder, guarded, "work")
        client = as_person(site.manager)
        page = page_of(site.coder)

        def works():
            rows = client.get("/api/v1/people/").json()["results"]
            row = next(row for row in rows if row["username"] == "coder")
            view = person_for(User.objects.get(pk=site.manager.pk), site.coder.pk)
            assert [one.slug for one in view.works] == row["works"]
            return row["works"]

        assert works() == [site.queue.slug]
        said = text_of(client.get(page))
        assert said.count("does not work it: lacks clearance “Inpatient”") == 1
        assert "<td>works it</td>" in said

        clear_for(site.coder, clearance)
        assert sorted(works()) == sorted([site.queue.slug, guarded.slug])
        assert "lacks clearance" not in text_of(client.get(page))


class TestChanging:
    """Capacity, tier, clearances, queues, facilities: each act stands in the trail."""

    def test_capacity_and_tier_with_a_reason(self, site, as_person):
        form = {"daily_capacity": 25, "tier": "apprentice", "code": "misses"}
        answer = as_person(site.manager).post(
            f"{page_of(site.coder)}work/", form, follow=True
        )
        assert f"Changed for {site.coder}." in answer.text
        site.coder.refresh_from_db()
        assert (site.coder.daily_capacity, site.coder.tier) == (25, "apprentice")

    def test_a_clearance_is_granted_and_taken_back(self, site, as_person):
        clearance, client = ClearanceFactory(), as_person(site.manager)
        form = {"clearance": clearance.pk, "expires_on": in_days(30).isoformat()}
        client.post(f"{page_of(site.coder)}clearances/", form)
        held = ClearanceGrant.objects.get(revoked_at=None)
        assert (held.user, held.granted_by, held.expires_on) == (
            site.coder,
            site.manager,
            in_days(30),
        )
        other = f"{page_of(site.other_coder)}clearances/{held.pk}/revoke/"
        assert client.post(other).status_code == 404
        page = client.get(page_of(site.coder)).text
        assert f"Take the clearance “{clearance}” back from {site.coder}?" in page
        done = client.post(
            f"{page_of(site.coder)}clearances/{held.pk}/revoke/", follow=True
        )
        assert f"“{clearance}” taken back from {site.coder}." in done.text
        held.refresh_from_db()
        assert held.revoked_at is not None

    def test_a_queue_and_a_facility_are_granted(self, site, as_person):
        queue, facility = QueueFactory(team=site.queue.team), FacilityFactory()
        grant(site.manager, queue, "manage")
        grant(site.manager, facility)
        client = as_person(site.manager)
        client.post(
            f"{page_of(site.coder)}queues/", {"queue": queue.pk, "verb": "work"}
        )
        client.post(f"{page_of(site.coder)}facilities/", {"facility": facility.pk})
        access = holds(site.coder)
        assert queue.pk in access.work
        assert facility.pk in access.facilities

    def test_taking_a_queue_back_shows_what_they_hold_first(self, site, as_person):
        items = open_many(site.queue, site.facility, 2)
        for item in items:
            take(item, site.coder)
        client, address = as_person(site.manager), f"{page_of(site.coder)}revoke/"
        form = {"queue": site.queue.pk, "verb": "work"}
        page = client.post(address, form)
        assert "holds 2 items" in text_of(page)
        assert "Take back and move 2 items" in page.text
        assert site.queue.pk in holds(site.coder).work

        answer = client.post(address, {**form, "confirm": "pool"}, follow=True)

        assert "2 items went to the pool." in answer.text
        assert site.queue.pk not in holds(site.coder).work
        assert {stands(item) for item in items} == {("open", None)}

    def test_taking_it_back_alone_moves_nothing(self, site, as_person):
        item = take(open_item(site.queue, site.facility), site.coder)
        form = {"facility": site.facility.pk, "confirm": "only"}
        as_person(site.manager).post(f"{page_of(site.coder)}revoke/", form)
        assert site.facility.pk not in holds(site.coder).facilities
        assert stands(item) == ("in_progress", "coder")

    @pytest.mark.parametrize(
        "form",
        [
            {},
            {"queue": "x", "verb": "work"},
            {"queue": "999999", "verb": "work"},
            {"facility": "999999"},
        ],
    )
    def test_what_names_nothing_is_refused(self, site, as_person, form):
        client = as_person(site.manager)
        events = Event.objects.count()
        assert client.post(f"{page_of(site.coder)}revoke/", form).status_code == 400
        assert Event.objects.count() == events


class TestAbsences:
    """Looked at first, recorded as seen, changed and ended."""

    def form(self, **more):
        return {
            "starts_on": in_days(0).isoformat(),
            "ends_on": in_days(3).isoformat(),
            "backup": "other_coder",
        } | more

    def test_the_form_offers_team_mates_and_the_pool(self, site, as_person):
        page = as_person(site.manager).get(f"{page_of(site.coder)}absence/")
        assert 'value="other_coder"' in page.text
        assert 'value="pool"' in page.text
        assert 'value="coder"' not in page.text
        assert 'value="outsider"' not in page.text
        assert 'name="confirm"' not in page.text

    def test_the_whole_effect_stands_before_the_button(self, site, as_person):
        for item in open_many(site.queue, site.facility, 2):
            take(item, site.coder)
        page = as_person(site.manager).post(
            f"{page_of(site.coder)}absence/", self.form()
        )
        assert "holds 2 items in progress" in text_of(page)
        assert "Record and hand over 2 items" in page.text
        assert not Absence.objects.exists()

    def test_only_what_was_seen_is_recorded(self, site, as_person):
        item = take(open_item(site.queue, site.facility), site.coder)
        client, address = as_person(site.manager), f"{page_of(site.coder)}absence/"
        form = self.form(confirm="1", looked="something else")
        assert client.post(address, form).status_code == 200
        assert not Absence.objects.exists()
        seen = "|".join((form["starts_on"], form["ends_on"], form["backup"]))
        answer = client.post(address, {**form, "looked": seen}, follow=True)
        assert "Handed over: 1 to other_coder." in answer.text
        assert stands(item) == ("in_progress", "other_coder")
        assert Absence.objects.get().recorded_by == site.manager

    def test_what_is_refused_is_said_in_place(self, site, as_person):
        page = as_person(site.manager).post(
            f"{page_of(site.coder)}absence/",
            self.form(ends_on=in_days(-3).isoformat()),
        )
        assert "An absence ends on its first day or later." in page.text
        assert not Absence.objects.exists()

    @pytest.mark.parametrize(
        ("name", "typed", "said"),
        [
            ("starts_on", "next Monday", "This is no day. Write it as 2026-12-31."),
            ("ends_on", "2026-02-30", "This is no day. Write it as 2026-12-31."),
            ("ends_on", "", "Say which day."),
            ("backup", "", "Choose who stands in."),
        ],
    )
    def test_a_fault_stands_by_its_field_and_what_was_typed_stays(
        self, site, as_person, name, typed, said
    ):
        form = self.form(**{name: typed})
        page = as_person(site.manager).post(f"{page_of(site.coder)}absence/", form)

        text = text_of(page)
        field = name.replace("_", "-")
        fault = text[text.index(f'id="{field}-wrong"') :]
        assert said in fault[: fault.index("</p>")]
        assert text.count('class="hint over"') == 1
        for other, value in (form | {name: ""}).items():
            assert not value or f'value="{value}"' in text, other
        assert not typed or f'value="{typed}"' in text
        assert not Absence.objects.exists()

    def test_a_last_day_that_is_none_stays_as_typed_and_nothing_moves(
        self, site, as_person
    ):
        absence = away(site, starts=in_days(5), ends=in_days(6), when=now())
        client = as_person(site.manager)

        answer = client.post(
            f"/absences/{absence.pk}/until/",
            {"ends_on": "31.12.", "read": in_days(6).isoformat()},
        )

        assert answer.status_code == 422
        assert 'type="text" name="ends_on" value="31.12."' in text_of(answer)
        assert "This is no day. Write it as 2026-12-31." in answer.text
        absence.refresh_from_db()
        assert absence.ends_on == in_days(6)
        strange = as_person(site.other_coder).post(
            f"/absences/{absence.pk}/until/", {"ends_on": "31.12."}
        )
        assert strange.status_code == 403

    def test_a_clearance_with_a_day_that_is_none(self, site, as_person):
        clearance, other = ClearanceFactory(), ClearanceFactory()

        answer = as_person(site.manager).post(
            f"{page_of(site.coder)}clearances/",
            {"clearance": other.pk, "expires_on": "soon"},
        )

        text = text_of(answer)
        assert answer.status_code == 422
        assert f'<option value="{other.pk}" selected>' in text
        assert f'<option value="{clearance.pk}">' in text
        assert 'name="expires_on" value="soon"' in text
        fault = text[text.index('id="expires-on-wrong"') :]
        assert "This is no day. Write it as 2026-12-31." in fault
        assert not ClearanceGrant.objects.filter(user=site.coder).exists()

    def test_it_is_changed_and_ended(self, site, as_person):
        item = take(open_item(site.queue, site.facility), site.coder)
        absence, _ = record_absence(
            actor=site.manager,
            user_id=site.coder.pk,
            starts_on=in_days(0),
            ends_on=in_days(3),
            backup="other_coder",
        )
        client = as_person(site.manager)
        later = in_days(5)
        until = {"ends_on": later.isoformat(), "read": in_days(3).isoformat()}
        client.post(f"/absences/{absence.pk}/until/", until)
        absence.refresh_from_db()
        assert absence.ends_on == later
        page = client.get(page_of(site.coder))
        assert "1 item handed over." in page.text
        assert f"End the absence of {site.coder}, " in page.text
        assert f"since come back to {site.coder};" in page.text
        answer = client.post(f"/absences/{absence.pk}/end/", follow=True)
        assert f"{site.coder} is back: 1 item came back." in answer.text
        assert stands(item) == ("in_progress", "coder")
        assert client.post(f"/absences/{absence.pk}/end/").status_code == 409

    def test_a_page_from_before_somebody_moved_the_last_day_changes_nothing(
        self, site, as_person
    ):
        absence = away(site, starts=in_days(5), ends=in_days(6), when=now())
        shown = as_person(site.manager).get(page_of(site.coder)).text
        assert f'name="read" value="{in_days(6).isoformat()}"' in shown
        until = f"/absences/{absence.pk}/until/"
        read = {"read": in_days(6).isoformat()}
        lead = as_person(site.queue.team.lead)
        lead.post(until, {"ends_on": in_days(9).isoformat()} | read)
        events = Event.objects.filter(action="absence.changed").count()

        client = as_person(site.manager)
        stale = client.post(until, {"ends_on": in_days(7).isoformat()} | read)
        unread = client.post(until, {"ends_on": in_days(7).isoformat()})

        assert (stale.status_code, unread.status_code) == (409, 400)
        assert "Somebody set the last day to" in text_of(stale)
        assert "nothing was changed" in text_of(stale)
        absence.refresh_from_db()
        assert absence.ends_on == in_days(9)
        assert Event.objects.filter(action="absence.changed").count() == events == 1

    def test_a_page_from_before_somebody_ended_it_changes_nothing(
        self, site, as_person
    ):
        absence = away(site, starts=in_days(5), ends=in_days(6), when=now())
        as_person(site.queue.team.lead).post(f"/absences/{absence.pk}/end/")
        client, read = as_person(site.manager), in_days(6).isoformat()
        form = {"ends_on": in_days(7).isoformat(), "read": read}
        stale = client.post(f"/absences/{absence.pk}/until/", form)
        assert stale.status_code == 409
        assert "This absence is over." in text_of(stale)
        absence.refresh_from_db()
        assert absence.ends_on == in_days(6)
        assert not Event.objects.filter(action="absence.changed").exists()

    def test_one_that_has_not_begun_is_cancelled(self, site, as_person):
        absence = away(site, starts=in_days(5), ends=in_days(6), when=now())
        client = as_person(site.manager)
        assert (
            f"Cancel the absence of {site.coder}, "
            in client.get(page_of(site.coder)).text
        )
        answer = client.post(f"/absences/{absence.pk}/end/", follow=True)
        assert f"The absence of {site.coder} is cancelled." in answer.text
        assert "Cancelled before it began." in answer.text

    def test_the_managers_page_says_who_is_away(self, site, as_person):
        client = as_person(site.manager)
        assert "Everybody is here" in client.get("/manage/").text
        take(open_item(site.queue, site.facility), site.coder)
        away(site, starts=in_days(0), ends=in_days(2), when=now())
        page = client.get("/manage/")
        assert f'href="{page_of(site.coder)}"' in page.text
        assert "1 item handed over" in page.text

    def test_both_read_it_on_their_start_page(self, site, as_person):
        away(site, starts=in_days(0), ends=in_days(2), when=now())
        mine, theirs = (
            text_of(as_person(user).get("/")) for user in (site.coder, site.other_coder)
        )
        assert f"{site.other_coder} stands in." in mine
        assert f"You stand in for {site.coder}" in theirs
        other = text_of(as_person(site.apprentice).get("/"))
        assert "stands in" not in other
        assert "You stand in" not in other


@pytest.mark.parametrize(
    ("zone", "words"), [("America/New_York", "Ended early."), ("UTC", "Over.")]
)
def test_it_ended_early_by_the_day_where_the_person_is(zone, words):
    closed = datetime(2026, 3, 7, 3, tzinfo=UTC)
    absence = Absence(
        user=User(time_zone=zone),
        starts_on=date(2026, 3, 2),
        ends_on=date(2026, 3, 6),
        handed_over_at=closed,
        closed_at=closed,
    )
    assert row_of(absence).words == words
