"""Absences: recorded, changed, ended; and the worker that begins and closes them.

The people who may are the person's own managers and leads, and administrators. What
an absence moves is in ``covering``.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction

from worklists import policies
from worklists.context import now
from worklists.enums import POOL
from worklists.errors import BadInput, Conflict, NotVisible
from worklists.models import Absence, User
from worklists.selectors import absences as found
from worklists.selectors.access import access_of, today_of
from worklists.selectors.staff import staff_ids
from worklists.selectors.task_classes import read_once, table
from worklists.services import covering, injected_time, leaving
from worklists.services.bulk_rows import Plan
from worklists.services.covering import HandOver
from worklists.services.locks import hold_plans
from worklists.services.poison import Stuck, guard
from worklists.services.reporting import report_or_log
from worklists.templatetags.wording import day

logger = logging.getLogger(__name__)
LONGEST = timedelta(days=366)
FURTHEST = timedelta(days=2 * 366)
BEGUN, ENDED = "handed_over", "came_back"
FAILED = "absence_failed"


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What recording an absence would do today, and what to think of first."""

    absence: Absence
    hand_over: HandOver
    now: bool
    warnings: list[str] = field(default_factory=list)


def preview_absence(
    *, actor: User, user_id: int, starts_on: date, ends_on: date, backup: str
) -> Foreseen:
    """Return what ``record_absence`` would do, changing nothing; the same refusals."""
    absence = _checked(actor, user_id, starts_on, ends_on, backup, lock=False)
    return Foreseen(
        absence,
        covering.foresee(absence, actor),
        starts_on <= today_of(absence.user),
        _warnings(absence),
    )


def record_absence(
    *, actor: User, user_id: int, starts_on: date, ends_on: date, backup: str
) -> tuple[Absence, HandOver | None]:
    """Record when a person is away and who stands in: a username, or ``pool``.

    What they hold is handed over at the start of the first day where they are, or at
    once when that has come; then what was done is returned. Effects besides:
    ``absence.recorded`` on the person's chain. Refuses whoever may not, days that run
    backwards, are over or last longer than a year, a backup who is nobody or the
    person, days shared with another absence, and people standing in for each other.
    """
    with transaction.atomic():
        absence = _checked(actor, user_id, starts_on, ends_on, backup, lock=True)
        due = starts_on <= today_of(absence.user)
        foreseen = covering.foresee(absence, actor, lock=True) if due else None
        absence.save()
        covering.record(absence, "absence.recorded", actor, {})
        if foreseen is None:
            return absence, None
        return absence, covering.begin(absence, actor=actor, foreseen=foreseen)


def change_absence(
    *, actor: User, absence_id: int, ends_on: date, read: date | None = None
) -> Absence:
    """Move the last day of an absence, before or while it holds; nothing else moves.

    ``read`` is the last day that the person had before them; a page always says it.
    Effects: ``absence.changed`` with the day before. Refuses what ``record_absence``
    refuses, a last day that is over (then the absence is ended instead), and one that
    somebody moved meanwhile.
    """
    with transaction.atomic():
        absence = _own(actor, absence_id)
        hold_plans({absence.user_id, absence.backup_id or absence.user_id})
        was, absence.ends_on = absence.ends_on, ends_on
        if read not in {None, was}:
            raise Conflict(
                f"Somebody set the last day to {day(was)} meanwhile. Open the page again "
                "and look; nothing was changed.",
                code="stale_version",
            )
        if ends_on == was:
            raise BadInput(
                "That is its last day already.", fields={"ends_on": ["same"]}
            )
        _refuse_days(absence.user, absence.starts_on, ends_on)
        _refuse_shared(absence)
        absence.save(update_fields=["ends_on"])
        covering.record(
            absence, "absence.changed", actor, {"until_before": was.isoformat()}
        )
    return absence


def end_absence(*, actor: User, absence_id: int) -> tuple[Absence, Plan | None]:
    """End an absence now: cancelled if it moved nothing yet, else the person is back.

    Back means what the evening of the last day means (``covering.come_back``); the
    plan says what came back. Refuses whoever may not, and an absence that is over.
    """
    with transaction.atomic():
        absence = _own(actor, absence_id)
        if absence.handed_over_at is not None:
            return absence, covering.come_back(absence, actor=actor)
        absence.closed_at = now()
        absence.save(update_fields=["closed_at"])
        covering.record(absence, "absence.cancelled", actor, {})
    return absence, None


def hand_over(*, actor: User, absence_id: int) -> tuple[Absence, HandOver]:
    """Hand over now what somebody who is away holds: where the task-class table leaves
    it to people, or what came to them since.

    Effects as on the first day (``covering.begin``). Refuses whoever may not record
    the absence, one that has not begun or is over, and one that was handed over.
    """
    with transaction.atomic():
        absence = _own(actor, absence_id)
        if absence.starts_on > today_of(absence.user):
            raise Conflict("This absence has not begun yet.", code="not_begun")
        if absence.handed_over_at is not None:
            raise Conflict("Their work was handed over already.", code="handed_over")
        return absence, covering.begin(absence, actor=actor)


def _own(actor: User, absence_id: int) -> Absence:
    """Return an open absence of the actor's people, locked."""
    rows = Absence.objects.select_for_update(of=("self",))
    related = ("user", "backup", "hand_over")
    absence = rows.select_related(*related).filter(pk=absence_id).first()
    if absence is None:
        raise NotVisible("There is no such absence.")
    _refuse(actor, absence.user_id)
    if absence.closed_at is not None:
        raise Conflict("This absence is over.", code="over")
    return absence


def _checked(
    actor: User, user_id: int, starts_on: date, ends_on: date, to: str, *, lock: bool
) -> Absence:
    """Return the absence as it may be recorded; nothing is stored yet."""
    _refuse(actor, user_id)
    people = _people(user_id, to, lock=lock)
    user = people.get(user_id)
    if user is None:
        raise NotVisible("There is no such active person.")
    backup = next((p for p in people.values() if p.username == to), None)
    _refuse_backup(user, backup, to)
    _refuse_days(user, starts_on, ends_on)
    absence = Absence(
        user=user,
        starts_on=starts_on,
        ends_on=ends_on,
        backup=backup,
        recorded_by=actor,
        recorded_at=now(),
    )
    _refuse_shared(absence)
    return absence


def _people(user_id: int, to: str, *, lock: bool) -> dict[int, User]:
    """Return the person and the backup; with ``lock`` the plans of both are held."""
    rows = User.objects.filter(is_active=True).order_by("pk")
    rows = rows.filter(pk=user_id) | rows.filter(username=to)
    if lock:
        hold_plans(rows.values_list("pk", flat=True))
    return {person.pk: person for person in rows}


def _refuse(actor: User, user_id: int) -> None:
    barred = policies.may_keep_absence(access_of(actor), user_id, staff_ids(actor))
    if barred:
        raise barred.error()


def _wrong(name: str, why: str) -> BadInput:
    return BadInput(why, fields={name: [why]})


def _refuse_backup(user: User, backup: User | None, to: str) -> None:
    if to != POOL and backup is None:
        raise _wrong(
            "backup", f"There is no active person “{to[:40]}”. Name one, or “pool”."
        )
    if backup == user:
        raise _wrong("backup", "Somebody else stands in.")


def _refuse_days(user: User, starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise _wrong("ends_on", "An absence ends on its first day or later.")
    if ends_on < today_of(user):
        raise _wrong(
            "ends_on", "That day is over. Name a last day to come, or end it now."
        )
    if starts_on - today_of(user) > FURTHEST:
        raise _wrong("starts_on", "An absence is recorded two years ahead at most.")
    if ends_on - starts_on > LONGEST:
        raise _wrong(
            "ends_on", "An absence lasts a year at most. Deactivate who has left."
        )


def _refuse_shared(absence: Absence) -> None:
    days = (absence.starts_on, absence.ends_on)
    other = found.open_on(absence.user, *days).exclude(pk=absence.pk).first()
    if other is not None:
        raise Conflict(
            f"{absence.user} is recorded as away from {day(other.starts_on)} to "
            f"{day(other.ends_on)} already. Change that absence, or end it first.",
            code="shared_days",
        )
    circle = found.in_a_circle(absence)
    if circle:
        names = ", ".join(str(person) for person in circle)
        raise Conflict(
            f"These people would stand in for each other on the same days: {names}. "
            "Name somebody else, or the pool.",
            code="circle",
        )


def _warnings(absence: Absence) -> list[str]:
    days = (absence.starts_on, absence.ends_on)
    said = []
    if absence.backup is not None:
        said += [
            f"{absence.backup} is away too from {day(row.starts_on)} to "
            f"{day(row.ends_on)}; what comes on these days goes to the pool."
            for row in found.open_on(absence.backup, *days)
        ]
    said += [
        f"{absence.user} stands in for {row.user} from {day(row.starts_on)} to "
        f"{day(row.ends_on)}; that work moves on with theirs."
        for row in found.covered_by(absence.user, *days)
    ]
    return said


def cover(at: datetime | None = None) -> dict[str, int]:
    """Close the absences that are over, begin those whose first day has come.

    As the worker runs it: harmless when run twice or by two, late when a worker was
    down; each absence is its own transaction. ``at`` is for demo and test databases.
    """
    if at is not None:
        with injected_time.at(at):
            return cover()
    with read_once():
        ended = [_alone(pk, _end) for pk in found.to_end()]
        begun = [_alone(pk, _begin) for pk in found.to_begin()]
    return {BEGUN: sum(begun), ENDED: sum(ended)}


def _alone(absence_id: int, act: Callable[[Absence], bool]) -> bool:
    """Do one absence if nobody else holds it; a fault of one stops no other.

    It is reported to people; a lost connection is nobody's fault and ends the run.
    """
    try:
        with guard(FAILED):
            rows = Absence.objects.select_for_update(of=("self",), skip_locked=True)
            related = ("user", "backup", "hand_over")
            absence = rows.select_related(*related).filter(pk=absence_id).first()
            return absence is not None and act(absence)
    except Stuck as stuck:
        logger.error("absence %s: %s", absence_id, stuck)  # noqa: TRY400
        report_or_log(
            code=FAILED,
            trouble=f"Absence {absence_id} could not be brought up to date",
            cause=type(stuck.cause).__name__,
            known_as=f"absence {absence_id}",
        )
        return False


def _begin(absence: Absence) -> bool:
    if absence.closed_at or absence.handed_over_at:
        return False
    if not table().is_automatic("hand_over"):
        leaving.leave_absence(absence)
        return False
    covering.begin(absence, actor=None)
    return True


def _end(absence: Absence) -> bool:
    if absence.closed_at or absence.ends_on >= today_of(absence.user):
        return False
    covering.come_back(absence, actor=None)
    return True
