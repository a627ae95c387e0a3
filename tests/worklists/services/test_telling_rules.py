"""A proposal is told to who may decide it, a decision to its author."""

import pytest

from tests.factories import grant, person
from tests.worklists.laddering import KEPT, ladder_site, step
from tests.worklists.views.conftest import text_of
from worklists.enums import Role, RuleKind
from worklists.models import Notice
from worklists.selectors import rules as selectors
from worklists.selectors.site import site_today
from worklists.services import rules

pytestmark = pytest.mark.django_db


@pytest.fixture
def site():
    """A site with two managers of a queue, and one of none."""
    made = ladder_site()
    made.stranger = person(Role.MANAGER, username="stranger")
    content = selectors.live_content(RuleKind.SLA, made.slug)
    made.version = rules.propose(
        actor=made.manager,
        kind=RuleKind.SLA,
        slug=made.slug,
        content=content | {"steps": [KEPT, step(9, asks=True)]},
        effective_from=site_today(),
        reason="Tell the manager early.",
    )
    made.asked = {
        "kind": RuleKind.SLA,
        "slug": made.slug,
        "number": made.version.number,
    }
    return made


def told():
    rows = Notice.objects.order_by("id").select_related("user")
    return [(n.user.username, n.code, n.facts["did"]) for n in rows]


def test_who_may_decide_reads_of_a_proposal(site):
    assert told() == [("second", "rule_proposed", "")]
    notice = Notice.objects.get()
    assert notice.facts == {
        "by": str(site.manager),
        "did": "",
        "rule": ["sla", site.slug, 2],
    }
    assert (notice.item, notice.by_mail) == (None, False)


@pytest.mark.parametrize(
    ("act", "did"), [("approve", "approved"), ("send_back", "sent back")]
)
def test_the_author_reads_what_was_decided(site, act, did):
    getattr(rules, act)(actor=site.second, reason="As it stands.", **site.asked)
    assert told()[1:] == [(site.manager.username, "rule_decided", did)]


def test_who_takes_back_their_own_is_told_nothing(site):
    rules.withdraw(actor=site.manager, **site.asked)
    assert told() == [("second", "rule_proposed", "")]


def test_the_inbox_leads_to_the_version(site, client):
    client.force_login(site.second)
    page = text_of(client.get("/inbox/"))
    assert f"{site.manager} proposed version 2 of service level “{site.slug}”." in page
    notice = Notice.objects.get()

    answer = client.post("/inbox/read/", {"notice": notice.pk})

    assert answer.url == f"/rules/sla/{site.slug}/2/"
    assert client.get(answer.url).status_code == 200


def test_what_somebody_decided_waits_for_nobody_else(site):
    third = person(Role.MANAGER, username="third")
    grant(third, site.queue, "manage")
    rules.withdraw(actor=site.manager, **site.asked, reason="Another day.")
    content = selectors.live_content(RuleKind.SLA, site.slug)
    version = rules.propose(
        actor=site.manager,
        kind=RuleKind.SLA,
        slug=site.slug,
        content=content | {"steps": [KEPT, step(9, asks=True)]},
        effective_from=site_today(),
        reason="Two days is too late.",
    )
    told = Notice.objects.get(user=third, code="rule_proposed")
    assert told.read_at is None

    asked = {**site.asked, "number": version.number}
    rules.approve(actor=site.second, **asked)

    told.refresh_from_db()
    assert told.read_at is not None
    assert told.facts["answered_by"] == str(site.second)
