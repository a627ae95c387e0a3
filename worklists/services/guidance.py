"""Sources people cite: versions are added, a source is retired; nothing is changed."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Max

from worklists import policies
from worklists.context import now
from worklists.errors import BadInput, NotVisible, WrongState
from worklists.models import Guidance, GuidanceVersion, User
from worklists.selectors.access import access_of
from worklists.selectors.site import site_today
from worklists.services.setting_up import record_set_up
from worklists.templatetags.wording import long_date


def add_version(
    *,
    actor: User,
    guidance_id: int,
    effective_from: date,
    source: str,
    body: str,
    checked_on: date,
    effective_to: date | None = None,
) -> GuidanceVersion:
    """Add what a source says from a day on; earlier versions stay as they are.

    The day may lie in the past, as payers publish late. Effects: the version with the
    next number; ``record_set_up`` follows with the event. Refuses whoever is no
    administrator, a retired source, days that run backwards, and a check ahead of time.
    """
    with transaction.atomic():
        row = _held(actor, guidance_id)
        _refuse_days(effective_from, effective_to, checked_on)
        top = row.versions.aggregate(top=Max("number"))["top"] or 0
        return GuidanceVersion.objects.create(
            guidance=row,
            number=top + 1,
            effective_from=effective_from,
            effective_to=effective_to,
            source=source,
            body=body,
            checked_on=checked_on,
            written_by=actor,
            written_at=now(),
        )


def retire(*, actor: User, guidance_id: int) -> Guidance:
    """Retire a source: it is cited no more, and stays readable where it was cited.

    Effects: the day and who, ``setup.changed``. Refuses whoever is no administrator and
    a source that is retired.
    """
    with transaction.atomic():
        row = _held(actor, guidance_id)
        row.retired_on, row.retired_by = site_today(), actor
        row.save(update_fields=["retired_on", "retired_by"])
        record_set_up(actor=actor, row=row, added=False, fields=["retired_on"])
    return row


def _held(actor: User, guidance_id: int) -> Guidance:
    barred = policies.may_set_up(access_of(actor))
    if barred:
        raise barred.error()
    rows = Guidance.objects.select_for_update(of=("self",)).filter(pk=guidance_id)
    row = rows.first()
    if row is None:
        raise NotVisible("There is no such source.")
    if row.retired_on:
        raise WrongState(f"“{row.name}” was retired on {long_date(row.retired_on)}.")
    return row


def _refuse_days(since: date, until: date | None, checked_on: date) -> None:
    faults = {}
    if until and until < since:
        faults["effective_to"] = ["It ends on its first day or later."]
    if checked_on > site_today():
        faults["checked_on"] = ["It was checked today or before."]
    if faults:
        said = " ".join(text for texts in faults.values() for text in texts)
        raise BadInput(said, fields=faults)
