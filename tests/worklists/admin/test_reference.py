"""Teams, payers and facilities in set-up: lists by example, one event a change."""

import pytest

from tests.factories.people import TeamFactory
from tests.worklists.admin.posting import HERE, events
from worklists.models import (
    Payer,
    Team,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def test_a_team_with_its_members_is_one_event(site, admin):
    team = TeamFactory()
    inline = "teammember_set"
    form = {
        "slug": team.slug, "name": team.name,
        "lead": team.lead_id, "manager": team.manager_id,
        f"{inline}-TOTAL_FORMS": "1", f"{inline}-INITIAL_FORMS": "0",
        f"{inline}-0-user": site.coder.pk,
    }  # fmt: skip

    admin.post(f"{HERE}/team/{team.pk}/change/", form)

    assert list(Team.objects.get(pk=team.pk).members.all()) == [site.coder]
    ((_, _, about, facts),) = events("setup.changed")
    assert (about, facts) == (("team", team.pk), {"fields": ["teammember"]})


@pytest.mark.parametrize(
    ("name", "example"),
    [
        ("payer", '["MERIDIAN PPO"'),
        ("facility", '["1234567893"]'),
        ("businesscalendar", "1 (Monday) to 7 (Sunday)"),
    ],
)
def test_what_is_written_as_a_list_is_shown_by_example(at_new_site, name, example):
    page = at_new_site.get(f"{HERE}/{name}/add/").content.decode()

    assert example in page
    assert page.index('name="name"') < page.index('name="slug"')


@pytest.mark.parametrize("names", ['"PPO"', "[1]", '[" "]', "{}", '["a\\u0000"]'])
def test_names_in_files_are_a_list_of_texts(admin, names):
    form = {"slug": "ppo", "name": "PPO", "payer_ids": names}

    answer = admin.post(f"{HERE}/payer/add/", form)

    assert answer.status_code == 200
    assert not Payer.objects.filter(slug="ppo").exists()


def test_a_payer_is_added(admin):
    form = {"slug": "ppo", "name": "PPO", "payer_ids": '["PPO"]'}

    admin.post(f"{HERE}/payer/add/", form)

    payer = Payer.objects.get(slug="ppo")
    assert events("setup.added")[0][2] == ("payer", payer.pk)


def test_a_team_is_led_and_managed_by_people_who_can_open_its_work(site, admin):
    team = site.queue.team
    before = (team.lead_id, team.manager_id)
    page = f"{HERE}/team/{team.pk}/change/"
    form = {
        "name": team.name,
        "slug": team.slug,
        "lead": site.auditor.pk,
        "manager": site.administrator.pk,
        "teammember_set-TOTAL_FORMS": "0",
        "teammember_set-INITIAL_FORMS": "0",
    }

    text = admin.post(page, form).text

    assert "A team is managed by somebody with the role of a manager." in text
    assert "A team is led by a coder, a senior reviewer or a manager." in text
    team.refresh_from_db()
    assert (team.lead_id, team.manager_id) == before
