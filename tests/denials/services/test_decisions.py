"""Decisions about denials, and the defects recorded with them."""

from decimal import Decimal

import pytest

from denials.models import Denial
from denials.services.decisions import record_decisions, reopen_decisions
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import person, take
from worklists.enums import Action, Role, Tier
from worklists.errors import BadInput, EvidenceMissing
from worklists.models import Defect, WorkItem
from worklists.selectors.evidence import forget_kept
from worklists.services.perform import perform

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(site, ingest):
    """An item with two denials, in the hands of a coder."""
    lines = [
        svc("HC:45380", "300", cas=[("CO", "97", "300")]),
        svc("HC:45385", "500", cas=[("CO", "236", "500")]),
    ]
    ingest(interchange(payment(clp("PCN1", *lines, charge="800"))))
    coder = person(Role.CODER, works=[site.bundling], facilities=[site.facility])
    return take(WorkItem.objects.get(), coder)


def answers(item, *pairs):
    denials = Denial.objects.filter(item=item).order_by("pk")
    given = {}
    for denial, (decision, cause) in zip(denials, pairs, strict=False):
        given[f"decision.{denial.pk}"] = decision
        given[f"root_cause.{denial.pk}"] = cause
    return given


BOTH = [("appeal", "payer_policy"), ("write_off", "knowledge")]


def submit(item, evidence):
    return perform(
        item_id=item.pk,
        action=Action.SUBMIT,
        actor=item.assignee,
        expected_version=WorkItem.objects.get(pk=item.pk).version,
        evidence=evidence,
    )


def test_submitting_stores_each_denials_own_decision(item):
    done = submit(item, answers(item, *BOTH))
    assert done.state == "completed"
    first, second = Denial.objects.order_by("pk")
    assert (first.status, first.decision, first.root_cause) == (
        "decided",
        "appeal",
        "payer_policy",
    )
    assert (second.decision, second.root_cause) == ("write_off", "knowledge")
    assert first.decided_by == item.assignee
    assert first.decided_at is not None
    assert first.suggested_root_cause != first.root_cause


@pytest.mark.parametrize(
    ("field", "code"),
    [("decision", "refer_to_physician_advisor"), ("decision", "wo"),
     ("root_cause", "bad_luck")],
)  # fmt: skip
def test_an_answer_that_an_older_form_offers_is_refused_in_words(item, field, code):
    form = item.template
    for one in form.fields:
        if one["name"] == field:
            one["choices"].append([code, "Anything"])
    form.save()
    forget_kept()
    pair = (code, "knowledge") if field == "decision" else ("appeal", code)

    with pytest.raises(BadInput, match=f"“{code}” cannot be kept as an answer to"):
        submit(item, answers(item, ("appeal", "knowledge"), pair))

    item.refresh_from_db()
    assert item.state == "in_progress"
    assert set(Denial.objects.values_list("status", "decision")) == {("open", "")}
    assert not Defect.objects.exists()


def test_each_decision_records_a_defect(item):
    submit(item, answers(item, *BOTH))
    first = Denial.objects.order_by("pk")[0]
    defect = Defect.objects.get(source_id=first.pk)
    assert defect.payer_id == item.payer_id is not None
    assert (defect.source_kind, defect.round) == ("denial", 1)
    assert (defect.defect_class, defect.root_cause) == ("bundling", "payer_policy")
    assert (defect.item, defect.claim) == (item, first.claim)
    assert (defect.taxonomy, defect.amount) == (first.taxonomy, Decimal("300.00"))
    assert Defect.objects.count() == 2


def test_a_senior_decides_what_they_changed_and_nothing_else(site, item):
    here = {"facilities": [site.facility]}
    senior = person(Role.REVIEWER, reviews=[site.bundling], **here)
    type(item.assignee).objects.filter(pk=item.assignee_id).update(tier=Tier.APPRENTICE)
    item.assignee.refresh_from_db()
    submitted = submit(item, answers(item, *BOTH))
    first, second = Denial.objects.order_by("pk")
    assert (submitted.state, first.status) == ("in_review", "open")
    perform(
        item_id=item.pk,
        action=Action.FIX_AND_APPROVE,
        actor=senior,
        expected_version=submitted.version,
        reason="This one is worth an appeal, too.",
        evidence={f"decision.{second.pk}": "appeal"},
    )
    decided = Denial.objects.order_by("pk").values_list("decision", "decided_by")
    assert list(decided) == [("appeal", item.assignee_id), ("appeal", senior.pk)]


def test_a_defect_names_nobody_who_only_worked_the_denial(item):
    submit(item, answers(item, *BOTH))
    assert set(Defect.objects.values_list("person", flat=True)) == {None}


def test_a_missing_decision_is_a_gap_by_denial_and_stores_nothing(item):
    only_first = answers(item, BOTH[0])
    second = Denial.objects.order_by("pk")[1]
    with pytest.raises(EvidenceMissing) as refusal:
        submit(item, only_first)
    assert sorted(refusal.value.fields) == [
        f"decision.{second.pk}",
        f"root_cause.{second.pk}",
    ]
    assert set(Denial.objects.values_list("status", flat=True)) == {"open"}
    assert not Defect.objects.exists()


def test_one_answer_for_the_whole_item_counts_for_every_denial(item):
    record_decisions(
        item, {"decision": "appeal", "root_cause": "system_configuration"}, None
    )
    rows = Denial.objects.values_list("decision", "root_cause", "decided_by")
    assert set(rows) == {("appeal", "system_configuration", item.assignee_id)}


def test_a_rejected_proposal_is_not_carried_out(item):
    item.outcome = "rejected"
    record_decisions(item, answers(item, *BOTH), None)
    assert set(Denial.objects.values_list("status", "decision")) == {("open", "")}
    assert not Defect.objects.exists()


def test_a_denial_without_an_answer_stays_open(item):
    record_decisions(item, answers(item, BOTH[0]), None)
    statuses = Denial.objects.order_by("pk").values_list("status", flat=True)
    assert list(statuses) == ["decided", "open"]


def test_a_reversed_denial_is_not_decided(item):
    Denial.objects.filter(carc="236").update(status="noted")
    record_decisions(item, answers(item, *BOTH), None)
    assert Denial.objects.get(carc="236").decision == ""


def test_deciding_again_the_same_way_records_no_second_defect(item):
    record_decisions(item, answers(item, *BOTH), None)
    reopen_decisions(item)
    assert set(Denial.objects.values_list("status", flat=True)) == {"open"}
    assert Denial.objects.order_by("pk")[0].decision == "appeal"
    record_decisions(item, answers(item, *BOTH), None)
    assert Defect.objects.count() == 2


def test_deciding_again_with_another_cause_adds_a_line(item):
    record_decisions(item, answers(item, *BOTH), None)
    reopen_decisions(item)
    other = [("appeal", "knowledge"), BOTH[1]]
    record_decisions(item, answers(item, *other), None)
    first = Denial.objects.order_by("pk")[0]
    rounds = Defect.objects.filter(source_id=first.pk).order_by("round")
    assert list(rounds.values_list("round", "root_cause")) == [
        (1, "payer_policy"),
        (2, "knowledge"),
    ]


def test_deciding_costs_the_same_however_many_denials(item, django_assert_num_queries):
    given = answers(item, *BOTH)
    with django_assert_num_queries(3):
        record_decisions(item, given, None)
