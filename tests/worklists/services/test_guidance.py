"""Sources in versions, and citing them on an item: saved, submitted, retired."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from tests.factories import (
    GOOD_EVIDENCE,
    EvidenceTemplateFactory,
    QueueFactory,
    make_site,
    open_item,
    take,
)
from tests.factories.guidance import make_guidance
from tests.factories.queues import FIELDS
from worklists.context import now
from worklists.enums import State
from worklists.errors import (
    BadInput,
    EvidenceMissing,
    NotPermitted,
    NotVisible,
    WrongState,
)
from worklists.models import Answer, Event, Guidance, GuidanceVersion, WorkItem
from worklists.selectors.guidance import offered_to
from worklists.selectors.site import site_today
from worklists.services import guidance
from worklists.services.perform import perform
from worklists.views.sources import rules_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db]

RULE = {"name": "rule", "label": "Rule", "type": "policy", "required": True}
SERVED = date(2026, 3, 5)
FIRST, SECOND = date(2025, 1, 1), date(2026, 7, 1)
CITED = {
    "source": "rp",
    "version": 1,
    "cite": "Rp",
    "edition": "version 1, since 01/01/2025",
}


@pytest.fixture
def site():
    here = make_site()
    here.queue.template = EvidenceTemplateFactory(fields=[RULE, *FIELDS])
    here.queue.save()
    return here


@pytest.fixture
def source(site):
    return make_guidance("rp", FIRST, SECOND)


@pytest.fixture
def item(site, source):
    return take(open_item(site.queue, site.facility, service_on=SERVED), site.coder)


def act(item: WorkItem, actor, action: str, **more) -> WorkItem:
    return perform(
        item_id=item.pk,
        action=action,
        actor=actor,
        expected_version=item.version,
        **more,
    )


def version(site, source, **more) -> GuidanceVersion:
    facts = {
        "effective_from": date(2026, 10, 1),
        "source": "Manual, chapter 2",
        "body": "Says more.",
        "checked_on": date(2026, 1, 2),
        "actor": site.administrator,
        "guidance_id": source.pk,
    }
    return guidance.add_version(**facts | more)


# --- Citing ---------------------------------------------------------------------------


def test_the_answer_keeps_source_and_version_of_the_day_of_service(site, item) -> None:
    item = act(item, site.coder, "save_evidence", evidence={"rule": {"source": "rp"}})
    assert Answer.objects.get(item=item).value == CITED
    assert (item.evidence_done, item.evidence_asked) == (1, 3)


def test_a_version_of_another_day_is_saved_but_never_submitted(site, item) -> None:
    wrong = {"rule": {"source": "rp", "version": 2}}
    said = (
        "Version 2 of “Rp” was not in force on 03/05/2026, version 1 was. "
        "Cite version 1."
    )
    item = act(item, site.coder, "save_evidence", evidence=wrong)
    with pytest.raises(EvidenceMissing) as refused:
        act(item, site.coder, "submit", evidence=GOOD_EVIDENCE)
    assert refused.value.fields == {"rule": [said]}
    item.refresh_from_db()
    assert item.state == State.IN_PROGRESS
    item = act(
        item,
        site.coder,
        "submit",
        evidence=GOOD_EVIDENCE | {"rule": {"source": "rp", "version": 1}},
    )
    assert item.state == State.COMPLETED


def test_a_form_that_allows_it_takes_another_version_with_a_reason(site) -> None:
    lenient = [RULE | {"not_in_force": "with_reason"}, *FIELDS]
    site.queue.template = EvidenceTemplateFactory(fields=lenient)
    site.queue.save()
    make_guidance("rp", FIRST, SECOND)
    item = take(open_item(site.queue, site.facility, service_on=SERVED), site.coder)
    told = {"source": "rp", "version": 2, "reason": "It applies backwards."}
    item = act(item, site.coder, "submit", evidence=GOOD_EVIDENCE | {"rule": told})
    assert item.state == State.COMPLETED
    assert Answer.objects.get(field="rule").value["reason"] == "It applies backwards."


@pytest.mark.parametrize("action", ["save_evidence", "submit"])
def test_what_we_do_not_hold_is_refused_and_nothing_is_stored(
    site, item, action
) -> None:
    with pytest.raises(EvidenceMissing) as refused:
        act(
            item,
            site.coder,
            action,
            evidence=GOOD_EVIDENCE | {"rule": {"source": "xy"}},
        )
    assert refused.value.fields == {
        "rule": ["We hold no source “xy”. Choose one that is offered."]
    }
    assert not Answer.objects.exists()


def test_a_retired_source_is_not_newly_cited_and_what_was_cited_stands(
    site, item, source
) -> None:
    other = take(open_item(site.queue, site.facility, service_on=SERVED), site.coder)
    item = act(item, site.coder, "save_evidence", evidence={"rule": {"source": "rp"}})
    guidance.retire(actor=site.administrator, guidance_id=source.pk)

    with pytest.raises(EvidenceMissing, match="not accepted: rule"):
        act(other, site.coder, "save_evidence", evidence={"rule": {"source": "rp"}})
    assert not Answer.objects.filter(item=other).exists()

    item = act(item, site.coder, "submit", evidence=GOOD_EVIDENCE | {"rule": CITED})
    assert item.state == State.COMPLETED


def test_a_source_that_was_renamed_changes_no_answer(site, item, source) -> None:
    item = act(item, site.coder, "save_evidence", evidence={"rule": {"source": "rp"}})
    Guidance.objects.filter(pk=source.pk).update(
        name="Another name", retired_on=date(2026, 8, 1)
    )
    again = {"rule": {"source": "rp", "version": 1}}
    item = act(item, site.coder, "submit", evidence=GOOD_EVIDENCE | again)
    assert item.state == State.COMPLETED
    assert [a.value for a in Answer.objects.filter(field="rule")] == [CITED]


def test_a_senior_who_fixes_cites_by_the_same_rule(site, source) -> None:
    item = take(
        open_item(site.queue, site.facility, service_on=SERVED), site.apprentice
    )
    item = act(
        item,
        site.apprentice,
        "submit",
        evidence=GOOD_EVIDENCE | {"rule": {"source": "rp"}},
    )
    fix = {"rule": {"source": "rp", "version": 2}}
    with pytest.raises(EvidenceMissing):
        act(item, site.reviewer, "fix_and_approve", reason="Newer.", evidence=fix)
    item.refresh_from_db()
    assert item.state == State.IN_REVIEW


def test_words_of_our_own_are_taken_as_before(site, item) -> None:
    free = {"cite": "Contract, section 6", "edition": "2026"}
    item = act(item, site.coder, "submit", evidence=GOOD_EVIDENCE | {"rule": free})
    assert item.state == State.COMPLETED
    assert Answer.objects.get(field="rule").value == free


# --- What is offered ------------------------------------------------------------------


def test_offered_is_what_fits_payer_and_specialty_with_the_version_of_the_day(
    site, item
) -> None:
    make_guidance("own", FIRST, payer_id=item.payer_id, kind="payer_policy")
    make_guidance("heart", FIRST, specialty="cardiology")
    gone = make_guidance("gone", FIRST)
    Guidance.objects.filter(pk=gone.pk).update(retired_on=date(2026, 1, 1))
    offers = [
        (o.version.source, o.version.number, o.in_force, o.today_number)
        for o in offered_to(item)
    ]
    assert offers == [("own", 1, True, 1), ("rp", 2, False, 2), ("rp", 1, True, 2)]


def test_what_is_about_the_queue_stands_first_and_what_is_about_others_last(
    site, item
) -> None:
    other = QueueFactory(team=site.queue.team)
    make_guidance("own", FIRST, payer_id=item.payer_id)
    make_guidance("zz-here", FIRST).queues.set([site.queue, other])
    make_guidance("aa-elsewhere", FIRST).queues.set([other])
    offers = [(o.version.source, o.here, o.elsewhere) for o in offered_to(item)]
    assert list(dict.fromkeys(offers)) == [
        ("zz-here", True, False),
        ("own", False, False),
        ("rp", False, False),
        ("aa-elsewhere", False, True),
    ]
    shown = rules_of(offered_to(item), SERVED)
    assert [rule.slug for rule in shown] == ["zz-here", "own", "rp"]
    assert "about this queue" in shown[0].kind


def test_another_payers_guidance_is_not_offered(site, item) -> None:
    stranger = open_item(site.queue, site.facility)
    make_guidance("own", FIRST, payer_id=stranger.payer_id)
    same = stranger.payer_id == item.payer_id
    assert ("own" in {o.version.source for o in offered_to(item)}) is same


def test_offering_asks_for_the_day_and_the_guidance(
    django_assert_num_queries, item
) -> None:
    for number in range(3):
        make_guidance(f"more-{number}", FIRST, SECOND)
    with django_assert_num_queries(2):
        offered_to(item)


def test_a_later_version_of_the_same_day_replaces_the_first(item) -> None:
    make_guidance("twice", FIRST, FIRST)
    found = [
        (o.version.number, o.in_force)
        for o in offered_to(item)
        if o.version.source == "twice"
    ]
    assert found == [(2, True), (1, False)]


# --- Keeping sources ------------------------------------------------------------------


def test_a_version_gets_the_next_number_and_who_wrote_it(site, source) -> None:
    added = version(site, source)
    assert (added.number, added.written_by) == (3, site.administrator)
    assert source.versions.count() == 3


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"effective_to": date(2026, 9, 30)}, "effective_to"),
        ({"checked_on": now().date() + timedelta(days=2)}, "checked_on"),
    ],
)
def test_days_that_cannot_be_are_refused(site, source, more, field) -> None:
    with pytest.raises(BadInput) as refused:
        version(site, source, **more)
    assert list(refused.value.fields) == [field]
    assert source.versions.count() == 2


def test_only_administrators_keep_sources(site, source) -> None:
    for person in (site.coder, site.manager, site.auditor):
        with pytest.raises(NotPermitted):
            version(site, source, actor=person)
        with pytest.raises(NotPermitted):
            guidance.retire(actor=person, guidance_id=source.pk)
    source.refresh_from_db()
    assert (source.versions.count(), source.retired_on) == (2, None)


def test_retiring_is_an_event_and_is_done_once(site, source) -> None:
    guidance.retire(actor=site.administrator, guidance_id=source.pk)
    source.refresh_from_db()
    assert (source.retired_on, source.retired_by) == (
        site_today(),
        site.administrator,
    )
    event = Event.objects.get(action="setup.changed")
    assert (event.object_kind, event.object_id) == ("guidance", source.pk)
    with pytest.raises(WrongState):
        guidance.retire(actor=site.administrator, guidance_id=source.pk)
    with pytest.raises(WrongState):
        version(site, source)
    with pytest.raises(NotVisible):
        guidance.retire(actor=site.administrator, guidance_id=0)
    assert Event.objects.filter(action="setup.changed").count() == 1
    assert source.versions.count() == 2


def test_the_database_keeps_what_a_version_said(source) -> None:
    row = source.versions.first()
    with pytest.raises(DatabaseError), transaction.atomic():
        GuidanceVersion.objects.filter(pk=row.pk).update(body="Something else.")
    with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
        row.delete()
    row.refresh_from_db()
    assert row.body == "In our own words."
