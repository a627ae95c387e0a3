"""A clinic to walk through: a remittance came in, an apprentice and a senior wait."""

from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from tests.denials import remit
from tests.denials.conftest import make_remit_site
from tests.factories import (
    EvidenceTemplateFactory,
    ReviewPolicyFactory,
    TeamFactory,
    person,
)
from worklists.enums import Role, RootCause, Tier
from worklists.models import Queue, User, WorkItem
from worklists.services.batches import ingest_path

PASSWORD = "a long enough secret 42"
ROUTES = [
    ["correct_resubmit", "Correct, resend"],
    ["appeal", "Appeal"],
    ["write_off", "Write off"],
]
CAUSES = [[c.value, c.label] for c in RootCause if c != RootCause.UNKNOWN]
FORM = [
    {
        "name": "decision",
        "label": "Decision",
        "type": "choice",
        "required": True,
        "per_part": True,
        "choices": ROUTES,
    },
    {
        "name": "root_cause",
        "label": "Root cause",
        "type": "choice",
        "required": True,
        "per_part": True,
        "choices": CAUSES,
    },
    {
        "name": "why",
        "label": "Why",
        "type": "text",
        "required": True,
        "validators": [{"rule": "min_length", "value": 20}],
        "help": "One or two sentences that a stranger understands.",
    },
    {
        "name": "policy",
        "label": "Rule or policy",
        "type": "policy",
        "required": True,
        "validators": [{"rule": "edition_named"}],
    },
    {
        "name": "page",
        "label": "Document and page",
        "type": "document",
        "required_when": {"field": "decision", "in": ["appeal"]},
    },
]


@dataclass
class Clinic:
    """Queues and people of the site, and the items of its first file."""

    queue: Queue
    apprentice: User
    reviewer: User
    manager: User
    auditor: User
    administrator: User


def make_clinic(tmp_path: Path) -> Clinic:
    """Return a site whose first remittance has brought denials and one exception."""
    here = make_remit_site()
    queue, facilities = here.bundling, [here.facility]
    queue.name = "Bundling denials"
    queue.purpose = "Lines a payer counts into another service. Decide, with the page."
    queue.template = EvidenceTemplateFactory(kind="denial", version=4, fields=FORM)
    queue.review_policy = ReviewPolicyFactory(amount_from=Decimal(2000))
    manager = named(Role.MANAGER, "Grace", "Lindqvist", facilities=facilities)
    reviewer = named(Role.REVIEWER, "Teresa", "Okafor", facilities=facilities)
    queue.team = TeamFactory(name="Coding denials", lead=reviewer, manager=manager)
    queue.save()
    queues = [queue, here.other, here.exceptions]
    clinic = Clinic(
        queue=queue,
        apprentice=named(
            Role.CODER,
            "Ana",
            "Ruiz",
            tier=Tier.APPRENTICE,
            works=queues,
            facilities=facilities,
        ),
        reviewer=reviewer,
        manager=manager,
        auditor=named(
            Role.AUDITOR, "Helen", "Marsh", views=queues, facilities=facilities
        ),
        administrator=named(Role.ADMINISTRATOR, "Kim", "Sato"),
    )
    from tests.factories import grant

    for one in queues:
        grant(reviewer, one, "review")
        grant(manager, one, "manage")
    bring_in(tmp_path)
    return clinic


def named(role: Role, first: str, last: str, **more) -> User:
    """Return a person of a role who can log in."""
    user = person(role, username=last.lower(), first_name=first, last_name=last, **more)
    user.set_password(PASSWORD)
    user.save()
    return user


def bring_in(tmp_path: Path) -> None:
    """Ingest two bundling denials, another denial, and a claim nobody can read."""
    path = tmp_path / "first.835"
    path.write_bytes(remit.interchange(remit.payment(*claims(), amount="900.00")))
    ingest_path(path)


def claims() -> list[str]:
    """Return the claims of the first file."""
    paid = remit.svc("HC:45385", "2980.00", "900.00", cas=[("CO", "45", "2080.00")])
    large = remit.svc(
        "HC:45380:59", "2140.00", "0", cas=[("CO", "97", "2140.00")], remarks=["M15"]
    )
    small = remit.svc("HC:43239:51", "120.00", "0", cas=[("CO", "97", "120.00")])
    other = remit.svc("HC:99213", "80.00", "0", cas=[("CO", "16", "80.00")])
    return [
        remit.clp(
            "2026-0814-4471",
            paid,
            large,
            charge="5120.00",
            paid="900.00",
            control="ICN1",
        ),
        remit.clp("2026-0814-4472", small, status="4", charge="120.00", control="ICN2"),
        remit.clp("2026-0814-4473", other, status="4", charge="80.00", control="ICN3"),
        remit.clp("2026-0814-4474", other, status="X", charge="80.00", control="ICN4"),
    ]


def item_of(claim: str) -> WorkItem:
    """Return the item about a claim."""
    return WorkItem.objects.get(claim__patient_control_number=claim)


def answers_of(item: WorkItem, why: str) -> dict[str, object]:
    """Return everything the form asks about an item with one denial."""
    part = item.denials.get().pk
    return {
        f"decision.{part}": "write_off",
        f"root_cause.{part}": "knowledge",
        "why": why,
        "policy": {"cite": "RP-114", "edition": "2026"},
    }
