"""Views of a list that a person keeps for themselves."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q


class SavedView(models.Model):
    """A list as one person likes it: filters, order and columns, under a name.

    ``query`` is what stands in the address of the list: of one queue, or of the
    person's own items where ``queue`` is null. The list opens with the view that
    ``opens`` says so of. Nobody else sees it, and what it finds is what the person may
    see that day.
    """

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views"
    )
    queue = models.ForeignKey("Queue", models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=800)
    opens = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "queue", "name"],
                nulls_distinct=False,
                name="saved_view_name_once",
            ),
            models.UniqueConstraint(
                fields=["person", "queue"],
                condition=Q(opens=True),
                nulls_distinct=False,
                name="saved_view_one_opens",
            ),
        ]

    def __str__(self) -> str:
        return self.name
