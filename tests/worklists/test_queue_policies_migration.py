"""Versions of queues from the last release are given what their queue stands on."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from tests.factories import QueueFactory, UserFactory
from worklists.enums import RuleKind
from worklists.models import Rule, RuleVersion
from worklists.selectors import rules as selectors

pytestmark = [pytest.mark.integration, pytest.mark.heavy, pytest.mark.django_db]
STANDS_ON = ("sla", "template", "review")


@pytest.fixture
def queue():
    return QueueFactory()


def keep(queue, number, state, *, without=("sla", "review"), **more):
    """Keep a version as the last release wrote it."""
    said = selectors.queue_content(queue) | more
    rule, _ = Rule.objects.get_or_create(kind=RuleKind.QUEUE, slug=queue.slug)
    return RuleVersion.objects.create(
        rule=rule, number=number, state=state, alone=True,
        content={name: one for name, one in said.items() if name not in without},
        proposed_by=UserFactory(),
    )  # fmt: skip


def go_forward():
    """Run what the migration runs, over the versions that are kept."""
    module = import_module("worklists.migrations.0029_queues_say_policies")
    [operation] = module.Migration.operations
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(operation.sql)


def test_what_holds_and_what_waits_is_given_what_it_lacks(queue):
    live = selectors.queue_content(queue)
    over = keep(queue, 1, "superseded", max_in_hand=3)
    holds = keep(queue, 2, "in_force")
    waits = keep(queue, 3, "proposed", template="another", max_in_hand=4)
    before = over.content

    go_forward()

    for version in (over, holds, waits):
        version.refresh_from_db()
    assert over.content == before
    assert holds.content == live
    assert waits.content == live | {"template": "another", "max_in_hand": 4}
    assert selectors.as_found(RuleKind.QUEUE, queue.slug) == []


def test_one_from_before_forms_were_said_is_given_all_three(queue):
    holds = keep(queue, 1, "in_force", without=STANDS_ON)

    go_forward()

    holds.refresh_from_db()
    assert {name: holds.content[name] for name in STANDS_ON} == {
        "sla": queue.sla_policy.slug,
        "template": queue.template.slug,
        "review": queue.review_policy.slug,
    }


def test_what_says_it_all_and_what_is_not_there_yet_stays(queue):
    said = {"sla": "as-it-was-begun", "name": "Large ones"}
    whole = keep(queue, 1, "approved", without=(), **said)
    rule = Rule.objects.create(kind=RuleKind.QUEUE, slug="not-there")
    coming = RuleVersion.objects.create(
        rule=rule, number=1, state="proposed", content={"name": "Coming"},
        proposed_by=UserFactory(),
    )  # fmt: skip
    other = Rule.objects.create(kind=RuleKind.CALENDAR, slug=queue.slug)
    calendar = RuleVersion.objects.create(
        rule=other, number=1, state="in_force", content={"name": "Day"}, alone=True
    )

    go_forward()

    for version in (whole, coming, calendar):
        version.refresh_from_db()
    assert (whole.content["sla"], whole.content["name"]) == tuple(said.values())
    assert coming.content == {"name": "Coming"}
    assert calendar.content == {"name": "Day"}


def test_from_then_on_a_version_says_what_it_said(queue):
    holds = keep(queue, 1, "in_force")
    go_forward()

    with pytest.raises(IntegrityError, match="UPDATE is refused"):
        RuleVersion.objects.filter(pk=holds.pk).update(content={})
