"""Running clocks brought under a payer profile's new version, by the worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from itertools import groupby

from denials.enums import VersionState
from denials.models import ProfileSwitch, ProfileVersion
from denials.selectors.profile_clocks import RunningClock, clocks_by_others
from denials.selectors.profile_warnings import with_unverified
from denials.selectors.profiles import holding, versions_of
from denials.selectors.recounting import Counter
from worklists.services.moving_clocks import ClockMove, move_legal_clocks
from worklists.services.poison import RECOUNT
from worklists.services.reading import subject
from worklists.services.recording import record_act
from worklists.services.switching import Switching, follow

PROFILE = "profile"
BATCH = 5_000


def switch_to(version: ProfileVersion, clocks: int) -> None:
    """Have the worker move running clocks by a version that is being put in force."""
    ProfileSwitch.objects.create(version=version, expected=clocks)


def follow_profiles() -> int:
    """Move running clocks by approved versions; return how many moved by this run.

    In committed batches of ``BATCH`` items (``switching.follow``). Every moved item has
    one event, ``profile.clocks_moved`` says at the end of each version how many.
    """
    return follow(Switching(ProfileSwitch.objects, _Recount.of, _end, RECOUNT))


class _Recount:
    """A version in force; it counts what is decided on the days it holds for."""

    def __init__(self, version: ProfileVersion) -> None:
        versions = versions_of(version.profile)
        self._version = next(one for one in versions if one.pk == version.pk)
        self._counter = Counter(self._version)
        self._holding = cache(lambda day: holding(versions, day))
        self._moves: dict[int, list[ClockMove]] = {}

    @classmethod
    def of(cls, switch: ProfileSwitch) -> _Recount | None:
        version = _version(switch)
        return cls(version) if version.state == VersionState.IN_FORCE else None

    def next_items(self, past_item: int) -> list[int]:
        """Return the next items with a clock that would stand elsewhere."""
        version = self._version
        clocks = clocks_by_others(version.profile, version.number, past_item)
        self._moves = {}
        for item_id, mine in groupby(clocks, key=lambda clock: clock.item_id):
            if moves := [move for clock in mine if (move := self._move(clock))]:
                self._moves[item_id] = moves
            if len(self._moves) == BATCH:
                break
        return list(self._moves)

    def _move(self, clock: RunningClock) -> ClockMove | None:
        standing = clock.standing
        if standing.notice_on is None or not self._holds(standing.notice_on):
            return None
        target = self._counter.target(standing)
        if target is None:
            return None
        return ClockMove(
            clock.id,
            clock.item_id,
            target.started_at,
            target.due_at,
            target.source,
            target.margin_days,
        )

    def _holds(self, day: date) -> bool:
        return self._holding(day) == self._version

    def move(self, ids: Sequence[int]) -> int:
        """Move the clocks of these items, as the last look at them found."""
        moves = [move for item_id in ids for move in self._moves[item_id]]
        about = subject(PROFILE, self._version.profile_id)
        return move_legal_clocks(
            actor=None, moves=moves, about=about, unsure=with_unverified
        )


def _version(switch: ProfileSwitch) -> ProfileVersion:
    return ProfileVersion.objects.select_related("profile").get(pk=switch.version_id)


def _end(switch: ProfileSwitch) -> None:
    version = _version(switch)
    record_act(
        actor=None,
        about=subject(PROFILE, version.profile_id),
        action="profile.clocks_moved",
        facts={
            "profile": version.profile.slug,
            "version": version.number,
            "clocks": switch.clocks,
        },
    )
