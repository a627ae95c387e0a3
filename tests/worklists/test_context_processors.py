"""The shell shows what a person's roles open, what waits, and where they are."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from worklists import selectors
from worklists.context_processors import PLACES, Shell
from worklists.enums import Role, Tier
from worklists.models import User
from worklists.policies import Access
from worklists.selectors.shell import Waiting

pytestmark = pytest.mark.unit


def person(*roles: Role, tier: str = Tier.INDEPENDENT) -> User:
    user = User(username="ana", first_name="Ana", last_name="Ruiz", tier=tier)
    user._access = Access(0, "ana", frozenset(role.value for role in roles), tier)
    return user


def shell_at(path: str, user: User | AnonymousUser) -> Shell:
    request = RequestFactory().get(path)
    request.user = user
    return Shell(request)


@pytest.fixture(autouse=True)
def _waiting(monkeypatch):
    waiting = {"mine": 8, "returned": 2, "review": 100, "inbox": 0}
    monkeypatch.setattr(selectors, "waiting_for", lambda _user: Waiting(waiting, []))


@pytest.mark.parametrize(
    ("role", "labels"),
    [
        (Role.CODER, ["Start", "Mine", "Returned", "Queues", "Payers", "Rules"]),
        (Role.REVIEWER, ["Start", "Review", "Queues", "Payers", "Rules"]),
        (
            Role.MANAGER,
            [
                "Start",
                "Review",
                "Manage",
                "People",
                "Queues",
                "Payers",
                "Rules",
                "Upload",
                "Trail",
            ],
        ),
        (Role.AUDITOR, ["Start", "Queues", "Payers", "Rules", "Trail"]),
        (Role.ADMINISTRATOR, ["Start", "Payers", "Rules", "Upload", "Set-up"]),
    ],
)
def test_the_rail_shows_what_a_role_opens(role, labels):
    drawn = [entry.label for entry in shell_at("/", person(role)).nav]
    assert drawn == labels


def test_who_leads_a_team_sees_its_people():
    lead = person(Role.REVIEWER)
    lead._access = Access(0, "ana", frozenset({"reviewer"}), teams=frozenset({1}))
    drawn = [entry.label for entry in shell_at("/", lead).nav]
    assert drawn == ["Start", "Review", "People", "Queues", "Payers", "Rules"]


def test_keys_of_places_do_not_clash():
    keys = [place.keys for place in PLACES]
    assert len(keys) == len(set(keys))


def test_the_most_exact_address_is_the_current_one():
    nav = shell_at("/queues/bundling/", person(Role.CODER)).nav
    assert [entry.label for entry in nav if entry.current] == ["Queues"]
    nav = shell_at("/", person(Role.CODER)).nav
    assert [entry.label for entry in nav if entry.current] == ["Start"]
    nav = shell_at("/elsewhere/", person(Role.CODER)).nav
    assert [entry.label for entry in nav if entry.current] == []


def test_counts_stop_where_nobody_reads_on():
    nav = shell_at("/", person(Role.CODER, Role.REVIEWER)).nav
    counts = {entry.label: entry.count for entry in nav}
    assert counts == {
        "Start": "",
        "Mine": "8",
        "Returned": "2",
        "Review": "99+",
        "Queues": "",
        "Payers": "",
        "Rules": "",
    }


@pytest.mark.parametrize(
    ("roles", "tier", "label"),
    [
        ((Role.CODER,), Tier.APPRENTICE, "Coder (apprentice)"),
        ((Role.CODER,), Tier.INDEPENDENT, "Coder (independent)"),
        ((Role.REVIEWER, Role.MANAGER), Tier.INDEPENDENT, "Senior reviewer, Manager"),
        ((Role.AUDITOR,), Tier.APPRENTICE, "Auditor, read only"),
        ((), Tier.APPRENTICE, "No role yet"),
    ],
)
def test_the_role_under_the_name(roles, tier, label):
    assert shell_at("/", person(*roles, tier=tier)).role_label == label


def test_next_is_for_people_who_take_items():
    assert shell_at("/", person(Role.CODER)).urls["next"]
    assert shell_at("/", person(Role.AUDITOR)).urls["next"] == ""


def test_nobody_has_no_shell_and_costs_nothing(monkeypatch):
    def asked(user):
        raise AssertionError("nobody was counted")

    monkeypatch.setattr(selectors, "waiting_for", asked)
    shell = shell_at("/login/", AnonymousUser())
    assert (shell.username, shell.person, shell.nav) == ("", "", [])
    assert (shell.unread, shell.idle_seconds) == ("", 0)


def test_the_warning_stands_no_longer_than_a_third_of_the_time(settings):
    settings.IDLE_LOG_OFF_SECONDS = 60
    assert shell_at("/", person(Role.CODER)).idle_warn_seconds == 20
    settings.IDLE_LOG_OFF_SECONDS = 900
    assert shell_at("/", person(Role.CODER)).idle_warn_seconds == 120


def test_search_is_for_people_who_see_items():
    assert shell_at("/", person(Role.AUDITOR)).urls["search"]
    assert shell_at("/", person(Role.ADMINISTRATOR)).urls["search"] == ""
