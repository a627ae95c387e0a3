"""The rows the benchmarks run on, made by the product's own services."""

from __future__ import annotations

import random
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

from django.contrib.auth.models import Group
from django.db import connection
from django.utils import timezone
from guardian.shortcuts import assign_perm

from tests.benchmarks.figures import WORKERS
from worklists import models
from worklists.services.clocks import LegalClock
from worklists.services.injected_time import at
from worklists.services.opening import NewItem, Opener, open_items

QUEUES = 12

CHUNK = 5_000
FIELDS = [
    {"name": f"field_{n}", "label": f"Field {n}", "type": "text", "required": True}
    for n in range(6)
]
HOURS = {str(day): [["08:00", "17:00"]] for day in range(1, 6)}


def prepare(items: int) -> None:
    """Have people, queues and at least ``items`` open items; keep what is there."""
    if not models.Queue.objects.filter(slug="bench-0").exists():
        _set_up()
    missing = items - models.WorkItem.objects.filter(state="open").count()
    rng = random.Random(7)
    facility = models.Facility.objects.get(slug="bench")
    while missing > 0:
        opener, moment = Opener(), timezone.now() - timedelta(days=rng.randrange(90))
        with at(moment):
            size = min(CHUNK, missing)
            open_items(
                [_new(rng, facility.pk, moment) for _ in range(size)],
                at=moment,
                opener=opener,
            )
        missing -= size
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _new(rng: random.Random, facility_id: int, moment) -> NewItem:
    due = moment + timedelta(days=rng.randrange(20, 180))
    legal = LegalClock("appeal_l1", "Payer appeal, level 1", "bench", moment, due)
    return NewItem(
        kind="issue_report",
        facility_id=facility_id,
        amount=Decimal(rng.randrange(1_000, 900_000)) / 100,
        reason_code="CO-97 · M15",
        # A report is open once: each says something else.
        reason_label=f"included in another service, {uuid4().hex[:12]}",
        facts={"code": str(rng.randrange(QUEUES))},
        legal_clocks=(legal,) if rng.random() < 0.8 else (),
    )


def _set_up() -> None:
    calendar = models.BusinessCalendar.objects.create(
        slug="bench", name="Bench", weekly_hours=HOURS
    )
    facility = models.Facility.objects.create(slug="bench", name="B", calendar=calendar)
    lead = _person("bench-lead", "manager", facility)
    team = models.Team.objects.create(slug="bench", name="B", lead=lead, manager=lead)
    sla = models.SlaPolicy.objects.create(
        slug="bench", name="B", business_hours=45, effective_from="2026-01-01"
    )
    template = models.EvidenceTemplate.objects.create(
        slug="bench", name="B", kind="issue_report", fields=FIELDS,
        effective_from="2026-01-01",
    )  # fmt: skip
    policy = models.ReviewPolicy.objects.create(
        slug="bench", name="B", amount_from=100_000, apprentice_all=False,
        random_per_block=1, effective_from="2026-01-01",
    )  # fmt: skip
    coders = [_person(f"bench-{n}", "coder", facility) for n in range(WORKERS)]
    for n in range(QUEUES):
        queue = models.Queue.objects.create(
            slug=f"bench-{n}", name=f"Bench {n}", kind="issue_report", purpose="-",
            team=team, supervisor=lead, review_on="2030-01-01", sla_policy=sla,
            template=template, review_policy=policy,
        )  # fmt: skip
        for coder in coders:
            assign_perm("work_queue", coder, queue)
        assign_perm("manage_queue", lead, queue)
        models.RoutingRule.objects.create(
            kind="issue_report", position=n + 1, name=f"code {n}", queue=queue,
            conditions=[{"field": "code", "op": "eq", "value": str(n)}],
        )  # fmt: skip


def _person(name: str, role: str, facility: models.Facility) -> models.User:
    user = models.User.objects.create(username=name, tier="independent")
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    assign_perm("view_facility", user, facility)
    return user
