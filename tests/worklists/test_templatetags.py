"""How numbers, names, moments, states and clocks are written and drawn."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone

from worklists.clocks import end_of_day
from worklists.context import moment_context
from worklists.enums import State
from worklists.templatetags import drawing, timing, wording

pytestmark = pytest.mark.unit

# Thursday, November 19, 2026, 08:00 in Chicago.
NOW = datetime(2026, 11, 19, 14, 0, tzinfo=UTC)
NBSP = "\N{NO-BREAK SPACE}"


@pytest.fixture(autouse=True)
def _chicago():
    with timezone.override("America/Chicago"), moment_context(NOW):
        yield


def draw(source: str, **context: Any) -> str:
    return Template("{% load codetrail %}" + source).render(Context(context))


def plain(text: str) -> str:
    return text.replace(NBSP, " ")


@pytest.mark.parametrize(
    ("value", "bare", "signed"),
    [
        (Decimal(2140), "2,140.00", "$2,140.00"),
        ("412.3", "412.30", "$412.30"),
        (0, "0.00", "$0.00"),
        (Decimal("-2140.00"), "−2,140.00", "−$2,140.00"),
        (Decimal("1234567.89"), "1,234,567.89", "$1,234,567.89"),
        (None, "no data", "no data"),
        ("", "no data", "no data"),
        ("abc", "no data", "no data"),
    ],
)
def test_money_has_two_decimals_a_real_minus_and_says_when_there_is_none(
    value, bare, signed
):
    assert wording.money(value) == bare
    assert wording.dollars(value) == signed


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("Jordan Doe", "J***n D***"),
        ("DOE, JORDAN", "J***n D***"),
        ("DOE, JORDAN MARIE", "J***n D***"),
        ("jordan doe", "J***n D***"),
        ("Jo Doe", "J*** D***"),
        ("DOE,", "D***"),
        ("Doe", "D***"),
        ("Ángel Ñíguez", "Á***l Ñ***"),
        ("", "no name"),
        (None, "no name"),
        ("   ", "no name"),
        (",", "no name"),
    ],
)
def test_mask_name_shows_two_letters_of_the_given_name_and_one_of_the_family(
    name, masked
):
    assert wording.mask_name(name) == masked


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Ana Ruiz", "AR"),
        ("Ana Maria Ruiz", "AR"),
        ("ana", "A"),
        ("", "?"),
        (None, "?"),
    ],
)
def test_initials_are_first_and_last(name, letters):
    assert wording.initials(name) == letters


def test_days_ahead_carry_the_year_only_when_it_is_another():
    assert plain(wording.day(date(2026, 11, 20), date(2026, 11, 19))) == "Fri Nov 20"
    far = plain(wording.day(date(2027, 2, 12), date(2026, 11, 19)))
    assert far == "Fri Feb 12, 2027"
    assert wording.day(None) == "no data"


def test_a_moment_falls_on_the_day_of_the_persons_zone():
    late = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)  # 21:30 on the 19th in Chicago
    assert plain(wording.moment(late, date(2026, 11, 19))) == "Today 21:30"
    assert wording.us_date(late) == "11/19/2026"
    assert plain(wording.day(late, date(2026, 11, 19))) == "Thu Nov 19"


@pytest.mark.parametrize(
    ("back", "said"),
    [
        (timedelta(minutes=29), "Today 07:31"),
        (timedelta(hours=15, minutes=18), "Yesterday 16:42"),
        (timedelta(days=9), "Tue Nov 10 08:00"),
        (timedelta(days=365), "Nov 19, 2025 08:00"),
    ],
)
def test_moment_says_how_long_ago_in_days_people_know(back, said):
    assert plain(draw("{{ at|moment }}", at=NOW - back)) == said


def test_when_is_a_time_element_with_the_exact_moment():
    assert plain(draw("{% when at %}", at=NOW)) == (
        '<time datetime="2026-11-19T14:00:00+00:00">Today 08:00</time>'
    )
    assert draw("{% when at %}", at=None) == "no data"


def test_foot_line_names_the_zone_as_people_do():
    assert plain(draw("{% now_line %}")) == "Thu Nov 19, 2026, 08:00 Central"
    with timezone.override("America/New_York"):
        assert draw("{% now_line %}").endswith("09:00 Eastern")
    with timezone.override("UTC"):
        assert draw("{% now_line %}").endswith("14:00 UTC")


@pytest.mark.parametrize(
    ("delta", "short", "full"),
    [
        (timedelta(days=11, hours=4), "11 d", "11 days"),
        (timedelta(days=3), "3 d", "3 days"),
        (timedelta(days=1, hours=9), "1 d 9 h", "1 day 9 hours"),
        (timedelta(days=2), "2 d", "2 days"),
        (timedelta(hours=3, minutes=40), "3 h 40 min", "3 hours 40 minutes"),
        (timedelta(minutes=25), "25 min", "25 minutes"),
        (timedelta(minutes=1, seconds=50), "1 min", "1 minute"),
        (timedelta(0), "0 min", "0 minutes"),
        (timedelta(hours=-5), "5 h", "5 hours"),
    ],
)
def test_span_says_no_more_than_two_units(delta, short, full):
    assert plain(wording.span(delta)) == short
    assert wording.span_in_full(delta) == full


@pytest.mark.parametrize(
    ("kind", "ahead", "soon"),
    [
        ("legal", timedelta(days=3), True),
        ("legal", timedelta(days=3, minutes=1), False),
        ("internal", timedelta(days=1), True),
        ("internal", timedelta(days=1, minutes=1), False),
    ],
)
def test_soon_is_three_days_for_legal_and_one_work_day_for_internal(kind, ahead, soon):
    assert wording.is_soon(NOW + ahead, kind, NOW) is soon


def test_one_work_day_after_friday_is_monday():
    friday = NOW + timedelta(days=1)
    assert wording.is_soon(friday + timedelta(days=3), "internal", friday)
    assert not wording.is_soon(friday + timedelta(days=4), "internal", friday)


def clock(**facts: Any) -> dict[str, Any]:
    due_at = NOW + timedelta(days=1, hours=9)
    return {"label": "Payer appeal L1", "kind": "legal", "due_at": due_at, **facts}


@pytest.mark.parametrize(
    ("facts", "level", "shown"),
    [
        ({}, "soon", "1 d 9 h"),
        ({"due_at": NOW + timedelta(days=11)}, "ok", "11 d"),
        ({"due_at": NOW - timedelta(hours=5)}, "over", "5 h over"),
        ({"paused_at": NOW}, "paused", "paused"),
        ({"paused": True}, "paused", "paused"),
        ({"met_at": NOW, "kind": "internal"}, "done", "met"),
        ({"met_at": NOW}, "done", "decided"),
        ({"met_at": NOW + timedelta(days=6, hours=9)}, "late", "5 d late"),
        ({"stopped_at": NOW}, "idle", "not running"),
        ({"due_at": None}, "idle", "not running"),
        ({"soon": False}, "ok", "1 d 9 h"),
        ({"due_at": NOW + timedelta(days=5), "soon": True}, "soon", "5 d"),
    ],
)
def test_a_clock_stands_as_its_facts_say(facts, level, shown):
    assert timing.level(clock(**facts)) == level
    assert plain(timing.shown(clock(**facts))) == shown


def test_a_met_clock_is_met_even_when_its_moment_is_past():
    past = clock(due_at=NOW - timedelta(days=3), met_at=NOW - timedelta(days=9))
    assert timing.level(past) == "done"


def test_a_legal_clock_that_ended_is_never_said_to_be_met():
    ended = clock(met_at=NOW)
    assert plain(timing.under(ended)) == "Nov 19, the limit was Fri Nov 20 17:00"
    assert timing.aloud(ended).startswith("Payer appeal L1, decided, ")
    drawn = draw("{% clock_badge clock %}", clock=ended)
    assert "met" not in drawn
    late = clock(met_at=NOW + timedelta(days=6, hours=9))
    drawn = draw("{% clock_badge clock %}", clock=late)
    assert 'class="ct-clock is-late"' in drawn
    assert ">5 d late Nov 25<" in plain(drawn)


def test_a_clock_is_read_out_in_full():
    assert timing.aloud(clock()) == (
        "Payer appeal L1, due Friday November 20, 1 day 9 hours left"
    )
    over = clock(due_at=NOW - timedelta(hours=5), label="", name="Internal")
    assert timing.aloud(over).endswith("November 19, 5 hours over")
    assert timing.aloud(over).startswith("Internal, due Thursday")


def test_under_an_items_first_legal_clock_stands_that_it_never_pauses():
    said = plain(timing.under(clock(detail="30 days from remit"), first=True))
    assert said == "Fri Nov 20 17:00, 30 days from remit, never pauses"
    assert "never pauses" not in timing.under(clock())
    assert "never pauses" not in timing.under(clock(kind="internal"), first=True)


def test_the_end_of_a_day_needs_no_hour():
    end = datetime(2026, 11, 21, 5, 59, 59, tzinfo=UTC)  # 23:59:59 on the 20th
    assert plain(timing.under(clock(due_at=end))) == "Fri Nov 20"


@pytest.mark.parametrize(
    "zone", ["Pacific/Honolulu", "America/Los_Angeles", "America/Denver",
             "America/Chicago", "America/New_York", "America/St_Johns",
             "Europe/Berlin", "Asia/Karachi", "Asia/Kolkata", "Asia/Manila"]
)  # fmt: skip
@pytest.mark.parametrize(
    "site", ["America/Puerto_Rico", "America/New_York", "America/Denver",
             "America/Phoenix", "Pacific/Honolulu"]
)  # fmt: skip
@pytest.mark.parametrize("month", [7, 11])
def test_the_end_of_a_sites_day_is_that_day_wherever_it_is_read(month, site, zone):
    end = end_of_day(date(2026, month, 20), site)
    with timezone.override(zone):
        assert wording.due_on(end) == date(2026, month, 20)


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Kolkata"])
def test_a_second_before_an_hour_of_work_is_no_end_of_a_day(zone):
    at = datetime(2026, 11, 20, 16, 59, 59, tzinfo=UTC)  # 09:59:59 in Denver
    with timezone.override(zone):
        assert wording.due_on(at) == at
        assert plain(wording.due_moment(at)).startswith("Fri Nov 20 ")


@pytest.mark.parametrize("zone", ["America/Denver", "Asia/Manila"])
def test_the_end_of_a_sites_day_is_drawn_as_that_day(zone):
    end = datetime(2026, 11, 21, 6, 59, 59, tzinfo=UTC)  # 23:59:59 in Denver, the 20th
    seen = clock(due_at=end)
    with timezone.override(zone):
        assert plain(timing.under(seen)) == "Fri Nov 20"
        assert "due Friday November 20, " in timing.aloud(seen)
        assert plain(wording.day(end)) == "Fri Nov 20"
        drawn = draw("{% clock_cell clock %}", clock=SimpleNamespace(**seen))
        assert f"Fri Nov{NBSP}20" in drawn


def test_another_hour_is_said_in_the_readers_zone():
    noon = datetime(2026, 11, 20, 18, tzinfo=UTC)
    with timezone.override("America/Denver"):
        assert plain(timing.under(clock(due_at=noon))) == "Fri Nov 20 11:00"


def test_by_how_much_a_moment_is_over():
    assert plain(timing.over_time(NOW - timedelta(days=2, hours=3))) == "2 d 3 h over"
    assert timing.over_time(NOW + timedelta(minutes=1)) == ""
    assert timing.over_time(None) == ""


def test_a_moment_in_a_sentence_names_its_zone():
    said = draw("to be decided by {{ at|sentence_moment }}.", at=NOW)
    word = wording.zone_word(NOW)
    assert plain(said) == f"to be decided by today {wording.local(NOW):%H:%M} {word}."
    later = draw("{{ at|sentence_moment }}", at=NOW + timedelta(days=1))
    assert plain(later).startswith("Fri Nov 20 ")


def test_badge_shows_short_and_speaks_long():
    drawn = draw("{% clock_badge clock %}", clock=clock())
    assert 'class="ct-clock is-soon"' in drawn
    assert f'<span aria-hidden="true">1{NBSP}d{NBSP}9{NBSP}h</span>' in drawn
    assert "1 day 9 hours left" in drawn
    assert "no clock" in draw("{% clock_badge none %}", none=None)


def test_cell_of_a_model_like_clock_names_it_and_its_day():
    drawn = draw("{% clock_cell clock %}", clock=SimpleNamespace(**clock()))
    assert f"Payer appeal L1, Fri Nov{NBSP}20" in drawn


def test_every_state_has_an_icon_and_its_word():
    for state in State:
        drawn = drawing.state(state.value)
        assert state.label in drawn
        assert "<use href=" in drawn


def test_an_unknown_state_is_a_mistake_not_a_blank():
    with pytest.raises(ValueError, match="nowhere"):
        drawing.state("nowhere")


def test_marks_and_tags_escape_what_they_are_given():
    assert "&lt;b&gt;" in drawing.mark("<b>", "x")
    assert "&lt;b&gt;" in drawing.tag("<b>", "x", "over")
    assert "&quot;" in drawing.spark([1, 2], '"')


def test_keys_are_caps_in_order():
    assert drawing.kbd("g r") == "<kbd>g</kbd> <kbd>r</kbd>"


@pytest.mark.parametrize(
    ("used", "capacity", "inside", "beyond"),
    [(7, 14, "33.4", "0.0"), (19, 14, "66.7", "23.8"), (99, 1, "66.7", "33.3")],
)
def test_load_bar_never_leaves_its_frame(used, capacity, inside, beyond):
    drawn = drawing.loadbar(used, capacity)
    assert f'class="use" x="0" y="3" width="{inside}"' in drawn
    assert f'class="over" x="66.7" y="3" width="{beyond}"' in drawn


def test_load_without_hours_is_no_division():
    assert "0 percent" in drawing.loadbar(3, 0)


def test_a_line_of_one_point_is_no_data():
    assert "no data" in drawing.spark([4], "x")
    assert "no data" in drawing.spark([], "x")
    assert 'points="2.0,18.0 70.0,18.0"' in drawing.spark([3, 3], "flat")


@pytest.mark.parametrize(
    ("number", "word", "said"),
    [
        (1, "item", "1 item"),
        (0, "item", "0 items"),
        (1204, "item", "1,204 items"),
        (2, "entry,entries", "2 entries"),
    ],
)
def test_counted_agrees_with_its_number(number, word, said):
    assert wording.counted(number, word) == said


def test_short_hash_keeps_both_ends():
    assert wording.short_hash("9c41" + "0" * 56 + "e07b") == "9c41…e07b"
    assert wording.short_hash("") == "no hash"


@pytest.mark.parametrize(
    ("current", "link", "order"),
    [
        ("", "-amount", ""),
        ("-amount", "amount", "descending"),
        ("amount", "-amount", "ascending"),
        ("-age", "-amount", ""),
    ],
)
def test_a_column_sorts_down_first_and_keeps_the_filters(current, link, order):
    request = RequestFactory().get("/q/?state=open&cursor=abc")
    context = {"request": request, "sort": current}
    assert draw("{% sort_link 'ordering' 'amount' sort %}", **context) == (
        f"?state=open&amp;ordering={link}"
    )
    assert draw("{{ 'amount'|sorted_as:sort }}", **context) == order


def test_an_evidence_type_without_a_control_is_a_mistake():
    with pytest.raises(TemplateSyntaxError, match="hologram"):
        draw("{{ field|control_template }}", field={"type": "hologram"})


def test_a_long_choice_is_a_list_not_tiles():
    choices = [(str(n), str(n)) for n in range(9)]
    field = {"type": "choice", "choices": choices}
    assert draw("{{ field|control_template }}", field=field).endswith("/select.html")
