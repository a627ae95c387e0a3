"""How numbers, names and moments are written for people (INTERFACE, "Words").

Pure functions, no template and no database: the template library, letters and
exports all write the same way. US dates, 24-hour time, money with two decimals,
a real minus sign, and "no data" where there is none.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from django.utils import timezone
from django.utils.dateparse import parse_date

NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
NO_DATA = "no data"
LEGAL_SOON = timedelta(days=3)
SATURDAY = 5
ENDS_OF_DAY = range(3, 10)
LETTERS_HIDDEN = 2
SHORT = ("d", "h", "min")

_ZONES = {
    "C": "Central",
    "E": "Eastern",
    "M": "Mountain",
    "P": "Pacific",
    "AK": "Alaska",
    "H": "Hawaii",
}


def money(value: object) -> str:
    """Write an amount with separators and two decimals, without a sign of currency."""
    amount = _decimal(value)
    if amount is None:
        return NO_DATA
    return f"{MINUS if amount < 0 else ''}{abs(amount):,.2f}"


def dollars(value: object) -> str:
    """Write an amount as money() does, with the dollar sign behind any minus."""
    amount = _decimal(value)
    if amount is None:
        return NO_DATA
    return f"{MINUS if amount < 0 else ''}${abs(amount):,.2f}"


def _decimal(value: object) -> Decimal | None:
    if value is None or value == "":
        return None
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def days_between(first: int, last: int | None) -> str:
    """Write a span of ages: ``0 to 7 days``, ``over 90 days``."""
    return f"over {first - 1} days" if last is None else f"{first} to {last} days"


def mask_name(name: str | None) -> str:
    """Mask a patient's name: ``Jordan Doe`` and ``DOE, JORDAN`` are ``J***n D***``."""
    text = (name or "").strip()
    last, comma, first = text.partition(",")
    if not comma:
        first, _, last = text.rpartition(" ")
    given, family = (first.split() or [""])[0], last.strip()
    masked = (_mask_given(given), f"{family[:1].upper()}***" if family else "")
    return " ".join(part for part in masked if part) or "no name"


def _mask_given(first: str) -> str:
    if not first:
        return ""
    tail = first[-1].lower() if len(first) > LETTERS_HIDDEN else ""
    return f"{first[0].upper()}***{tail}"


def initials(name: str | None) -> str:
    """Return the one or two letters an avatar shows."""
    words = (name or "").split()
    if not words:
        return "?"
    picked = words[:1] if len(words) == 1 else [words[0], words[-1]]
    return "".join(word[0].upper() for word in picked)


def local(value: date) -> date:
    """Return a moment in the zone that is active for the person; dates as they are."""
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value)
    return value


def day_of(value: date) -> date:
    """Return the day on which a moment falls for the person."""
    here = local(value)
    return here.date() if isinstance(here, datetime) else here


def due_on(value: date) -> date:
    """Return the day of a moment as it is said of what is due.

    The last second of a day (``clocks.end_of_day``) belongs to that day, where the site
    is, and not to the reader's, who may be on the other side of the world. Sites lie
    between Puerto Rico and Hawaii: their days end between 3:59:59 and 9:59:59 of the
    next one in Greenwich, when no office there is open.
    """
    if not isinstance(value, datetime):
        return value
    there = value.astimezone(UTC)
    if there.hour in ENDS_OF_DAY and (there.minute, there.second) == (59, 59):
        return (there - timedelta(days=1)).date()
    return local(value)


def day(value: date | None, today: date | None = None) -> str:
    """Write a day that is ahead: ``Fri Nov 20``; the year only if it is another."""
    if value is None:
        return NO_DATA
    return f"{due_on(value):%a} {month_day(value, today)}"


def month_day(value: date | None, today: date | None = None) -> str:
    """Write a day without its weekday: ``Nov 10``; the year only if it is another."""
    if value is None:
        return NO_DATA
    on = due_on(value)
    year = f", {on.year}" if on.year != (today or timezone.localdate()).year else ""
    return f"{on:%b}{NBSP}{on.day}{year}"


def due_moment(value: datetime, today: date | None = None) -> str:
    """Write when a clock is due: ``Fri Nov 20 17:00``; an end of day has no hour."""
    if not isinstance(due_on(value), datetime):
        return day(value, today)
    return f"{day(value, today)} {local(value):%H:%M}"


def us_date(value: date | None) -> str:
    """Write a service date: ``08/14/2026``."""
    return NO_DATA if value is None else f"{local(value):%m/%d/%Y}"


def long_date(value: date | None) -> str:
    """Write a day of the record: ``Nov 19, 2026``."""
    if value is None:
        return NO_DATA
    moment = local(value)
    return f"{moment:%b}{NBSP}{moment.day}, {moment.year}"


def hour_minute(value: datetime | None) -> str:
    """Write a time of day in 24 hours: ``08:31``."""
    return NO_DATA if value is None else f"{local(value):%H:%M}"


def moment(value: datetime | None, today: date | None = None) -> str:
    """Write when something happened: ``Today 08:31``, ``Tue Nov 10 14:22``."""
    if value is None:
        return NO_DATA
    then, on, here = local(value), day_of(value), today or timezone.localdate()
    word = {here: "Today", here - timedelta(days=1): "Yesterday"}.get(on)
    if word is None:
        word = day(on, here) if on.year == here.year else long_date(on)
    return f"{word}{NBSP}{then:%H:%M}"


def foot_line(value: datetime) -> str:
    """Write date, time and zone: ``Thu Nov 19, 2026, 08:00 Central``."""
    here = local(value)
    on = day_of(value)
    return f"{day(on, on)}, {here.year}, {here:%H:%M} {zone_word(value)}"


def iso_date(value: object) -> str:
    """Write a date as a date input wants it: ``2026-11-19``."""
    return value.isoformat()[:10] if isinstance(value, date) else str(value or "")


def thousands(value: int) -> str:
    """Write a whole number as people read it: ``12,480``."""
    return f"{value:,}"


def is_day(value: object) -> bool:
    """Tell whether a date input could show it: a day, its ISO text, or nothing yet."""
    if not value or isinstance(value, date):
        return True
    try:
        return parse_date(str(value)) is not None
    except ValueError:
        return False


def zone_word(value: datetime) -> str:
    """Name the zone as people in the US say it: ``Central``."""
    name = local(value).strftime("%Z")
    return _ZONES.get(name[:-2], name)


def span(delta: timedelta) -> str:
    """Write a length of time the short way: ``11 d``, ``1 d 9 h``, ``3 h 40 min``."""
    return _span(delta, SHORT, NBSP)


def span_in_full(delta: timedelta) -> str:
    """Write a length of time for reading aloud: ``1 day 9 hours``."""
    return _span(delta, ("day", "hour", "minute"), " ")


def _span(delta: timedelta, words: tuple[str, str, str], gap: str) -> str:
    minutes = int(abs(delta).total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days >= 3:  # noqa: PLR2004 - three days and more need no hours
        parts = [(days, words[0])]
    elif days:
        parts = [(days, words[0]), (hours, words[1])]
    else:
        parts = [(hours, words[1]), (rest, words[2])]
    said = [part for part in parts if part[0]] or [(0, words[2])]
    return gap.join(f"{number}{gap}{_plural(number, word)}" for number, word in said)


def _plural(number: int, word: str) -> str:
    return word if number == 1 or word in SHORT else f"{word}s"


def is_soon(due_at: datetime, kind: str, now: datetime) -> bool:
    """Say whether a clock is due soon: 3 days if legal, one work day if internal.

    A work day is counted by weekdays; a selector that knows the calendar passes
    ``soon`` with the clock, and that wins.
    """
    if kind == "legal":
        return due_at - now <= LEGAL_SOON
    next_day = timezone.localtime(now) + timedelta(days=1)
    while next_day.weekday() >= SATURDAY:
        next_day += timedelta(days=1)
    return due_at <= next_day


def counted(number: int, word: str) -> str:
    """Write a count with its thing: ``1,204 items``; plurals as ``entry,entries``."""
    one, _, many = word.partition(",")
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def short_hash(digest: str | None) -> str:
    """Write a SHA-256 by its ends: ``9c41…e07b``."""
    if not digest:
        return "no hash"
    return f"{digest[:4]}…{digest[-4:]}"
