"""What rules say, field by field, and what differs between two versions: pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from worklists import kinds, routing
from worklists.clocks import Calendar
from worklists.enums import HandOut, RuleKind, TaskClass
from worklists.evidence import Unread, unread
from worklists.evidence.shapes import as_date
from worklists.evidence.template import parse_template
from worklists.ladder_words import in_order, ladder_faults, step_words, when_words
from worklists.plain_text import FAULT, is_plain, texts_of
from worklists.task_classes import SWITCHABLE, class_faults
from worklists.template_words import order_words, template_words
from worklists.templatetags.wording import long_date

Content = Mapping[str, Any]
_SHORT_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
WEEKDAYS = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
)
MOST_PER_BLOCK = 20
HUNDRED = 100
LONGEST_NAME = 160
_JUDGEMENT = re.compile(r"[a-z0-9_]+:[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; ``kind`` is added, removed or changed."""

    field: str
    before: str
    after: str
    kind: str


def words_of(kind: str, content: Content) -> dict[str, str]:
    """Return a version as words by their labels, in the order of reading."""
    return _WORDS[kind](content)


def difference(kind: str, before: Content | None, after: Content) -> list[Change]:
    """Return every field that differs between two versions, in reading order."""
    if kind == RuleKind.QUEUE and before is not None:
        # How a queue was begun is said by its first version alone.
        both = before.keys() & after.keys()
        before, after = ({k: v[k] for k in both} for v in (before, after))
    old = words_of(kind, before) if before is not None else {}
    new = words_of(kind, after)
    found = []
    for name in dict.fromkeys([*new, *old]):
        was, now = old.get(name, ""), new.get(name, "")
        if was != now:
            how = "changed" if was and now else ("added" if now else "removed")
            found.append(Change(name, was, now, how))
    if kind == RuleKind.TEMPLATE and before is not None:
        order = order_words(before, after)
        found += [Change("Order of the fields", *order, "changed")] if order else []
    return found


def short_name_fault(slug: str) -> str:
    """Return why a text is no short name of a rule, or nothing.

    Two that look alike are none; “new” is the page on which one begins.
    """
    if _SHORT_NAME.fullmatch(slug) and slug != "new":
        return ""
    return "Take small letters, digits and single dashes between them."


def _yes(value: object) -> str:
    return "yes" if value else "no"


def _day(text: str) -> str:
    """Return a stored day as people read it: ``Nov 19, 2026``."""
    found = as_date(text)
    return long_date(found) if found else text


BEGUN_AS = {
    "name": "Name",
    "kind": "Kind of work",
    "sla": "Service level",
    "template": "Evidence template",
    "review": "Review policy",
    "clearance": "Clearance needed",
}


def _queue(content: Content) -> dict[str, str]:
    most, hours = content["max_in_hand"], content["release_after_hours"]
    begun = {label: content[key] for key, label in BEGUN_AS.items() if key in content}
    return begun | {
        "Purpose": content["purpose"],
        "Owning team": content["team"],
        "Supervisor": content["supervisor"],
        "Looked at again": _day(content["review_on"]),
        "Handing out": str(HandOut(content["hand_out"]).label),
        "Most in hand": str(most) if most else "no limit",
        "Released by itself": f"after {hours} business hours" if hours else "never",
    }


def _sla(content: Content) -> dict[str, str]:
    hours = content["business_hours"]
    words = {"Name": content["name"], "Time given": f"{hours} business hours"}
    for step in in_order(content["steps"]):
        clock = "Legal" if step["clock_kind"] == "legal" else "Internal"
        when = when_words(step, hours)
        said = step_words(step, hours).partition(": ")[2]
        words[f"{clock}, {when.partition(', at ')[0]}"] = said
    return words


def _review(content: Content) -> dict[str, str]:
    amount = content["amount_from"]
    share = content["random_per_block"]
    return {
        "Name": content["name"],
        "Dollars at stake": f"${amount} and more" if amount else "no limit",
        "Risk classes": ", ".join(content["risk_classes"]) or "none",
        "Apprentices": "everything" if content["apprentice_all"] else "as others",
        "Payers on watch": _yes(content["payer_watch"]),
        "By chance": f"{share} of every {MOST_PER_BLOCK} submissions",
        "Recurring payer": _recurring(content),
        "Kind of judgement": _judged(content["judgements"]),
        "Time to decide": _hours(content["review_hours"]),
        "With proof": steps_words(content["autonomy"]) or "the rate stays",
        "A miss": f"among {content['miss_reviews']} brings the rate back",
        "Approved by a role": _approvals(content),
    }


def _recurring(content: Content) -> str:
    least, days = content["recurring_from"], content["recurring_days"]
    return f"{least} of one class in {days} days" if least else "not looked at"


def _judged(judgements: Iterable[str]) -> str:
    return ", ".join(judgements).replace("_", " ").replace(":", " ") or "none"


def _hours(hours: int | None) -> str:
    return f"{hours} business hours" if hours else "no limit"


def steps_words(steps: Iterable[Iterable[int]]) -> str:
    """Return the steps of a falling rate: “20 reviews, 95 %: 10 of 20”."""
    return "; ".join(
        f"{reviews} reviews, {accuracy} %: {rate} of {MOST_PER_BLOCK}"
        for reviews, accuracy, rate in steps
    )


def _approvals(content: Content) -> str:
    if not content["approvals"]:
        return "none"
    floor, role = content["approval_from"], content["approver_role"]
    dollars = f" from ${floor} on" if floor else ""
    return f"{_judged(content['approvals'])}{dollars}, by a {role}"


def _routing(content: Content) -> dict[str, str]:
    words = {}
    for place, row in enumerate(content["rules"], start=1):
        rule = routing.Rule(0, place, row["name"], row["conditions"], 0)
        said = routing.words(rule).partition(": ")[2]
        words[f"{row['name']}"] = f"{place}. {said} → {row['queue']}"
    return words


def _calendar(content: Content) -> dict[str, str]:
    words = {"Name": content["name"], "Time zone": content["time_zone"]}
    for number, name in enumerate(WEEKDAYS, start=1):
        words[name] = spans_words(content["weekly_hours"].get(str(number), ()))
    words["US federal holidays"] = "off" if content["federal_holidays"] else "worked"
    for day in content["days"]:
        words[_day(day["day"])] = f"{day['name']}: {spans_words(day['hours'])}"
    return words


def spans_words(spans: Iterable[Iterable[str]]) -> str:
    """Return spans of work in words: “08:00 to 12:00, 13:00 to 17:00”, or off."""
    return ", ".join(" to ".join(span) for span in spans) or "off"


def _site(content: Content) -> dict[str, str]:
    said = content["classes"]
    known = (act for act in SWITCHABLE if act.code in said)
    return {act.label: str(TaskClass(said[act.code]).label) for act in known}


_WORDS: dict[str, Callable[[Content], dict[str, str]]] = {
    RuleKind.QUEUE: _queue,
    RuleKind.SLA: _sla,
    RuleKind.REVIEW: _review,
    RuleKind.TEMPLATE: template_words,
    RuleKind.ROUTING: _routing,
    RuleKind.CALENDAR: _calendar,
    RuleKind.SITE: _site,
}


def faults_of(kind: str, content: Content) -> list[str]:
    """Return in words what is wrong with a version; empty for one that works."""
    if not all(is_plain(text) for text in texts_of(content)):
        return [FAULT]
    return _FAULTS[kind](content) if kind in _FAULTS else []


def _review_faults(content: Content) -> list[str]:
    faults = []
    for reviews, accuracy, rate in content["autonomy"]:
        if not (reviews > 0 and 0 < accuracy <= HUNDRED and rate <= MOST_PER_BLOCK):
            faults.append(
                f"A step asks for 1 review or more, 1 to 100 percent and 0 to "
                f"{MOST_PER_BLOCK} of {MOST_PER_BLOCK}: {reviews} {accuracy} {rate}."
            )
    faults += [
        f"“{judgement}” is no answer: write field:value, as decision:write_off."
        for judgement in (*content["judgements"], *content["approvals"])
        if not _JUDGEMENT.fullmatch(judgement)
    ]
    if bool(content["approvals"]) is not bool(content["approver_role"]):
        faults.append(
            "Name the answers to be approved and the role that approves them."
        )
    return faults


def _template_faults(content: Content) -> list[str]:
    try:
        found = unread_of(content)
    except ValueError as error:
        return [str(error)]
    return [f"{one.field}: {one.why}" for one in found]


def unread_of(content: Content) -> list[Unread]:
    """Return what keeps the form's kind of work from ending an item by it.

    ``ValueError`` names what keeps it from being a form at all.
    """
    return unread(parse_template(content["fields"]), kinds.reads_of(content["kind"]))


def row_fault(row: object) -> str:
    """Return in words what keeps an entry from being a routing rule; empty for one."""
    if not isinstance(row, Mapping) or set(row) != {"name", "conditions", "queue"}:
        return "Each has name, conditions and queue."
    name, queue = row["name"], row["queue"]
    if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
        return f"The name is a text of 1 to {LONGEST_NAME} characters, in quotes."
    if not isinstance(queue, str):
        return "The queue is one short name, in quotes."
    if not isinstance(row["conditions"], list):
        return "The conditions are a list in brackets; [] takes everything."
    return ""


def _routing_faults(content: Content) -> list[str]:
    faults, names, rows = [], set(), content["rules"]
    for place, row in enumerate(rows, start=1):
        if fault := row_fault(row):
            faults.append(f"Rule {place}: {fault}")
            continue
        try:
            routing.check_rule(row["conditions"])
        except ValueError as error:
            faults.append(f"Rule {place}: {error}")
        if row["name"] in names:
            faults.append(f"Two rules are named “{row['name']}”.")
        names.add(row["name"])
    last = rows[-1] if rows else None
    if last is None or (not row_fault(last) and last["conditions"]):
        faults.append(
            "The last rule takes everything: it has no condition, so that every item "
            "finds a queue."
        )
    return faults


def _calendar_faults(content: Content) -> list[str]:
    try:
        calendar_from(content)
    except ValueError as error:
        return [str(error)]
    days = [day["day"] for day in content["days"]]
    twice = sorted({day for day in days if days.count(day) > 1})
    return [
        f"{long_date(date.fromisoformat(day))} stands there twice." for day in twice
    ]


def calendar_from(content: Content) -> Calendar:
    """Return the calendar that a version describes; ``ValueError`` when it cannot be."""
    return Calendar(
        content["time_zone"],
        content["weekly_hours"],
        frozenset(
            date.fromisoformat(d["day"]) for d in content["days"] if not d["hours"]
        ),
        content["federal_holidays"],
        tuple(
            (date.fromisoformat(d["day"]), tuple((a, b) for a, b in d["hours"]))
            for d in content["days"]
            if d["hours"]
        ),
    )


_FAULTS: dict[str, Callable[[Content], list[str]]] = {
    RuleKind.SLA: lambda c: ladder_faults(c["steps"], c["business_hours"]),
    RuleKind.REVIEW: _review_faults,
    RuleKind.TEMPLATE: _template_faults,
    RuleKind.ROUTING: _routing_faults,
    RuleKind.CALENDAR: _calendar_faults,
    RuleKind.SITE: class_faults,
}
