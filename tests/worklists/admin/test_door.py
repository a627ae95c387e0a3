"""Who comes into set-up, and what is there at all."""

import html

import pytest
from django.test import Client

from tests.factories import person
from tests.worklists.admin.posting import HERE
from worklists.admin import site as set_up
from worklists.admin.purposes import PURPOSES
from worklists.enums import Role
from worklists.models import (
    User,
)

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


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


def test_every_list_says_what_it_is_for_and_leads_back(site, admin):
    names = {model._meta.model_name for model in set_up._registry}

    assert names == set(PURPOSES)
    for name in sorted(names):
        page = " ".join(admin.get(f"{HERE}/{name}/").content.decode().split())
        assert html.escape(PURPOSES[name]) in page, name
        assert '<a href="/#setup">Back to set-up</a>' in page, name
    form = admin.get(f"{HERE}/payer/add/").content.decode()
    assert html.escape(PURPOSES["payer"]) in form
