"""Answers between a form and the evidence contract: reading a POST, drawing fields.

A form posts one value a field under its name; ``policy`` posts its edition besides
under ``<name>__edition`` and a step its reason under ``<name>__reason``; files never
travel with the form. What a form does not show it does not answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from string import ascii_lowercase
from typing import Any

from django.http import QueryDict
from django.utils.text import Truncator

from worklists import evidence
from worklists.evidence import Field, Gap, expand
from worklists.evidence.citing import source_of
from worklists.evidence.fields import DONE, NEVER, NOT_APPLICABLE, WITH_REASON
from worklists.evidence.replies import is_reply
from worklists.evidence.shapes import as_date
from worklists.models import Attachment
from worklists.selectors.evidence import Asked
from worklists.templatetags.wording import long_date
from worklists.views.sources import SourceGroup

FILES = frozenset({"document", "attachment"})
CHECKLIST = "Checklist"
ONE_LINE = 120
WIDE_LABEL = 20
UNSURE = "Kept as written. We hold no copy of it, so nobody has checked it."


def _policy(post: QueryDict, name: str) -> Any:
    source, _, number = post.get(f"{name}__source", "").strip().partition("@")
    if source:
        reason = post.get(f"{name}__reason", "").strip()
        known = {"version": int(number)} if _is_number(number) else {}
        cited = {"source": source, **known}
        return cited | {"reason": reason} if reason else cited
    cite = post.get(name, "").strip()
    edition = post.get(f"{name}__edition", "").strip()
    return {"cite": cite, "edition": edition} if cite or edition else ""


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < len("1000000")


def _yes_no(post: QueryDict, name: str) -> Any:
    return {"yes": True, "no": False}.get(post.get(name, ""), "")


def _money(post: QueryDict, name: str) -> Any:
    return post.get(name, "").strip().removeprefix("$").replace(",", "").strip()


def _text(post: QueryDict, name: str) -> Any:
    return post.get(name, "").replace("\r\n", "\n").strip()


def _step(post: QueryDict, name: str) -> Any:
    """A step ticked both ways does not apply: the page lets only one be ticked."""
    ticked = post.getlist(name)
    if NOT_APPLICABLE in ticked:
        reason = post.get(f"{name}__reason", "").strip()
        left_out = {"state": NOT_APPLICABLE}
        return left_out | {"reason": reason} if reason else left_out
    return {"state": DONE} if DONE in ticked else ""


def _several(post: QueryDict, name: str) -> Any:
    return post.getlist(name)


_READ: dict[str, Callable[[QueryDict, str], Any]] = {
    "policy": _policy,
    "yes_no": _yes_no,
    "money": _money,
    "multichoice": _several,
    "step": _step,
}


def answers_from(post: QueryDict, asked: Asked) -> dict[str, Any]:
    """Return the answers a form gives; a blank one only where it clears an answer."""
    given: dict[str, Any] = {}
    for field in expand(asked.fields, asked.parts):
        if field.type in FILES or not _is_in(post, field):
            continue
        value = _READ.get(field.type, _text)(post, field.name)
        if value not in ("", []) or field.name in asked.answers:
            given[field.name] = value
    return asked.completed(given)


def _is_in(post: QueryDict, field: Field) -> bool:
    """Nothing ticked of a group posts nothing, so the form names what it shows."""
    names = (field.name, f"{field.name}__source")
    return any(n in post for n in names) or field.name in post.getlist("_shown")


@dataclass(slots=True)
class ShownField:
    """One field as ``components/evidence.html`` draws it.

    A conditional field that is not asked now keeps its place (``slot``), so that it
    can appear when an answer calls for it; it is numbered 3a after the field 3. ``others`` stands on
    the last field of the first of several parts: to how many more its choices can be
    copied. ``past`` says by whom it was answered, ``past_url`` leads to its history.
    ``again`` says that a return points at it, and whether it is another one since.
    A step may be left out where ``may_skip``, with a reason where ``why_skip``. A policy
    offers sources in groups (``offers``); one not in force asks ``why_outdated``, and
    what is chosen is read at ``read_url``.
    """

    name: str
    label: str
    type: str
    state: str
    value: Any
    required: bool
    help: str
    choices: Sequence[tuple[str, str]]
    rows: int
    columns: int
    slot: str
    conditional: bool
    is_asked: bool
    number: str = ""
    messages: Sequence[str] = ()
    again: str = ""
    is_past_reply: bool = False
    files: Sequence[Mapping[str, Any]] = ()
    shown: str = ""
    heading: str = ""
    part: str = ""
    others: int = 0
    past: str = ""
    past_url: str = ""
    may_skip: bool = False
    why_skip: bool = False
    offers: Sequence[SourceGroup] = ()
    why_outdated: bool = False
    read_url: str = ""

    @property
    def frame_id(self) -> str:
        """Return the id of its frame, as ``components/evidence.html`` gives it."""
        return f"ev-{self.name.replace('.', '-')}"

    @property
    def is_file(self) -> bool:
        """Return whether files answer it."""
        return self.type in FILES

    @property
    def is_reply(self) -> bool:
        """Return whether it holds the answer to a return."""
        return is_reply(self.name)

    @property
    def has_slot(self) -> bool:
        """Return whether it is drawn anew while the form is open."""
        return self.conditional or self.is_file


def shown_fields(asked: Asked, files: Sequence[Attachment] = ()) -> list[ShownField]:
    """Return the fields in order, each with its state and its number."""
    gaps = {gap.field: gap for gap in asked.gaps()}
    now = {field.name for field in now_asked(asked)}
    labels = {part.key: part.label for part in asked.parts}
    rows: list[ShownField] = []
    numbers, last = _Numbers(), ""
    for field in expand(asked.fields, asked.parts):
        row = _shown(field, asked, gaps.get(field.name), files)
        row.is_asked = field.name in now
        row.label = plain_label(asked, field.name)
        if row.type != "step" and not row.is_reply:
            row.number = numbers.following(conditional=row.conditional)
        if len(labels) > 1 and field.part and field.part != last:
            row.heading = labels[field.part]
        elif row.type == "step" and not (row.conditional or _in_checklist(rows)):
            row.heading = CHECKLIST
        row.part = last = field.part
        rows.append(row)
    _mark_first(rows, len(labels) - 1)
    return rows


@dataclass(slots=True)
class _Numbers:
    """Count fields: 1, 2, 3, and those that are conditional 3a, 3b.

    One that is not asked now keeps its letter, so none changes while a form is open.
    """

    number: int = 0
    after: int = 0

    def following(self, *, conditional: bool) -> str:
        """Return the number of the next field."""
        self.after = self.after + 1 if conditional and self.number else 0
        self.number += not self.after
        return f"{self.number}{letters(self.after)}"


def letters(count: int) -> str:
    """Return the count-th of a, b … z, aa, ab …; nothing for 0."""
    said = ""
    while count:
        count, place = divmod(count - 1, len(ascii_lowercase))
        said = ascii_lowercase[place] + said
    return said


def _in_checklist(rows: Sequence[ShownField]) -> bool:
    """Tell whether the newest rows are steps that stand under a heading already."""
    run = takewhile(lambda row: row.type == "step", reversed(rows))
    return any(row.heading for row in run)


def _mark_first(rows: Sequence[ShownField], others: int) -> None:
    """Let the last field of the first part know how many parts come after it."""
    parted = [row for row in rows if row.part]
    if others < 1 or not parted:
        return
    [*_, last] = (row for row in parted if row.part == parted[0].part)
    last.others = others


def now_asked(asked: Asked) -> list[Field]:
    """Return the fields asked now, as a form shows them."""
    return evidence.asked(asked.fields, asked.answers, asked.parts)


def _shown(
    field: Field, asked: Asked, gap: Gap | None, files: Sequence[Attachment]
) -> ShownField:
    value = asked.answers.get(field.name)
    state = _state(field, value, gap, bool(asked.files.get(field.name)))
    return ShownField(
        name=field.name,
        label=field.label,
        type=field.type,
        state=state,
        value=value,
        required=field.required or field.required_when is not None,
        help=UNSURE if state == "not_checked" and not field.help else field.help,
        choices=field.choices,
        rows=_rows(field),
        columns=1 if any(len(c[1]) > WIDE_LABEL for c in field.choices) else 2,
        slot=f"slot-{field.name.replace('.', '-')}",
        conditional=field.required_when is not None,
        is_asked=True,
        messages=_messages(gap),
        again=_again(field, asked),
        is_past_reply=_is_past_reply(field, asked),
        files=[file_facts(row) for row in files if row.field == field.name],
        shown=_in_words(field, value, files),
        may_skip=field.not_applicable != NEVER,
        why_skip=field.not_applicable == WITH_REASON,
        why_outdated=field.not_in_force == WITH_REASON,
    )


def _messages(gap: Gap | None) -> Sequence[str]:
    """Return why an answer is not accepted; an answer that is missing says it is."""
    return [gap.message] if gap and gap.code == "not_accepted" else ()


def _is_past_reply(field: Field, asked: Asked) -> bool:
    """Return whether a field answers a return that is decided since."""
    due = asked.back.field.name if asked.back else ""
    return is_reply(field.name) and field.name != due


def _again(field: Field, asked: Asked) -> str:
    """Return what a return asks of a field, or that it is another answer since."""
    back = asked.back
    if back is None or field.name not in back.points_at:
        return ""
    if field.name in back.touched(asked.answers):
        return "Another answer than the one that was returned."
    return f"{back.by or 'The senior'} asks you to look at this again."


def _state(
    field: Field,
    value: Any,
    gap: Gap | None,
    has_files: bool,  # noqa: FBT001 - a fact
) -> str:
    if gap:
        return gap.code
    if not has_files and value in (None, "", []):
        return "optional"
    unsure = field.type == "policy" and not source_of(value)
    return "not_checked" if unsure else "complete"


def _rows(field: Field) -> int:
    longest = next((v.value for v in field.validators if v.rule == "max_length"), None)
    if field.type != "text" or (longest and longest <= ONE_LINE):
        return 0
    return 3


def file_facts(row: Attachment) -> dict[str, Any]:
    """Return a file as ``components/file.html`` draws it."""
    return {"name": row.file_name, "page": row.page, "digest": row.sha256}


def _in_words(field: Field, value: Any, files: Sequence[Attachment]) -> str:
    if field.type not in FILES:
        return as_words(field, value)
    named = [row for row in files if row.field == field.name]
    return "; ".join(
        f"{r.file_name}{f', p. {r.page}' if r.page else ''}" for r in named
    )


def as_words(field: Field, value: Any) -> str:
    """Return an answer in words: labels for choices, yes and no, dollars."""
    if value in (None, "", []):
        return ""
    choices = dict(field.choices)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return ", ".join(choices.get(one, str(one)) for one in value)
    if field.type == "step" and isinstance(value, dict):
        return _step_words(value)
    if isinstance(value, dict):
        words = (value.get(key) for key in ("cite", "edition", "reason"))
        return ", ".join(str(word) for word in words if word)
    if field.type == "money":
        return f"${value}"
    if field.type == "date" and (on := as_date(value)):
        return long_date(on)
    return choices.get(value, str(value))


def _step_words(value: Mapping[str, Any]) -> str:
    if value.get("state") == DONE:
        return "Done"
    why = value.get("reason")
    return f"Does not apply: {why}" if why else "Does not apply"


def plain_label(asked: Asked, name: str) -> str:
    """Return a field's label without the part it is asked for."""
    base = name.partition(".")[0]
    return next((f.label for f in asked.fields if f.name in (name, base)), name)


# What stands on the button, on two or three lines also where the window is narrow.
MOST_NAMED, LONGEST_NAME = 3, 32


def short_gaps(asked: Asked) -> list[dict[str, str]]:
    """Return the gaps as the submit button names them.

    The same question about several denials is one name with its number. Up to three
    names are said, long ones cut; of more the first two, and how many gaps follow.
    Each stands at its field.
    """
    names = Counter(plain_label(asked, gap.field) for gap in asked.gaps())
    said = [
        f"{_cut(name)} ({n} times)" if n > 1 else _cut(name)
        for name, n in names.items()
    ]
    if len(said) > MOST_NAMED:
        kept = MOST_NAMED - 1
        more = sum([*names.values()][kept:])
        said = [*said[: kept - 1], f"{said[kept - 1]} and {more} more"]
    first = next((gap.field for gap in asked.gaps()), "")
    return [{"field": first, "label": label} for label in said]


def _cut(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else Truncator(name).chars(LONGEST_NAME)


def part_label(asked: Asked, part: str) -> str:
    """Return where a part stands, short: “Line 2, 45380-59”."""
    label = next((p.label for p in asked.parts if p.key == part), "")
    return ", ".join(label.split(", ")[:2])


def full_label(asked: Asked, field: Field) -> str:
    """Return a field's label, with its part where the item has several."""
    label = plain_label(asked, field.name)
    if field.part and len(asked.parts) > 1:
        return f"{label}, {part_label(asked, field.part)}"
    return label


def pointable(asked: Asked) -> list[tuple[str, str]]:
    """Return what a return can point at: every answer asked now, with its label."""
    fields = [field for field in now_asked(asked) if not is_reply(field.name)]
    return [(field.name, full_label(asked, field)) for field in fields]
