"""Waiting for the payer: until its profile says it has answered, and what is said then."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from denials.selectors.usual_answers import usual_answer
from tests.denials.remit import clp, interchange, payment, svc
from tests.factories import person, take
from worklists.context import now
from worklists.enums import Role, State, WaitsFor
from worklists.errors import BadInput
from worklists.kinds import UsualAnswer
from worklists.models import Event, Notice, PendReason, WorkItem
from worklists.services.injected_time import at
from worklists.services.perform import perform
from worklists.services.sweep import sweep

pytestmark = pytest.mark.django_db
MEDICARE = "Medicare fee-for-service, version 1, redetermination"


@pytest.fixture
def coder(site):
    return person(
        Role.CODER, username="jin", works=[site.bundling], facilities=[site.facility]
    )


@pytest.fixture
def item(ingest, coder):
    """A denial of Medicare, noticed yesterday, in a coder's hands."""
    line = svc("HC:45380", "300", cas=[("CO", "97", "300")])
    on = f"{now() - timedelta(days=1):%Y%m%d}"
    ingest(interchange(payment(clp("PCN1", line, charge="300"), on=on)))
    return take(WorkItem.objects.get(), coder)


def pend(item, coder, **options):
    return perform(
        item_id=item.pk,
        action="pend",
        actor=coder,
        expected_version=item.version,
        reason="Asked them by phone.",
        options=options,
    )


def test_the_level_of_its_first_clock_says_it(item):
    sources = list(item.clocks.filter(kind="legal").values_list("source", flat=True))
    assert usual_answer(sources) == UsualAnswer(60, MEDICARE)


@pytest.mark.parametrize(
    "sources",
    [[], ["a file of our own"], ["medicare-ffs v1 level 0 (not verified)"]],
)
def test_what_names_no_days_says_nothing(site, sources):
    assert usual_answer(sources) is None


def test_who_waits_for_the_payer_may_leave_the_day_out(item, coder):
    item = pend(item, coder, reason_code="payer")
    zone = ZoneInfo(item.facility.time_zone)
    rests = item.wake_at.astimezone(zone).date() - now().astimezone(zone).date()
    assert (item.state, item.pend_reason) == (State.PENDING, "payer")
    assert 60 <= rests.days <= 63  # the next day that is worked


@pytest.mark.parametrize("code", ["provider", "later"])
def test_who_waits_for_another_names_a_day(item, coder, code):
    events = Event.objects.count()
    with pytest.raises(BadInput) as refusal:
        pend(item, coder, reason_code=code)
    assert list(refusal.value.fields) == ["until"]
    assert WorkItem.objects.get().state == State.IN_PROGRESS
    assert Event.objects.count() == events


def test_a_payer_that_is_silent_is_said_to_be(item, coder):
    item = pend(item, coder, reason_code="payer")
    assert sweep(item.wake_at)["resumed"] == 1
    told = Notice.objects.get(user=coder, code="payer_silent")
    assert told.facts == {"days": 60, "payer": str(item.payer)}
    assert not Notice.objects.filter(code="resumed").exists()


def test_a_shorter_rest_is_no_silence(item, coder):
    until = (now() + timedelta(days=20)).isoformat()
    item = pend(item, coder, reason_code="payer", until=until)
    sweep(item.wake_at)
    assert [one.code for one in Notice.objects.filter(user=coder)] == ["resumed"]


@pytest.mark.parametrize(("days", "silent"), [(59, False), (60, True)])
def test_silence_begins_with_the_usual_day(item, coder, days, silent):
    """59 days and an hour are 59 days."""
    until = (now() + timedelta(days=days, hours=1)).isoformat()
    item = pend(item, coder, reason_code="payer", until=until)
    sweep(item.wake_at)
    said = "payer_silent" if silent else "resumed"
    assert [one.code for one in Notice.objects.filter(user=coder)] == [said]


def hint_of(item, coder):
    """Return what the dialog says below the day, and the day's own tag."""
    client = Client()
    client.force_login(coder)
    field = client.get(f"/items/{item.pk}/").content.decode()
    field = field[field.index('id="pend-until"') :]
    return field[: field.index("</div>")], field[: field.index(">")]


TOO_LONG = f"The payer usually answers in 60 days ({MEDICARE}), which is too long to"


def test_a_limit_that_comes_first_is_not_passed_over(item, coder):
    """Seventy days on, the usual sixty would end behind the payer's own deadline."""
    later = now() + timedelta(days=70)
    with at(later), pytest.raises(BadInput, match="past the payer's deadline") as no:
        pend(item, coder, reason_code="payer")
    assert no.value.detail.startswith("Choose a day: the payer usually answers in 60")
    assert WorkItem.objects.get().state == State.IN_PROGRESS
    with at(later):
        hint, tag = hint_of(item, coder)
    assert TOO_LONG in hint
    assert "required" in tag


def test_a_reason_that_allows_less_is_not_passed_over(item, coder):
    fewer = {"label": "Payer", "waits_for": WaitsFor.PAYER, "longest_days": 30}
    PendReason.objects.update_or_create(code="payer", defaults=fewer)
    with pytest.raises(BadInput, match="defers an item for 30 days at most"):
        pend(item, coder, reason_code="payer")
    assert WorkItem.objects.get().state == State.IN_PROGRESS
    hint, tag = hint_of(item, coder)
    assert TOO_LONG in hint
    assert "required" in tag


def test_the_dialog_says_what_is_usual(item, coder):
    client = Client()
    client.force_login(coder)
    page = client.get(f"/items/{item.pk}/").content.decode()
    assert f"in 60 days, in which it usually answers ({MEDICARE})." in page
    field = page[page.index('id="pend-until"') :]
    assert "required" not in field[: field.index(">")]


def test_the_day_counts_where_the_facility_is(item, coder):
    """At 23:30 of the facility the day is its own, not the next one of UTC."""
    zone = ZoneInfo(item.facility.time_zone)
    night = now().astimezone(zone).replace(hour=23, minute=30, second=0, microsecond=0)
    with at(night.astimezone(ZoneInfo("UTC"))):
        rests = pend(item, coder, reason_code="payer")
    first = night.date() + timedelta(days=60)
    begins = datetime.combine(first, datetime.min.time(), zone)
    assert begins <= rests.wake_at < begins + timedelta(days=4)
