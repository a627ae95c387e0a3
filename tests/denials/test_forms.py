"""A form of denials asks what a denial is completed by, in answers that are understood."""

from datetime import date, timedelta

import pytest
import time_machine

from denials.enums import Decision
from denials.services.decisions import READS
from tests.denials.conftest import FIELDS
from tests.factories import EvidenceTemplateFactory, person
from tests.worklists.services.test_new_rules import queue_of
from worklists.enums import Role, RuleKind, RuleState
from worklists.errors import BadInput
from worklists.models import (
    Event,
    EvidenceTemplate,
    Queue,
    Rule,
    RuleVersion,
)
from worklists.selectors import rules as selectors
from worklists.services import due_rules, rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TODAY = date(2026, 11, 23)
DECISION, CAUSE = FIELDS
KNOWN = ", ".join(Decision.values)
STRANGE = DECISION | {"choices": [*DECISION["choices"], ["refer_to_advisor", "Refer"]]}
WHY = {"name": "why", "label": "Why", "type": "text"}


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def house(site):
    """The site with somebody who proposes and somebody who decides."""
    site.administrator = person(Role.ADMINISTRATOR)
    site.manager = person(Role.MANAGER, manages=[site.bundling, site.other])
    site.slug = site.bundling.template.slug
    return site


def propose(house, fields):
    content = selectors.live_content(RuleKind.TEMPLATE, house.slug)
    return rules.propose(
        actor=house.manager,
        kind=RuleKind.TEMPLATE,
        slug=house.slug,
        content=content | {"fields": fields},
        effective_from=TODAY,
        reason="The payer asks for it.",
    )


def waiting(house, fields, state=RuleState.PROPOSED, **more):
    """Return a version that waits since before forms were held against their kind."""
    rule = Rule.objects.create(kind=RuleKind.TEMPLATE, slug=house.slug)
    now = selectors.live_content(RuleKind.TEMPLATE, house.slug)
    RuleVersion.objects.create(
        rule=rule, number=1, state=RuleState.IN_FORCE, content=now, alone=True
    )
    return RuleVersion.objects.create(
        rule=rule,
        number=2,
        state=state,
        content=now | {"fields": fields},
        proposed_by=house.manager,
        **{"effective_from": TODAY} | more,
    )


REFUSED = [
    ([STRANGE, CAUSE], f"decision: “refer_to_advisor” cannot be kept .*{KNOWN}"),
    ([CAUSE, WHY], "decision: The form lacks the field “decision”"),
    ([DECISION, WHY], "root_cause: The form lacks the field “root_cause”"),
    ([DECISION | {"required": False}, CAUSE], "decision: .* required always"),
    (
        [DECISION | {"type": "text", "choices": []}, CAUSE],
        "decision: .* one of several",
    ),
]


def test_every_answer_that_is_read_fits_where_it_is_kept():
    assert [(one.field, one.longest, one.needed) for one in READS] == [
        ("decision", 20, True),
        ("root_cause", 24, True),
    ]
    assert all(len(code) <= one.longest for one in READS for code in one.codes)
    assert READS[0].codes == tuple(Decision.values)


@pytest.mark.parametrize(("fields", "why"), REFUSED)
def test_it_is_not_proposed(house, fields, why):
    with pytest.raises(BadInput, match=why) as refused:
        propose(house, fields)
    assert refused.value.code == "faults"
    assert not RuleVersion.objects.exists()
    assert not Event.objects.filter(action__startswith="rule.").exists()


@pytest.mark.parametrize(("fields", "why"), REFUSED)
def test_what_was_proposed_before_is_not_approved(house, fields, why):
    version = waiting(house, fields)

    with pytest.raises(BadInput, match=why):
        rules.approve(
            actor=house.administrator, kind="template", slug=house.slug, number=2
        )

    version.refresh_from_db()
    assert (version.state, version.decided_by) == (RuleState.PROPOSED, None)
    assert EvidenceTemplate.objects.filter(slug=house.slug).count() == 1
    assert not Event.objects.filter(action__startswith="rule.").exists()


def test_what_was_approved_before_does_not_begin_and_is_reported(house, caplog):
    version = waiting(
        house,
        [STRANGE, CAUSE],
        RuleState.APPROVED,
        decided_by=house.administrator,
        effective_from=TODAY - timedelta(days=1),
    )
    assert due_rules.begin_due() == 0
    version.refresh_from_db()
    assert version.state == RuleState.APPROVED
    assert EvidenceTemplate.objects.filter(slug=house.slug).count() == 1
    assert f"rule version {version.pk}: faults" in caplog.text


def test_a_form_that_is_understood_is_put_in_force(house):
    more = [["educate", "Teach upstream"], *DECISION["choices"]]
    propose(house, [WHY, CAUSE, DECISION | {"choices": more}])
    rules.approve(actor=house.administrator, kind="template", slug=house.slug, number=2)
    newest = EvidenceTemplate.objects.get(slug=house.slug, version=2)
    assert newest.fields[2]["choices"] == more


def test_another_kind_of_work_is_no_way_around(house):
    content = selectors.live_content(RuleKind.TEMPLATE, house.slug)
    with pytest.raises(BadInput, match="kind of work and step of a form stay"):
        rules.propose(
            actor=house.manager,
            kind=RuleKind.TEMPLATE,
            slug=house.slug,
            content=content | {"kind": "claim_edit", "fields": [WHY]},
            effective_from=TODAY,
            reason="So it is.",
        )
    assert not RuleVersion.objects.exists()


def test_a_new_queue_does_not_begin_with_one(house):
    form = EvidenceTemplateFactory(kind="denial", slug="old", fields=[STRANGE, CAUSE])
    house.queue, house.second = house.bundling, house.manager
    content = queue_of(house, template=form.slug)
    with pytest.raises(BadInput, match="refer_to_advisor") as refused:
        rules.propose_new(
            actor=house.administrator,
            kind=RuleKind.QUEUE,
            slug="night",
            content=content,
            effective_from=TODAY,
            reason="We grow.",
        )
    assert list(refused.value.fields) == ["template"]
    assert not RuleVersion.objects.exists()
    assert not Queue.objects.filter(slug="night").exists()


def test_a_form_in_force_that_cannot_finish_says_so_on_its_page(house, client):
    client.force_login(house.manager)
    address = f"/rules/template/{house.slug}/"
    assert client.get(address).context["faults"] == []
    EvidenceTemplate.objects.filter(slug=house.slug).update(fields=[STRANGE, CAUSE])
    answer = client.get(address)
    [fault] = answer.context["faults"]
    assert fault.startswith("decision: “refer_to_advisor” cannot be kept")
    assert "“refer_to_advisor” cannot be kept" in answer.content.decode()
