"""The template library: ``{% load codetrail %}``. How each is used: docs/interface.md.

Small parts that stand in table rows are written in Python, since a list draws
hundreds of them; larger ones are templates in ``templates/components/``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django import template
from django.forms import BoundField
from django.http import QueryDict
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from worklists import context as acting
from worklists.enums import State
from worklists.templatetags import wording

register = template.Library()

for name in ("money", "dollars", "mask_name", "initials", "us_date", "long_date", "hour_minute", "counted", "short_hash"):
    register.filter(name, getattr(wording, name))

STATES: dict[str, tuple[str, str]] = {
    State.OPEN: ("circle", ""),
    State.IN_PROGRESS: ("circle-half-2", ""),
    State.PENDING: ("player-pause", ""),
    State.IN_REVIEW: ("eye-check", "review"),
    State.RETURNED: ("arrow-back-up", "returned"),
    State.COMPLETED: ("circle-check", "done"),
    State.CANCELLED: ("ban", ""),
}
ANSWERS: dict[str, tuple[str, str, str]] = {
    "complete": ("check", "done", "complete"),
    "missing": ("circle-dashed", "soon", "missing"),
    "not_accepted": ("alert-triangle", "over", "not accepted"),
    "not_checked": ("circle-dashed", "", "not checked"),
    "optional": ("circle", "", "optional"),
}
CHANGES: dict[str, tuple[str, str]] = {
    "added": ("plus", "done"),
    "changed": ("arrows-exchange", ""),
    "removed": ("x", "over"),
    "moved": ("arrow-right", ""),
    "same": ("check", ""),
}
NOTES = {
    "": "info-circle",
    "suggestion": "bulb",
    "soon": "hourglass",
    "over": "alert-triangle",
    "returned": "arrow-back-up",
    "review": "eye-check",
    "accent": "info-circle",
    "done": "check",
}
CLOCKS = {
    "ok": "clock",
    "soon": "hourglass",
    "over": "alert-triangle",
    "paused": "player-pause",
    "done": "check",
    "idle": "circle",
}


@cache
def _sprite() -> str:
    return static("vendor/icons/icons.svg")


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """Draw an icon of the sprite; always beside a word, so it is hidden from readers."""
    return format_html(
        '<svg class="ct-icon{}" aria-hidden="true"><use href="{}#{}"></use></svg>',
        f" ct-icon-{size}" if size else "",
        _sprite(),
        name,
    )


@register.simple_tag
def brand() -> SafeString:
    """Draw the mark of the product."""
    return mark_safe(  # noqa: S308 - a constant
        '<svg viewBox="0 0 26 26" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
        'aria-hidden="true"><path d="M6 20c9 0 1-14 14-14"/><g fill="currentColor" stroke="none">'
        '<circle cx="5" cy="20" r="2.6"/><circle cx="13" cy="13" r="2.6"/><circle cx="21" cy="6" r="2.6"/></g></svg>'
    )


@register.simple_tag
def kbd(keys: str) -> SafeString:
    """Show keys as they are pressed: ``{% kbd "g r" %}``."""
    return format_html_join(" ", "<kbd>{}</kbd>", ((key,) for key in keys.split()))


@register.simple_tag
def keyhint(keys: str, text: str) -> SafeString:
    """Show one entry of the key bar at the foot."""
    return format_html("<span>{} {}</span>", kbd(keys), text)


@register.simple_tag
def mark(text: str, icon_name: str = "circle", tone: str = "") -> SafeString:
    """Write a state: icon and word, no box. Tones: review, returned, over, soon, done."""
    return format_html('<span class="ct-state {}">{}{}</span>', tone, icon(icon_name), text)


@register.simple_tag
def tag(text: str, icon_name: str = "", tone: str = "") -> SafeString:
    """Write what asks for attention: icon and word in a box. Tones as mark, and accent, line."""
    drawn = icon(icon_name) if icon_name else ""
    return format_html('<span class="ct-tag {}">{}{}</span>', tone, drawn, text)


@register.simple_tag
def state(value: str) -> SafeString:
    """Write the state of an item."""
    return _state(State(value))


@cache
def _state(value: State) -> SafeString:
    drawn, tone = STATES[value]
    return mark(value.label, drawn, tone)


@register.simple_tag
def answer(value: str) -> SafeString:
    """Write the state of an evidence field: complete, missing, not_accepted, not_checked, optional."""
    drawn, tone, text = ANSWERS[value]
    return mark(text, drawn, tone)


@register.simple_tag
def change(kind: str) -> SafeString:
    """Write the kind of change in a review diff: added, changed, removed, moved, same."""
    drawn, tone = CHANGES[kind]
    return mark(kind, drawn, tone)


@register.simple_tag
def note_icon(tone: str = "") -> SafeString:
    """Draw the icon that belongs to a note of this tone."""
    return icon(NOTES[tone])


@register.simple_tag
def avatar(name: str, size: str = "") -> SafeString:
    """Draw a person's initials; the name stands beside it."""
    return format_html('<b class="ct-avatar {}" aria-hidden="true">{}</b>', size, wording.initials(name))


# Moments. All are written in the zone that is active for the person.


def _today() -> Any:
    return wording.local(acting.now()).date()  # type: ignore[union-attr]


@register.filter
def day(value: Any) -> str:
    """Write a day that is ahead: ``Fri Nov 20``."""
    return wording.day(value, _today())


@register.filter
def moment(value: datetime | None) -> str:
    """Write when something happened: ``Today 08:31``."""
    return wording.moment(value, _today())


@register.simple_tag
def when(value: datetime | None) -> SafeString | str:
    """Write a moment as a ``<time>`` element."""
    if value is None:
        return wording.NO_DATA
    return format_html('<time datetime="{}">{}</time>', value.isoformat(timespec="seconds"), moment(value))


@register.simple_tag
def now_line() -> str:
    """Write the date, time and zone at the foot of a page."""
    here = acting.now()
    return f"{wording.day(here, _today())}, {_today().year}, {wording.hour_minute(here)} {wording.zone_word(here)}"


# Clocks. A clock is an ``ItemClock`` or anything with label (else name), kind, due_at, and as far as known
# paused (or paused_at), overdue, met_at, stopped_at, soon, detail.


def _fact(thing: Any, name: str) -> Any:
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


@register.filter
def clock_name(clock: Any) -> str:
    """Return what people call a clock."""
    return _fact(clock, "label") or _fact(clock, "name") or "clock"


@register.filter
def clock_level(clock: Any) -> str:
    """Say how a clock stands: ok, soon, over, paused, done, idle."""
    due_at = _fact(clock, "due_at")
    if _fact(clock, "met_at"):
        return "done"
    if due_at is None or _fact(clock, "stopped_at"):
        return "idle"
    if _fact(clock, "paused") or _fact(clock, "paused_at"):
        return "paused"
    now = acting.now()
    if _fact(clock, "overdue") or due_at < now:
        return "over"
    soon = _fact(clock, "soon")
    return "soon" if (wording.is_soon(due_at, str(_fact(clock, "kind")), now) if soon is None else soon) else "ok"


@register.filter
def clock_text(clock: Any) -> str:
    """Write what a clock shows: ``1 d 9 h``, ``5 h over``, ``paused``, ``met``."""
    level = clock_level(clock)
    if level in ("paused", "done", "idle"):
        return {"paused": "paused", "done": "met", "idle": "not running"}[level]
    left = wording.span(_fact(clock, "due_at") - acting.now())
    return f"{left}{wording.NBSP}over" if level == "over" else left


@register.filter
def clock_aloud(clock: Any) -> str:
    """Say a clock in full: ``payer appeal level 1, due Friday November 20, 1 day 9 hours left``."""
    name, due_at, level = clock_name(clock), _fact(clock, "due_at"), clock_level(clock)
    if level == "done":
        return f"{name}, met {wording.long_date(_fact(clock, 'met_at'))}"
    if level == "idle":
        return f"{name}, not running"
    here = wording.local(due_at)
    said = f"{name}, due {here:%A %B} {here.day}, "
    if level == "paused":
        return f"{said}paused"
    return f"{said}{wording.span_in_full(due_at - acting.now())} {'over' if level == 'over' else 'left'}"


@register.simple_tag
def clock_icon(clock: Any) -> SafeString:
    """Draw the icon of a clock's level."""
    return icon(CLOCKS[clock_level(clock)])


@register.simple_tag
def clock_badge(clock: Any, suffix: str = "") -> SafeString:
    """Write a clock as a badge; readers hear it in full."""
    if clock is None:
        return mark_safe('<span class="ct-3">no clock</span>')  # noqa: S308 - a constant
    level, text = clock_level(clock), clock_text(clock)
    if level == "done":
        text = f"met {wording.day(_fact(clock, 'met_at'), _today())}"
    return format_html(
        '<span class="ct-clock is-{}">{}<span aria-hidden="true">{}</span><span class="ct-vh">{}</span>{}</span>',
        level,
        icon(CLOCKS[level]),
        text,
        clock_aloud(clock),
        f" {suffix}" if suffix else "",
    )


@register.simple_tag
def clock_cell(clock: Any) -> SafeString:
    """Write a table cell's clock: the badge, its name and date under it."""
    if clock is None:
        return clock_badge(None)
    due_at = _fact(clock, "due_at")
    under = clock_name(clock) if due_at is None else f"{clock_name(clock)}, {day(due_at)}"
    return format_html('{}<span class="two" aria-hidden="true">{}</span>', clock_badge(clock), under)


# Drawings whose sizes are SVG attributes, never inline style.


@register.simple_tag
def loadbar(used: float, capacity: float) -> SafeString:
    """Draw a person's load against their hours; the line stands at two thirds of the width."""
    share = used / capacity if capacity else 0
    limit = 66.7
    inside, beyond = min(share, 1) * limit, min(max(share - 1, 0) * limit, 100 - limit)
    return format_html(
        '<svg class="ct-loadbar" viewBox="0 0 100 14" preserveAspectRatio="none" role="img" aria-label="{} percent of '
        'capacity"><rect class="cap" x="0" y="3" width="66.7" height="8"></rect><rect class="use" x="0" y="3" width="{}" '
        'height="8"></rect><rect class="over" x="66.7" y="3" width="{}" height="8"></rect>'
        '<line class="lim" x1="66.7" x2="66.7" y1="0" y2="14"></line></svg>',
        round(share * 100),
        f"{inside:.1f}",
        f"{beyond:.1f}",
    )


@register.simple_tag
def spark(values: Sequence[float], label: str) -> SafeString:
    """Draw a small line of what a number was; ``label`` says it in words."""
    if len(values) < 2:  # noqa: PLR2004 - a line needs two points
        return format_html('<span class="ct-3">{}</span>', wording.NO_DATA)
    low, high = min(values), max(values)
    step, rise = 68 / (len(values) - 1), (high - low) or 1
    points = [(2 + step * place, 18 - 16 * (value - low) / rise) for place, value in enumerate(values)]
    return format_html(
        '<svg class="ct-spark" viewBox="0 0 72 20" role="img" aria-label="{}"><polyline points="{}"></polyline>'
        '<circle cx="{}" cy="{}" r="2"></circle></svg>',
        label,
        " ".join(f"{x:.1f},{y:.1f}" for x, y in points),
        *(f"{number:.1f}" for number in points[-1]),
    )


# Components: {% component "button" label="Release" hx_post=url %}, {% part "panel" title="Mine" %}…{% endpart %}.

_PREFIXES = ("hx_", "data_", "aria_")


def _attributes(params: Mapping[str, Any]) -> SafeString:
    """Write hx_, data_ and aria_ parameters as attributes; True is bare, None and False are left out."""
    written = []
    for name, value in params.items():
        if value is True:
            written.append(format_html(" {}", name.replace("_", "-")))
        elif value is not None and value is not False:
            written.append(format_html(' {}="{}"', name.replace("_", "-"), value))
    return mark_safe("".join(written))  # noqa: S308 - joined from escaped pieces


def _draw(context: Context, name: str, params: dict[str, Any]) -> SafeString:
    attributes = {key: params.pop(key) for key in list(params) if key.startswith(_PREFIXES)}
    shared = {key: context[key] for key in ("csrf_token", "request", "shell") if key in context}
    drawn = context.template.engine.get_template(f"components/{name}.html")  # type: ignore[union-attr]
    return drawn.render(context.new({**shared, **params, "attrs": _attributes(attributes)}))


@register.simple_tag(takes_context=True)
def component(context: Context, which: str, **params: Any) -> SafeString:
    """Draw ``components/<which>.html`` with these parameters and no others."""
    return _draw(context, which, params)


@register.simple_block_tag(takes_context=True, end_name="endpart")
def part(context: Context, content: SafeString, which: str, **params: Any) -> SafeString:
    """Draw a component around the block between the tags."""
    return _draw(context, which, {**params, "content": content})


def next_sort(field: str, current: str = "") -> str:
    """Return the ordering a click on this column asks for: down first, then up."""
    return field if current == f"-{field}" else f"-{field}"


@register.simple_tag(takes_context=True)
def sort_link(context: Context, param: str, field: str, current: str = "") -> str:
    """Return the address of the page sorted by a column; filters stay, the place in the list does not."""
    query = context["request"].GET.copy() if "request" in context else QueryDict(mutable=True)
    query.pop("cursor", None)
    query[param] = next_sort(field, current)
    return f"?{query.urlencode()}"


@register.filter
def sorted_as(field: str, current: str = "") -> str:
    """Return the ``aria-sort`` of a column, or nothing."""
    return {f"-{field}": "descending", field: "ascending"}.get(current or "", "")


# Evidence fields, as worklists.evidence names their types.

GROUPS = ("choice", "multichoice", "yes_no", "document", "attachment")
CONTROLS = ("text", "date", "money", "number", "code", "policy", *GROUPS)
TILES = 8


@register.simple_tag(takes_context=True)
def evidence_ids(context: Context, field: Any) -> dict[str, str]:
    """Return the id (``ev-root_cause``, ``ev-decision-12``) and the element of a field's frame.

    A field of several controls is a fieldset, one control or an answer in words is a div.
    """
    prefix = context.get("prefix") or "ev"
    several = _fact(field, "type") in GROUPS and not _is_long(field) and not context.get("readonly")
    return {"id": f"{prefix}-{_fact(field, 'name')}".replace(".", "-"), "frame": "fieldset" if several else "div"}


def _is_long(field: Any) -> bool:
    return _fact(field, "type") == "choice" and len(_fact(field, "choices") or ()) > TILES


@register.filter
def control_template(field: Any) -> str:
    """Return the template that draws a field's control; an unknown type is a mistake, not a text field."""
    kind = _fact(field, "type")
    if kind not in CONTROLS:
        raise template.TemplateSyntaxError(f"No control for evidence of type {kind!r}; known: {', '.join(CONTROLS)}.")
    return f"components/controls/{'select' if _is_long(field) else kind}.html"


@register.filter
def iso_date(value: Any) -> str:
    """Write a date as a date input wants it."""
    return value.isoformat()[:10] if hasattr(value, "isoformat") else str(value or "")


@register.filter
def control(bound: BoundField, described_by: str = "") -> SafeString:
    """Draw the control of a Django form field with our classes."""
    kind = getattr(bound.field.widget, "input_type", "")
    css = {"checkbox": "form-check-input", "select": "form-select"}.get(kind, "form-control")
    attrs: dict[str, Any] = {"class": css}
    if described_by and (bound.errors or bound.help_text):
        attrs["aria-describedby"] = described_by
    return bound.as_widget(attrs=attrs)
