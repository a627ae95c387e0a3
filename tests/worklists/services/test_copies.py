"""A ladder, a review policy or a form begins as a copy, by two people."""

import json
from datetime import date

import pytest
import time_machine

from tests.factories import EvidenceTemplateFactory, grant, make_site, person
from worklists.enums import Role, RuleKind
from worklists.errors import BadInput, Conflict, NotPermitted, NotVisible
from worklists.models import (
    Event,
    EvidenceTemplate,
    Queue,
    ReviewPolicy,
    RuleVersion,
    SlaPolicy,
)
from worklists.selectors import rules as selectors
from worklists.services import rules

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
TODAY = date(2026, 11, 23)
MODELS = {
    RuleKind.SLA: (SlaPolicy, "sla_policy"),
    RuleKind.REVIEW: (ReviewPolicy, "review_policy"),
    RuleKind.TEMPLATE: (EvidenceTemplate, "template"),
}


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel("2026-11-23T18:00:00Z", tick=False):
        yield


@pytest.fixture
def site(db):
    """A site with a second manager, who manages its queue too."""
    site = make_site()
    site.second = person(Role.MANAGER, username="second")
    grant(site.second, site.queue, "manage")
    return site


def source(site, kind):
    """Return the short name of what the queue has of a kind."""
    return getattr(site.queue, MODELS[kind][1]).slug


def propose(site, kind=RuleKind.SLA, actor=None, **more):
    slug = more.pop("copy_of", source(site, kind))
    content = selectors.live_content(kind, slug or source(site, kind))
    asked = {
        "slug": "fresh", "effective_from": TODAY, "reason": "They part.",
        "copy_of": slug, "read": 1,
        "content": content | {"name": "Fresh"} | more.pop("said", {}),
    } | more  # fmt: skip
    return rules.propose_new(actor=actor or site.manager, kind=kind, **asked)


def approve(version, actor):
    return rules.approve(
        actor=actor, kind=version.rule.kind, slug=version.rule.slug,
        number=version.number,
    )  # fmt: skip


def facts(action):
    return json.loads(Event.objects.get(action=action).facts)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_it_waits_for_another_person_and_no_queue_has_it_then(site, kind, who):
    model, key = MODELS[kind]
    version = propose(site, kind, getattr(site, who))
    assert (version.number, version.state) == (1, "proposed")
    assert not model.objects.filter(slug="fresh").exists()
    said = facts("rule.proposed")
    assert (said["copy_of"], said["copy_of_version"]) == (source(site, kind), 1)
    with pytest.raises(NotPermitted, match="You proposed this version"):
        approve(version, getattr(site, who))
    assert not model.objects.filter(slug="fresh").exists()

    approve(version, site.second)

    row = model.objects.get(slug="fresh")
    said = selectors.live_content(kind, source(site, kind)) | {"name": "Fresh"}
    assert selectors.same_content(kind, selectors.CONTENT[kind](row), said)
    assert getattr(Queue.objects.get(pk=site.queue.pk), key).slug != "fresh"
    assert selectors.as_found(kind, "fresh") == []


def test_any_other_manager_or_administrator_decides_where_no_queue_has_it(site):
    stranger = person(Role.MANAGER, username="stranger")
    approve(propose(site), stranger)
    approve(propose(site, RuleKind.REVIEW), site.administrator)
    assert SlaPolicy.objects.filter(slug="fresh").exists()
    assert ReviewPolicy.objects.filter(slug="fresh").exists()


@pytest.mark.parametrize("role", [Role.CODER, Role.REVIEWER, Role.AUDITOR])
def test_nobody_else_begins_or_decides_it(site, role):
    with pytest.raises(NotPermitted, match="begun by managers and administrators"):
        propose(site, actor=person(role))
    assert not RuleVersion.objects.exists()
    version = propose(site)
    with pytest.raises(NotPermitted, match="decided by administrators and by managers"):
        approve(version, person(role))
    assert not SlaPolicy.objects.filter(slug="fresh").exists()


def test_the_queue_takes_it_and_is_alone_with_it(site):
    said = {"business_hours": 16}
    approve(propose(site, said=said), site.second)
    content = selectors.live_content(RuleKind.QUEUE, site.queue.slug)
    version = rules.propose(
        actor=site.manager, kind=RuleKind.QUEUE, slug=site.queue.slug,
        content=content | {"sla": "fresh"}, effective_from=TODAY, reason="Faster.",
    )  # fmt: skip
    approve(version, site.second)
    policy = Queue.objects.get(pk=site.queue.pk).sla_policy
    assert (policy.slug, policy.business_hours) == ("fresh", 16)


def test_another_version_in_force_than_was_read_is_refused(site):
    live = selectors.live_content(RuleKind.SLA, source(site, RuleKind.SLA))
    newer = rules.propose(
        actor=site.manager, kind=RuleKind.SLA, slug=source(site, RuleKind.SLA),
        content=live | {"business_hours": 30}, effective_from=TODAY, reason="Less.",
    )  # fmt: skip
    approve(newer, site.second)
    with pytest.raises(Conflict, match="Version 2 came into force while you looked"):
        propose(site, read=1)
    assert not RuleVersion.objects.filter(rule__slug="fresh").exists()
    propose(site, read=2)


@pytest.mark.parametrize("kind", MODELS)
def test_what_is_no_copy_is_refused(site, kind):
    with pytest.raises(BadInput, match="Choose what it begins as a copy of"):
        propose(site, kind, copy_of="")
    assert not RuleVersion.objects.exists()


def test_what_is_not_there_is_not_copied(site):
    said = selectors.live_content(RuleKind.SLA, source(site, RuleKind.SLA))
    for slug in ("nothing", "waits"):
        with pytest.raises(NotVisible):
            rules.propose_new(
                actor=site.manager, kind=RuleKind.SLA, slug="fresh", copy_of=slug,
                content=said | {"name": "Fresh"}, effective_from=TODAY, reason="So.",
            )  # fmt: skip
        if slug == "nothing":
            assert not RuleVersion.objects.exists()
            propose(site, slug="waits")
    assert RuleVersion.objects.count() == 1


@pytest.mark.parametrize("said", [{"kind": "claim_edit"}, {"step": "second"}])
def test_a_form_is_of_the_kind_of_work_that_it_copies(site, said):
    with pytest.raises(BadInput, match="kind of work and step of a form stay"):
        propose(site, RuleKind.TEMPLATE, said=said)
    assert not RuleVersion.objects.exists()


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("change", [str, str.upper, " {} ".format])
def test_a_name_that_another_one_has_is_refused(site, kind, change):
    name = getattr(site.queue, MODELS[kind][1]).name
    with pytest.raises(BadInput, match="has this name") as refused:
        propose(site, kind, said={"name": change(name)})
    assert list(refused.value.fields) == ["name"]
    assert not RuleVersion.objects.exists()


def test_a_name_that_was_given_up_is_free(site):
    old = EvidenceTemplateFactory(slug="old", name="Early one", version=1)
    EvidenceTemplateFactory(slug="old", name="Late one", version=2)
    propose(site, RuleKind.TEMPLATE, said={"name": old.name})
    assert RuleVersion.objects.get().content["name"] == "Early one"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"reason": " "}, "Say why"),
        ({"slug": "Fresh"}, "small letters, digits"),
        ({"effective_from": date(2026, 11, 22)}, "begins today or later"),
        ({"said": {"steps": []}}, "a breach would reach nobody"),
    ],
)
def test_it_is_refused_like_any_other_new_rule(site, more, why):
    with pytest.raises(BadInput, match=why):
        propose(site, **more)
    assert not RuleVersion.objects.exists()


def test_a_short_name_is_taken_once(site):
    with pytest.raises(BadInput, match="is taken"):
        propose(site, slug=source(site, RuleKind.SLA))
    propose(site)
    with pytest.raises(Conflict, match="waits already"):
        propose(site, said={"name": "Fresher"})
    assert RuleVersion.objects.count() == 1
