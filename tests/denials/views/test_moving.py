"""The page of a profile says how far running clocks have moved."""

import pytest
from django.test import Client

from denials.models import AppealProfile, ProfileSwitch
from denials.selectors.recounting import Effect
from denials.views.profile_changes import will_move
from tests.denials.views.test_profiles import ONE, logged_in, text_of
from tests.factories import person
from tests.factories.profiles import make_profile, make_version
from worklists.context import now
from worklists.enums import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def switch():
    """A version that has moved 1,200 of 8,400 clocks."""
    make_profile()
    version = make_version(AppealProfile.objects.get(slug="northgate"), number=2)
    return ProfileSwitch.objects.create(version=version, expected=8400, clocks=1200)


@pytest.fixture
def anna() -> Client:
    return logged_in(person(Role.CODER))


def test_while_clocks_move_the_page_says_how_many_and_asks_again(switch, anna):
    page = anna.get(ONE)
    said = text_of(page)
    assert "<b>1,200 of 8,400 clocks moved</b> to what version 2 says." in said
    assert "1,200 of 8,400 running clocks moved" in said
    assert f'hx-get="{ONE}moving/"' in page.content.decode()


def test_asked_again_it_says_the_same_then_that_all_moved(switch, anna):
    assert "1,200 of 8,400 clocks moved" in text_of(anna.get(f"{ONE}moving/"))
    ProfileSwitch.objects.update(done_at=now(), clocks=8399)
    answer = anna.get(f"{ONE}moving/")
    assert "Every running clock has moved." in text_of(answer)
    assert "hx-get" not in answer.content.decode()
    page = anna.get(ONE)
    assert "8,399 running clocks moved" in text_of(page)
    assert "hx-get" not in page.content.decode().split('id="versions"')[0]


def test_a_profile_that_moved_nothing_says_nothing(anna):
    make_profile()
    assert "clocks moved" not in text_of(anna.get(ONE))
    assert anna.get("/payer-profiles/unknown/moving/").status_code == 404


@pytest.mark.parametrize(
    ("clocks", "said"),
    [
        (0, ""),
        (1, " 1 running clock moves to another day: "),
        (8400, " 8,400 running clocks move to another day: "),
    ],
)
def test_who_approves_is_told_how_many_will_move(clocks, said):
    by_whom = "the worker does it from the next minute." if clocks else ""
    assert will_move(Effect(clocks=clocks)) == said + by_whom
