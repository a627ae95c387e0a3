"""One day of the demonstration's department, as its people and the worker live it.

Everything goes through the services that pages use, at an injected clock. Coders work
side by side, and so do seniors; who gets which item is settled as in any crowd.
"""

from __future__ import annotations

import contextvars
import io
import random
from abc import ABC, abstractmethod
from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Max, QuerySet

from denials.enums import SENT_BACK
from denials.models import Denial
from seeds import demo_words as words
from seeds.answers import answer
from seeds.x12_tables import PAYERS
from seeds.x12_writer import write_835, write_later_835
from worklists import models
from worklists.enums import GuidanceKind, Role, State
from worklists.errors import EvidenceMissing, Refusal
from worklists.models.clocks import WAITING
from worklists.selectors.evidence import asked_of
from worklists.selectors.guidance import offered_to
from worklists.services import reading, sessions
from worklists.services.batches import process_batch, receive_upload
from worklists.services.injected_time import at
from worklists.services.next_item import next_item
from worklists.services.perform import perform
from worklists.services.snapshots import take_aging_snapshots
from worklists.services.sweep import sweep

SITE_ZONE = ZoneInfo("America/Chicago")
MONDAY, WEDNESDAY, THURSDAY, FRIDAY = 0, 2, 3, 4
# The department began with one file a week; two have come since this many days ago.
SECOND_FILE_SINCE = 45
# The newest file is that of a month's end.
MONTHS_END = 14
# What a payer sends on paper is keyed six weeks after its date; it began lately.
# From here on a manager alone closes a denial without a decision.
REJECTED_UNDER = 1_000
# How long a payer takes to answer what went back to it.
ANSWERED_AFTER = timedelta(days=28)
ON_PAPER, PAPER_LAG, PAPER_SINCE = "NORTHGATE MA", timedelta(days=44), 12
UPLOADER, AWAY, CALLER = "maria.santos", "lena.sokolova", "ana.ruiz"


@dataclass(frozen=True, slots=True)
class Size:
    """How much a demonstration holds: claims a file, and items a coder works a day."""

    claims: int
    worked: float


@dataclass(frozen=True)
class Day:
    """One working day, seen from the day of loading."""

    on: date
    today: date
    size: Size

    @cached_property
    def age(self) -> int:
        """Days until today."""
        return (self.today - self.on).days

    @cached_property
    def is_last(self) -> bool:
        """No working day lies between it and today."""
        return self.age <= (3 if self.on.weekday() == FRIDAY else 1)

    @cached_property
    def has_file(self) -> bool:
        """Whether a remittance comes in, and the worker sweeps."""
        weekday = self.on.weekday()
        return weekday == MONDAY or (
            weekday == THURSDAY and self.age <= SECOND_FILE_SINCE
        )

    def clock(self, hour: int, minute: int = 0) -> datetime:
        """Return a moment of the day at the site."""
        return datetime.combine(self.on, time(hour, minute), SITE_ZONE).astimezone(UTC)

    def chance(self, who: str) -> random.Random:
        """Return the chances of one person that day; the same at every loading."""
        return random.Random(f"demo:{self.age}:{who}")


def live(day: Day, beside: Executor) -> None:
    """Live through a day: work counted, file in, coders work, seniors decide, the worker sweeps.

    ``beside`` runs half of the people at the same time.
    """
    count_ages(day.on)
    if day.has_file:
        _file(day)
        _later(day)
        if day.age <= PAPER_SINCE:
            _paper(day)
    for role, shift in SHIFTS.items():
        people = models.User.objects.filter(groups__name=role).order_by("username")
        _side_by_side([shift(day, person) for person in people], beside)
    if day.has_file:
        with at(day.clock(17, 30)):
            sweep()


def count_ages(on: date) -> None:
    """Count the work by age that morning; nobody works on the days before a gap."""
    last = models.AgingDay.objects.aggregate(last=Max("day"))["last"] or on
    for back in range(max((on - last).days, 1) - 1, -1, -1):
        morning = datetime.combine(on - timedelta(days=back), time(5), SITE_ZONE)
        with at(morning.astimezone(UTC)):
            take_aging_snapshots()


def _side_by_side(shifts: Sequence[_Shift], beside: Executor) -> None:
    context = contextvars.copy_context()
    others = beside.submit(context.run, _one_by_one, shifts[1::2])
    try:
        _one_by_one(shifts[::2])
    finally:
        others.result()


def _one_by_one(shifts: Sequence[_Shift]) -> None:
    for shift in shifts:
        with transaction.atomic():
            shift.run()


def _written(day: Day) -> dict[str, Any]:
    """Return how the file of a day is written, also when it is looked at later."""
    claims = day.size.claims * day.chance("file").randint(80, 120) // 100
    if day.age <= 4:
        claims *= MONTHS_END
    return {
        "claims": claims,
        "seed": day.on.toordinal() % 9973,
        "first_on": day.on,
    }


def _file(day: Day) -> None:
    text, how = io.StringIO(), _written(day)
    write_835(text, claims=how["claims"], seed=how["seed"], on=day.on)
    body = text.getvalue().encode("ascii")
    if day.on.weekday() == THURSDAY and day.age // 7 in {1, 4}:
        body = body[: len(body) * 3 // 4]  # a lost connection
    _bring_in(day, body, f"835_{day.on:%Y%m%d}.edi")


def _later(day: Day) -> None:
    """What payers say to the claims of the file of four weeks ago that went back."""
    first = Day(day.on - ANSWERED_AFTER, day.today, day.size)
    wanted = set(
        Denial.objects.filter(decision__in=SENT_BACK, reversed_by=None)
        .filter(decided_at__lt=day.clock(0))
        .values_list("patient_control_number", flat=True)
    )
    text = io.StringIO()
    count = write_later_835(text, on=day.on, wanted=wanted, **_written(first))
    if count:
        body = text.getvalue().encode("ascii")
        _bring_in(day, body, f"835_later_{day.on:%Y%m%d}.edi")


def _paper(day: Day) -> None:
    """Remittances on paper, keyed weeks later: their appeals are due soon."""
    dated, text = day.on - PAPER_LAG, io.StringIO()
    late = [payer for payer in PAYERS if payer.name == ON_PAPER]
    write_835(text, claims=day.size.claims // 3, seed=77, on=dated, payers=late)
    name = f"835_paper_{dated:%Y%m%d}.edi"
    _bring_in(day, text.getvalue().encode("ascii"), name)


def _bring_in(day: Day, body: bytes, name: str) -> None:
    with at(day.clock(6, 2)):
        batch = receive_upload(
            stream=io.BytesIO(body),
            file_name=name,
            actor=models.User.objects.get(username=UPLOADER),
        )
        process_batch(batch.pk)


class _Shift(ABC):
    """One person's day: a clock that goes on with every act, and their chances."""

    hour = 8

    def __init__(self, day: Day, person: models.User) -> None:
        self.day = day
        self.me = person
        self.rng = day.chance(person.username)
        self.clock = day.clock(self.hour, self.rng.randint(0, 20))

    def run(self) -> None:
        """Come, work, go."""
        if self.me.username == AWAY and self.day.age <= 2:
            return
        with at(self.tick(1)):
            sessions.record_login(self.me)
        self.work()
        with at(self.tick(5)):
            sessions.record_logout(self.me)

    @abstractmethod
    def work(self) -> None:
        """Do what the role does."""

    def tick(self, minutes: int) -> datetime:
        """Let minutes pass."""
        self.clock += timedelta(minutes=minutes)
        return self.clock

    def look_at(self, item: models.WorkItem) -> None:
        """Open an item's page."""
        with at(self.tick(1)):
            reading.record_item_read(
                actor=self.me,
                item_id=item.pk,
                facility_id=item.facility_id,
                queue_id=item.queue_id,
            )

    def do(self, item: models.WorkItem, action: str, **more: Any) -> None:
        """Do one action as the item was read."""
        perform(
            item_id=item.pk,
            action=action,
            actor=self.me,
            expected_version=item.version,
            **more,
        )


class _Coder(_Shift):
    def work(self) -> None:
        for number in range(self._plate()):
            with at(self.tick(self.rng.randint(3, 9))):
                item = next_item(actor=self.me).item
            if item is not None:
                self.look_at(item)
                with at(self.tick(self.rng.randint(2, 8))):
                    self._one(item, number)
                if self.rng.random() < LOOKS_AGAIN:
                    self.look_at(item)

    def _plate(self) -> int:
        """How many items are taken; the last day leaves work in every state."""
        if self.day.is_last:
            return max(3, round(self.day.size.worked))
        return round(self.day.size.worked * self.rng.uniform(0.4, 1.6))

    def _one(self, item: models.WorkItem, number: int) -> None:
        draw = self.rng.random()
        if self.day.is_last and number == 0:
            # Every morning has somebody who waits for an answer, and one who defers.
            draw = 0.12 if self.me.username == CALLER else max(draw, 0.46)
        if draw < 0.07 and item.state == State.IN_PROGRESS:
            self._defer(item)
        elif draw < 0.10:
            self.do(item, "release")
        elif draw < 0.13:
            self.do(item, "escalate", reason=words.ASK)
        elif draw < (0.45 if self.day.age <= 4 else 0.15):
            self.do(item, "save_evidence", evidence=self._half(item))
        else:
            self._submit(item)

    def _submit(self, item: models.WorkItem) -> None:
        """Submit; some do before all is there, and the page names what is missing."""
        answers = self._answers(item)
        if self.rng.random() < TOO_EARLY:
            early = dict(answers)
            for name in self.rng.sample(sorted(answers), k=min(2, len(answers))):
                del early[name]
            with suppress(EvidenceMissing):
                self.do(item, "submit", evidence=early)
                return
        self.do(item, "submit", evidence=answers)

    def _defer(self, item: models.WorkItem) -> None:
        until = self.day.on + timedelta(days=self.rng.randint(4, 12))
        code = self.rng.choice(("provider", "records", "payer", "later"))
        options = {"until": until.isoformat(), "reason_code": code}
        try:
            self.do(item, "pend", reason=words.WAIT, options=options)
        except Refusal:
            self.do(item, "submit", evidence=self._answers(item))

    def _answers(self, item: models.WorkItem) -> dict[str, Any]:
        asked = asked_of(item)
        answers = {
            field.name: answer(field, self.rng)
            for field in asked.expanded
            if field.required
        }
        if asked.back:
            answers[asked.back.field.name] = self.rng.choice(words.REPLIES)
        return answers

    def _half(self, item: models.WorkItem) -> dict[str, Any]:
        answers = self._answers(item)
        return dict(list(answers.items())[: max(1, len(answers) // 2)])


class _Senior(_Shift):
    hour = 13

    def work(self) -> None:
        """Decide nearly everything; of the last day's work half waits for today."""
        waiting = models.WorkItem.objects.filter(
            state=State.IN_REVIEW, queue__team__lead=self.me
        )
        reserved = models.Review.objects.exclude(approver_role="")
        waiting = waiting.exclude(reviews__in=reserved.filter(decided_at=None))
        items = list(waiting.order_by("id"))
        if self.day.is_last:
            items = items[: len(items) // 2]
        for number, item in enumerate(items):
            self.look_at(item)
            with at(self.tick(self.rng.randint(1, 3))):
                if self.day.is_last and number == 0:
                    self._return(item)
                elif self.rng.random() < 0.9:
                    self._decide(item)

    def _return(self, item: models.WorkItem) -> None:
        code, why, about = self.rng.choice(words.RETURNS)
        asked = [field.name for field in asked_of(item).expanded]
        points = [name for name in asked if name.partition(".")[0] == about][:1]
        options = {"reason_code": code, "points_at": points} | _playbook(item)
        self.do(item, "return", reason=why, options=options)

    def _decide(self, item: models.WorkItem) -> None:
        draw = self.rng.random()
        if draw < 0.80:
            self.do(item, "approve")
        elif draw < 0.87:
            self._fix(item)
        elif draw < 0.97 or item.amount >= REJECTED_UNDER:
            self._return(item)
        else:
            self.do(item, "reject", reason=words.REJECT)

    def _fix(self, item: models.WorkItem) -> None:
        why = f"{self.rng.choice(words.FIXED)} Seen on {self.day.on:%m/%d}."
        self.do(
            item,
            "fix_and_approve",
            reason="Named the page and the site.",
            evidence={"why": why},
        )


class _Manager(_Shift):
    hour = 15

    def work(self) -> None:
        """Answer most escalations, approve write-offs, now and then cancel an item."""
        mine = models.WorkItem.objects.filter(queue__team__manager=self.me)
        self._approve(mine)
        calls = models.Escalation.objects.filter(WAITING)
        for item in mine.filter(pk__in=calls.values("item_id"))[:6]:
            if not self.day.is_last:
                self.look_at(item)
                with at(self.tick(2)):
                    self._answer(item)
        if self.rng.random() < 0.2:
            self._cancel(mine.filter(state=State.OPEN).first())

    def _approve(self, mine: QuerySet[models.WorkItem]) -> None:
        """Approve what the policies reserve for a manager; the last day's waits."""
        reserved = models.Review.objects.filter(decided_at=None).exclude(
            approver_role=""
        )
        if self.day.is_last:
            return
        for item in mine.filter(state=State.IN_REVIEW, reviews__in=reserved):
            self.look_at(item)
            with at(self.tick(2)):
                self.do(item, "approve", reason=words.WRITTEN_OFF)

    def _answer(self, item: models.WorkItem) -> None:
        outcome = {"outcome": self.rng.choice(("worked", "handed_on", "accepted"))}
        self.do(item, "acknowledge_escalation", reason=words.ANSWERED, options=outcome)

    def _cancel(self, item: models.WorkItem | None) -> None:
        if item is not None:
            code = {"reason_code": "duplicate"}
            with at(self.tick(3)):
                self.do(item, "cancel", reason=words.CANCELLED, options=code)


class _Auditor(_Shift):
    hour = 10

    def work(self) -> None:
        """Read the trails of what was completed lately, once a week."""
        if self.day.on.weekday() != WEDNESDAY:
            return
        done = models.WorkItem.objects.filter(state=State.COMPLETED)
        for item in done.order_by("-completed_at")[:TRAILS_READ]:
            self.look_at(item)
            with at(self.tick(4)):
                reading.record_trail_read(actor=self.me, item=item)


SHIFTS: dict[str, type[_Shift]] = {
    Role.CODER: _Coder,
    Role.REVIEWER: _Senior,
    Role.MANAGER: _Manager,
    Role.AUDITOR: _Auditor,
}
LOOKS_AGAIN = 0.5
TOO_EARLY = 0.15
TRAILS_READ = 12


def _playbook(item: models.WorkItem) -> dict[str, str]:
    """Name the playbook an item may cite, as a senior does who returns it."""
    for one in offered_to(item):
        if one.in_force and one.kind == GuidanceKind.PLAYBOOK:
            return {"guidance": f"{one.version.source}@{one.version.number}"}
    return {}
