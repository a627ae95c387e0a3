"""Overlay flags: who sets and clears which, what the trail keeps, what is refused."""

import json

import pytest

from audits.services.verification import verify_trail
from tests.factories import make_site, open_item, take
from worklists.errors import BadInput, NotPermitted, WrongState
from worklists.flags import REGISTRY, clearable, flags_of, settable
from worklists.models import Event, Reason, WorkItem
from worklists.selectors.item import item_for
from worklists.selectors.offered import offered
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def held(site):
    return take(open_item(site.queue, site.facility), site.coder)


def mark(item, actor, code="watch", action="flag", reason=""):
    return perform(
        item_id=item.pk,
        action=action,
        actor=actor,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        reason=reason,
        options={"flag": code},
    )


def test_the_holder_sets_a_flag_and_nothing_else_changes(site, held):
    before = WorkItem.objects.values().get(pk=held.pk)
    mark(held, site.coder, reason="The payer called twice.")
    after = WorkItem.objects.values().get(pk=held.pk)
    assert after["flags"] == ["watch"]
    moved = {name for name in before if before[name] != after[name]}
    assert moved == {"flags", "version", "touched_at", "trail_seq", "trail_hash"}
    event = Event.objects.get(action="item.flagged")
    assert json.loads(event.facts) == {"flag": "watch", "version": 3}
    assert (event.from_state, event.to_state) == ("in_progress", "in_progress")
    assert Reason.objects.get(action="item.flagged").value == "The payer called twice."
    assert verify_trail().whole


def test_a_manager_clears_what_the_holder_set(site, held):
    mark(held, site.coder)
    mark(held, site.manager, "sensitive")
    mark(held, site.manager, "watch", "unflag")
    held.refresh_from_db()
    assert held.flags == ["sensitive"]
    assert json.loads(Event.objects.get(action="item.unflagged").facts) == {
        "flag": "watch",
        "version": 5,
    }


def test_the_systems_flags_stay_beside_those_of_people(site):
    item = open_item(site.queue, site.facility, flags=("unverified_deadline",))
    mark(item, site.manager)
    item.refresh_from_db()
    assert item.flags == ["unverified_deadline", "watch"]


@pytest.mark.parametrize("action", ["flag", "unflag"])
@pytest.mark.parametrize("code", ["unverified_deadline", "payer_reversed", "", "gold"])
def test_flags_of_the_system_and_unknown_ones_are_refused(site, held, code, action):
    WorkItem.objects.filter(pk=held.pk).update(flags=["unverified_deadline"])
    with pytest.raises(BadInput) as refused:
        mark(held, site.manager, code, action)
    assert list(refused.value.fields) == ["flag"]
    held.refresh_from_db()
    assert (held.flags, held.version) == (["unverified_deadline"], 2)
    assert not Event.objects.filter(action__endswith="flagged").exists()


def test_twice_on_and_off_what_is_not_on_are_refused(site, held):
    mark(held, site.coder)
    for code, action in (("watch", "flag"), ("teaching", "unflag")):
        with pytest.raises(WrongState):
            mark(held, site.coder, code, action)
    held.refresh_from_db()
    assert (held.flags, held.version) == (["watch"], 3)


def test_who_neither_holds_nor_manages_sets_none(site, held):
    for person in (site.other_coder, site.reviewer):
        with pytest.raises(NotPermitted):
            mark(held, person)
    held.refresh_from_db()
    assert (held.flags, held.version) == ([], 2)


def test_what_cannot_be_set_or_cleared_is_not_offered(site, held):
    def said():
        item = item_for(site.coder, held.pk)
        return {
            o.name: (o.allowed, o.why_not)
            for o in offered(item, site.coder)
            if o.name in {"flag", "unflag"}
        }

    assert said() == {
        "flag": (True, ""),
        "unflag": (False, "It carries no flag that people set."),
    }
    every = [flag.code for flag in REGISTRY.values() if flag.by_people]
    WorkItem.objects.filter(pk=held.pk).update(flags=every)
    assert said() == {
        "flag": (False, "It carries every flag that people set."),
        "unflag": (True, ""),
    }


def test_the_registry_divides_what_people_set_from_what_the_system_does():
    every = {flag.code for flag in REGISTRY.values()}
    people = {flag.code for flag in settable([])}
    assert {f.code for f in clearable(every)} == people
    assert every - people >= {"unverified_deadline", "payer_reversed"}
    assert all(flag.label and flag.meaning.endswith(".") for flag in REGISTRY.values())
    assert [f.code for f in settable(["watch"])] == [
        f.code for f in settable([]) if f.code != "watch"
    ]


def test_a_code_nobody_knows_any_more_still_has_words():
    assert [flag.label for flag in flags_of(["watch", "old_word"])] == [
        "Watch",
        "Old word",
    ]
