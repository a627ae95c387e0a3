"""Reference data into the database: added or brought up to date, never removed.

Versioned rows (templates, policies, taxonomy) are never changed: where the shipped
content of a version differs from what is stored, loading says so and stops.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from guardian.shortcuts import assign_perm

from denials.services.profiles import load_shipped_profiles
from seeds.reference import queues as shipped_queues
from seeds.reference import site
from seeds.reference.guidance import GUIDANCE
from seeds.taxonomy import VERSION, read_taxonomy
from worklists import models, routing
from worklists.context import act_context
from worklists.enums import Role, RuleKind, Source
from worklists.errors import BadInput
from worklists.services.clearances import grant_clearance
from worklists.services.guidance import add_version
from worklists.services.shipping import set_up_shipped

EFFECTIVE = date(2026, 1, 1)
REVIEW_ON = date(2027, 1, 15)


def load_reference() -> dict[str, int]:
    """Load what every installation starts from; return how many rows there are.

    Roles, taxonomy, appeal profiles, templates, review and SLA policies. A site that is
    at work takes new templates and policies under Rules; they are not added here.
    """
    with transaction.atomic():
        for role in Role:
            Group.objects.get_or_create(name=role.value)
        here = set_up_shipped(EFFECTIVE)
        return {
            "taxonomy patterns": _taxonomy(),
            "appeal levels": load_shipped_profiles(),
            "evidence templates": here[RuleKind.TEMPLATE],
            "review policies": here[RuleKind.REVIEW],
            "SLA policies": here[RuleKind.SLA],
        }


def _refuse_change(what: str, stored: Any, shipped: Any) -> None:
    if stored != shipped:
        raise BadInput(
            f"{what} differs from the stored one. A version is never changed: ship it "
            "as the next version."
        )


def _taxonomy() -> int:
    taxonomy, fresh = models.Taxonomy.objects.get_or_create(
        version=VERSION,
        defaults={"name": "Shipped taxonomy", "effective_from": EFFECTIVE},
    )
    shipped = [asdict(pattern) for pattern in read_taxonomy()]
    if fresh:
        models.DefectRule.objects.bulk_create(
            models.DefectRule(taxonomy=taxonomy, **pattern) for pattern in shipped
        )
    stored = list(taxonomy.rules.values(*shipped[0]))
    _refuse_change(f"Taxonomy v{VERSION}", _by_code(stored), _by_code(shipped))
    return len(stored)


def _by_code(patterns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(patterns, key=lambda one: (one["carc"], one["remark"]))


def load_site() -> None:
    """Load the demonstration site: calendars, facilities, payers, people, queues."""
    with transaction.atomic():
        _places()
        people = _people()
        teams = _teams(people)
        queues = _queues(teams)
        _grants(people, queues)
        _clearances(people)
        _guidance(people["sam.torres"])


def _guidance(by: models.User) -> None:
    """Sources with their versions; those that are there already stay as they are."""
    payers = {payer.slug: payer for payer in models.Payer.objects.all()}
    for row in GUIDANCE:
        source, fresh = models.Guidance.objects.get_or_create(
            slug=row.slug,
            defaults={
                "name": row.name,
                "kind": row.kind,
                "payer": payers.get(row.payer),
                "review_on": row.review_on,
            },
        )
        if fresh:
            source.queues.set(models.Queue.objects.filter(slug__in=row.queues))
        for version in row.versions if fresh else ():
            add_version(actor=by, guidance_id=source.pk, **version._asdict())


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
                "sla_policy": models.SlaPolicy.objects.filter(slug=row.sla).latest(
                    "version"
                ),
                "template": models.EvidenceTemplate.objects.filter(
                    slug=row.template
                ).latest("version"),
                "review_policy": models.ReviewPolicy.objects.filter(
                    slug=row.review
                ).latest("version"),
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
    """Grants go to groups: coders work every queue, managers manage all.

    Coders may see every queue they are cleared for and work it, so that Next finds
    work across teams; clearance is what opens a queue. Two seniors review every queue;
    the one of the remittance desk its own, so others can lend her their authority.
    """
    verbs = {
        Role.CODER: ("view_queue", "work_queue"),
        Role.REVIEWER: ("view_queue",),
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
    for senior in ("teresa.okafor", "omar.haddad"):
        for queue in queues.values():
            assign_perm("review_queue", people[senior], queue)
    # Some reviewers also work: the remittance desk takes the exceptions.
    for name in ("exceptions", "reports"):
        assign_perm("review_queue", people["grace.lindqvist"], queues[name])
        assign_perm("work_queue", people["grace.lindqvist"], queues[name])


def _clearances(people: dict[str, models.User]) -> None:
    by = people["sam.torres"]
    clearances = {row.slug: row.pk for row in models.Clearance.objects.all()}
    held = set(
        models.ClearanceGrant.objects.filter(revoked_at=None).values_list(
            "user__username", "clearance__slug"
        )
    )
    wanted = ((row.username, slug) for row in site.PEOPLE for slug in row.clearances)
    with act_context(source=Source.SEED):
        for username, slug in wanted:
            if (username, slug) not in held:
                grant_clearance(
                    actor=by,
                    user_id=people[username].pk,
                    clearance_id=clearances[slug],
                )
