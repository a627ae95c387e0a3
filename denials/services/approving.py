"""Two people change a payer profile: one proposes a version, another decides it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction

from denials.enums import VersionAct, VersionState
from denials.models import AppealProfile, ProfileVersion, VersionWords
from denials.models.profiles import APPROVED_STATES, BEGINNING
from denials.policies import (
    may_decide_version,
    may_edit_version,
    may_withdraw_version,
)
from denials.profile_words import difference
from denials.selectors.profiles import holding, version_of, versions_of
from denials.selectors.recounting import Effect, effect_of
from denials.services.drafting import carry_checks, lock_profile, open_version
from denials.services.following import PROFILE, switch_to
from worklists.context import now
from worklists.errors import BadInput, Conflict, WrongState
from worklists.models import User
from worklists.plain_text import is_blank
from worklists.selectors.access import access_of
from worklists.services.reading import subject
from worklists.services.recording import record_act


def propose(
    *, actor: User, slug: str, effective_from: date | None, reason: str
) -> ProfileVersion:
    """Hand the person's draft to another person, with the day it holds from and why.

    ``effective_from`` is about the dates of decisions; without one it holds for all.
    Effects: the version waits, its rows are closed, ``profile.proposed``. Refuses a
    draft without rows, one that changes nothing, and no reason.
    """
    if is_blank(reason):
        raise BadInput("Say why.", fields={"reason": ["Say why."]})
    with transaction.atomic():
        profile = lock_profile(slug)
        version = _open(profile, VersionState.DRAFT)
        barred = may_edit_version(access_of(actor), version)
        if barred:
            raise barred.error()
        carry_checks(version)
        version = version_of(slug, version.number)
        since = effective_from or BEGINNING
        _refuse_empty(version, since)
        _become(version, VersionState.PROPOSED, effective_from=since, proposed_at=now(),
                decided_by=None, decided_at=None)  # fmt: skip
        _record(version, VersionAct.PROPOSED, actor, reason)
    return version


def _open(profile: AppealProfile, state: VersionState) -> ProfileVersion:
    version = open_version(profile)
    if version.state != state:
        raise WrongState(
            f"Version {version.number} is: {version.get_state_display().lower()}.",
            code="wrong_state",
        )
    return version


def _refuse_empty(version: ProfileVersion, since: date) -> None:
    if not version.levels.all():
        raise BadInput("A version needs at least one row to count from.")
    held = _holding_since(version.profile, since)
    if all(before and not difference(before, version) for before in held):
        number = held[0].number if held[0] else 0
        raise BadInput(f"Nothing differs from version {number} in force.")


def _holding_since(profile: AppealProfile, since: date) -> list[ProfileVersion | None]:
    """Return what holds on a day and, each once, what takes its place later."""
    versions = versions_of(profile)
    firsts = {v.effective_from for v in versions if v.state in APPROVED_STATES}
    later = sorted(day for day in firsts if day and day > since)
    return list(dict.fromkeys(holding(versions, day) for day in [since, *later]))


def _become(version: ProfileVersion, state: VersionState, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(version, name, value)
    version.state = state
    version.save(update_fields=["state", *fields])


def withdraw(*, actor: User, slug: str, reason: str = "") -> ProfileVersion:
    """Take one's own proposal back, or a draft, for good; its number is used up.

    Refuses everybody but the author of a proposal; a draft that lies about is anybody's
    who changes profiles.
    """
    with transaction.atomic():
        version = open_version(lock_profile(slug))
        barred = may_withdraw_version(access_of(actor), version)
        if barred:
            raise barred.error()
        _become(version, VersionState.WITHDRAWN)
        _record(version, VersionAct.WITHDRAWN, actor, reason)
    return version


def send_back(*, actor: User, slug: str, number: int, reason: str) -> ProfileVersion:
    """Give a proposal back to its author as a draft, with the reason.

    One that Codetrail shipped has no author to mend it: it is set aside. Refuses who
    proposed it, and no reason.
    """
    if is_blank(reason):
        raise BadInput("Say what to mend.", fields={"reason": ["Say what to mend."]})
    with transaction.atomic():
        version = _to_decide(actor, slug, number)
        ours = version.proposed_by_id is None
        state = VersionState.WITHDRAWN if ours else VersionState.DRAFT
        _become(version, state, decided_by=actor, decided_at=now())
        _record(version, VersionAct.SENT_BACK, actor, reason)
    return version


def approve(
    *, actor: User, slug: str, number: int, looked: str, reason: str = ""
) -> Effect:
    """Put a proposed version in force; the worker moves running clocks by it.

    ``looked`` is the ``key`` of the effect that the person saw; another effect by now
    is ``Conflict``, and nothing happens. Effects: the version holds for decisions dated
    on or after its day; versions it covers wholly are superseded; the worker is left
    every running clock with another due date (``following``), also those of a file that
    is being read by the version before; ``profile.approved`` with their number; rows
    keep what was verified meanwhile. Refuses who proposed it.
    """
    with transaction.atomic():
        version = _to_decide(actor, slug, number)
        carry_checks(version)
        version = version_of(slug, number)
        since = version.effective_from or BEGINNING
        effect = effect_of(version, since)
        if effect.key != looked:
            raise Conflict(
                "Other clocks would move than the ones you saw. Look again.",
                code="effect_changed",
            )
        covered = ProfileVersion.objects.filter(
            profile=version.profile_id,
            state=VersionState.IN_FORCE,
            effective_from__gte=since,
        )
        covered.update(state=VersionState.SUPERSEDED)
        _become(version, VersionState.IN_FORCE, decided_by=actor, decided_at=now())
        switch_to(version, effect.clocks)
        _record(version, VersionAct.APPROVED, actor, reason, clocks=effect.clocks)
    return effect


def _to_decide(actor: User, slug: str, number: int) -> ProfileVersion:
    profile = lock_profile(slug)
    version = _open(profile, VersionState.PROPOSED)
    if version.number != number:
        raise WrongState(f"Version {number} does not wait for a decision.")
    barred = may_decide_version(access_of(actor), version)
    if barred:
        raise barred.error()
    return version_of(slug, number)


def _record(
    version: ProfileVersion, act: VersionAct, actor: User, reason: str, **more: Any
) -> None:
    since = version.effective_from
    facts = {
        "profile": version.profile.slug,
        "version": version.number,
        "effective_from": since.isoformat() if since else None,
        **more,
    }
    words = record_act(
        actor=actor,
        about=subject(PROFILE, version.profile_id),
        action=f"profile.{act.value}",
        facts=facts,
        words=reason,
    )
    if words is not None:
        VersionWords.objects.create(
            version=version,
            act=act,
            said_by=actor,
            said_at=now(),
            **words.columns(),
        )
