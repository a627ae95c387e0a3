"""The demonstration's history: ninety days of a department, through services only.

Files arrive, people take, write, submit, defer and return, workers age and escalate,
all at an injected clock, so every row has a true trail. The days are derived from
the day of loading; a load that was cut off goes on with the day after the last.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from seeds.answers import answer
from seeds.loading import load_site
from seeds.reference.site import PEOPLE
from seeds.x12_writer import write_835
from worklists import models
from worklists.context import act_context, now
from worklists.enums import Purpose, Source, State
from worklists.errors import BadInput, Refusal
from worklists.selectors.evidence import asked_of
from worklists.services import reading
from worklists.services.batches import process_batch, receive_upload
from worklists.services.injected_time import at
from worklists.services.next_item import next_item
from worklists.services.notices import drop_mail, mark_read
from worklists.services.perform import perform
from worklists.services.sweep import sweep

PASSWORD = "Codetrail-demo-2026"  # noqa: S105 - printed by make demo, on purpose
DAYS = 90
FRIDAY = 4
MONDAY, THURSDAY = 0, 3
# The department began with one file a week; two have come since this many days ago.
SECOND_FILE_SINCE = 45
LOADED = "Codetrail demo, loaded"
SITE_ZONE = ZoneInfo("America/Chicago")
AWAY = "lena.sokolova"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a demonstration holds: claims a file, and items a coder works a day."""

    claims: int
    worked: float


SIZES = {"small": Size(180, 1.1), "large": Size(21_000, 8)}


def people() -> list[dict[str, str]]:
    """Return the demo people with the password they all share."""
    return [
        {"username": row.username, "password": PASSWORD, "role": row.role}
        for row in PEOPLE
    ]


def load(size: Size, *, today: date, say: Callable[[str], None]) -> bool:
    """Load the demonstration; return False when it was loaded before.

    Refuses, with ``BadInput``, a database that is not marked as demo.
    """
    installation = models.Installation.objects.filter(purpose=Purpose.DEMO).first()
    if installation is None:
        raise BadInput(
            "This database is not marked as a demo, so no demo data is loaded into it. "
            "Use one made by `prepare_database --purpose demo`."
        )
    if installation.name == LOADED:
        return False
    load_site()
    _passwords()
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")
    # One question for the right to set the time; each act moves it on from there.
    with act_context(source=Source.SEED), at(now()):
        for day in _days(today):
            _Day(day, size, today).run()
            say(f"{day:%b %d}")
        _away(today)
        morning = datetime.combine(today, time(7, 30), SITE_ZONE)
        with at(min(morning, now())):
            sweep()
            _read_older_notices()
            drop_mail(before=now())
    installation.name = LOADED
    installation.save(update_fields=["name"])
    return True


def _passwords() -> None:
    secret = make_password(PASSWORD)
    models.User.objects.filter(username__in=[row.username for row in PEOPLE]).exclude(
        password__startswith="pbkdf2"
    ).update(password=secret)


def _days(today: date) -> Iterator[date]:
    """Yield the working days still to be made, oldest first, today's left out."""
    newest = models.IngestBatch.objects.order_by("-created_at").first()
    done = newest.created_at.astimezone(SITE_ZONE).date() if newest else date.min
    for back in range(DAYS, 0, -1):
        day = today - timedelta(days=back)
        if day.weekday() < 5 and day > done:
            yield day


def _away(today: date) -> None:
    """One coder is away this week, with a backup."""
    models.Absence.objects.get_or_create(
        user=models.User.objects.get(username=AWAY),
        starts_on=today - timedelta(days=2),
        ends_on=today + timedelta(days=5),
        defaults={
            "backup": models.User.objects.get(username="priya.nair"),
            "recorded_by": models.User.objects.get(username="maria.santos"),
        },
    )


def _read_older_notices() -> None:
    """People have read what is older than three days; the inbox shows the rest."""
    since = now() - timedelta(days=3)
    for user in models.User.objects.filter(notices__isnull=False).distinct():
        old = user.notices.filter(created_at__lt=since)
        mark_read(actor=user, ids=list(old.values_list("pk", flat=True)))


class _Day:
    """One working day: file in, coders work, seniors decide, the worker sweeps."""

    def __init__(self, day: date, size: Size, today: date) -> None:
        self.day = day
        self.size = size
        self.age = (today - day).days
        self.called = False
        self.has_file = day.weekday() == MONDAY or (
            day.weekday() == THURSDAY and self.age <= SECOND_FILE_SINCE
        )
        # No working day lies between it and today.
        self.is_last = self.age <= (3 if day.weekday() == FRIDAY else 1)
        self.rng = random.Random(f"demo:{(today - day).days}")
        self.clock = datetime.combine(day, time(8, 5), SITE_ZONE).astimezone(UTC)

    def run(self) -> None:
        """Live through the day in the order in which it happens."""
        if self.has_file:
            self._file()
        for coder in self._by_role("coder"):
            if not (coder.username == AWAY and self.age <= 2):
                self._work(coder)
        for senior in self._by_role("reviewer"):
            self._review(senior)
        for manager in self._by_role("manager"):
            self._manage(manager)
        if self.has_file:
            with at(self._tick(30)):
                sweep()

    def _by_role(self, role: str) -> list[models.User]:
        """Return the people of a role, fresh: what they hold is read once a day."""
        return list(models.User.objects.filter(groups__name=role).order_by("username"))

    def _tick(self, minutes: int) -> datetime:
        self.clock += timedelta(minutes=minutes)
        return self.clock

    # -- files ------------------------------------------------------------------

    def _file(self) -> None:
        text = io.StringIO()
        claims = self.size.claims * self.rng.randint(80, 120) // 100
        write_835(text, claims=claims, seed=self.day.toordinal() % 9973, on=self.day)
        body = text.getvalue().encode("ascii")
        if self.day.weekday() == THURSDAY and self.age // 7 in {1, 4}:
            body = body[: len(body) * 3 // 4]  # a lost connection
        name = f"835_{self.day:%Y%m%d}.edi"
        uploader = models.User.objects.get(username="maria.santos")
        morning = datetime.combine(self.day, time(6, 2), SITE_ZONE)
        with at(morning):
            batch = receive_upload(
                stream=io.BytesIO(body), file_name=name, actor=uploader
            )
            process_batch(batch.pk)

    # -- coders -----------------------------------------------------------------

    def _work(self, coder: models.User) -> None:
        with transaction.atomic():
            with at(self._tick(2)):
                reading.record(actor=coder, action="login")
            for _ in range(self._plate()):
                with at(self._tick(self.rng.randint(3, 9))):
                    item = next_item(actor=coder).item
                if item is not None:
                    self._one(coder, item)
        self.clock -= timedelta(hours=1)

    def _plate(self) -> int:
        """How many items a coder takes; the last day leaves work in every state."""
        if self.is_last:
            return max(3, round(self.size.worked))
        return round(self.size.worked * self.rng.uniform(0.4, 1.6))

    def _one(self, coder: models.User, item: models.WorkItem) -> None:
        with at(self._tick(1)):
            reading.record_item_read(
                actor=coder,
                item_id=item.pk,
                facility_id=item.facility_id,
                queue_id=item.queue_id,
            )
        draw = self.rng.random()
        if self.is_last and not self.called:
            self.called, draw = True, 0.12  # somebody waits for an answer this morning
        recent = self.age <= 4
        with at(self._tick(self.rng.randint(2, 8))):
            if draw < 0.07 and item.state == State.IN_PROGRESS:
                self._defer(coder, item)
            elif draw < 0.10:
                self._do(coder, item, "release")
            elif draw < 0.13:
                self._do(coder, item, "escalate", reason=_ASK)
            elif draw < (0.45 if recent else 0.15):
                self._do(coder, item, "save_evidence", evidence=self._half(item))
            else:
                self._do(coder, item, "submit", evidence=self._answers(item))

    def _do(
        self, who: models.User, item: models.WorkItem, action: str, **more: Any
    ) -> None:
        perform(
            item_id=item.pk,
            action=action,
            actor=who,
            expected_version=item.version,
            **more,
        )

    def _defer(self, coder: models.User, item: models.WorkItem) -> None:
        days = self.rng.randint(2, 12)
        until = (self.day + timedelta(days=days)).isoformat()
        code = self.rng.choice(("provider", "records", "payer", "later"))
        try:
            self._do(
                coder, item, "pend", reason=_WAIT,
                options={"until": until, "reason_code": code},
            )  # fmt: skip
        except Refusal:
            self._do(coder, item, "submit", evidence=self._answers(item))

    def _answers(self, item: models.WorkItem) -> dict[str, Any]:
        asked = asked_of(item)
        return {
            field.name: answer(field, self.rng)
            for field in asked.expanded
            if field.required
        }

    def _half(self, item: models.WorkItem) -> dict[str, Any]:
        answers = self._answers(item)
        return dict(list(answers.items())[: max(1, len(answers) // 2)])

    # -- seniors ----------------------------------------------------------------

    def _review(self, senior: models.User) -> None:
        """Decide nearly everything; of the last day's work half waits for today."""
        waiting = models.WorkItem.objects.filter(state=State.IN_REVIEW)
        if senior.username != "grace.lindqvist":
            waiting = waiting.filter(queue__team__lead=senior)
        items = list(waiting.order_by("id"))
        if self.is_last:
            items = items[: len(items) // 2]
        with transaction.atomic():
            for number, item in enumerate(items):
                with at(self._tick(self.rng.randint(1, 3))):
                    if self.is_last and number == 0:
                        self._return(senior, item)
                    elif self.rng.random() < 0.9:
                        self._decide(senior, item)
        self.clock -= timedelta(minutes=40)

    def _return(self, senior: models.User, item: models.WorkItem) -> None:
        code, words = self.rng.choice(_RETURNS)
        self._do(senior, item, "return", reason=words, options={"reason_code": code})

    def _decide(self, senior: models.User, item: models.WorkItem) -> None:
        draw = self.rng.random()
        if draw < 0.80:
            self._do(senior, item, "approve")
        elif draw < 0.87:
            self._fix(senior, item)
        elif draw < 0.97:
            code, words = self.rng.choice(_RETURNS)
            self._do(
                senior, item, "return", reason=words, options={"reason_code": code}
            )
        else:
            self._do(senior, item, "reject", reason=_REJECT)

    # -- managers ---------------------------------------------------------------

    def _manage(self, manager: models.User) -> None:
        """Answer most escalations, and now and then cancel an item."""
        mine = models.WorkItem.objects.filter(queue__team__manager=manager)
        waiting = mine.filter(
            escalations__needs_acknowledgement=True, escalations__acknowledged_at=None
        )
        with transaction.atomic(), at(self._tick(5)):
            for item in waiting.distinct()[:6]:
                if not self.is_last:
                    self._answer(manager, item)
            if self.rng.random() < 0.2:
                self._cancel(manager, mine.filter(state=State.OPEN).first())

    def _answer(self, manager: models.User, item: models.WorkItem) -> None:
        outcome = self.rng.choice(("worked", "reassigned", "accepted"))
        self._do(
            manager, item, "acknowledge_escalation", reason=_ANSWERED,
            options={"outcome": outcome},
        )  # fmt: skip

    def _cancel(self, manager: models.User, item: models.WorkItem | None) -> None:
        if item is not None:
            code = {"reason_code": "duplicate"}
            self._do(manager, item, "cancel", reason=_CANCELLED, options=code)

    def _fix(self, senior: models.User, item: models.WorkItem) -> None:
        self._do(
            senior, item, "fix_and_approve", reason="Named the page and the site.",
            evidence={"why": f"{self.rng.choice(_FIXED)} Seen on {self.day:%m/%d}."},
        )  # fmt: skip


_ASK = "The payer's portal shows another reason than the remittance. Who can look?"
_WAIT = "Asked for the record; it comes back when it is here."
_ANSWERED = "Looked at it with the team; it goes to the front tomorrow morning."
_CANCELLED = "The same denial is worked under the corrected claim."
_REJECT = "The record does not support it, so the denial stands."
_RETURNS = (
    ("evidence_not_specific", "The note supports it. Say on which page."),
    ("root_cause", "Root cause is the payer's policy, not knowledge."),
    ("rule_cited", "Cite the edition in force on the service date."),
    (
        "wrong_decision",
        "This one can be corrected and sent again; no need to write it off.",
    ),
)
_FIXED = (
    "The second site is on page three of the note, and the modifier names it.",
    "The authorization number stands in the referral on page one.",
)
