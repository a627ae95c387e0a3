"""Notes on an item: words beside the decision, tagged with who wrote them as what."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from worklists.models.evidence import Committed


class Note(Committed):
    """One note of a person on an item, append-only; private ones are the author's own.

    ``role`` are the author's roles that day, as the trail words them (“coder”,
    “manager+reviewer”); ``seq`` is the number of its event on the item's chain.
    """

    item = models.ForeignKey(
        "WorkItem", models.PROTECT, db_index=False, related_name="notes"
    )
    role = models.CharField(max_length=120)
    private = models.BooleanField(default=False)
    seq = models.IntegerField()
    said_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+"
    )
    said_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["item", "id"], name="note_item")]

    def __str__(self) -> str:
        return f"note {self.pk} on item {self.item_id}"


class NoteWithdrawal(models.Model):
    """That the author took a note back: it stays readable, and says so."""

    note = models.OneToOneField(Note, models.PROTECT, related_name="withdrawal")
    seq = models.IntegerField(help_text="Of its event on the item's chain.")
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, db_index=False, related_name="+"
    )
    withdrawn_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"note {self.note_id} withdrawn"
