"""A token of the API ends with the password it was made beside, and by a command."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from rest_framework.authtoken.models import Token

from tests.factories import make_site
from tests.worklists.admin.posting import HERE, form_of
from worklists.models import Event, User

pytestmark = [pytest.mark.integration, pytest.mark.django_db]
OLD, NEW = "a long enough secret 42", "another long secret 43"


@pytest.fixture
def site(db):
    """A small site whose coder has a password and a token."""
    made = make_site()
    made.coder.set_password(OLD)
    made.coder.save()
    Token.objects.create(user=made.coder)
    return made


@pytest.fixture
def admin(site):
    """The administrator's browser."""
    client = Client()
    client.force_login(site.administrator)
    return client


def ended():
    """Return person, actor and cause of every token that ended."""
    rows = Event.objects.filter(action="token.ended").order_by("id")
    return [(e.subject_id, e.actor_id, json.loads(e.facts)["code"]) for e in rows]


def opens(key):
    """Return what the API answers to a token."""
    return Client().get("/api/v1/me/", headers={"Authorization": f"Token {key}"})


def run(*args):
    """Run the command and return what it printed."""
    out = StringIO()
    call_command("api_token", *args, stdout=out)
    return out.getvalue().strip()


def change(client, old=OLD, new=NEW):
    """Send the form for a new password."""
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post("/password/", form)


def test_changing_the_password_ends_the_token(site):
    key = Token.objects.get(user=site.coder).key
    client = Client()
    client.force_login(site.coder)
    assert opens(key).status_code == 200

    assert change(client).status_code == 302

    assert opens(key).status_code == 401
    assert ended() == [(site.coder.pk, site.coder.pk, "password_changed")]


def test_a_refused_password_leaves_the_token(site):
    client = Client()
    client.force_login(site.coder)

    assert change(client, old="wrong").status_code == 200

    assert Token.objects.filter(user=site.coder).exists()
    assert ended() == []


def test_a_handed_out_password_ends_the_token_for_good(site, admin):
    key = Token.objects.get(user=site.coder).key
    form = {"usable_password": "true", "password1": NEW, "password2": NEW}

    admin.post(f"{HERE}/user/{site.coder.pk}/password/", form)

    assert ended() == [(site.coder.pk, site.administrator.pk, "password_changed")]
    User.objects.update(must_change_password=False)
    assert opens(key).status_code == 401


def test_deactivating_ends_the_token_also_for_who_comes_back(site, admin):
    key = Token.objects.get(user=site.coder).key
    form = form_of(site.coder)
    del form["is_active"]

    admin.post(f"{HERE}/user/{site.coder.pk}/change/", form)
    admin.post(f"{HERE}/user/{site.coder.pk}/change/", form_of(site.coder))

    assert ended() == [(site.coder.pk, site.administrator.pk, "person_deactivated")]
    assert User.objects.get(pk=site.coder.pk).is_active
    assert opens(key).status_code == 401


def test_another_change_of_a_person_leaves_the_token(site, admin):
    form = form_of(site.coder, email="x@y.org")

    admin.post(f"{HERE}/user/{site.coder.pk}/change/", form)

    assert User.objects.get(pk=site.coder.pk).email == "x@y.org"
    assert Token.objects.filter(user=site.coder).exists()


def test_a_token_is_replaced_by_another(site):
    before = run("coder")

    after = run("coder", "--replace")

    assert before != after
    assert (opens(before).status_code, opens(after).status_code) == (401, 200)
    event = Event.objects.get(action="token.replaced")
    assert (event.subject_id, event.source) == (site.coder.pk, "command")


def test_replacing_none_makes_one(site):
    Token.objects.all().delete()

    assert run("coder", "--replace") == Token.objects.get().key
    assert Event.objects.filter(action="token.created").count() == 1
    assert not Event.objects.filter(action="token.replaced").exists()


def test_a_token_is_ended_also_of_somebody_inactive(site):
    User.objects.filter(pk=site.coder.pk).update(is_active=False)

    assert run("coder", "--revoke") == "The token of coder is ended."

    assert Token.objects.count() == 0
    assert ended() == [(site.coder.pk, None, "asked_for")]


@pytest.mark.parametrize(
    ("name", "why"), [("other_coder", "has no token"), ("nobody", "no person")]
)
def test_what_is_not_there_is_not_ended(site, name, why):
    with pytest.raises(CommandError, match=why):
        run(name, "--revoke")

    assert Token.objects.count() == 1
    assert ended() == []


def test_who_is_at_the_server_is_nobody_in_the_trail(site):
    Token.objects.all().delete()
    for more in ([], ["--replace"], ["--revoke"]):
        call_command("api_token", "coder", *more, stdout=StringIO())
    said = Event.objects.filter(action__startswith="token.").order_by("pk")
    assert [(event.action, event.actor) for event in said] == [
        ("token.created", None),
        ("token.replaced", None),
        ("token.ended", None),
    ]


def test_no_transaction_is_open_while_a_password_is_typed(site, monkeypatch):
    open_ones = []
    outside = len(connection.savepoint_ids)
    monkeypatch.setattr(
        "getpass.getpass",
        lambda **_: open_ones.append(len(connection.savepoint_ids)) or NEW,
    )
    call_command("changepassword", "coder", stdout=StringIO())
    assert open_ones == [outside, outside]


def test_without_a_name_it_is_the_one_of_the_terminal(site, monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "coder")
    monkeypatch.setattr("getpass.getpass", lambda **_: NEW)
    call_command("changepassword", stdout=StringIO())
    assert User.objects.get(username="coder").check_password(NEW)


@pytest.mark.parametrize(
    ("name", "typed", "why"),
    [
        ("nobody.here", [], "no person"),
        ("coder", [NEW, "other", "12345", "12345", NEW, "no"], "after 3 tries"),
    ],
)
def test_a_password_that_is_not_given_changes_nothing(
    site, monkeypatch, name, typed, why
):
    answers = iter(typed)
    monkeypatch.setattr("getpass.getpass", lambda **_: next(answers))
    before = User.objects.get(username="coder").password
    with pytest.raises(CommandError, match=why):
        call_command("changepassword", name, stdout=StringIO(), stderr=StringIO())
    assert User.objects.get(username="coder").password == before
    assert not Event.objects.filter(action="password.changed").exists()


def test_the_command_for_passwords_hands_one_out(site, monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda **_: NEW)

    call_command("changepassword", "coder", stdout=StringIO())

    coder = User.objects.get(pk=site.coder.pk)
    assert coder.check_password(NEW)
    assert coder.must_change_password
    assert ended() == [(coder.pk, None, "password_changed")]
    event = Event.objects.get(action="password.changed")
    assert (event.subject_id, event.actor_id, event.source) == (
        coder.pk,
        None,
        "command",
    )
