"""Set-up pages: administrators only, every change an event, no item and no evidence."""

import json
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from tests.factories import make_site, person
from tests.factories.guidance import make_guidance
from tests.factories.people import ClearanceFactory, TeamFactory
from tests.factories.reference import FacilityFactory
from worklists.admin import site as set_up
from worklists.enums import Role
from worklists.errors import NotPermitted
from worklists.models import (
    Absence,
    Banner,
    BusinessCalendar,
    ClearanceGrant,
    Event,
    Guidance,
    Payer,
    Team,
    User,
)
from worklists.selectors.rules import calendar_content
from worklists.services.setting_up import save_row

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
HERE = "/admin/worklists"
PASSWORD = "a first secret to change 7"


@pytest.fixture
def site(db):
    """A small site with every role as a group."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)
    return make_site()


@pytest.fixture
def admin(site):
    """An administrator's browser."""
    client = Client()
    client.force_login(site.administrator)
    return client


@pytest.fixture
def at_new_site(db):
    """The browser of the administrator of a site that has nothing else yet."""
    client = Client()
    client.force_login(person(Role.ADMINISTRATOR))
    return client


def events(action):
    """Return subject, actor, object and facts of every event of one act."""
    return [
        (e.subject_id, e.actor_name, (e.object_kind, e.object_id), json.loads(e.facts))
        for e in Event.objects.filter(action=action).order_by("id")
    ]


def form_of(user, **changes):
    """Return what the form of a person posts."""
    fields = {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "time_zone": user.time_zone,
        "groups": list(user.groups.values_list("pk", flat=True)),
        "tier": user.tier,
        "daily_capacity": user.daily_capacity,
        "is_active": "on",
    }
    return fields | changes


def group(role):
    """Return the key of a role's group."""
    return Group.objects.get(name=role.value).pk


class TestTheDoor:
    """Who comes in, and what is there at all."""

    @pytest.mark.usefixtures("site")
    @pytest.mark.parametrize("role", [r for r in Role if r != Role.ADMINISTRATOR])
    def test_other_roles_are_told_why_not(self, role):
        client = Client()
        client.force_login(person(role, is_staff=True, is_superuser=True))

        for path in ("/admin/", f"{HERE}/user/", f"{HERE}/user/add/"):
            answer = client.get(path, follow=True)
            assert answer.status_code == 403
            assert "Set-up is for administrators." in answer.content.decode()

    def test_nobody_is_led_to_our_log_in(self):
        answer = Client().get(f"{HERE}/team/", follow=True)

        assert answer.redirect_chain[-1][0] == f"/login/?next={HERE}/team/"

    def test_a_first_password_is_changed_before(self, site, admin):
        User.objects.filter(pk=site.administrator.pk).update(must_change_password=True)

        answer = admin.get("/admin/", follow=True)

        assert answer.redirect_chain[-1][0] == "/password/"

    def test_no_item_no_answer_no_trail_and_nothing_of_libraries(self):
        names = {model._meta.model_name for model in set_up._registry}

        assert names == {
            *("user", "team", "absence", "clearance", "clearancegrant"),
            *("payer", "facility", "businesscalendar", "banner"),
            *("pendreason", "guidance"),
            *("queue", "routingrule", "evidencetemplate", "reviewpolicy", "slapolicy"),
        }

    @pytest.mark.parametrize("model", set_up._registry)
    def test_every_list_opens_and_nothing_is_deleted(self, admin, model):
        name = model._meta.model_name

        assert admin.get(f"{HERE}/{name}/").status_code == 200
        assert admin.post(f"{HERE}/{name}/1/delete/").status_code in {302, 403}
        assert not set_up._registry[model].has_delete_permission(None)

    @pytest.mark.parametrize("name", ["queue", "routingrule", "evidencetemplate"])
    def test_what_takes_two_people_is_only_shown(self, site, admin, name):
        assert admin.get(f"{HERE}/{name}/add/").status_code == 403
        before = (site.queue.name, site.queue.max_in_hand)

        answer = admin.post(
            f"{HERE}/queue/{site.queue.pk}/change/", {"name": "Mine", "max_in_hand": 9}
        )

        assert answer.status_code == 403
        site.queue.refresh_from_db()
        assert (site.queue.name, site.queue.max_in_hand) == before

    @pytest.mark.parametrize(
        "address",
        [
            "worklists/user/?tier__exact=%00",
            "worklists/user/?q=%00",
            "worklists/user/?role=%00",
            "worklists/clearancegrant/?clearance__id__exact=%00",
            "autocomplete/?term=%00&app_label=worklists&model_name=team&field_name=lead",
        ],
    )
    def test_an_address_no_text_can_hold_is_refused(self, admin, address):
        answer = admin.get(f"/admin/{address}")

        assert answer.status_code == 400
        assert "This address or choice cannot be read." in answer.content.decode()

    @pytest.mark.parametrize("sign", ["%ED%A0%80", "%FF"])
    def test_an_address_with_broken_signs_finds_nothing(self, admin, sign):
        answer = admin.get(f"{HERE}/user/?tier__exact={sign}")

        assert answer.status_code == 200
        assert "0 users" in answer.content.decode()

    @pytest.mark.parametrize("chosen", ["x", "\0", "9" * 30])
    def test_a_choice_that_is_no_row_is_refused(self, admin, chosen):
        form = {"action": "take_back", "_selected_action": [chosen]}

        assert admin.post(f"{HERE}/clearancegrant/", form).status_code == 400

    def test_the_passwords_own_page_is_ours(self, admin):
        assert admin.get("/admin/password_change/").url == "/password/"


class TestPeople:
    """Added, changed, deactivated; roles and passwords of others only."""

    def test_a_new_person_changes_the_first_password(self, site, admin):
        form = {
            "username": "new.coder", "first_name": "New", "last_name": "Coder",
            "usable_password": "true", "password1": PASSWORD, "password2": PASSWORD,
        }  # fmt: skip

        answer = admin.post(f"{HERE}/user/add/", form)

        user = User.objects.get(username="new.coder")
        assert answer.url == f"{HERE}/user/{user.pk}/change/"
        assert user.must_change_password
        assert user.check_password(PASSWORD)
        ((subject, actor, about, facts),) = events("setup.added")
        assert (subject, actor) == (site.administrator.pk, "admin")
        assert about == ("user", user.pk)
        assert facts["fields"] == []
        assert "New" not in json.dumps(facts)

    @pytest.mark.parametrize("given", ["", "x"])
    def test_nobody_is_added_without_a_first_password(self, admin, given):
        form = {"username": "new.coder", "usable_password": "false"}

        answer = admin.post(f"{HERE}/user/add/", form | {"password1": given})

        assert answer.status_code == 200
        assert not User.objects.filter(username="new.coder").exists()

    def test_a_password_cannot_be_taken_away(self, site, admin):
        form = {"usable_password": "false", "unset-password": "1"}

        answer = admin.post(f"{HERE}/user/{site.coder.pk}/password/", form)

        assert "Nothing was changed." in answer.content.decode()
        assert User.objects.get(pk=site.coder.pk).password == site.coder.password
        assert events("password.changed") == []

    def test_hints_are_ours_and_nothing_of_the_digest_is_shown(self, site, admin):
        site.coder.set_password(PASSWORD)
        site.coder.save()
        page = admin.get(f"{HERE}/user/{site.coder.pk}/change/").content.decode()

        assert "the trail names the person by it" in page
        assert "Hand out a new password" in page
        for word in ("150 characters", "salt", "iterations", "algorithm", "LDAP"):
            assert word not in page
        assert "LDAP" not in admin.get(f"{HERE}/user/add/").content.decode()

    @pytest.mark.parametrize(("role", "seen"), [(Role.CODER, True), ("auditor", False)])
    def test_people_are_filtered_by_role(self, site, admin, role, seen):
        page = admin.get(f"{HERE}/user/?role={role}").content.decode()

        assert (f"{HERE}/user/{site.coder.pk}/change/" in page) is seen
        assert ">Senior reviewer</a>" in page

    def test_a_role_is_given_and_said_in_the_trail(self, site, admin):
        form = form_of(site.outsider, groups=[group(Role.REVIEWER)])

        admin.post(f"{HERE}/user/{site.outsider.pk}/change/", form)

        assert [g.name for g in site.outsider.groups.all()] == ["reviewer"]
        ((_, _, about, facts),) = events("setup.changed")
        assert about == ("user", site.outsider.pk)
        assert (facts["fields"], facts["roles"]) == (["groups"], ["reviewer"])

    def test_no_change_is_no_event(self, site, admin):
        admin.post(f"{HERE}/user/{site.coder.pk}/change/", form_of(site.coder))

        assert events("setup.changed") == []

    def test_nobody_changes_their_own_roles(self, site, admin):
        me = site.administrator
        form = form_of(
            me, groups=[group(Role.MANAGER)], tier="independent", email="x@y.org"
        )

        admin.post(f"{HERE}/user/{me.pk}/change/", form)

        assert [g.name for g in me.groups.all()] == ["administrator"]
        assert events("setup.changed")[0][3]["fields"] == ["email"]

    def test_a_deactivated_person_holds_nothing(self, site, admin):
        form = form_of(site.coder)
        del form["is_active"]

        admin.post(f"{HERE}/user/{site.coder.pk}/change/", form)

        assert not User.objects.get(pk=site.coder.pk).is_active
        assert events("setup.changed")[0][3]["is_active"] is False

    def test_a_strange_time_zone_is_refused(self, site, admin):
        form = form_of(site.coder, time_zone="Mars/Olympus")

        answer = admin.post(f"{HERE}/user/{site.coder.pk}/change/", form)

        assert "not one of the available choices" in answer.content.decode()
        assert User.objects.get(pk=site.coder.pk).time_zone == "America/Chicago"

    def test_a_password_is_handed_out_and_must_be_changed(self, site, admin):
        form = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}

        admin.post(f"{HERE}/user/{site.coder.pk}/password/", form)

        coder = User.objects.get(pk=site.coder.pk)
        assert coder.check_password(PASSWORD)
        assert coder.must_change_password
        ((subject, actor, _, facts),) = events("password.changed")
        assert (subject, actor, facts) == (coder.pk, "admin", {})

    def test_a_refused_password_is_no_event(self, site, admin):
        form = {"usable_password": "true", "password1": "x", "password2": "x"}

        admin.post(f"{HERE}/user/{site.coder.pk}/password/", form)

        assert events("password.changed") == []
        assert not User.objects.get(pk=site.coder.pk).must_change_password

    # Python reads each as the same number. Django unquotes an underscore before two
    # digits, so one stands between all of them.
    @pytest.mark.parametrize("way", [str, "0{}".format, lambda pk: "_".join(f"0{pk}")])
    def test_ones_own_password_is_changed_on_its_own_page(self, site, admin, way):
        form = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
        address = f"{HERE}/user/{way(site.administrator.pk)}/password/"

        assert admin.post(address, form).url == "/password/"
        assert admin.get("/mine/").status_code == 403  # still logged in
        assert not User.objects.get(username="admin").check_password(PASSWORD)

    def test_the_password_of_nobody_is_not_set(self, admin):
        assert admin.get(f"{HERE}/user/x/password/").status_code == 404

    @pytest.mark.parametrize("count", [1, 3])
    def test_the_list_costs_the_same(self, admin, count, django_assert_num_queries):
        for _ in range(count):
            person(Role.CODER)
        admin.get(f"{HERE}/user/")

        # person, what they hold, two counts, people, their roles
        with django_assert_num_queries(6):
            admin.get(f"{HERE}/user/")


class TestTheRest:
    """Absences, clearances, teams, payers, calendars."""

    def test_an_absence_stands_on_the_persons_chain(self, site, admin):
        form = {
            "user": site.coder.pk, "backup": site.other_coder.pk,
            "starts_on": "2026-12-01", "ends_on": "2026-12-04",
        }  # fmt: skip

        admin.post(f"{HERE}/absence/add/", form)

        absence = Absence.objects.get()
        assert absence.recorded_by == site.administrator
        ((subject, actor, _, facts),) = events("absence.recorded")
        assert (subject, actor) == (site.coder.pk, "admin")
        assert (facts["starts_on"], facts["ends_on"]) == ("2026-12-01", "2026-12-04")

    def test_an_absence_that_ends_before_it_starts_is_refused(self, site, admin):
        form = {
            "user": site.coder.pk, "starts_on": "2026-12-04", "ends_on": "2026-12-01",
        }  # fmt: skip

        answer = admin.post(f"{HERE}/absence/add/", form)

        assert "An absence ends on its first day or later." in answer.content.decode()
        assert not Absence.objects.exists()
        assert events("absence.recorded") == []

    def test_a_clearance_is_granted_and_taken_back(self, site, admin):
        bundling = ClearanceFactory(slug="bundling")
        form = {"user": site.coder.pk, "clearance": bundling.pk}
        admin.post(f"{HERE}/clearancegrant/add/", form)
        grant = ClearanceGrant.objects.get()
        assert grant.granted_by == site.administrator

        admin.post(
            f"{HERE}/clearancegrant/",
            {"action": "take_back", "_selected_action": [grant.pk]},
        )

        grant.refresh_from_db()
        assert grant.revoked_at is not None
        assert [e[0] for e in events("clearance.granted")] == [site.coder.pk]
        assert [e[0] for e in events("clearance.revoked")] == [site.coder.pk]

    def test_a_refused_grant_says_why_and_leaves_nothing(self, site, admin):
        form = {"user": site.administrator.pk, "clearance": ClearanceFactory().pk}

        answer = admin.post(f"{HERE}/clearancegrant/add/", form, follow=True)

        assert "Nobody grants or takes back their own" in answer.content.decode()
        assert not ClearanceGrant.objects.exists()

    def test_a_team_with_its_members_is_one_event(self, site, admin):
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
    def test_what_is_written_as_a_list_is_shown_by_example(
        self, at_new_site, name, example
    ):
        page = at_new_site.get(f"{HERE}/{name}/add/").content.decode()

        assert example in page
        assert page.index('name="name"') < page.index('name="slug"')

    def test_an_absence_chooses_people_and_adds_none(self, admin):
        page = admin.get(f"{HERE}/absence/add/").content.decode()

        assert "related-widget-wrapper-link" not in page

    @pytest.mark.parametrize("names", ['"PPO"', "[1]", '[" "]', "{}", '["a\\u0000"]'])
    def test_names_in_files_are_a_list_of_texts(self, admin, names):
        form = {"slug": "ppo", "name": "PPO", "payer_ids": names}

        answer = admin.post(f"{HERE}/payer/add/", form)

        assert answer.status_code == 200
        assert not Payer.objects.filter(slug="ppo").exists()

    def test_a_payer_is_added(self, admin):
        form = {"slug": "ppo", "name": "PPO", "payer_ids": '["PPO"]'}

        admin.post(f"{HERE}/payer/add/", form)

        payer = Payer.objects.get(slug="ppo")
        assert events("setup.added")[0][2] == ("payer", payer.pk)

    @pytest.mark.parametrize(
        "hours", ["{}", '{"9": []}', '{"1": [["17:00", "08:00"]]}', '["x"]', '{"1": 5}']
    )
    def test_hours_no_clock_can_run_by_are_refused(self, at_new_site, hours):
        form = {
            "slug": "ours", "name": "Ours", "time_zone": "America/Chicago",
            "weekly_hours": hours,
            "holidays-TOTAL_FORMS": "0", "holidays-INITIAL_FORMS": "0",
        }  # fmt: skip

        answer = at_new_site.post(f"{HERE}/businesscalendar/add/", form)

        assert answer.status_code == 200
        assert not BusinessCalendar.objects.filter(slug="ours").exists()
        assert events("setup.added") == []

    def test_a_second_calendar_begins_under_rules_and_nothing_is_kept(self, admin):
        form = {
            "slug": "ours", "name": "Ours", "time_zone": "America/Chicago",
            "weekly_hours": '{"1": [["08:00", "17:00"]]}',
            "holidays-TOTAL_FORMS": "0", "holidays-INITIAL_FORMS": "0",
        }  # fmt: skip
        path = f"{HERE}/businesscalendar/add/"

        asked = admin.get(path)
        refused = admin.post(path, form, follow=True).content.decode()

        assert asked.url == "/rules/calendar/new/"
        assert "A site&#x27;s first calendar is made in set-up" in refused
        assert not BusinessCalendar.objects.filter(slug="ours").exists()
        assert events("setup.added") == []

    def test_set_up_changes_no_calendar_by_any_door(self, site):
        calendar = FacilityFactory().calendar
        before = calendar_content(calendar)
        calendar.weekly_hours = {"1": [["09:00", "10:00"]]}

        with pytest.raises(NotPermitted) as refused:
            save_row(actor=site.administrator, row=calendar)

        assert refused.value.code == "two_people"
        kept = BusinessCalendar.objects.get(pk=calendar.pk)
        assert calendar_content(kept) == before

    def test_a_sites_first_calendar_is_added_with_its_days(self, at_new_site):
        form = {
            "slug": "ours", "name": "Ours", "time_zone": "America/Chicago",
            "weekly_hours": '{"1": [["08:00", "17:00"]]}',
            "holidays-TOTAL_FORMS": "1", "holidays-INITIAL_FORMS": "0",
            "holidays-0-day": "2026-12-24", "holidays-0-name": "Christmas Eve",
            "holidays-0-hours": "[]",
        }  # fmt: skip

        assert at_new_site.get(f"{HERE}/businesscalendar/add/").status_code == 200
        at_new_site.post(f"{HERE}/businesscalendar/add/", form)

        calendar = BusinessCalendar.objects.get(slug="ours")
        assert calendar.weekly_hours == {"1": [["08:00", "17:00"]]}
        assert [str(d.day) for d in calendar.holidays.all()] == ["2026-12-24"]

    def test_a_calendar_that_works_is_read_here_and_changed_under_rules(self, admin):
        calendar = FacilityFactory().calendar
        before = calendar_content(calendar)
        form = {
            "slug": calendar.slug, "name": "Mine", "time_zone": "America/Denver",
            "weekly_hours": "{}",
            "holidays-TOTAL_FORMS": "1", "holidays-INITIAL_FORMS": "0",
            "holidays-0-day": "2026-12-24", "holidays-0-name": "Off",
            "holidays-0-hours": "[]",
        }  # fmt: skip
        path = f"{HERE}/businesscalendar/{calendar.pk}/change/"

        page = admin.get(path).content.decode()
        answer = admin.post(path, form)

        assert f"href='/rules/calendar/{calendar.slug}/'" in page
        assert 'name="weekly_hours"' not in page
        assert 'name="holidays-0-day"' not in page
        assert answer.status_code == 403
        kept = BusinessCalendar.objects.get(pk=calendar.pk)
        assert calendar_content(kept) == before
        assert events("setup.changed") == []


def banner_form(**changes):
    """Return what the form of a banner posts."""
    fields = {
        "text": "Summit Medicaid moved its fax number.",
        "tone": "soon",
        "roles": ["coder", "manager"],
        "begins_at_0": "2026-11-23",
        "begins_at_1": "08:00",
        "ends_at_0": "2026-11-30",
        "ends_at_1": "17:00",
    }
    return fields | changes


def test_a_banner_is_put_up_for_roles_and_its_words_are_not_in_the_trail(admin):
    answer = admin.post(f"{HERE}/banner/add/", banner_form())

    assert answer.status_code == 302
    banner = Banner.objects.get()
    assert (banner.tone, banner.roles) == ("soon", ["coder", "manager"])
    # As the administrator's own clock says: Central.
    assert banner.begins_at == datetime(2026, 11, 23, 14, tzinfo=UTC)
    [(_, _, about, facts)] = events("setup.added")
    assert about == ("banner", banner.pk)
    assert "fax" not in json.dumps(facts)


def test_a_banner_that_ends_before_it_begins_is_refused_in_words(admin):
    answer = admin.post(f"{HERE}/banner/add/", banner_form(ends_at_0="2026-11-22"))

    assert "A banner ends after it begins." in answer.content.decode()
    assert not Banner.objects.exists()


class TestGuidance:
    """Sources are added in set-up, in versions, and retired."""

    VERSION = {
        "effective_from": "2026-01-01",
        "effective_to": "",
        "source": "Manual, chapter 1",
        "body": "In our own words.",
        "checked_on": "2026-01-05",
    }

    def form(self, *versions, known=0, **changes):
        """Return what the form of a source posts."""
        posted = {
            "name": "RP-114",
            "slug": "rp-114",
            "kind": "payer_policy",
            "payer": "",
            "specialty": "",
            "review_on": "2027-01-15",
            "versions-TOTAL_FORMS": known + len(versions),
            "versions-INITIAL_FORMS": known,
        }
        for place, version in enumerate(versions, start=known):
            posted |= {f"versions-{place}-{k}": v for k, v in version.items()}
        return posted | changes

    def test_a_source_is_added_with_its_first_version(self, site, admin):
        admin.post(f"{HERE}/guidance/add/", self.form(self.VERSION))
        source = Guidance.objects.get()
        version = source.versions.get()
        assert (source.slug, version.number) == ("rp-114", 1)
        assert version.written_by == site.administrator
        ((_, who, about, _),) = events("setup.added")
        assert (who, about) == ("admin", ("guidance", source.pk))

    def test_a_version_is_added_and_none_is_changed(self, admin):
        source = make_guidance("rp-114", date(2025, 1, 1))
        kept = source.versions.get()
        page = admin.get(f"{HERE}/guidance/{source.pk}/change/")
        assert page.status_code == 200
        assert b"In our own words." in page.content
        posted = self.form(self.VERSION, known=0, name="RP-114, new name")
        answer = admin.post(f"{HERE}/guidance/{source.pk}/change/", posted)
        assert answer.status_code == 302
        numbers = source.versions.order_by("number").values_list("number", "body")
        assert list(numbers) == [(1, kept.body), (2, "In our own words.")]
        source.refresh_from_db()
        assert (source.slug, source.name) == ("rp-114", "RP-114, new name")

    def test_a_check_ahead_of_time_is_said_and_nothing_is_kept(self, admin):
        wrong = self.VERSION | {"checked_on": "2099-01-01"}
        answer = admin.post(f"{HERE}/guidance/add/", self.form(wrong), follow=True)
        assert "It was checked today or before." in answer.content.decode()
        assert not Guidance.objects.exists()

    def test_sources_are_retired_from_the_list(self, admin):
        source = make_guidance("rp-114", date(2025, 1, 1))
        chosen = {"action": "retire", "_selected_action": [source.pk]}
        admin.post(f"{HERE}/guidance/", chosen)
        source.refresh_from_db()
        assert source.retired_on is not None
        again = admin.post(f"{HERE}/guidance/", chosen, follow=True)
        assert "was retired on" in again.content.decode()
