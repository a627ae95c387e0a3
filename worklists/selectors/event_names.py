"""Events with people and queues as everybody calls them.

Storage keeps usernames and short names of queues, which never change; pages say names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from worklists.event_words import Facts, people_in, queues_in, with_names
from worklists.models import Event
from worklists.role_words import role_words
from worklists.selectors.people import names_of
from worklists.selectors.queues import queue_names

WORKER = "Worker"


@dataclass(frozen=True, slots=True)
class Named:
    """Who did an act, the roles they held that day, its facts: all by their names."""

    who: str
    roles: str
    facts: Facts


def named(
    events: Sequence[Event], fields: Mapping[str, str] | None = None
) -> list[Named]:
    """Return events with names, in their order: two queries at most, however many.

    ``fields`` are the labels of the form, where all are of one item.
    """
    facts: list[Facts] = [json.loads(event.facts) for event in events]
    actors = {event.actor_name for event in events if event.actor_id}
    names = names_of(actors.union(*map(people_in, facts)))
    queues = queue_names(set[str]().union(*map(queues_in, facts)))
    return [
        Named(
            _who(event, names),
            role_words(event.actor_role.split("+")),
            with_names(said, names, queues, fields),
        )
        for event, said in zip(events, facts, strict=True)
    ]


def _who(event: Event, names: dict[str, str]) -> str:
    if event.actor_id is None:
        return WORKER
    return names.get(event.actor_name, event.actor_name)
