"""People, teams, clearances and absences."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from worklists.enums import Tier


class User(AbstractUser):
    """A person. Never deleted once used: deactivated, so history keeps its names.

    Roles are groups (``enums.Role``); where a role applies is a grant on queues
    and facilities. ``is_superuser`` opens nothing in the product.
    """

    tier = models.CharField(
        max_length=12,
        choices=Tier.choices,
        default=Tier.APPRENTICE,
        help_text="An apprentice's every item is reviewed.",
    )
    time_zone = models.CharField(max_length=64, default="America/Chicago")
    daily_capacity = models.PositiveSmallIntegerField(
        default=40, help_text="Items a working day this person can carry."
    )
    must_change_password = models.BooleanField(default=False)

    class Meta:
        ordering = ["last_name", "first_name", "username"]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Return the full name, or the username where none is given."""
        return self.get_full_name() or self.username

    @property
    def initials(self) -> str:
        """Return one or two letters for the badge."""
        letters = [p[0] for p in (self.first_name, self.last_name) if p]
        return "".join(letters).upper() or self.username[:2].upper()


class SetUpBy(models.Model):
    """Who last had somebody's account in hand: made it, gave its roles or tier, or handed
    out its password, and when.

    Whoever did could act as that person, so four eyes take both for one for a while
    (``policies.ONE_PERSON_DAYS``). The trail says the same; this row is what every
    request can afford to read.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "by"], name="set_up_by_once"),
            models.CheckConstraint(
                condition=~Q(by=F("user")), name="set_up_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} by {self.by}"


class Team(models.Model):
    """People who share queues, with a lead and a manager."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    lead = models.ForeignKey(User, models.PROTECT, related_name="leads_teams")
    manager = models.ForeignKey(User, models.PROTECT, related_name="manages_teams")
    members: models.ManyToManyField[User, TeamMember] = models.ManyToManyField(
        User, through="TeamMember", related_name="teams", blank=True
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """One person in one team."""

    team = models.ForeignKey(Team, models.CASCADE)
    user = models.ForeignKey(User, models.PROTECT)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="team_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class Clearance(models.Model):
    """A named competence that opens queues, such as “Denials I, bundling”."""

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    purpose = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ClearanceGrant(models.Model):
    """A clearance held by a person from a day on, until it expires or is revoked."""

    user = models.ForeignKey(User, models.PROTECT, related_name="clearance_grants")
    clearance = models.ForeignKey(Clearance, models.PROTECT, related_name="grants")
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)
    expires_on = models.DateField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "clearance"],
                condition=Q(revoked_at=None),
                name="clearance_grant_once",
            ),
            models.CheckConstraint(
                condition=~Q(granted_by=F("user")), name="clearance_not_by_oneself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.clearance}"


class Absence(models.Model):
    """Days on which a person is away, both ends included, with a backup or the pool.

    Why somebody is away is nobody's business here: there is no field for it. What the
    person held went away with ``hand_over`` and comes back when the absence is closed.
    A closed one counts for nothing any more, whatever its days say; the database
    refuses a second open one on the same days (migration 0008).
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="absences")
    starts_on = models.DateField()
    ends_on = models.DateField()
    backup = models.ForeignKey(
        User, models.PROTECT, related_name="covers", null=True, blank=True
    )
    recorded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    hand_over = models.OneToOneField(
        "BulkAct", models.PROTECT, related_name="absence", null=True, blank=True
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="absence_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(backup=None) | ~Q(backup=F("user")),
                name="absence_backup_is_another",
            ),
            models.CheckConstraint(
                condition=Q(hand_over=None) | Q(handed_over_at__isnull=False),
                name="absence_hand_over_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} away {self.starts_on} to {self.ends_on}"

    @property
    def stands_in(self) -> str:
        """Return who gets the work: the backup's name, or the pool."""
        return str(self.backup) if self.backup else "the pool"
