"""Queues, the rules that route to them, and who is granted them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from worklists.enums import HandOut
from worklists.models.reference import Facility


class Queue(models.Model):
    """A typed list of work with an owner, a purpose and its policies.

    Grants (guardian, direct foreign keys): ``view_queue`` see, ``work_queue`` take
    and work, ``review_queue`` decide reviews, ``manage_queue`` assign and reroute.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=32)
    purpose = models.TextField()
    team = models.ForeignKey("Team", models.PROTECT, related_name="queues")
    supervisor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="supervised_queues"
    )
    review_on = models.DateField(help_text="The day this queue is looked at again.")
    clearance = models.ForeignKey(
        "Clearance", models.PROTECT, null=True, blank=True, related_name="queues"
    )
    sla_policy = models.ForeignKey("SlaPolicy", models.PROTECT, related_name="queues")
    template = models.ForeignKey(
        "EvidenceTemplate", models.PROTECT, related_name="queues"
    )
    review_policy = models.ForeignKey(
        "ReviewPolicy", models.PROTECT, related_name="queues"
    )
    hand_out = models.CharField(
        max_length=10, choices=HandOut.choices, default=HandOut.PICK
    )
    max_in_hand = models.PositiveSmallIntegerField(
        default=0, help_text="Items of this queue a person may hold; 0 is no limit."
    )
    release_after_hours = models.PositiveSmallIntegerField(
        default=0, help_text="Business hours without work until release; 0 is never."
    )
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]
        permissions = [
            ("work_queue", "Take and work items of the queue"),
            ("review_queue", "Decide senior reviews of the queue"),
            ("manage_queue", "Assign, reroute and cancel items of the queue"),
        ]

    def __str__(self) -> str:
        return self.name


class RoutingRule(models.Model):
    """One ordered rule: items of a kind that meet every condition go to a queue.

    ``conditions`` is a list of ``{"field", "op", "value"}`` (``routing``); an empty
    list meets everything, so the last rule of a kind is its default.
    """

    kind = models.CharField(max_length=32)
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=160)
    conditions = models.JSONField(default=list, blank=True)
    queue = models.ForeignKey(Queue, models.PROTECT, related_name="rules")
    version = models.PositiveIntegerField(default=1)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["kind", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "position"],
                condition=models.Q(is_active=True),
                name="routing_rule_position_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.position}: {self.name}"


class QueueUserObjectPermission(UserObjectPermissionBase):
    """A grant of one queue to one person."""

    content_object = models.ForeignKey(Queue, models.CASCADE)


class QueueGroupObjectPermission(GroupObjectPermissionBase):
    """A grant of one queue to a group."""

    content_object = models.ForeignKey(Queue, models.CASCADE)


class FacilityUserObjectPermission(UserObjectPermissionBase):
    """A grant of one facility to one person."""

    content_object = models.ForeignKey(Facility, models.CASCADE)


class FacilityGroupObjectPermission(GroupObjectPermissionBase):
    """A grant of one facility to a group."""

    content_object = models.ForeignKey(Facility, models.CASCADE)
