"""Who had somebody's account in hand lately counts as that person for four eyes."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.test import Client

from denials.models import ProfileVersion
from denials.services import approving, drafting
from tests.factories import GOOD_EVIDENCE, grant, open_item, take
from tests.factories.profiles import make_profile
from tests.worklists.admin.posting import HERE, PASSWORD, form_of, group
from tests.worklists.services.ruling import TODAY, changed, rule_site
from worklists import migrations
from worklists.context import now
from worklists.enums import Role, RuleKind, RuleState, State
from worklists.errors import NotPermitted
from worklists.models import Event, Review, RuleVersion, SetUpBy, SlaPolicy, User
from worklists.selectors.access import access_of
from worklists.selectors.reviews import reviews_for
from worklists.selectors.shell import waiting_for
from worklists.services import rules, setting_up
from worklists.services.perform import perform

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
NOON = "2026-11-23T18:00:00Z"
TOLD = "count as one person here"


@pytest.fixture(autouse=True)
def _noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def site(db):
    """A small site with a second manager; every role is a group."""
    made = rule_site()
    for role in Role:
        Group.objects.get_or_create(name=role.value)
    return made


def fresh(user):
    """Return a person as the next request reads them."""
    return User.objects.get(pk=user.pk)


def hand_out(site, user):
    """Let the administrator hand out somebody's password."""
    setting_up.hand_out_password(actor=fresh(site.administrator), user_id=user.pk)


def one_with(user):
    """Return who counts as one person with somebody."""
    return access_of(fresh(user)).one_with


def propose(site, actor):
    """Propose another name of the service level."""
    return rules.propose(
        actor=fresh(actor),
        kind=RuleKind.SLA,
        slug=site.slug,
        content=changed(site.slug, name="Five days"),
        effective_from=TODAY,
        reason="People say days.",
    )


def approve(site, actor):
    """Put it in force."""
    return rules.approve(
        actor=fresh(actor), kind=RuleKind.SLA, slug=site.slug, number=2
    )


def browser(user):
    """Return somebody's browser."""
    client = Client()
    client.force_login(fresh(user))
    return client


def test_a_password_handed_out_makes_two_people_one_in_both_directions(site):
    assert one_with(site.manager) == frozenset()

    hand_out(site, site.manager)

    assert one_with(site.manager) == {site.administrator.pk}
    assert one_with(site.administrator) == {site.manager.pk}
    assert one_with(site.second) == frozenset()


def test_making_an_account_and_giving_roles_or_tier_do_so_and_nothing_else(site):
    admin = browser(site.administrator)
    form = {"username": "new.one", "password1": PASSWORD, "password2": PASSWORD}
    admin.post(f"{HERE}/user/add/", form | {"usable_password": "true"})
    page = f"{HERE}/user/{{}}/change/"
    for user, change in (
        (site.outsider, {"groups": [group(Role.CODER), group(Role.REVIEWER)]}),
        (site.apprentice, {"tier": "independent"}),
        (site.coder, {"email": "other@example.org"}),
    ):
        admin.post(page.format(user.pk), form_of(user, **change))

    made = User.objects.get(username="new.one")
    assert one_with(site.administrator) == {
        made.pk,
        site.outsider.pk,
        site.apprentice.pk,
    }


def test_it_is_over_after_thirty_days_and_begins_anew_with_each_act(site):
    hand_out(site, site.manager)

    with time_machine.travel("2026-12-23T17:59:00Z", tick=False):
        assert one_with(site.manager) == {site.administrator.pk}
    with time_machine.travel("2026-12-23T18:00:00Z", tick=False):
        assert one_with(site.manager) == frozenset()
        hand_out(site, site.manager)
        assert one_with(site.manager) == {site.administrator.pk}
    assert SetUpBy.objects.count() == 1


@pytest.mark.parametrize("proposer", ["administrator", "manager"])
def test_a_rule_is_not_decided_by_who_had_the_account(site, proposer):
    other = {"administrator": "manager", "manager": "administrator"}[proposer]
    hand_out(site, site.manager)
    propose(site, getattr(site, proposer))
    before = Event.objects.count()

    with pytest.raises(NotPermitted, match=TOLD) as refused:
        approve(site, getattr(site, other))

    assert refused.value.code == "two_people"
    assert RuleVersion.objects.get(number=2).state == RuleState.PROPOSED
    assert SlaPolicy.objects.filter(slug=site.slug).count() == 1
    assert Event.objects.count() == before
    approve(site, site.second)
    assert SlaPolicy.objects.filter(slug=site.slug).count() == 2


def test_the_page_of_a_rule_says_so_and_the_rail_counts_it_not(site):
    propose(site, site.administrator)
    assert waiting_for(fresh(site.manager)).counts["rules"] == 1

    hand_out(site, site.manager)

    User.objects.update(must_change_password=False)
    answer = browser(site.manager).get(f"/rules/sla/{site.slug}/2/")
    assert TOLD in answer.content.decode()
    assert waiting_for(fresh(site.manager)).counts["rules"] == 0
    assert waiting_for(fresh(site.second)).counts["rules"] == 1


def test_a_payer_profile_is_not_decided_by_who_had_the_account(site):
    profile = make_profile("medicare-ffs").profile
    hand_out(site, site.manager)
    drafting.begin_draft(actor=fresh(site.manager), slug=profile.slug)
    row = drafting.LevelRow(1, "Redetermination", "42 CFR 405.942", days=90)
    drafting.save_draft(
        actor=fresh(site.manager), slug=profile.slug, note="", levels=[row]
    )
    made = approving.propose(
        actor=fresh(site.manager), slug=profile.slug, effective_from=None, reason="So."
    )

    with pytest.raises(NotPermitted, match=TOLD) as refused:
        approving.approve(
            actor=fresh(site.administrator),
            slug=profile.slug,
            number=made.number,
            looked="",
        )

    assert refused.value.code == "four_eyes"
    assert ProfileVersion.objects.get(pk=made.pk).state == "proposed"


def test_an_item_is_not_reviewed_by_who_had_its_coders_account(site):
    SetUpBy.objects.create(user=site.apprentice, by=site.reviewer, at=now())
    item = take(open_item(site.queue, site.facility), site.apprentice)
    item = perform(
        item_id=item.pk,
        action="submit",
        actor=site.apprentice,
        expected_version=item.version,
        evidence=GOOD_EVIDENCE,
    )
    grant(site.reviewer, site.queue, "work")

    with pytest.raises(NotPermitted, match=TOLD) as refused:
        perform(
            item_id=item.pk,
            action="approve",
            actor=fresh(site.reviewer),
            expected_version=item.version,
        )

    assert refused.value.code == "four_eyes"
    item.refresh_from_db()
    assert item.state == State.IN_REVIEW
    assert Review.objects.get(item=item).decided_at is None
    assert not reviews_for(fresh(site.reviewer)).exists()
    assert waiting_for(fresh(site.reviewer)).counts["review"] == 0
    assert waiting_for(fresh(site.other_reviewer)).counts["review"] == 1


def test_the_upgrade_reads_the_last_thirty_days_from_the_trail(site):
    with time_machine.travel(now() - timedelta(days=40), tick=False):
        hand_out(site, site.coder)
    hand_out(site, site.manager)
    admin = browser(site.administrator)
    for user, change in (
        (site.apprentice, {"tier": "independent"}),
        (site.other_coder, {"email": "x@example.org"}),
    ):
        admin.post(f"{HERE}/user/{user.pk}/change/", form_of(user, **change))
    wanted = {(site.manager.pk, site.administrator.pk)} | {
        (site.apprentice.pk, site.administrator.pk)
    }
    sql = Path(migrations.__file__).parent / "sql" / "0034_accounts_in_hand.sql"
    insert = "INSERT" + sql.read_text().partition("INSERT")[2]
    SetUpBy.objects.all().delete()

    with connection.cursor() as cursor:
        cursor.execute(insert.replace("now()", f"'{NOON}'::timestamptz"))

    assert set(SetUpBy.objects.values_list("user_id", "by_id")) == wanted


@pytest.mark.parametrize(
    "change", [{"at": timedelta(days=-1)}, {"by": "other"}], ids=["back", "another"]
)
def test_the_database_moves_it_forward_alone(site, change):
    row = SetUpBy.objects.create(user=site.apprentice, by=site.reviewer, at=now())
    new = {"by": site.manager} if "by" in change else {"at": row.at + change["at"]}
    with (
        pytest.raises(IntegrityError, match="only moved forward"),
        transaction.atomic(),
    ):
        SetUpBy.objects.filter(pk=row.pk).update(**new)
    later = row.at + timedelta(days=1)
    SetUpBy.objects.filter(pk=row.pk).update(at=later)
    assert SetUpBy.objects.get(pk=row.pk).at == later
