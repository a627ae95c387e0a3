"""Reference data into the database: added or brought up to date, never removed.

Versioned rows (templates, policies, taxonomy) are never changed: where the shipped
content of a version differs from what is stored, loading says so and stops.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from guardian.shortcuts import assign_perm

from denials.services.profiles import load_shipped_profiles
from seeds.reference import queues as shipped_queues
from seeds.reference import site
from seeds.reference.templates import TEMPLATES
from seeds.taxonomy import VERSION, read_taxonomy
from worklists import models, routing
from worklists.enums import Role
from worklists.errors import BadInput
from worklists.evidence import parse_template

EFFECTIVE = date(2026, 1, 1)
REVIEW_ON = date(2027, 1, 15)


def load_reference() -> dict[str, int]:
    """Load what every installation starts from; return how many rows there are.

    Roles, taxonomy, appeal profiles, templates, review and SLA policies.
    """
    with transaction.atomic():
        for role in Role:
            Group.objects.get_or_create(name=role.value)
        return {
            "taxonomy patterns": _taxonomy(),
            "appeal levels": load_shipped_profiles(),
            "evidence templates": _templates(),
            "review policies": _reviews(),
            "SLA policies": _slas(),
        }


def _taxonomy() -> int:
    taxonomy, fresh = models.Taxonomy.objects.get_or_create(
        version=VERSION,
        defaults={"name": "Shipped taxonomy", "effective_from": EFFECTIVE},
    )
    if fresh:
        models.DefectRule.objects.bulk_create(
            models.DefectRule(taxonomy=taxonomy, **asdict(pattern))
            for pattern in read_taxonomy()
        )
    return taxonomy.rules.count()


def _templates() -> int:
    for slug, (name, kind, fields) in TEMPLATES.items():
        parse_template(fields)
        row, _ = models.EvidenceTemplate.objects.get_or_create(
            slug=slug,
            version=1,
            defaults={
                "name": name, "kind": kind, "fields": fields,
                "effective_from": EFFECTIVE,
            },
        )  # fmt: skip
        if row.fields != fields:
            raise BadInput(
                f"Evidence template {slug} v1 differs from the stored one. A version "
                "is never changed: ship it as version 2."
            )
    return len(TEMPLATES)


def _reviews() -> int:
    for row in shipped_queues.REVIEWS:
        values = row._asdict()
        amount = values.pop("amount_from")
        values["risk_classes"] = list(row.risk_classes)
        values["amount_from"] = Decimal(amount) if amount else None
        values["effective_from"] = EFFECTIVE
        models.ReviewPolicy.objects.get_or_create(
            slug=values.pop("slug"), version=1, defaults=values
        )
    return len(shipped_queues.REVIEWS)


def _slas() -> int:
    for row in shipped_queues.SLAS:
        policy, fresh = models.SlaPolicy.objects.get_or_create(
            slug=row.slug,
            version=1,
            defaults={
                "name": row.name,
                "business_hours": row.business_hours,
                "effective_from": EFFECTIVE,
            },
        )
        if fresh:
            models.LadderStep.objects.bulk_create(
                models.LadderStep(policy=policy, position=position, **step._asdict())
                for position, step in enumerate(row.steps, 1)
            )
    return len(shipped_queues.SLAS)


def load_site() -> None:
    """Load the demonstration site: calendars, facilities, payers, people, queues."""
    with transaction.atomic():
        _places()
        people = _people()
        teams = _teams(people)
        queues = _queues(teams)
        _grants(people, queues)
        _clearances(people)


def _places() -> None:
    calendars = {}
    for row in site.CALENDARS:
        calendars[row.slug], _ = models.BusinessCalendar.objects.update_or_create(
            slug=row.slug,
            defaults={
                "name": row.name,
                "time_zone": row.time_zone,
                "weekly_hours": site.WEEKDAYS,
            },
        )
    for place in site.FACILITIES:
        values: dict[str, Any] = place._asdict()
        values["calendar"] = calendars[place.calendar]
        values["payee_ids"] = list(place.payee_ids)
        models.Facility.objects.update_or_create(
            slug=values.pop("slug"), defaults=values
        )
    for payer in site.PAYERS:
        values = payer._asdict()
        values["payer_ids"] = list(payer.payer_ids)
        models.Payer.objects.update_or_create(slug=values.pop("slug"), defaults=values)


def _people() -> dict[str, models.User]:
    people = {}
    for row in site.PEOPLE:
        user, _ = models.User.objects.get_or_create(
            username=row.username,
            defaults={
                "first_name": row.first,
                "last_name": row.last,
                "email": f"{row.username}@demo.invalid",
                "tier": row.tier,
                "time_zone": row.zone,
                "is_staff": row.role == Role.ADMINISTRATOR,
            },
        )
        user.groups.add(Group.objects.get(name=row.role))
        people[row.username] = user
    return people


def _teams(people: dict[str, models.User]) -> dict[str, models.Team]:
    teams = {}
    for row in site.TEAMS:
        team, _ = models.Team.objects.update_or_create(
            slug=row.slug,
            defaults={
                "name": row.name,
                "lead": people[row.lead],
                "manager": people[row.manager],
            },
        )
        mine = [people[p.username] for p in site.PEOPLE if p.team == row.slug]
        team.members.set(mine)
        teams[row.slug] = team
    return teams


def _queues(teams: dict[str, models.Team]) -> dict[str, models.Queue]:
    clearances = {
        slug: models.Clearance.objects.get_or_create(
            slug=slug, defaults={"name": name, "purpose": purpose}
        )[0]
        for slug, (name, purpose) in site.CLEARANCES.items()
    }
    queues, positions = {}, dict[str, int]()
    for row in shipped_queues.QUEUES:
        team = teams[row.team]
        queue, _ = models.Queue.objects.update_or_create(
            slug=row.slug,
            defaults={
                "name": row.name,
                "kind": row.kind,
                "purpose": row.purpose,
                "team": team,
                "supervisor": team.manager,
                "review_on": REVIEW_ON,
                "clearance": clearances.get(row.clearance),
                "sla_policy": models.SlaPolicy.objects.get(slug=row.sla, version=1),
                "template": models.EvidenceTemplate.objects.get(
                    slug=row.template, version=1
                ),
                "review_policy": models.ReviewPolicy.objects.get(
                    slug=row.review, version=1
                ),
                "hand_out": row.hand_out,
                "max_in_hand": row.max_in_hand,
                "release_after_hours": row.release_after_hours,
            },
        )
        queues[row.slug] = queue
        positions[row.kind] = positions.get(row.kind, 0) + 1
        routing.check_rule(row.conditions)
        models.RoutingRule.objects.update_or_create(
            kind=row.kind,
            position=positions[row.kind],
            defaults={"name": row.name, "conditions": row.conditions, "queue": queue},
        )
    return queues


def _grants(people: dict[str, models.User], queues: dict[str, models.Queue]) -> None:
    """Grants go to groups: a team's coders work its queues, reviewers and managers all.

    Coders may see every queue they are cleared for and work it, so that Next finds
    work across teams; clearance is what opens a queue.
    """
    verbs = {
        Role.CODER: ("view_queue", "work_queue"),
        Role.REVIEWER: ("view_queue", "review_queue"),
        Role.MANAGER: ("view_queue", "manage_queue"),
        Role.AUDITOR: ("view_queue",),
    }
    for role, names in verbs.items():
        group = Group.objects.get(name=role.value)
        for queue in queues.values():
            for name in names:
                assign_perm(name, group, queue)
        for facility in models.Facility.objects.all():
            assign_perm("view_facility", group, facility)
    # Some reviewers also work: the remittance desk takes the exceptions.
    for name in ("exceptions", "reports"):
        assign_perm("work_queue", people["grace.lindqvist"], queues[name])


def _clearances(people: dict[str, models.User]) -> None:
    by = people["maria.santos"]
    for row in site.PEOPLE:
        for slug in row.clearances:
            models.ClearanceGrant.objects.get_or_create(
                user=people[row.username],
                clearance=models.Clearance.objects.get(slug=slug),
                revoked_at=None,
                defaults={"granted_by": by},
            )
