"""Recording, changing and ending absences: refusals, warnings, effects."""

import json
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, OperationalError, transaction

from tests.factories import (
    ClearanceFactory,
    TeamFactory,
    UserFactory,
    make_site,
    person,
)
from tests.worklists.services.covering import (
    BACK,
    EARLY,
    FRIDAY,
    MONDAY,
    SUNDAY,
    TUESDAY,
    away,
    fresh,
    hold,
    stands,
    team_up,
)
from tests.worklists.services.timekeeping import DAY, HOUR, issue_queue
from worklists.enums import Role
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import Absence, Event, TeamMember, User, WorkItem
from worklists.selectors.staff import staff_ids
from worklists.services import absences, covering
from worklists.services.absences import (
    change_absence,
    cover,
    end_absence,
    preview_absence,
    record_absence,
)
from worklists.services.injected_time import at

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return team_up(make_site())


def record(site, actor=None, user=None, **more):
    """Record an absence on Sunday evening."""
    given = {"starts_on": MONDAY, "ends_on": FRIDAY, "backup": "other_coder"} | more
    with at(SUNDAY):
        return record_absence(
            actor=fresh(actor or site.manager),
            user_id=(user or site.coder).pk,
            **given,
        )[0]


def facts_of(action):
    events = Event.objects.filter(action=action).order_by("id")
    return [(e.subject_id, e.actor_name, json.loads(e.facts)) for e in events]


class TestRecording:
    """Who may, what is refused, what stands in the trail."""

    def test_it_stands_on_the_persons_chain_without_a_cause(self, site):
        absence = record(site)
        assert facts_of("absence.recorded") == [
            (
                site.coder.pk,
                "manager",
                {
                    "absence": absence.pk,
                    "starts_on": "2026-03-02",
                    "ends_on": "2026-03-06",
                    "backup": "other_coder",
                },
            )
        ]
        assert (absence.recorded_by, absence.recorded_at) == (site.manager, SUNDAY)
        assert (absence.handed_over_at, absence.closed_at) == (None, None)

    def test_a_lead_records_their_members(self, site):
        assert record(site, site.queue.team.lead).user == site.coder

    def test_an_administrator_records_anybody(self, site):
        record(site, site.administrator, site.outsider)
        assert Absence.objects.get().user == site.outsider

    @pytest.mark.parametrize(
        "who", ["coder", "other_coder", "reviewer", "auditor", "outsider"]
    )
    def test_nobody_else_does(self, site, who):
        with pytest.raises(NotPermitted):
            record(site, getattr(site, who))
        assert not Absence.objects.exists()

    def test_a_manager_records_neither_strangers_nor_themselves(self, site):
        TeamMember.objects.create(team=site.queue.team, user=site.manager)
        for user in (site.outsider, site.manager):
            with pytest.raises(NotPermitted):
                record(site, user=user)
        assert not Absence.objects.exists()

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"ends_on": date(2026, 3, 1)}, "ends_on"),
            ({"starts_on": date(2026, 2, 1), "ends_on": date(2026, 2, 28)}, "ends_on"),
            ({"ends_on": date(2027, 3, 4)}, "ends_on"),
            ({"backup": "coder"}, "backup"),
            ({"backup": "nobody"}, "backup"),
            ({"backup": ""}, "backup"),
        ],
    )
    def test_what_makes_no_sense_is_refused_by_its_field(self, site, given, field):
        with pytest.raises(BadInput) as refused:
            record(site, **given)
        assert list(refused.value.fields) == [field]
        assert not Absence.objects.exists()
        assert facts_of("absence.recorded") == []

    def test_nobody_inactive_is_away_or_stands_in(self, site):
        User.objects.filter(pk=site.other_coder.pk).update(is_active=False)
        with pytest.raises(BadInput):
            record(site)
        with pytest.raises(NotVisible):
            record(site, user=site.other_coder)

    def test_shared_days_are_refused_in_words(self, site):
        record(site)
        with pytest.raises(Conflict, match=r"from Mon Mar.2 to Fri Mar.6 already"):
            record(site, starts_on=FRIDAY, ends_on=date(2026, 3, 9))
        assert Absence.objects.count() == 1
        record(site, starts_on=date(2026, 3, 7), ends_on=date(2026, 3, 9))

    def test_the_database_refuses_shared_days_too(self, site):
        record(site)
        row = {"user": site.coder, "recorded_by": site.manager}
        with pytest.raises(IntegrityError, match="absence"), transaction.atomic():
            Absence.objects.create(starts_on=FRIDAY, ends_on=FRIDAY, **row)
        Absence.objects.create(
            starts_on=FRIDAY, ends_on=FRIDAY, closed_at=SUNDAY, **row
        )

    def test_two_people_never_stand_in_for_each_other(self, site):
        record(site)
        with pytest.raises(Conflict, match="stand in for each other"):
            record(site, user=site.other_coder, backup="coder", ends_on=MONDAY)
        record(site, user=site.other_coder, backup="apprentice", ends_on=MONDAY)
        with pytest.raises(Conflict, match="stand in for each other"):
            record(site, user=site.apprentice, backup="coder", ends_on=MONDAY)
        later = {"starts_on": date(2026, 3, 9), "ends_on": date(2026, 3, 9)}
        record(site, user=site.apprentice, backup="coder", **later)
        assert Absence.objects.count() == 3

    def test_a_preview_warns_and_changes_nothing(self, site):
        record(site, user=site.other_coder, backup="pool", ends_on=MONDAY)
        record(site, user=site.apprentice, backup="coder", starts_on=FRIDAY)
        (item,) = hold(site)
        events = Event.objects.count()
        with at(SUNDAY):
            seen = preview_absence(
                actor=fresh(site.manager),
                user_id=site.coder.pk,
                starts_on=MONDAY,
                ends_on=FRIDAY,
                backup="other_coder",
            )
        assert [warning.split(" from ")[0] for warning in seen.warnings] == [
            f"{site.other_coder} is away too",
            f"{site.coder} stands in for {site.apprentice}",
        ]
        assert (seen.now, dict(seen.hand_over.held)) == (False, {"in_progress": 1})
        assert (Event.objects.count(), Absence.objects.count()) == (events, 2)
        assert stands(item) == ("in_progress", "coder")


class TestChanging:
    """Shorter or longer, before or while it holds."""

    def test_the_last_day_moves_and_the_return_with_it(self, site):
        (item,) = hold(site)
        absence = away(site)
        cover(EARLY)
        with at(EARLY + HOUR):
            change_absence(
                actor=fresh(site.manager),
                absence_id=absence.pk,
                ends_on=date(2026, 3, 9),
            )
        assert cover(BACK)["came_back"] == 0
        assert cover(BACK + 3 * DAY)["came_back"] == 1
        assert stands(item) == ("in_progress", "coder")
        ((_, actor, facts),) = facts_of("absence.changed")
        assert (actor, facts["until_before"], facts["ends_on"]) == (
            "manager",
            "2026-03-06",
            "2026-03-09",
        )

    def test_into_days_of_another_it_is_refused(self, site):
        absence = record(site, ends_on=TUESDAY)
        record(site, starts_on=FRIDAY)
        with at(SUNDAY), pytest.raises(Conflict):
            change_absence(
                actor=fresh(site.manager), absence_id=absence.pk, ends_on=FRIDAY
            )
        absence.refresh_from_db()
        assert absence.ends_on == TUESDAY

    @pytest.mark.parametrize("ends_on", [FRIDAY, date(2026, 3, 1), date(2026, 2, 1)])
    def test_to_a_day_that_makes_no_sense_it_is_refused(self, site, ends_on):
        absence = record(site)
        with at(SUNDAY), pytest.raises(BadInput):
            change_absence(
                actor=fresh(site.manager), absence_id=absence.pk, ends_on=ends_on
            )
        absence.refresh_from_db()
        assert absence.ends_on == FRIDAY
        assert facts_of("absence.changed") == []

    def test_by_a_stranger_it_is_refused(self, site):
        absence = record(site)
        for actor in (site.coder, site.other_coder, site.reviewer):
            with at(SUNDAY), pytest.raises(NotPermitted):
                change_absence(
                    actor=fresh(actor), absence_id=absence.pk, ends_on=MONDAY
                )
            with at(SUNDAY), pytest.raises(NotPermitted):
                end_absence(actor=fresh(actor), absence_id=absence.pk)
        absence.refresh_from_db()
        assert (absence.ends_on, absence.closed_at) == (FRIDAY, None)


class TestEnding:
    """Cancelled before it began, ended while it holds, never twice."""

    def test_before_it_began_it_is_cancelled_and_moves_nothing(self, site):
        (item,) = hold(site)
        absence = record(site)
        with at(SUNDAY):
            ended, plan = end_absence(actor=fresh(site.manager), absence_id=absence.pk)
        assert (ended.closed_at, plan) == (SUNDAY, None)
        assert cover(EARLY) == {"handed_over": 0, "came_back": 0}
        assert stands(item) == ("in_progress", "coder")
        assert len(facts_of("absence.cancelled")) == 1
        record(site)

    def test_while_it_holds_the_person_is_back(self, site):
        (item,) = hold(site)
        absence = away(site)
        cover(EARLY)
        with at(EARLY + DAY):
            ended, plan = end_absence(actor=fresh(site.manager), absence_id=absence.pk)
        assert stands(item) == ("in_progress", "coder")
        assert (len(plan.placings), plan.left) == (1, [])
        assert ended.closed_at == EARLY + DAY
        assert facts_of("absence.ended")[0][1] == "manager"
        assert cover(BACK) == {"handed_over": 0, "came_back": 0}

    def test_twice_is_refused(self, site):
        absence = record(site)
        with at(SUNDAY):
            end_absence(actor=fresh(site.manager), absence_id=absence.pk)
            with pytest.raises(Conflict, match="is over"):
                end_absence(actor=fresh(site.manager), absence_id=absence.pk)
            with pytest.raises(NotVisible):
                end_absence(actor=fresh(site.manager), absence_id=999_999)


class TestTheWorker:
    """A fault of one absence stops no other."""

    def test_others_go_on(self, site, monkeypatch):
        record(site)
        record(site, user=site.apprentice, backup="pool")
        begin = covering.begin

        def refuse(absence, *, actor):
            if absence.user == site.coder:
                raise IntegrityError("broken")
            return begin(absence, actor=actor)

        monkeypatch.setattr(covering, "begin", refuse)
        assert cover(EARLY)["handed_over"] == 1
        monkeypatch.undo()
        assert cover(EARLY + HOUR)["handed_over"] == 1

    @pytest.mark.parametrize(
        "fault", [IntegrityError("broken"), Conflict("No.", code="no")]
    )
    def test_a_fault_is_reported_once_and_others_go_on(self, site, monkeypatch, fault):
        queue = issue_queue(site)
        bad = record(site)
        record(site, user=site.apprentice, backup="pool")
        begin = covering.begin

        def refuse(absence, *, actor):
            if absence.user == site.coder:
                raise fault
            return begin(absence, actor=actor)

        monkeypatch.setattr(covering, "begin", refuse)
        assert cover(EARLY) == {"handed_over": 1, "came_back": 0}
        assert cover(EARLY + HOUR) == {"handed_over": 0, "came_back": 0}
        report = WorkItem.objects.get(kind="issue_report")
        assert (report.queue, report.reason_code) == (queue, "absence_failed")
        assert report.reason_label == (
            f"Absence {bad.pk} could not be brought up to date ({type(fault).__name__})"
        )
        bad.refresh_from_db()
        assert bad.handed_over_at is None

    def test_a_lost_connection_is_nobodys_fault(self, site, monkeypatch):
        issue_queue(site)
        record(site)

        def lose(absence, *, actor):
            raise OperationalError("gone")

        monkeypatch.setattr(covering, "begin", lose)
        with pytest.raises(OperationalError):
            cover(EARLY)
        assert not WorkItem.objects.filter(kind="issue_report").exists()

    def test_adjacent_absences_come_back_and_go_again(self, site):
        (item,) = hold(site)
        record(site, ends_on=MONDAY)
        record(site, starts_on=TUESDAY, backup="apprentice")
        cover(EARLY)
        assert stands(item) == ("in_progress", "other_coder")
        assert cover(EARLY + DAY) == {"handed_over": 1, "came_back": 1}
        assert stands(item) == ("in_progress", "apprentice")

    def test_it_takes_a_time_in_test_databases_only(self):
        make_site()
        from worklists.models import Installation

        Installation.objects.update(purpose="production")
        with pytest.raises(BadInput):
            cover(EARLY + timedelta(days=1))
        assert absences.cover() == {"handed_over": 0, "came_back": 0}


class TestStaff:
    """Whose people somebody's are: down the tree of teams, never up."""

    def test_a_manager_of_managers_has_theirs_too(self):
        chief, middle, lead, coder = (UserFactory() for _ in range(4))
        top = TeamFactory(manager=chief, lead=UserFactory())
        TeamMember.objects.create(team=top, user=middle)
        team = TeamFactory(manager=middle, lead=lead)
        for one in (coder, middle):
            TeamMember.objects.create(team=team, user=one)
        assert staff_ids(chief) == {top.lead_id, middle.pk, lead.pk, coder.pk}
        assert staff_ids(middle) == {lead.pk, coder.pk}
        assert staff_ids(lead) == {coder.pk}
        assert staff_ids(coder) == frozenset()

    def test_a_ring_of_teams_ends(self):
        one, two = UserFactory(), UserFactory()
        for boss, below in ((one, two), (two, one)):
            team = TeamFactory(manager=boss, lead=boss)
            TeamMember.objects.create(team=team, user=below)
        assert staff_ids(one) == {two.pk}
        assert staff_ids(person(Role.MANAGER)) == frozenset()


def test_a_clearance_lost_in_between_counts_at_the_start():
    site = team_up(make_site(clearance=ClearanceFactory()))
    from tests.factories import clear_for

    for user in (site.coder, site.other_coder):
        clear_for(user, site.queue.clearance)
    (item,) = hold(site)
    record(site)
    site.other_coder.clearance_grants.update(revoked_at=SUNDAY)
    cover(EARLY)
    assert stands(item) == ("open", None)
