"""Rules of the house in versions: who wrote which, why, who approved it, since when.

The rows that work (service levels, templates, calendars …) stay where they are; a
version holds the whole content as it was, so that any two can be told apart. The
database refuses to change or delete what a version says.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from worklists.enums import RuleAct, RuleKind, RuleState
from worklists.models.clocks import ClockSwitch
from worklists.models.evidence import Committed

OPEN_RULES = (RuleState.PROPOSED, RuleState.APPROVED)


class Rule(models.Model):
    """One rule of a kind, by the slug of the rows it is about."""

    kind = models.CharField(max_length=10, choices=RuleKind.choices)
    slug = models.SlugField()

    class Meta:
        ordering = ["kind", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "slug"], name="rule_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.slug}"


class RuleVersion(models.Model):
    """One version of a rule, whole.

    ``alone`` are versions one person puts in force: the settings of a queue, and what
    stood there before anybody proposed anything. Everything else takes two people.
    """

    rule = models.ForeignKey(Rule, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=RuleState.choices)
    content = models.JSONField()
    effective_from = models.DateField(null=True)
    alone = models.BooleanField(default=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    proposed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    decided_at = models.DateTimeField(null=True)
    in_force_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["rule", "-number"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "number"], name="rule_version_once"
            ),
            models.UniqueConstraint(
                fields=["rule"],
                condition=Q(state__in=OPEN_RULES),
                name="rule_version_one_open",
            ),
            models.UniqueConstraint(
                fields=["rule"],
                condition=Q(state=RuleState.IN_FORCE),
                name="rule_version_one_in_force",
            ),
            models.CheckConstraint(
                condition=Q(alone=True)
                | Q(decided_by=None)
                | ~Q(proposed_by=models.F("decided_by")),
                name="rule_version_two_people",
            ),
            models.CheckConstraint(
                condition=Q(alone=True)
                | ~Q(
                    state__in=[
                        RuleState.APPROVED,
                        RuleState.IN_FORCE,
                        RuleState.SUPERSEDED,
                    ]
                )
                | Q(decided_by__isnull=False),
                name="rule_version_approved_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["effective_from"],
                condition=Q(state=RuleState.APPROVED),
                name="rule_version_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} v{self.number}"


class LadderSwitch(ClockSwitch):
    """A ladder that was put in force, and how far running clocks follow it by now."""

    version = models.OneToOneField(
        RuleVersion, models.PROTECT, related_name="ladder_switch"
    )

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(
                fields=["id"],
                condition=Q(done_at=None),
                name="ladder_switch_under_way",
            ),
        ]

    def __str__(self) -> str:
        return f"clocks to {self.version}"


class RuleWords(Committed):
    """Why a version was proposed, approved, sent back, withdrawn or made, in words."""

    version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="words")
    act = models.CharField(max_length=12, choices=RuleAct.choices)
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
    )
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.act} {self.version_id}"
