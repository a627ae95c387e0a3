"""Senior review: policies, the secret random blocks, and the reviews themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from worklists.enums import ReviewOutcome, Role


class ReviewPolicy(models.Model):
    """One version of when a queue's work goes to a senior.

    ``amount_from`` dollars at stake or more; ``risk_classes`` always; apprentices
    always when ``apprentice_all``; ``random_per_block`` of every 20 submissions of a
    coder in a queue, exactly; ``payer_watch`` for payers on watch;
    ``recurring_from`` defects of one class from one payer in ``recurring_days`` days;
    ``judgements`` are answers as ``field:value``, such as ``decision:write_off``.
    A senior decides within ``review_hours`` business hours, else it is escalated.
    """

    slug = models.SlugField()
    version = models.PositiveIntegerField(default=1)
    name = models.CharField(max_length=120)
    amount_from = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    risk_classes = models.JSONField(default=list)
    apprentice_all = models.BooleanField(default=True)
    payer_watch = models.BooleanField(default=True)
    random_per_block = models.PositiveSmallIntegerField(default=1)
    recurring_from = models.PositiveSmallIntegerField(null=True)
    recurring_days = models.PositiveSmallIntegerField(default=60)
    judgements = models.JSONField(default=list)
    review_hours = models.PositiveSmallIntegerField(
        null=True, help_text="Business hours in which a senior decides; null is none."
    )
    autonomy = models.JSONField(
        default=list,
        help_text="Steps [reviews, percent that stood, looked at of 20]; see autonomy.",
    )
    miss_reviews = models.PositiveSmallIntegerField(
        default=5, help_text="A miss among so many brings the full rate back."
    )
    approvals = models.JSONField(
        default=list, help_text="Judgements that only the approver's role approves."
    )
    approval_from = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    approver_role = models.CharField(max_length=20, choices=Role.choices, blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    effective_from = models.DateField()

    class Meta:
        ordering = ["slug", "-version"]
        verbose_name_plural = "review policies"
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "version"], name="review_policy_version_once"
            ),
            models.CheckConstraint(
                condition=Q(random_per_block__lte=20), name="review_policy_block_of_20"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} v{self.version}"


class ReviewBlock(models.Model):
    """Twenty submissions of one coder in one queue, some secretly picked before.

    ``picks`` are the picked positions; nobody is shown them. ``used`` counts how many
    positions are gone; at 20 the next block is drawn.
    """

    coder = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+"
    )
    queue = models.ForeignKey("Queue", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    picks = ArrayField(models.PositiveSmallIntegerField())
    used = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["coder", "queue", "number"], name="review_block_once"
            ),
            models.CheckConstraint(
                condition=Q(used__lte=20), name="review_block_used_max"
            ),
        ]

    def __str__(self) -> str:
        return f"block {self.number} of {self.coder_id} in {self.queue_id}"


class ReviewDelegation(models.Model):
    """The authority to decide reviews, lent to another senior for some days.

    It reaches the delegator's own review queues, up to ``amount_limit`` dollars at
    stake and for ``risk_classes`` (none means all). It begins and expires by itself
    at ``starts_at`` and ``ends_at``, the ends of the days where the delegator is; a
    row is never changed but to end it early (migration 0016).
    """

    delegator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="lends"
    )
    delegate = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        db_index=False,
        related_name="borrows",
    )
    starts_on = models.DateField()
    ends_on = models.DateField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    amount_limit = models.DecimalField(max_digits=12, decimal_places=2)
    risk_classes = ArrayField(models.CharField(max_length=40), default=list)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(delegate=F("delegator")) & ~Q(made_by=F("delegate")),
                name="delegation_to_another",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at"), amount_limit__gt=0),
                name="delegation_has_span_and_limit",
            ),
        ]
        indexes = [
            models.Index(
                fields=["delegate", "ends_at"],
                condition=Q(ended_at=None),
                name="delegation_in_force",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.delegator} to {self.delegate}, {self.starts_on} to {self.ends_on}"
        )


class Review(models.Model):
    """One senior review of one round of an item.

    ``workers`` are everyone who saved evidence, submitted or fixed in any round; the
    database refuses any of them as reviewer, and as the one on whose behalf it is
    decided under a delegation. One open review an item. ``risk_classes`` are the
    item's when it was submitted.
    """

    item = models.ForeignKey("WorkItem", models.PROTECT, related_name="reviews")
    round = models.PositiveSmallIntegerField()
    policy = models.ForeignKey(ReviewPolicy, models.PROTECT, related_name="+")
    triggers = models.JSONField(
        help_text="Which fired: code, label, words, figures, the policy's version."
    )
    random_pick = models.BooleanField(
        default=False, help_text="Drawn by the random share: proof of accuracy."
    )
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="submitted_reviews"
    )
    workers = ArrayField(models.BigIntegerField())
    risk_classes = ArrayField(models.CharField(max_length=40), default=list)
    payer = models.ForeignKey(
        "Payer", models.PROTECT, null=True, db_index=False, related_name="+"
    )
    approver_role = models.CharField(
        max_length=20,
        choices=Role.choices,
        blank=True,
        help_text="Who alone approves it, with a written reason; empty for any senior.",
    )
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(
        null=True, help_text="By when a senior decides: the policy's business hours."
    )
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="reviews",
    )
    outcome = models.CharField(max_length=10, choices=ReviewOutcome.choices, blank=True)
    delegation = models.ForeignKey(
        ReviewDelegation, models.PROTECT, null=True, related_name="reviews"
    )
    on_behalf_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    changes = models.JSONField(
        default=list, help_text="Names of the fields a fix changed."
    )
    points_at = ArrayField(
        models.CharField(max_length=80),
        default=list,
        help_text="Names of the answers that a return wants looked at again.",
    )
    cites = models.ForeignKey(
        "GuidanceVersion",
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="The page of guidance that a return rests on.",
    )
    template = models.ForeignKey(
        "EvidenceTemplate",
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        help_text="The form that a return was made on; the item may get another.",
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "round"], name="review_round_once"),
            models.UniqueConstraint(
                fields=["item"],
                condition=Q(decided_at=None),
                name="review_one_open",
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None) | ~Q(workers__contains=[F("reviewer")]),
                name="review_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(on_behalf_of=None)
                | ~Q(workers__contains=[F("on_behalf_of")]),
                name="review_four_eyes_on_behalf",
            ),
            models.CheckConstraint(
                condition=Q(delegation=None, on_behalf_of=None)
                | (
                    Q(delegation__isnull=False, on_behalf_of__isnull=False)
                    & Q(reviewer__isnull=False)
                    & ~Q(reviewer=F("on_behalf_of"))
                ),
                name="review_on_behalf_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None, outcome="")
                | (Q(decided_at__isnull=False) & ~Q(outcome="")),
                name="review_decided_has_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["payer", "-decided_at"],
                condition=Q(payer__isnull=False, decided_at__isnull=False),
                name="review_payer_decided",
            ),
            models.Index(
                fields=["reviewer", "-decided_at", "-id"],
                condition=Q(reviewer__isnull=False),
                name="review_decided_by",
            ),
        ]

    def __str__(self) -> str:
        return f"review {self.round} of item {self.item_id}"
