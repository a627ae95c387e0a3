"""What the review rules look at: the policy in force, the item, the answers, the payer."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection

from worklists import evidence, kinds
from worklists import review as rules
from worklists.autonomy import Rate, longest, rate_of
from worklists.context import now
from worklists.enums import Action, ReviewOutcome
from worklists.models import Queue, Review, ReviewPolicy, User, WorkItem
from worklists.selectors.access import access_of
from worklists.selectors.evidence import Asked

CHOSEN = frozenset({"choice", "multichoice"})


def as_policy(row: ReviewPolicy) -> rules.Policy:
    """Return a policy row as the pure rules take it."""
    return rules.Policy(
        slug=row.slug,
        version=row.version,
        amount_from=row.amount_from,
        risk_classes=frozenset(row.risk_classes),
        apprentice_all=row.apprentice_all,
        payer_watch=row.payer_watch,
        random_per_block=row.random_per_block,
        recurring_from=row.recurring_from,
        recurring_days=row.recurring_days,
        judgements=frozenset(row.judgements),
        autonomy=tuple(tuple(step) for step in row.autonomy),
        miss_reviews=row.miss_reviews,
        approvals=frozenset(row.approvals),
        approval_from=row.approval_from,
        approver_role=row.approver_role,
    )


_PROVEN = (
    *(ReviewOutcome.APPROVED, ReviewOutcome.FIXED),
    *(ReviewOutcome.RETURNED, ReviewOutcome.REJECTED),
)
MOST_PROOF = 1000


def proof_of(
    coder_id: int,
    queue_ids: Collection[int],
    most: int = MOST_PROOF,
    since: datetime | None = None,
) -> dict[int, list[bool]]:
    """Return, by queue, whether a person's proof reviews stood, the newest first.

    Only those the rate picked are proof. Read are the newest ``most``, of those decided
    ``since`` then: one query.
    """
    rows = Review.objects.filter(
        submitted_by_id=coder_id,
        item__queue_id__in=queue_ids,
        random_pick=True,
        outcome__in=_PROVEN,
    ).order_by("-decided_at", "-pk")
    if since is not None:
        rows = rows.filter(decided_at__gte=since)
    found: dict[int, list[bool]] = {queue_id: [] for queue_id in queue_ids}
    for queue_id, outcome in rows.values_list("item__queue_id", "outcome")[:most]:
        found[queue_id].append(outcome == ReviewOutcome.APPROVED)
    return found


def rate_for(coder: User, queue: Queue, policy: rules.Policy) -> Rate:
    """Return the rate at which a person's work in a queue is looked at."""
    most = longest(policy)
    proof = proof_of(coder.pk, [queue.pk], most)[queue.pk] if most else []
    return rate_of(policy, coder.tier, proof)


Rates = list[tuple[Queue, Rate]]


def rates_of(person: User) -> Rates:
    """Return the rates of every queue a person works, by name: two queries."""
    rows = Queue.objects.filter(pk__in=access_of(person).work, is_active=True)
    queues = list(rows.select_related("review_policy").order_by("name"))
    proof = proof_of(person.pk, [queue.pk for queue in queues]) if queues else {}
    return [
        (queue, rate_of(as_policy(queue.review_policy), person.tier, proof[queue.pk]))
        for queue in queues
    ]


def at_rate(policy: rules.Policy, rate: Rate) -> rules.Policy:
    """Return the policy as it holds for a person at their rate."""
    return replace(
        policy,
        apprentice_all=rate.is_full and policy.apprentice_all,
        random_per_block=rate.per_block,
    )


def submit_facts(
    item: WorkItem, tier: str, policy: rules.Policy, asked: Asked | None = None
) -> rules.SubmitFacts:
    """Return what the review rules look at for an item and a coder's tier.

    ``asked`` is the evidence that is submitted; without it no judgement is known.
    """
    classes = kinds.get(item.kind).risk_classes(item)
    back = asked.back if asked else None
    return rules.SubmitFacts(
        amount=item.amount,
        risk_classes=classes,
        tier=tier,
        payer_on_watch=bool(item.payer and item.payer.on_watch),
        payer=str(item.payer or ""),
        recurring=recurring_of(item, classes, policy),
        judgements=judgements_of(asked) if asked else {},
        dollars=dollars_of(asked) if asked else {},
        returned_in=back.round if back else 0,
        stands=bool(asked and asked.stands),
    )


def recurring_of(
    item: WorkItem, classes: Collection[str], policy: rules.Policy
) -> dict[str, int]:
    """Return the payer's other defects of an item's classes, by class: one query.

    Counted are the last ``recurring_days`` days; a defect that was recorded again with
    another cause counts once, and the item's own do not. Counting stops at
    ``rules.most_counted``. None is asked for when the policy does not count.
    """
    if policy.recurring_from is None or item.payer_id is None or not classes:
        return {}
    return count_recurring(
        item.payer_id,
        classes,
        since=now() - timedelta(days=policy.recurring_days),
        most=rules.most_counted(policy),
        but=item.pk,
    )


def count_recurring(
    payer_id: int,
    classes: Collection[str],
    *,
    since: datetime,
    most: int,
    but: int = 0,
) -> dict[str, int]:
    """Return how many defects of these classes a payer had, without item ``but``.

    Of each class ``most`` are counted and no further, however long the record is.
    """
    values: dict[str, Any] = {
        "payer": payer_id,
        "classes": sorted(classes),
        "since": since,
        "most": most,
        "but": but,
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECURRING, values)
        return dict(cursor.fetchall())


# A defect stands for its earliest record in the window, so the search can stop early.
_RECURRING = """
SELECT c.name, n.found
  FROM unnest(%(classes)s::text[]) c(name)
 CROSS JOIN LATERAL (
    SELECT count(*) AS found FROM (
        SELECT 1 FROM worklists_defect d
         WHERE d.payer_id = %(payer)s AND d.defect_class = c.name
           AND d.seen_at >= %(since)s AND d.item_id IS DISTINCT FROM %(but)s
           AND NOT EXISTS (
               SELECT 1 FROM worklists_defect e
                WHERE e.source_kind = d.source_kind AND e.source_id = d.source_id
                  AND e.round < d.round AND e.payer_id = d.payer_id
                  AND e.defect_class = d.defect_class
                  AND e.seen_at >= %(since)s AND e.item_id IS DISTINCT FROM %(but)s)
         LIMIT %(most)s) first) n
 WHERE n.found > 0
"""


def approver_for(action: Action, item: WorkItem, review: Review | None) -> str:
    """Return the role that this act on an open review is reserved for, empty for none.

    Rejecting gives up the whole amount (``kinds.Kind.given_up``), whatever was proposed.
    """
    if review is None or action != Action.REJECT:
        return review.approver_role if review else ""
    code = kinds.get(item.kind).given_up
    if not code:
        return ""
    facts = rules.SubmitFacts(amount=item.amount, judgements={code: code})
    return rules.approver_of(facts, as_policy(review.policy))


class Said(NamedTuple):
    """One choice that stands: ``field:value``, its label, and the dollars of its part."""

    code: str
    label: str
    amount: Decimal | None


def choices_of(asked: Asked) -> list[Said]:
    """Return the choices that stand in what is asked now, part by part."""
    found: list[Said] = []
    amounts = {part.key: part.amount for part in asked.parts}
    for field in evidence.asked(asked.fields, asked.answers, asked.parts):
        if field.type not in CHOSEN:
            continue
        value, labels = asked.answers.get(field.name), dict(field.choices)
        name = field.name.removesuffix(f".{field.part}") if field.part else field.name
        amount = amounts.get(field.part) if field.part else None
        found += [
            Said(f"{name}:{one}", labels.get(one) or one, amount)
            for one in (value if isinstance(value, list) else [value])
            if one and isinstance(one, str)
        ]
    return found


def judgements_of(asked: Asked) -> Mapping[str, str]:
    """Return the choices that stand in what is asked now: ``field:value`` to label."""
    return {said.code: said.label for said in choices_of(asked)}


def dollars_of(asked: Asked) -> Mapping[str, Decimal]:
    """Return the dollars of each choice that is made of parts with dollars alone."""
    sums: dict[str, Decimal] = {}
    whole = set()
    for said in choices_of(asked):
        if said.amount is None:
            whole.add(said.code)
        else:
            sums[said.code] = sums.get(said.code, Decimal(0)) + said.amount
    return {code: amount for code, amount in sums.items() if code not in whole}


def review_ahead(item: WorkItem, user: User, asked: Asked) -> tuple[rules.Trigger, ...]:
    """Return the triggers that will fire when this person submits these answers.

    The random share is not among them: nobody can foresee it.
    """
    policy = as_policy(item.queue.review_policy)
    if policy.autonomy:
        policy = at_rate(policy, rate_for(user, item.queue, policy))
    facts = submit_facts(item, user.tier, policy, asked)
    return rules.triggers(facts, policy, random_pick=False)
