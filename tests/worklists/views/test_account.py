"""Log-in, log-out and password, and what the trail says of them."""

from datetime import timedelta

import pytest
from axes.models import AccessAttempt
from django.test import Client
from django.urls import reverse

from worklists.context import now
from worklists.models import Banner, Event, User

pytestmark = pytest.mark.django_db
PASSWORD = "a long enough secret 42"


@pytest.fixture
def ana(site) -> User:
    """A coder with a password."""
    user = User.objects.get(pk=site.coder.pk)
    user.set_password(PASSWORD)
    user.save()
    return user


def log_in(client, username, password=PASSWORD, **more):
    """Send the log-in form."""
    return client.post("/login/", {"username": username, "password": password, **more})


def acts_of(user):
    """Return the acts on a person's chain, in order."""
    rows = Event.objects.filter(subject_kind="user", subject_id=user.pk)
    return list(rows.order_by("seq").values_list("action", "actor_id"))


def test_log_in_leads_to_the_start_and_is_an_event(client, ana):
    answer = log_in(client, ana.username)

    assert answer.url == "/"
    assert acts_of(ana) == [("login", ana.pk)]


def test_log_in_leads_back_to_where_one_was(client, ana):
    assert log_in(client, ana.username, next="/queues/").url == "/queues/"


def test_log_in_never_leads_to_another_host(client, ana):
    assert log_in(client, ana.username, next="https://evil.example/").url == "/"


def test_a_wrong_password_is_an_event_without_an_actor(client, ana):
    answer = log_in(client, ana.username, "wrong")

    assert answer.status_code == 200
    assert acts_of(ana) == [("login.failed", None)]


def test_a_refused_log_in_says_what_to_do_and_goes_on_at_the_password(client, ana):
    answer = client.post("/login/", {"username": ana.username, "password": "wrong"})

    form = answer.context["form"]
    assert "do not belong together. Type both again" in form.non_field_errors()[0]
    assert "autofocus" in str(form["password"])
    assert "autofocus" not in str(form["username"])


def test_an_unknown_name_leaves_no_event(client, ana):
    log_in(client, "my password by mistake", "wrong")

    assert not Event.objects.exists()


def test_five_wrong_tries_lock_the_name_out(client, ana):
    for _ in range(5):
        answer = log_in(client, ana.username, "wrong")

    assert answer.status_code == 429
    assert ("login.locked", None) in acts_of(ana)
    assert log_in(client, ana.username).status_code == 429


def test_log_out_ends_the_session_and_says_so(client, ana):
    log_in(client, ana.username)

    answer = client.post("/logout/", follow=True)

    assert "You are logged off" in answer.content.decode()
    assert client.get("/").status_code == 302
    assert [act for act, _ in acts_of(ana)] == ["login", "logout"]


def test_an_idle_log_off_says_why(client, ana):
    log_in(client, ana.username)

    answer = client.post("/logout/", {"idle": "1"}, follow=True)

    assert "Nothing was pressed for a while" in answer.content.decode()
    assert Event.objects.get(action="logout").facts == '{"idle":true}'


def test_an_idle_log_off_leads_back_after_the_next_log_in(client, ana):
    log_in(client, ana.username)

    answer = client.post("/logout/", {"idle": "1", "next": "/mine/"}, follow=True)

    assert 'href="/login/?next=/mine/"' in answer.content.decode()
    assert log_in(client, ana.username, next="/mine/").url == "/mine/"


def test_a_log_off_never_leads_to_another_host(client, ana):
    log_in(client, ana.username)
    there = "https://evil.example/"

    sent = client.post("/logout/", {"idle": "1", "next": there}, follow=True)
    typed = client.get("/logged-out/", {"next": there})

    assert sent.redirect_chain[-1][0].endswith("?idle=1")
    for answer in (sent, typed):
        assert 'href="/login/"' in answer.content.decode()


def test_a_page_from_before_the_log_in_learns_who_is_here_and_the_token(client, ana):
    log_in(client, ana.username)
    client.handler.enforce_csrf_checks = True

    said = client.get("/session/").json()

    assert said["user"] == ana.username
    sent = client.post("/logout/", {"csrfmiddlewaretoken": said["token"]})
    assert sent.status_code == 302


def test_nobody_learns_no_token(client, db):
    assert client.get("/session/").status_code == 302


def test_log_out_of_nobody_leaves_no_event(client, db):
    client.post("/logout/")

    assert not Event.objects.exists()


def test_log_out_is_never_a_link(client, ana):
    assert client.get("/logout/").status_code == 405


def test_changing_the_password_ends_the_duty_and_is_an_event(client, ana):
    User.objects.filter(pk=ana.pk).update(must_change_password=True)
    log_in(client, ana.username)
    new = "another long secret 43"

    answer = client.post(
        reverse("password_change"),
        {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
    )

    assert answer.url == reverse("password_change_done")
    ana.refresh_from_db()
    assert ana.check_password(new)
    assert not ana.must_change_password
    assert [act for act, _ in acts_of(ana)] == ["login", "password.changed"]
    assert client.get("/").status_code == 200


def test_a_refused_password_changes_nothing(client, ana):
    log_in(client, ana.username)

    answer = client.post(
        reverse("password_change"),
        {"old_password": "wrong", "new_password1": "x", "new_password2": "y"},
    )

    assert answer.status_code == 200
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    assert [act for act, _ in acts_of(ana)] == ["login", "login.failed"]


def change_to(client, new, old=PASSWORD):
    """Send the form for a new password."""
    form = {"old_password": old, "new_password1": new, "new_password2": new}
    return client.post(reverse("password_change"), form)


@pytest.mark.parametrize("duty", [True, False])
def test_the_password_one_has_is_no_new_one(client, ana, duty):
    User.objects.filter(pk=ana.pk).update(must_change_password=duty)
    log_in(client, ana.username)

    answer = change_to(client, PASSWORD)

    assert answer.status_code == 200
    assert answer.context["form"].errors == {
        "new_password1": [
            (
                "This is the password you have now. Choose another: whoever knows it, or "
                "handed it out, would know the new one, too."
            )
        ]
    }
    ana.refresh_from_db()
    assert ana.must_change_password is duty
    assert [act for act, _ in acts_of(ana)] == ["login"]


def test_a_wrong_old_password_is_a_failed_log_in(client, ana):
    log_in(client, ana.username)

    answer = change_to(client, "another long secret 43", old="wrong old secret")

    assert answer.status_code == 200
    assert "old_password" in answer.context["form"].errors
    assert acts_of(ana) == [("login", ana.pk), ("login.failed", None)]
    event = Event.objects.get(action="login.failed")
    assert event.facts == '{"at":"change of password"}'


def test_old_passwords_are_guessed_five_times_and_no_more(client, ana):
    log_in(client, ana.username)

    for _ in range(5):
        answer = change_to(client, "another long secret 43", old="wrong old secret")

    assert answer.status_code == 429
    assert ("login.locked", None) in acts_of(ana)
    assert change_to(client, "another long secret 43").status_code == 429
    ana.refresh_from_db()
    assert ana.check_password(PASSWORD)
    assert log_in(Client(), ana.username).status_code == 429


def test_a_missing_old_password_is_no_try(client, ana):
    log_in(client, ana.username)

    assert change_to(client, "another long secret 43", old="").status_code == 200

    assert [act for act, _ in acts_of(ana)] == ["login"]


def test_the_lock_out_keeps_no_password_that_was_typed(client, ana):
    log_in(client, ana.username)

    change_to(client, "another long secret 43", old="wrong old secret")

    kept = " ".join(str(row) for row in AccessAttempt.objects.values_list())
    assert "old_password" in kept
    assert "secret" not in kept


def test_password_pages_need_somebody(client, db):
    assert client.get(reverse("password_change")).status_code == 302


def test_people_choose_their_own_time_zone(site, client):
    client.force_login(site.coder)
    answer = client.post("/settings/", {"time_zone": "America/New_York"})

    assert (answer.status_code, answer.url) == (302, "/settings/")
    assert User.objects.get(pk=site.coder.pk).time_zone == "America/New_York"
    event = Event.objects.get(action="settings.changed")
    assert (event.subject_id, event.actor_id) == (site.coder.pk, site.coder.pk)
    assert '"time_zone":["America/Chicago","America/New_York"]' in event.facts
    page = client.get("/settings/").content.decode()
    assert '<option value="America/New_York" selected>' in page


def test_the_same_time_zone_again_is_no_event(site, client):
    client.force_login(site.coder)
    client.post("/settings/", {"time_zone": site.coder.time_zone})

    assert not Event.objects.filter(action="settings.changed").exists()


def test_a_zone_that_is_none_is_refused_in_place(site, client):
    client.force_login(site.coder)
    answer = client.post("/settings/", {"time_zone": "Mars/Olympus"})

    assert answer.status_code == 422
    assert User.objects.get(pk=site.coder.pk).time_zone == site.coder.time_zone
    assert not Event.objects.filter(action="settings.changed").exists()


def announce(text="Files come late today."):
    """Put a banner above every page."""
    return Banner.objects.create(
        text=text,
        tone="soon",
        begins_at=now() - timedelta(hours=1),
        ends_at=now() + timedelta(hours=1),
    )


def test_an_banner_stands_until_it_is_put_away_and_is_back_at_the_next_log_in(
    ana, client
):
    one, other = announce("Files come late today."), announce("<b>Lunch</b>")
    client.force_login(ana)
    assert "Files come late today." in client.get("/").content.decode()

    answer = client.post(
        f"/banners/{one.pk}/put-away/", {"next": "/queues/"}, follow=True
    )

    assert answer.redirect_chain == [("/queues/", 302)]
    page = answer.content.decode()
    assert "Files come late today." not in page
    assert "&lt;b&gt;Lunch&lt;/b&gt;" in page
    assert other.text not in page
    client.logout()
    client.force_login(ana)
    assert "Files come late today." in client.get("/").content.decode()


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", ""])
def test_putting_away_leads_nowhere_else(ana, client, elsewhere):
    client.force_login(ana)
    answer = client.post(f"/banners/{announce().pk}/put-away/", {"next": elsewhere})

    assert answer.url == "/"


def test_every_page_says_what_it_is_for(ana, client):
    client.force_login(ana)
    page = client.get("/mine/").content.decode()

    assert "An item leaves this list when" in page
    assert 'data-dialog-open="help"' in page
