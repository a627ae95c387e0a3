"""Events in sentences. Storage keeps facts; words are made when they are read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime

from worklists.enums import POOL, RuleAct
from worklists.flags import flags_of
from worklists.task_classes import ACTS, FACT, LEFT_ABSENCE, LEFT_ITEM, REVERSES
from worklists.templatetags.wording import counted, day, dollars, hour_minute, long_date
from worklists.trail_words import ACTIONS

Facts = Mapping[str, Any]
MOST_FIELDS = 5


def sentence(action: str, facts: Facts) -> str:
    """Return what was done in one sentence: the act, then what its facts add."""
    words = ACTIONS.get(action, action)
    more = _MORE[action](facts) if action in _MORE else ""
    back = _reversing(facts.get(REVERSES))
    return ", ".join(filter(None, [words, more, back]))


# Facts that name people by username: one, several, or counts by person.
_PEOPLE = ("to", "was_with", "on_behalf_of", "backup", "went")
# Facts that name queues by their short names.
_QUEUES = ("from_queue", "to_queue")


def people_in(facts: Facts) -> set[str]:
    """Return the usernames that facts name people by."""
    found: set[str] = set()
    for key in _PEOPLE:
        value = facts.get(key) or ()
        found |= {value} if isinstance(value, str) else set(value)
    return found - {POOL}


def queues_in(facts: Facts) -> set[str]:
    """Return the short names that facts name queues by."""
    return {value for key in _QUEUES if isinstance(value := facts.get(key), str)}


class Label(str):
    """What a form calls a field, to be said as it is."""

    __slots__ = ()


def with_names(
    facts: Facts,
    people: Mapping[str, str],
    queues: Mapping[str, str] | None = None,
    fields: Mapping[str, str] | None = None,
) -> Facts:
    """Return facts with the names by which everybody calls people, queues and fields.

    ``fields`` are labels by the name of a field without its part; without them a field
    is called by its name.
    """
    known = {**dict.fromkeys(_PEOPLE, people), **dict.fromkeys(_QUEUES, queues or {})}
    named = {k: _names(value, known.get(k, {})) for k, value in facts.items()}
    if fields:
        told = (fact for fact in _FIELDS if fact in named)
        named |= {fact: [_labelled(n, fields) for n in named[fact]] for fact in told}
    return named


_FIELDS = ("fields", "points_at")


def _labelled(name: Any, fields: Mapping[str, str]) -> Any:
    label = fields.get(str(name).partition(".")[0])
    return name if label is None else Label(label)


def _names(value: Any, names: Mapping[str, str]) -> Any:
    if not names or not value:
        return value
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {names.get(who, who): count for who, count in value.items()}
    return [names.get(who, who) for who in value]


def _reversing(reverses: Facts | None) -> str:
    """Say which act of the system a person took back."""
    if not reverses:
        return ""
    label = ACTS[reverses["act"]].label if reverses["act"] in ACTS else reverses["act"]
    return f"reversing event {reverses['seq']}: {label.lower()}"


def _left(facts: Facts) -> str:
    said = facts.get(FACT, {})
    act = ACTS.get(said.get("act", ""))
    label = act.label.lower() if act else ""
    return f"{label} (task classes v{said.get('version', '')})"


def _named(*names: str) -> Callable[[Facts], str]:
    """Return a reader of plain facts: “to Ana Ruiz, from Dee Whit”."""

    def read(facts: Facts) -> str:
        return ", ".join(
            f"{_WORD[n]} {_said(n, facts[n])}" for n in names if facts.get(n)
        )

    return read


def _said(name: str, value: Any) -> str:
    """Say codes in words; what somebody chose as a name stays as it is."""
    if name == "to":
        return _taker(value)
    if name == "guidance":
        return str(value).replace("@", ", version ")
    return str(value).replace("_", " ") if name in _CODES else str(value)


def _taker(who: Any) -> str:
    return "the pool" if who == POOL else str(who)


_CODES = frozenset({"code", "tell", "outcome", "field", "level", "was"})

_WORD = {
    "to": "to",
    "was_with": "was with",
    "priority": "priority",
    "words": "by",
    "to_queue": "to",
    "from_queue": "from",
    "code": "because",
    "tell": "to the",
    "outcome": "answer:",
    "page": "page",
    "field": "for",
    "source": "from",
    "level": "to",
    "was": "from",
    "on_behalf_of": "on behalf of",
    "guidance": "see",
    "at": "at the",
}


def _fields(facts: Facts, fact: str = "fields") -> str:
    """Say which answers, each once, and the rest by number."""
    names = [
        n if isinstance(n, Label) else str(n).split(".")[0].replace("_", " ")
        for n in facts.get(fact, ())
    ]
    said = list(dict.fromkeys(names))
    return ", ".join(said[:MOST_FIELDS]) + (
        f" and {len(said) - MOST_FIELDS} more" if len(said) > MOST_FIELDS else ""
    )


def _submitted(facts: Facts) -> str:
    review = facts.get("review") or {}
    if not review:
        return "no review trigger fired"
    fired = ", ".join(t.replace("_", " ") for t in review.get("triggers", ()))
    return f"to senior review: {fired} ({review.get('policy', '')})"


def _decided(more: Callable[[Facts], str]) -> Callable[[Facts], str]:
    """Return a reader that says besides on whose behalf it was decided."""
    behalf = _named("on_behalf_of")
    return lambda facts: ", ".join(filter(None, [behalf(facts), more(facts)]))


def _returned(facts: Facts) -> str:
    """Say why it came back, which answers it is about, and what it rests on."""
    about = _fields(facts, "points_at")
    said = [
        _named("on_behalf_of", "code")(facts),
        f"about {about}" if about else "",
        _named("guidance")(facts),
    ]
    return ", ".join(filter(None, said))


def _authority(facts: Facts) -> str:
    classes = ", ".join(facts.get("risk_classes", ())).replace("_", " ")
    limit = Decimal(str(facts.get("amount_limit", 0)))
    return (
        f"to {facts.get('to', '')}, {_span(facts)}, up to {dollars(limit)}, "
        f"{classes or 'every class'}"
    )


def _until(facts: Facts) -> str:
    moment = parse_datetime(str(facts.get("until", "")))
    until = f"until {day(moment)} {hour_minute(moment)}" if moment else ""
    going = "" if facts.get("pauses", True) else "the internal clock goes on"
    return ", ".join(filter(None, [until, _named("code")(facts), going]))


def _file(facts: Facts) -> str:
    items, exceptions = facts.get("items", 0), facts.get("ingest_exceptions", 0)
    status = str(facts.get("status", "")).replace("_", " ")
    made = f"{counted(items, 'item')}, {counted(exceptions, 'exception')}"
    return f"{status}: {made}" if status else ""


def _many(facts: Facts) -> str:
    names = ", ".join(facts.get("to", ()))
    done, refused = facts.get("items", 0), facts.get("refused", 0)
    to = f" to {names}" if names else ""
    return f"{counted(done, 'item')}{to}, {refused} refused"


def _answers(facts: Facts) -> str:
    calls = counted(facts.get("escalations", 0), "escalation")
    return f"{calls} of {_many(facts)}"


def _clearance(facts: Facts) -> str:
    until = f", until {_day(facts, 'expires_on')}" if facts.get("expires_on") else ""
    return f"“{facts.get('clearance', '')}”{until}"


def _set_up(facts: Facts) -> str:
    """Say which fields, and which roles a person now holds where those changed."""
    names = set(facts.get("fields", ()))
    roles = ", ".join(facts.get("roles", ())) or "none"
    held = f" (roles now: {roles})" if "groups" in names else ""
    return f"{_fields(facts)}{held}"


def _moved(facts: Facts) -> str:
    moves = facts.get("clocks", ())
    first = moves[0] if moves else {}
    was, due = (parse_datetime(str(first.get(k, ""))) for k in ("was_due_at", "due_at"))
    if was is None or due is None:
        return ""
    more = f" and {len(moves) - 1} more" if len(moves) > 1 else ""
    if was == due:
        days = first.get("margin_days")
        back = ", it holds no more" if facts.get("net_taken_back") else ""
        return f"safety net {f'{days} days before' if days else 'as the service level says'}{more}{back}"
    net = ", the safety net holds no more" if facts.get("net_taken_back") else ""
    return f"from {day(was)} to {day(due)}{more} ({first.get('source', '')}){net}"


def _version(facts: Facts) -> str:
    clocks, items = facts.get("clocks"), facts.get("items")
    told = (
        counted(clocks, "clock") if clocks else counted(items, "item") if items else ""
    )
    counted_anew = f", {told} counted anew" if told else ""
    row = f" level {facts['level']}" if "level" in facts else ""
    return f"{facts.get('profile', '')} v{facts.get('version', '')}{row}{counted_anew}"


def _rule(facts: Facts) -> str:
    """Say which rule and version, what changed, and which clocks follow it."""
    which = f"{facts.get('kind', '')} {facts.get('rule', '')} v{facts.get('version')}"
    told = facts.get("changed", {})
    untold = [name for name in facts.get("fields", ()) if name not in told]
    said = [which, _fields({"fields": untold}), *changes_of(facts)]
    if clocks := facts.get("clocks"):
        said.append(f"{counted(clocks, 'clock')} follow the new ladder")
    return ", ".join(filter(None, said))


def _days(facts: Facts) -> str:
    backup = facts.get("backup")
    covered = f", covered by {'the pool' if backup == POOL else backup}"
    return f"{_span(facts)}{covered if backup else ''}"


def _span(facts: Facts) -> str:
    return f"{_day(facts, 'starts_on')} to {_day(facts, 'ends_on')}"


def _day(facts: Facts, name: str) -> str:
    """Write a day of the record, which facts keep as ISO 8601."""
    kept = parse_date(str(facts.get(name, "")))
    return long_date(kept) if kept else ""


def _went(facts: Facts) -> str:
    takers = sorted(facts.get("went", {}).items())
    went = (f"{count} to {_taker(who)}" for who, count in takers)
    return "; ".join(filter(None, [", ".join(went) or "nothing", _stayed(facts)]))


def _came_back(facts: Facts) -> str:
    back = f"{counted(facts.get('items', 0), 'item')} came back"
    return "; ".join(filter(None, [back, _stayed(facts)]))


def _stayed(facts: Facts) -> str:
    stayed = facts.get("refused", 0)
    return f"{counted(stayed, 'item')} stayed where they were" if stayed else ""


def _until_changed(facts: Facts) -> str:
    return f"until {_day(facts, 'ends_on')}, was {_day(facts, 'until_before')}"


def changes_of(facts: Facts) -> list[str]:
    """Return what facts say was changed, old and new: “tier: apprentice → independent”."""
    found = facts.get("changed") or {}
    if before := facts.get("until_before"):
        found = {**found, "last_day": [before, facts.get("ends_on")]}
    return [
        f"{name.replace('_', ' ')}: {_value(was)} → {_value(new)}"
        for name, (was, new) in sorted(found.items())
    ]


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value in (None, "") else str(value).replace("_", " ")


def _of_person(facts: Facts) -> str:
    why = [f"because {code.replace('_', ' ')}"] if (code := facts.get("code")) else []
    return ", ".join([*changes_of(facts), *why])


def _grant(facts: Facts) -> str:
    if "facility" in facts:
        return f"facility {facts['facility']}"
    return f"{facts.get('verb', '')} {facts.get('queue', '')}"


def _given_out(facts: Facts) -> str:
    form = str(facts.get("form", "")).upper()
    sha256 = str(facts.get("sha256", ""))[:12]
    rows = counted(facts.get("rows", 0), "row")
    return f"{rows} of {facts.get('what', '')} as {form}, SHA-256 {sha256}…"


def _key(facts: Facts) -> str:
    cause = f", {facts['code']}" if facts.get("code") else ""
    return f"{str(facts.get('key', ''))[:16]}{cause}"


def _rung(facts: Facts) -> str:
    caught = "the safety net raised it" if facts.get("caught") else ""
    joined = "one answer for earlier calls too" if facts.get("joined") else ""
    # Whom it reached, which is not always whom the step names.
    if "to" in facts:
        told = f"told {facts['to']}" if facts["to"] else "nobody was there to be told"
    else:
        told = _named("tell")(facts)
    return ", ".join(filter(None, [told, caught, joined]))


def _flag(facts: Facts) -> str:
    return ", ".join(f"“{f.label}”" for f in flags_of([str(facts.get("flag", ""))]))


def _given_back(facts: Facts) -> str:
    return "to the queue" if facts.get("to") == POOL else "it stays with them"


def _refused(facts: Facts) -> str:
    """Say at which page, and whether it was not theirs to see or not theirs to do."""
    page = str(facts.get("page", "")).rpartition(":")[2].replace("_", " ")
    page = page.replace("-", " ")
    if most := facts.get("more_than"):
        return f"at more than {most} pages within minutes, last at “{page}”"
    code = facts.get("code")
    why = "not visible to them" if code == "not_found" else "not permitted to them"
    return f"at “{page}”, {why}"


def _note(facts: Facts) -> str:
    return "private, the author's own" if facts.get("private") else ""


_MORE: dict[str, Callable[[Facts], str]] = {
    "item.opened": _named("words"),
    "item.handed": _named("priority"),
    "item.released": _named("was_with"),
    "item.auto_released": _named("was_with"),
    "item.clearance_ended": _named("was_with"),
    "item.assigned": _named("to", "was_with"),
    "item.assignment_undone": _named("to", "was_with"),
    "item.evidence_saved": _fields,
    "item.attached": _named("field", "source", "page"),
    "item.pended": _until,
    "item.prioritized": _named("level", "was"),
    "item.priority_undone": _named("level", "was"),
    "item.release_undone": _named("to"),
    "item.next_undone": _given_back,
    "item.flagged": _flag,
    "item.unflagged": _flag,
    "item.submitted": _submitted,
    "item.approved": _named("on_behalf_of"),
    "item.fixed_and_approved": _decided(_fields),
    "item.returned": _returned,
    "item.rejected": _named("on_behalf_of"),
    "item.escalated": _named("tell"),
    "item.ladder_fired": _rung,
    "item.escalation_acknowledged": _named("outcome"),
    "item.rerouted": _named("from_queue", "to_queue", "was_with"),
    "item.cancelled": _named("code"),
    LEFT_ITEM: _left,
    LEFT_ABSENCE: _left,
    "item.noted": _note,
    "item.note_withdrawn": _note,
    "read.page": _named("page"),
    "access.refused": _refused,
    "item.clock_moved": _moved,
    "profile.proposed": _version,
    "profile.approved": _version,
    "profile.clocks_moved": _version,
    "profile.sent_back": _version,
    "profile.withdrawn": _version,
    "profile.verified": _version,
    "export.rows": _given_out,
    **{f"rule.{act.value}": _rule for act in RuleAct},
    "rule.clocks_followed": _rule,
    "batch.finished": _file,
    "clearance.granted": _clearance,
    "clearance.revoked": _clearance,
    "clearance.expired": _clearance,
    "setup.added": _set_up,
    "setup.changed": _set_up,
    "token.ended": _named("code"),
    "login.failed": _named("at"),
    "bulk.reassigned": _many,
    "bulk.deferred": _many,
    "bulk.prioritized": _many,
    "bulk.approved": _many,
    "bulk.released": _many,
    "bulk.answered": _answers,
    "bulk.undone": _many,
    "absence.recorded": _days,
    "seal_key.created": _key,
    "seal_key.ended": _key,
    "absence.changed": _until_changed,
    "absence.cancelled": _days,
    "absence.handed_over": _went,
    "absence.ended": _came_back,
    "authority.lent": _authority,
    "authority.ended": _authority,
    "settings.changed": _of_person,
    "person.changed": _of_person,
    "grant.given": _grant,
    "grant.taken": _grant,
}
