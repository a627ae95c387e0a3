"""Seals, the keys that signed them, and where copies lie."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from audits.seal_format import SealFacts, seal_record


class KeyEndCause(models.TextChoices):
    """Why a key signs no more."""

    ROTATED = "rotated", "rotated"
    RETIRED = "retired", "retired"
    LOST = "lost", "lost"
    COMPROMISED = "compromised", "compromised"


class SealKey(models.Model):
    """A public key. Append-only; the private one lies in a file outside the database.

    ``voucher`` is the former key's signature over this one, absent for the first key
    and after a key was lost.
    """

    fingerprint = models.CharField(max_length=64, primary_key=True)
    public_key = models.BinaryField(help_text="The 32 raw bytes of Ed25519.")
    since = models.DateTimeField()
    vouched_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    voucher = models.BinaryField(null=True)

    class Meta:
        ordering = ["since"]

    def __str__(self) -> str:
        return self.fingerprint[:16]


class SealKeyEnd(models.Model):
    """The end of a key. Append-only; a seal of the key after it is a fault."""

    key = models.OneToOneField(
        SealKey, models.PROTECT, primary_key=True, related_name="end"
    )
    until = models.DateTimeField()
    cause = models.CharField(max_length=16, choices=KeyEndCause.choices)

    def __str__(self) -> str:
        return f"{self.key_id[:16]} {self.cause}"


class Seal(models.Model):
    """One signed batch of finished events. Append-only in the database.

    ``event_ids`` are its events in leaf order, which is ascending. All events up to
    ``complete_to`` are in this seal or an earlier one. ``drawn_to`` and ``next_xid``
    say which ids were drawn by which transactions when it was made: once every
    transaction before ``next_xid`` has ended, nothing can appear up to ``drawn_to``.
    """

    number = models.BigIntegerField(primary_key=True)
    previous = models.BinaryField(null=True)
    tree_size = models.IntegerField()
    total = models.BigIntegerField()
    root = models.BinaryField()
    ids_digest = models.BinaryField()
    first_event = models.BigIntegerField()
    last_event = models.BigIntegerField(db_index=True)
    event_ids = ArrayField(models.BigIntegerField())
    complete_to = models.BigIntegerField()
    drawn_to = models.BigIntegerField()
    next_xid = models.BigIntegerField()
    sealed_at = models.DateTimeField()
    key = models.ForeignKey(
        SealKey, models.PROTECT, related_name="seals", db_index=False
    )
    hash = models.BinaryField()
    signature = models.BinaryField()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(tree_size__gt=0, number__gt=0),
                name="seal_holds_events",
            ),
        ]

    def __str__(self) -> str:
        return f"seal {self.number}"

    @property
    def short_root(self) -> str:
        """Return the first and last digits of its root."""
        text = bytes(self.root).hex()
        return f"{text[:4]}…{text[-4:]}"

    def facts(self) -> SealFacts:
        """Return what its signature is over."""
        return SealFacts(
            number=self.number,
            previous=bytes(self.previous) if self.previous is not None else None,
            tree_size=self.tree_size,
            total=self.total,
            root=bytes(self.root),
            ids_digest=bytes(self.ids_digest),
            first_event=self.first_event,
            last_event=self.last_event,
            complete_to=self.complete_to,
            drawn_to=self.drawn_to,
            next_xid=self.next_xid,
            sealed_at=self.sealed_at,
            key=self.key_id,
        )

    def record(self) -> bytes:
        """Return it as it is written to the second place."""
        return seal_record(
            self.facts(), event_ids=self.event_ids, signature=bytes(self.signature)
        )


class SealCopy(models.Model):
    """That a seal lies in a second place. Another place is copied to anew."""

    place = models.CharField(max_length=500)
    seal = models.ForeignKey(Seal, models.PROTECT, related_name="copies")
    copied_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["place", "seal"], name="seal_copied_once"),
        ]

    def __str__(self) -> str:
        return f"seal {self.seal_id} in {self.place}"


class TrailCheck(models.Model):
    """What one scheduled verification of the whole trail found."""

    started_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField()
    events = models.BigIntegerField()
    chains = models.BigIntegerField()
    seals = models.BigIntegerField()
    faults = models.IntegerField()
    first_fault = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "audits_verification"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"verification of {self.started_at:%Y-%m-%d}: {self.faults} faults"

    @property
    def whole(self) -> bool:
        """Return whether nothing was wrong."""
        return self.faults == 0
