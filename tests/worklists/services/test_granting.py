"""Queues, facilities, capacity and tier: who grants what to whom, in the trail."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import Group
from django.db import connection, transaction
from guardian.shortcuts import assign_perm

from tests.factories import (
    ClearanceFactory,
    FacilityFactory,
    QueueFactory,
    clear_for,
    grant,
    make_site,
    open_item,
    open_many,
    take,
)
from tests.worklists.services.covering import (
    fresh,
    stands,
    team_up,
    until_somebody_waits,
)
from worklists.enums import Action
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import (
    Event,
    QueueUserObjectPermission,
    TeamMember,
    User,
    WorkItem,
)
from worklists.selectors.access import access_of, visible_to
from worklists.services.granting import (
    change_person,
    grant_facility,
    grant_queue,
    preview_revoke,
    revoke_facility,
    revoke_queue,
)
from worklists.services.locks import hold_person
from worklists.services.next_item import next_item
from worklists.services.perform import perform
from worklists.services.placing import by_person

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return team_up(make_site())


@pytest.fixture
def queue(site):
    """Another queue that the manager manages."""
    queue = QueueFactory(team=site.queue.team, name="Other")
    grant(site.manager, queue, "manage")
    return queue


def facts_of(action):
    return [
        (e.subject_id, e.actor_name, json.loads(e.facts))
        for e in Event.objects.filter(action=action).order_by("id")
    ]


def give(site, queue, user=None, verb="work", actor=None):
    grant_queue(
        actor=fresh(actor or site.manager),
        user_id=(user or site.coder).pk,
        queue_id=queue.pk,
        verb=verb,
    )


class TestQueues:
    """Granted by the person's manager, for queues the manager manages."""

    def test_a_grant_opens_the_queue_and_stands_on_the_chain(self, site, queue):
        give(site, queue)
        assert queue.pk in access_of(fresh(site.coder)).work
        assert facts_of("grant.given") == [
            (site.coder.pk, "manager", {"queue": queue.slug, "verb": "work"})
        ]

    @pytest.mark.parametrize(
        ("who", "verb"), [("coder", "work"), ("reviewer", "review")]
    )
    def test_a_verb_needs_its_role(self, site, queue, who, verb):
        TeamMember.objects.create(team=site.queue.team, user=site.reviewer)
        give(site, queue, getattr(site, who), verb)
        for wrong in {"work", "review", "manage"} - {verb}:
            with pytest.raises(NotPermitted, match="does not hold the role"):
                give(site, queue, getattr(site, who), wrong)
        assert (
            QueueUserObjectPermission.objects.filter(content_object=queue).count() == 2
        )

    def test_without_the_clearance_the_queue_stays_shut(self, site):
        needs = ClearanceFactory()
        shut = QueueFactory(team=site.queue.team, clearance=needs)
        grant(site.manager, shut, "manage")
        item = open_item(shut, site.facility)
        give(site, shut)
        coder = fresh(site.coder)
        assert not visible_to(coder).exists()
        assert next_item(actor=coder).item is None
        with pytest.raises(NotVisible):
            perform(
                item_id=item.pk, action=Action.CLAIM, actor=coder, expected_version=1
            )
        clear_for(site.coder, needs)
        assert next_item(actor=fresh(site.coder)).item == item

    def test_nobody_grants_to_themselves(self, site, queue):
        TeamMember.objects.create(team=site.queue.team, user=site.manager)
        with pytest.raises(NotPermitted, match="Nobody changes their own"):
            give(site, queue, site.manager, "manage")
        assert facts_of("grant.given") == []

    @pytest.mark.parametrize("who", ["coder", "reviewer", "administrator", "auditor"])
    def test_only_managers_grant(self, site, queue, who):
        with pytest.raises(NotPermitted):
            give(site, queue, site.other_coder, actor=getattr(site, who))
        assert facts_of("grant.given") == []

    def test_only_their_own_people_and_queues(self, site, queue):
        foreign = QueueFactory()
        with pytest.raises(NotPermitted, match="queues that you manage"):
            give(site, foreign)
        with pytest.raises(NotPermitted, match="own manager"):
            give(site, queue, site.outsider)
        assert facts_of("grant.given") == []

    def test_twice_is_refused(self, site, queue):
        give(site, queue)
        with pytest.raises(Conflict, match="already"):
            give(site, queue)
        assert len(facts_of("grant.given")) == 1

    def test_an_unknown_verb_is_refused(self, site, queue):
        with pytest.raises(BadInput):
            give(site, queue, verb="own")

    def test_somebody_inactive_is_nobody(self, site, queue):
        User.objects.filter(pk=site.coder.pk).update(is_active=False)
        with pytest.raises(NotVisible):
            give(site, queue)


class TestTakingBack:
    """At once; what they hold stays, or goes to the pool in the same act."""

    def revoke(self, site, *, to_pool=False, verb="work"):
        return revoke_queue(
            actor=fresh(site.manager),
            user_id=site.coder.pk,
            queue_id=site.queue.pk,
            verb=verb,
            to_pool=to_pool,
        )

    def test_with_the_items_to_the_pool(self, site):
        items = open_many(site.queue, site.facility, 2)
        for item in items:
            take(item, site.coder)
        plan = preview_revoke(
            actor=fresh(site.manager),
            user_id=site.coder.pk,
            queue_id=site.queue.pk,
            facility_id=None,
        )
        assert by_person(plan) == {"pool": 2}
        moved = self.revoke(site, to_pool=True)
        assert (moved.act.done, moved.act.actor) == (2, site.manager)
        assert {stands(item) for item in items} == {("open", None)}
        assert site.queue.pk not in access_of(fresh(site.coder)).work
        ((_, _, facts),) = facts_of("grant.taken")
        assert facts == {"queue": site.queue.slug, "verb": "work", "held": 2}

    def test_alone_it_moves_nothing(self, site):
        item = take(open_item(site.queue, site.facility), site.coder)
        assert self.revoke(site) is None
        assert stands(item) == ("in_progress", "coder")
        assert facts_of("grant.taken")[0][2]["held"] == 1

    def test_what_a_role_keeps_theirs_stays(self, site):
        item = take(open_item(site.queue, site.facility), site.coder)
        crew = Group.objects.create(name="crew")
        crew.user_set.add(site.coder)
        assign_perm("work_queue", crew, site.queue)
        assign_perm("view_facility", crew, site.facility)
        given = {"actor": fresh(site.manager), "user_id": site.coder.pk}
        for name, thing in (("queue", "queue"), ("facility", "facility")):
            ids = {"queue_id": None, "facility_id": None}
            ids[f"{name}_id"] = getattr(site, thing).pk
            plan = preview_revoke(**given, **ids)
            assert plan.placings == []
            assert [(one.number, one.why) for one in plan.left] == [
                (item.number, f"{site.coder} keeps the {name} by a role; it stays.")
            ]
        assert self.revoke(site, to_pool=True) is None
        place = {"facility_id": site.facility.pk, "to_pool": True}
        assert revoke_facility(**given, **place) is None
        assert stands(item) == ("in_progress", "coder")
        assert site.queue.pk in access_of(fresh(site.coder)).work
        assert [facts["held"] for *_, facts in facts_of("grant.taken")] == [1, 1]

    def test_undo_gives_nothing_back_to_who_lost_the_queue(self, site):
        from worklists.services.taking_back import take_back

        item = take(open_item(site.queue, site.facility), site.coder)
        moved = self.revoke(site, to_pool=True)
        back = take_back(actor=fresh(site.manager), bulk_act_id=moved.act.pk)
        assert len(back.plan.left) == 1
        assert stands(item) == ("open", None)

    def test_what_is_not_held_is_refused_and_moves_nothing(self, site):
        self.revoke(site)
        item = open_item(site.queue, site.facility)
        with pytest.raises(Conflict, match="does not hold this grant"):
            self.revoke(site, to_pool=True)
        assert stands(item) == ("open", None)
        assert len(facts_of("grant.taken")) == 1

    def test_a_facility_comes_and_goes(self, site):
        place = FacilityFactory()
        grant(site.manager, place)
        given = {"user_id": site.coder.pk, "facility_id": place.pk}
        grant_facility(actor=fresh(site.manager), **given)
        item = take(open_item(site.queue, place), fresh(site.coder))
        moved = revoke_facility(actor=fresh(site.manager), to_pool=True, **given)
        assert moved.act.done == 1
        assert stands(item) == ("open", None)
        assert place.pk not in access_of(fresh(site.coder)).facilities
        assert [facts["facility"] for *_, facts in facts_of("grant.given")] == [
            place.slug
        ]

    def test_a_foreign_facility_is_refused(self, site):
        with pytest.raises(NotPermitted, match="facilities that are yours"):
            grant_facility(
                actor=fresh(site.manager),
                user_id=site.coder.pk,
                facility_id=FacilityFactory().pk,
            )


class TestCapacityAndTier:
    """Changed with a reason by code, before and after in the trail."""

    def change(self, site, actor=None, **more):
        given = {"tier": "apprentice", "daily_capacity": 12, "code": "misses"} | more
        return change_person(
            actor=fresh(actor or site.manager), user_id=site.coder.pk, **given
        )

    def test_before_and_after_are_kept(self, site):
        self.change(site)
        site.coder.refresh_from_db()
        assert (site.coder.tier, site.coder.daily_capacity) == ("apprentice", 12)
        assert facts_of("person.changed") == [
            (
                site.coder.pk,
                "manager",
                {
                    "changed": {
                        "tier": ["independent", "apprentice"],
                        "daily_capacity": [40, 12],
                    },
                    "code": "misses",
                },
            )
        ]

    @pytest.mark.parametrize(
        ("more", "field"),
        [
            ({"tier": "master"}, "tier"),
            ({"daily_capacity": 0}, "daily_capacity"),
            ({"daily_capacity": 501}, "daily_capacity"),
            ({"code": "because"}, "code"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, site, more, field):
        with pytest.raises(BadInput) as refused:
            self.change(site, **more)
        assert list(refused.value.fields) == [field]
        site.coder.refresh_from_db()
        assert (site.coder.tier, site.coder.daily_capacity) == ("independent", 40)

    def test_no_change_is_no_event(self, site):
        with pytest.raises(BadInput, match="Nothing differs"):
            self.change(site, tier="independent", daily_capacity=40)
        assert facts_of("person.changed") == []

    def test_a_lead_changes_nothing(self, site):
        with pytest.raises(NotPermitted):
            self.change(site, site.queue.team.lead)
        assert facts_of("person.changed") == []


@pytest.mark.django_db(transaction=True)
def test_who_takes_a_grant_never_locks_up_with_who_takes_an_item():
    """One holds an item and then asks for the person; the other waits for the item."""
    site = team_up(make_site())
    item = take(open_item(site.queue, site.facility), site.coder)

    def revoke():
        try:
            return TestTakingBack().revoke(site, to_pool=True).act.done
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as manager:
        with transaction.atomic():
            WorkItem.objects.select_for_update(no_key=True).get(pk=item.pk)
            revoked = manager.submit(revoke)
            until_somebody_waits()
            hold_person(site.coder)
        assert revoked.result(30) == 1
    assert stands(item) == ("open", None)
