"""The template library: ``{% load codetrail %}``. How each is used: docs/interface.md.

This module only registers; the writing is in ``wording``, the drawing in ``drawing``
and ``timing``, the larger parts in ``templates/components/``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.forms import BoundField
from django.http import QueryDict
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from worklists.context import now
from worklists.templatetags import drawing, item_row, timing, wording

register = template.Library()

for write in (
    wording.money,
    wording.dollars,
    wording.mask_name,
    wording.initials,
    wording.us_date,
    wording.long_date,
    wording.hour_minute,
    wording.is_day,
    wording.thousands,
    wording.counted,
    wording.short_hash,
    wording.iso_date,
):
    register.filter(write.__name__, write)

for draw in (
    drawing.icon,
    drawing.brand,
    drawing.kbd,
    drawing.keyhint,
    drawing.mark,
    drawing.tag,
    drawing.state,
    drawing.priority,
    drawing.answer,
    drawing.change,
    drawing.note_icon,
    drawing.avatar,
    drawing.loadbar,
    drawing.spark,
):
    register.simple_tag(draw, name=draw.__name__)

register.simple_tag(item_row.item_row, name="item_row")

register.filter("clock_name", timing.name)
register.filter("clock_level", timing.level)
register.filter("clock_text", timing.shown)
register.filter("clock_aloud", timing.aloud)
register.filter("over_time", timing.over_time)
register.simple_tag(timing.under, name="clock_under")
register.simple_tag(timing.icon, name="clock_icon")
register.simple_tag(timing.badge, name="clock_badge")
register.simple_tag(timing.cell, name="clock_cell")


# Moments, in the zone that is active for the person.


@register.filter
def day(value: Any) -> str:
    """Write a day that is ahead: ``Fri Nov 20``."""
    return wording.day(value, timing.today())


@register.filter
def moment(value: datetime | None) -> str:
    """Write when something happened: ``Today 08:31``."""
    return wording.moment(value, timing.today())


@register.filter
def sentence_moment(value: datetime | None) -> str:
    """Write a moment inside a sentence: ``today 08:31``, with its zone."""
    if value is None:
        return wording.NO_DATA
    said = moment(value)
    if said.startswith(("Today", "Yesterday")):
        said = said[0].lower() + said[1:]
    return f"{said}{wording.NBSP}{wording.zone_word(value)}"


@register.simple_tag
def when(value: datetime | None) -> str:
    """Write a moment as a ``<time>`` element."""
    if value is None:
        return wording.NO_DATA
    machine = value.isoformat(timespec="seconds")
    return format_html('<time datetime="{}">{}</time>', machine, moment(value))


@register.simple_tag
def now_line() -> str:
    """Write date, time and zone for the foot of a page."""
    return wording.foot_line(now())


# Components.

_ATTRIBUTES = ("hx_", "data_", "aria_")
_SHARED = ("csrf_token", "request", "shell")


@register.simple_tag
def attributes(**params: Any) -> SafeString:
    """Write attributes: ``data_key=key`` is ``data-key="n"``.

    True is bare; what is None, False or empty is left out, so a template needs no if.
    """
    written = []
    for name, value in params.items():
        if value is True:
            written.append(format_html(" {}", name.replace("_", "-")))
        elif value not in (None, False, ""):
            written.append(format_html(' {}="{}"', name.replace("_", "-"), value))
    return mark_safe("".join(written))  # noqa: S308 - joined from escaped pieces


def _draw(context: Context, which: str, params: dict[str, Any]) -> SafeString:
    named = [name for name in params if name.startswith(_ATTRIBUTES)]
    attrs = attributes(**{name: params.pop(name) for name in named})
    shared = {name: context[name] for name in _SHARED if name in context}
    engine = context.template.engine  # type: ignore[union-attr] # set while rendering
    drawn = engine.get_template(f"components/{which}.html")
    return drawn.render(context.new({**shared, **params, "attrs": attrs}))


@register.simple_tag(takes_context=True)
def component(context: Context, which: str, **params: Any) -> SafeString:
    """Draw ``components/<which>.html`` with these parameters and no others.

    Names that begin with ``hx_``, ``data_`` or ``aria_`` become attributes.
    """
    return _draw(context, which, params)


@register.simple_block_tag(takes_context=True, end_name="endpart")
def part(
    context: Context, content: SafeString, which: str, **params: Any
) -> SafeString:
    """Draw a component around the block between the tags."""
    return _draw(context, which, {**params, "content": content})


# Sorting.


@register.simple_tag(takes_context=True)
def sort_link(context: Context, param: str, field: str, current: str = "") -> str:
    """Return the address sorted by a column: down first, then up.

    Filters stay; the place in the list does not.
    """
    known = "request" in context
    query = context["request"].GET.copy() if known else QueryDict(mutable=True)
    query.pop("cursor", None)
    query[param] = field if current == f"-{field}" else f"-{field}"
    return f"?{query.urlencode()}"


@register.filter
def sorted_as(field: str, current: str = "") -> str:
    """Return the ``aria-sort`` of a column in an order of one or several keys."""
    parts = (current or "").split(",")
    orders = {f"-{field}": "descending", field: "ascending"}
    return next((orders[part] for part in parts if part in orders), "")


# Fields. The types are those of worklists.evidence.

GROUPS = ("choice", "multichoice", "yes_no", "document", "attachment")
CONTROLS = ("text", "date", "money", "number", "code", "policy", "step", *GROUPS)
TILES = 8


def _is_long(field: Any) -> bool:
    choices = timing.fact(field, "choices") or ()
    return timing.fact(field, "type") == "choice" and len(choices) > TILES


@register.simple_tag(takes_context=True)
def evidence_ids(context: Context, field: Any) -> dict[str, str]:
    """Return the id (``ev-decision-12``) and the element of a field's frame.

    A field of several controls is a fieldset; one control, or an answer in words, a
    div.
    """
    prefix = context.get("prefix") or "ev"
    several = timing.fact(field, "type") in GROUPS and not _is_long(field)
    return {
        "id": f"{prefix}-{timing.fact(field, 'name')}".replace(".", "-"),
        "frame": "fieldset" if several and not context.get("readonly") else "div",
    }


@register.filter
def control_template(field: Any) -> str:
    """Return the template of a field's control; an unknown type is a mistake."""
    kind = timing.fact(field, "type")
    if kind not in CONTROLS:
        raise template.TemplateSyntaxError(
            f"No control for evidence of type {kind!r}; known: {', '.join(CONTROLS)}."
        )
    return f"components/controls/{'select' if _is_long(field) else kind}.html"


@register.filter
def control(bound: BoundField) -> SafeString:
    """Draw the control of a Django form field with our classes."""
    kind = getattr(bound.field.widget, "input_type", "")
    css = {"checkbox": "form-check-input", "select": "form-select"}
    return bound.as_widget(attrs={"class": css.get(kind, "form-control")})
