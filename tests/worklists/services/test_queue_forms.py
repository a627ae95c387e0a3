"""Another form of a queue takes two people; what is under way keeps the one it has."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import time_machine
from django.db import connection, transaction

from tests.factories import (
    GOOD_EVIDENCE,
    EvidenceTemplateFactory,
    QueueFactory,
    grant,
    make_site,
    open_item,
    person,
    take,
)
from tests.factories.queues import FIELDS
from tests.worklists.services.covering import until_somebody_waits
from worklists.enums import Action, Role, RuleKind
from worklists.errors import BadInput, Conflict, NotPermitted
from worklists.models import (
    Draft,
    Event,
    EvidenceTemplate,
    Queue,
    Rule,
    RuleVersion,
)
from worklists.selectors import rules as selectors
from worklists.selectors.form_effect import form_effect
from worklists.services import due_rules, rules
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TODAY = date(2026, 11, 23)
DECISION, WHY, CORRECTED, NOTE = FIELDS
# Another form: an answer less, a field that is gone, one retyped, two new ones.
OTHER = [
    DECISION | {"choices": [["accept", "Accept it"]]},
    WHY,
    NOTE | {"type": "attachment"},
    {"name": "called", "label": "Payer called", "type": "step", "required": True},
    {"name": "sum", "label": "Sum", "type": "money", "required_when":
        {"field": "decision", "in": ["accept"]}},
    {"name": "more", "label": "More", "type": "text"},
]  # fmt: skip


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A site with a second manager and a second form."""
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    site.other = EvidenceTemplateFactory(slug="other", name="Other", fields=OTHER)
    return site


def propose(site, actor=None, template="other", **more):
    slug = site.queue.slug
    live = selectors.live_content(RuleKind.QUEUE, slug)
    return rules.propose(
        actor=actor or site.manager,
        kind=RuleKind.QUEUE,
        slug=slug,
        content=live | {"template": template} | more.pop("settings", {}),
        effective_from=more.pop("effective_from", TODAY),
        **{"reason": "The payer asks for more."} | more,
    )


def approve(site, actor=None, number=2):
    return rules.approve(
        actor=actor or site.second,
        kind=RuleKind.QUEUE,
        slug=site.queue.slug,
        number=number,
    )


def form_of(site):
    return Queue.objects.get(pk=site.queue.pk).template


def facts(action):
    return json.loads(Event.objects.get(action=action).facts)


def test_it_waits_for_another_person_and_holds_then(site):
    before = form_of(site)
    version = propose(site)
    assert (version.number, version.state, version.alone) == (2, "proposed", False)
    assert facts("rule.proposed")["fields"] == ["template"]
    assert form_of(site) == before
    with pytest.raises(NotPermitted, match="You proposed this version"):
        approve(site, site.manager)
    assert form_of(site) == before

    approve(site)

    assert form_of(site) == site.other
    assert facts("rule.put_in_force") | {
        "form": "other v1",
        "form_before": f"{before.slug} v1",
    } == facts("rule.put_in_force")
    [second, first] = selectors.versions_of(RuleKind.QUEUE, site.queue.slug)
    assert (second.state, first.state) == ("in_force", "superseded")
    [change] = rules.difference(RuleKind.QUEUE, first.content, second.content)
    assert (change.field, change.before, change.after) == (
        "Evidence template",
        before.slug,
        "other",
    )


def test_what_is_under_way_keeps_its_form_and_its_words(site):
    before = form_of(site)
    item = take(open_item(site.queue, site.facility), site.coder)
    draft = {"why": "Half a sentence"}
    Draft.objects.create(
        item=item, user=site.coder, answers=draft, item_version=item.version,
        saved_at=item.opened_at,
    )  # fmt: skip
    propose(site)
    approve(site)

    item.refresh_from_db()
    assert item.template == before
    assert Draft.objects.get().answers == draft
    done = perform(
        item_id=item.pk, action=Action.SUBMIT, actor=site.coder,
        expected_version=item.version, evidence=GOOD_EVIDENCE,
    )  # fmt: skip
    assert done.state == "completed"
    assert open_item(site.queue, site.facility).template == site.other


def test_its_day_may_come_later(site):
    propose(site, effective_from=date(2026, 11, 30))
    approve(site)
    assert form_of(site) != site.other
    with time_machine.travel("2026-11-30T18:00:00Z", tick=False):
        assert due_rules.begin_due() == 1
    assert form_of(site) == site.other


def test_the_newest_version_of_the_form_holds_on_the_day(site):
    propose(site)
    newer = EvidenceTemplate.objects.create(
        slug="other", version=2, name="Other", kind=site.other.kind, fields=OTHER,
        effective_from=TODAY,
    )  # fmt: skip
    approve(site)
    assert form_of(site) == newer


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"settings": {"max_in_hand": 3}}, "settings of a queue are changed at once"),
        ({"template": "nothing"}, "There is no “nothing”"),
        ({"template": "strange"}, "one of another kind of work"),
        ({"template": "broken"}, "is not one of"),
        ({"reason": " "}, "Say why"),
        ({"effective_from": date(2026, 11, 22)}, "begins today or later"),
        ({"effective_from": date(2027, 11, 25)}, "begins within a year"),
    ],
)
def test_what_cannot_be_is_refused(site, more, why):
    EvidenceTemplateFactory(slug="strange", kind="claim_edit")
    EvidenceTemplateFactory(slug="broken", fields=[DECISION | {"type": "wish"}])
    with pytest.raises(BadInput, match=why):
        propose(site, **more)
    assert not RuleVersion.objects.exists()
    assert not Event.objects.filter(action__startswith="rule.").exists()


def test_the_form_it_has_is_no_other(site):
    with pytest.raises(BadInput, match="Nothing differs from version 1"):
        propose(site, template=form_of(site).slug)


@pytest.mark.parametrize("who", ["coder", "reviewer", "auditor", "administrator"])
def test_its_managers_propose_it(site, who):
    with pytest.raises(NotPermitted, match="by its managers"):
        propose(site, actor=getattr(site, who))
    assert not RuleVersion.objects.exists()


def test_the_settings_page_does_not_change_it(site):
    content = selectors.live_content(RuleKind.QUEUE, site.queue.slug)
    with pytest.raises(BadInput, match="takes two people"):
        rules.change_queue(
            actor=site.manager, slug=site.queue.slug,
            content=content | {"template": "other"}, reason="Quickly.",
        )  # fmt: skip
    assert form_of(site) != site.other
    assert not RuleVersion.objects.exists()


def test_a_review_policy_of_the_queue_keeps_the_answers_it_names(site):
    policy = site.queue.review_policy
    policy.judgements = ["decision:correct", "decision:accept"]
    policy.save()
    with pytest.raises(BadInput, match="names decision:correct, which") as refused:
        propose(site)
    assert list(refused.value.fields) == ["template"]
    assert not RuleVersion.objects.exists()


def test_a_form_that_broke_meanwhile_is_not_approved(site):
    propose(site)
    EvidenceTemplate.objects.filter(slug="other").update(kind="claim_edit")
    with pytest.raises(BadInput, match="another kind of work"):
        approve(site)
    assert RuleVersion.objects.get(number=2).state == "proposed"
    assert form_of(site) != site.other


def change_settings(site, **settings):
    content = selectors.live_content(RuleKind.QUEUE, site.queue.slug)
    return rules.change_queue(
        actor=site.manager, slug=site.queue.slug,
        content=content | settings, reason="Too many.",
    )  # fmt: skip


def states_of(site):
    rows = RuleVersion.objects.filter(rule__slug=site.queue.slug).order_by("number")
    return list(rows.values_list("number", "state"))


def test_settings_change_beside_a_form_that_waits_and_the_form_comes_to_them(site):
    before = form_of(site)
    propose(site, effective_from=date(2026, 11, 30))
    change_settings(site, max_in_hand=4)
    approve(site)
    change_settings(site, release_after_hours=16)

    queue = Queue.objects.get(pk=site.queue.pk)
    assert (queue.max_in_hand, queue.release_after_hours) == (4, 16)
    assert queue.template == before
    assert states_of(site) == [
        (1, "superseded"), (2, "approved"), (3, "superseded"), (4, "in_force"),
    ]  # fmt: skip
    with time_machine.travel("2026-11-30T18:00:00Z", tick=False):
        assert due_rules.begin_due() == 1

    queue = Queue.objects.get(pk=site.queue.pk)
    assert (queue.max_in_hand, queue.release_after_hours) == (4, 16)
    assert queue.template == site.other
    assert states_of(site)[1:] == [
        (2, "superseded"), (3, "superseded"), (4, "superseded"), (5, "in_force"),
    ]  # fmt: skip
    joined = RuleVersion.objects.get(number=5)
    assert joined.content == selectors.queue_content(queue)
    assert (joined.proposed_by, joined.decided_by) == (site.manager, site.second)
    events = Event.objects.filter(action="rule.put_in_force").order_by("id")
    told = [json.loads(event.facts) for event in events]
    assert [(one["version"], one.get("joins")) for one in told] == [
        (2, None), (5, [4, 2]),
    ]  # fmt: skip
    assert selectors.as_found(RuleKind.QUEUE, site.queue.slug) == []


def test_a_form_without_other_settings_meanwhile_makes_no_second_version(site):
    propose(site)
    approve(site)

    assert states_of(site) == [(1, "superseded"), (2, "in_force")]


def test_a_form_that_waits_is_read_with_the_settings_of_today(site):
    propose(site)
    change_settings(site, max_in_hand=4)

    [settings, form, _] = selectors.versions_of(RuleKind.QUEUE, site.queue.slug)

    assert (settings.state, form.state) == ("in_force", "proposed")
    changes = rules.difference(RuleKind.QUEUE, settings.content, form.content)
    assert [change.field for change in changes] == ["Evidence template"]
    assert RuleVersion.objects.get(number=2).content["max_in_hand"] == 0


def test_a_second_form_waits_for_the_first(site):
    propose(site)

    with pytest.raises(Conflict, match="waits already"):
        propose(site, template="other")

    assert states_of(site) == [(1, "in_force"), (2, "proposed")]


def test_a_version_from_before_forms_were_part_of_it_is_found_anew(site):
    live = selectors.live_content(RuleKind.QUEUE, site.queue.slug)
    bare = {name: one for name, one in live.items() if name != "template"}
    RuleVersion.objects.create(
        rule=Rule.objects.create(kind=RuleKind.QUEUE, slug=site.queue.slug),
        number=1, state="in_force", content=bare, effective_from=TODAY, alone=True,
        proposed_by=site.manager,
    )  # fmt: skip
    [found] = selectors.as_found(RuleKind.QUEUE, site.queue.slug)
    assert (found.number, found.content) == (2, live)

    propose(site)
    approve(site, number=3)

    assert form_of(site) == site.other
    states = RuleVersion.objects.order_by("number").values_list("state", flat=True)
    assert list(states) == ["superseded", "superseded", "in_force"]


def beside(deed):
    """Return a deed that leaves no connection behind in the thread that runs it."""

    def run():
        try:
            return deed()
        finally:
            connection.close()

    return run


def propose_form(site, slug, **change):
    live = selectors.live_content(RuleKind.TEMPLATE, slug)
    return rules.propose(
        actor=site.administrator, kind=RuleKind.TEMPLATE, slug=slug,
        content=live | change, effective_from=TODAY, reason="Said better.",
    )  # fmt: skip


def approve_form(site, version):
    return rules.approve(
        actor=site.second, kind=RuleKind.TEMPLATE, slug=version.rule.slug,
        number=version.number,
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
class TestTogether:
    def test_a_version_of_the_old_form_does_not_take_the_queue_back(self, site):
        propose(site)
        newer = propose_form(site, form_of(site).slug, name="Newer")
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                approve(site)
                begun = pool.submit(beside(lambda: approve_form(site, newer).state))
                until_somebody_waits()
            assert begun.result(30) == "in_force"
        assert form_of(site) == site.other
        assert selectors.as_found(RuleKind.QUEUE, site.queue.slug) == []

    def test_the_queue_leaves_the_old_form_though_a_version_of_it_comes(self, site):
        propose(site)
        slug = form_of(site).slug
        newer = propose_form(site, slug, name="Newer")
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                approve_form(site, newer)
                begun = pool.submit(beside(lambda: approve(site).state))
                until_somebody_waits()
            assert begun.result(30) == "in_force"
        assert form_of(site) == site.other
        assert facts_of(site)["form_before"] == f"{slug} v2"

    def test_a_form_that_lost_an_answer_meanwhile_is_not_taken(self, site):
        policy = site.queue.review_policy
        policy.judgements = ["decision:accept"]
        policy.save()
        before = form_of(site)
        propose(site)
        choices = DECISION | {"choices": [["other", "Something else"]]}
        newer = propose_form(site, "other", fields=[choices, *OTHER[1:4], *OTHER[5:]])
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                approve_form(site, newer)
                begun = pool.submit(beside(lambda: approve(site)))
                until_somebody_waits()
            with pytest.raises(BadInput, match="names decision:accept, which"):
                begun.result(30)
        assert form_of(site) == before
        assert RuleVersion.objects.get(
            rule__kind=RuleKind.QUEUE, number=2
        ).state == "proposed"  # fmt: skip

    def test_settings_that_changed_meanwhile_are_not_proposed_over(self, site):
        live = selectors.live_content(RuleKind.QUEUE, site.queue.slug)
        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                rules.change_queue(
                    actor=site.manager, slug=site.queue.slug,
                    content=live | {"max_in_hand": 4}, reason="Too many.",
                )  # fmt: skip
                asked = pool.submit(
                    beside(lambda: propose(site, settings={"max_in_hand": 0}))
                )
                until_somebody_waits()
            with pytest.raises(BadInput, match="are changed at once"):
                asked.result(30)
        assert Queue.objects.get(pk=site.queue.pk).max_in_hand == 4
        assert not RuleVersion.objects.filter(state="proposed").exists()


def facts_of(site):
    """Return the facts of the queue's version that came into force last."""
    rule = Rule.objects.get(kind=RuleKind.QUEUE, slug=site.queue.slug)
    rows = Event.objects.filter(action="rule.put_in_force", subject_id=rule.pk)
    return json.loads(rows.latest("seq").facts)


@pytest.mark.django_db(transaction=True)
def test_a_version_of_the_form_that_comes_meanwhile_leaves_no_queue_behind(site):
    """It waits for the queue that takes the form, and points that one to it too."""
    propose(site)
    newer = propose_form(site, "other", name="Newer")
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            approve(site)
            begun = pool.submit(beside(lambda: approve_form(site, newer).state))
            until_somebody_waits()
        assert begun.result(30) == "in_force"
    assert (form_of(site).slug, form_of(site).version) == ("other", 2)


class TestWhatItMeans:
    def test_answers_go_by_the_code_of_their_field(self, site):
        found = form_effect(site.queue.slug, "other")
        assert found.fields.kept == ["Why"]
        assert found.fields.narrowed == ["Decision: without Correct it"]
        assert found.fields.required == [
            "Payer called",
            "Sum, when Decision is Accept it",
        ]
        assert found.fields.optional == ["More"]
        assert found.fields.gone == ["Corrected on"]
        assert found.fields.retyped == ["Note: file, until now page of a document"]

    def test_work_is_counted_with_its_answers_and_drafts(self, site):
        away = QueueFactory()
        open_item(away, site.facility)
        open_item(site.queue, site.facility)
        saved = take(open_item(site.queue, site.facility), site.coder)
        perform(
            item_id=saved.pk, action=Action.SAVE_EVIDENCE, actor=site.coder,
            expected_version=saved.version, evidence={"decision": "accept"},
        )  # fmt: skip
        typed = take(open_item(site.queue, site.facility), site.other_coder)
        for item, words in ((typed, {"why": "Half"}), (saved, {})):
            Draft.objects.create(
                item=item, user=site.other_coder, answers=words,
                item_version=item.version, saved_at=item.opened_at,
            )  # fmt: skip
        done = take(open_item(site.queue, site.facility), site.coder)
        perform(
            item_id=done.pk, action=Action.SUBMIT, actor=site.coder,
            expected_version=done.version, evidence=GOOD_EVIDENCE,
        )  # fmt: skip

        found = form_effect(site.queue.slug, "other")

        assert (found.items, found.answered, found.drafts) == (3, 1, 1)
        assert not found.is_more

    def test_it_asks_a_fixed_number_of_queries(self, site, django_assert_num_queries):
        form_effect(site.queue.slug, "other")
        for number in (1, 3):
            for _ in range(number):
                open_item(site.queue, site.facility)
            with django_assert_num_queries(5):
                form_effect(site.queue.slug, "other")
