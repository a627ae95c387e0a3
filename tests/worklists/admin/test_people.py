"""People in set-up: added, changed, deactivated; roles and passwords of others only."""

import json

import pytest

from tests.factories import person
from tests.worklists.admin.posting import HERE, PASSWORD, events, form_of, group
from worklists.enums import Role
from worklists.models import (
    User,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


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

    @pytest.mark.parametrize(
        ("roles", "told"),
        [
            ((Role.ADMINISTRATOR, Role.CODER), "not coder, too"),
            ((Role.ADMINISTRATOR, Role.REVIEWER), "not senior reviewer, too"),
            ((Role.ADMINISTRATOR, Role.MANAGER), "not manager, too"),
            ((Role.ADMINISTRATOR, Role.AUDITOR), "not auditor, too"),
            ((Role.ADMINISTRATOR, Role.PROVIDER), "not provider, too"),
            ((Role.AUDITOR, Role.CODER, Role.MANAGER), "not coder or manager, too"),
            ((Role.AUDITOR, Role.REVIEWER), "not senior reviewer, too"),
        ],
    )
    def test_roles_that_part_are_refused_at_their_boxes(self, site, admin, roles, told):
        form = form_of(site.outsider, groups=[group(role) for role in roles])

        answer = admin.post(f"{HERE}/user/{site.outsider.pk}/change/", form)

        (why,) = answer.context["adminform"].form.errors["groups"]
        assert told in why
        assert [g.name for g in site.outsider.groups.all()] == ["coder"]
        assert events("setup.changed") == []

    @pytest.mark.parametrize(
        "roles",
        [
            (Role.CODER, Role.REVIEWER, Role.MANAGER, Role.EDUCATOR),
            (Role.ADMINISTRATOR, Role.EDUCATOR),
            (Role.AUDITOR, Role.EDUCATOR),
        ],
    )
    def test_roles_that_go_together_are_given(self, site, admin, roles):
        form = form_of(site.outsider, groups=[group(role) for role in roles])

        admin.post(f"{HERE}/user/{site.outsider.pk}/change/", form)

        held = {g.name for g in site.outsider.groups.all()}
        assert held == {role.value for role in roles}

    def test_somebody_who_holds_both_from_before_comes_not_back(self, site, admin):
        site.auditor.groups.add(group(Role.CODER))
        User.objects.filter(pk=site.auditor.pk).update(is_active=False)
        page = f"{HERE}/user/{site.auditor.pk}/change/"

        admin.post(page, form_of(site.auditor))

        assert not User.objects.get(pk=site.auditor.pk).is_active
        assert events("setup.changed") == []

    def test_the_duty_to_change_a_password_is_shown_and_no_box(self, site, admin):
        User.objects.filter(pk=site.coder.pk).update(must_change_password=True)
        page = f"{HERE}/user/{site.coder.pk}/change/"

        admin.post(page, form_of(site.coder, email="x@example.org"))

        assert User.objects.get(pk=site.coder.pk).must_change_password
        drawn = admin.get(page).content.decode()
        assert "Changes the password at the next log-in" in drawn
        assert "must_change_password" not in drawn
        assert events("setup.changed")[0][3]["fields"] == ["email"]

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
