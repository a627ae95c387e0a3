"""Every denial queue ships with its own checklist; shipped versions stay as they were."""

import random

import pytest

from seeds.answers import answer
from seeds.loading import load_reference, load_site
from seeds.reference.checklists import CHECKLISTS
from worklists.evidence import gaps
from worklists.models import EvidenceTemplate, Queue
from worklists.selectors.evidence import fields_of

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_each_denial_queue_asks_its_own_checklist() -> None:
    load_reference()
    load_site()
    queues = Queue.objects.filter(kind="denial").select_related("template")
    asked = {
        queue.slug: [
            field["name"] for field in queue.template.fields if field["type"] == "step"
        ]
        for queue in queues
    }
    assert asked == {
        slug: [step["name"] for step in steps] for slug, steps in CHECKLISTS.items()
    }
    assert all(len(steps) >= 3 for steps in asked.values())


def test_the_forms_of_before_stay_for_the_items_that_have_them() -> None:
    load_reference()
    before = EvidenceTemplate.objects.filter(slug__in=("denial", "denial-proven"))
    assert sorted(before.values_list("slug", "version")) == [
        ("denial", 1),
        ("denial-proven", 1),
    ]
    assert not any(f["type"] == "step" for row in before for f in row.fields)


def test_a_queue_keeps_a_newer_version_of_its_form() -> None:
    load_reference()
    first = EvidenceTemplate.objects.get(slug="bundling")
    newer = EvidenceTemplate.objects.create(
        slug="bundling",
        version=2,
        name=first.name,
        kind=first.kind,
        fields=first.fields[1:],
        effective_from="2026-06-01",
    )
    load_site()
    assert Queue.objects.get(slug="bundling").template == newer


def test_the_demonstration_ticks_every_step_so_that_it_is_accepted() -> None:
    load_reference()
    rng = random.Random(7)  # noqa: S311 - the same answers each time
    for template in EvidenceTemplate.objects.filter(slug__in=CHECKLISTS):
        fields = fields_of(template.pk)
        given = {f.name: answer(f, rng) for f in fields if f.required}
        named = {gap.field for gap in gaps(fields, given, {})}
        assert not {name for name in named if name.startswith("step_")}
