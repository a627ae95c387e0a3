"""Time that people spent on items: counted in spells, corrected by themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class TimeSpell(models.Model):
    """One stretch of one person's work on one item. Mutable while it lasts, no event.

    ``seconds`` is what the server counted between the beats of the page, never what
    somebody claims. What a person says besides is a ``TimeCorrection``.
    """

    item = models.ForeignKey(
        "WorkItem", models.PROTECT, db_index=False, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+"
    )
    begun_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    seconds = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "user", "begun_at"], name="time_spell_once"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-last_seen_at"], name="time_spell_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.seconds} s of {self.user_id} on item {self.item_id}"


class TimeCorrection(models.Model):
    """That a person put their own time on an item right. Append-only.

    ``seconds`` is the difference, of either sign, between what stood and what they
    say; their words are the ``Reason`` of event ``seq``.
    """

    item = models.ForeignKey(
        "WorkItem", models.PROTECT, db_index=False, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+"
    )
    seconds = models.IntegerField()
    minutes = models.PositiveSmallIntegerField(help_text="In all, from then on.")
    seq = models.IntegerField(help_text="Of its event on the item's chain.")
    corrected_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(seconds=0), name="time_correction_changes"
            ),
        ]
        indexes = [models.Index(fields=["item", "user"], name="time_correction_item")]

    def __str__(self) -> str:
        return f"{self.minutes} min of {self.user_id} on item {self.item_id}"
