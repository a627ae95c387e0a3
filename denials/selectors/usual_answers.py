"""When a payer is to be heard of: the days its profile says it takes to answer."""

from __future__ import annotations

from collections.abc import Sequence

from denials.models import AppealLevel
from denials.selectors.profile_clocks import read_source
from worklists.kinds import UsualAnswer


def usual_answer(sources: Sequence[str]) -> UsualAnswer | None:
    """Return the usual answer of the level that an item's first clock was counted from.

    ``sources`` are those of its legal clocks, the first to run out first. None where no
    clock names a profile or the level names no days: one query, none without a profile.
    """
    read = next(filter(None, map(read_source, sources)), None)
    if read is None:
        return None
    rows = AppealLevel.objects.filter(
        version__profile__slug=read.slug,
        version__number=read.version,
        level=read.level,
        answer_days__isnull=False,
    )
    found = rows.select_related("version__profile").first()
    if found is None or found.answer_days is None:
        return None
    named = f"{found.version.profile}, version {read.version}, {found.name.lower()}"
    return UsualAnswer(found.answer_days, named)
