"""One key, one act: also when two ask at once, and when the first one dies."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from tests.factories import UserFactory
from worklists.errors import BadInput, KeyReused, WrongState
from worklists.models import IdempotencyKey, Payer, User
from worklists.services import idempotency
from worklists.services.idempotency import Answer, once

pytestmark = pytest.mark.integration


def say_once(**request):
    """Run a write whose answer is open to everybody for good."""
    return once(recheck=lambda _: None, **request)


def add_payer(name="one"):
    """An act that can be seen."""
    Payer.objects.create(slug=name, name=name)
    return Answer(201, {"payer": name}, {"X-Made": "yes"})


@pytest.mark.django_db
def test_the_first_answer_is_kept_whole():
    user = UserFactory()

    first = say_once(user=user, key="k", digest="d", act=add_payer)
    again = say_once(user=user, key="k", digest="d", act=add_payer)

    assert first == again == Answer(201, {"payer": "one"}, {"X-Made": "yes"})
    assert Payer.objects.count() == 1


@pytest.mark.django_db
def test_another_request_under_the_key_is_refused():
    user = UserFactory()
    say_once(user=user, key="k", digest="d", act=add_payer)

    with pytest.raises(KeyReused):
        say_once(user=user, key="k", digest="other", act=lambda: add_payer("two"))

    assert Payer.objects.count() == 1


@pytest.mark.django_db
def test_a_refusal_is_raised_again_as_it_was():
    user = UserFactory()

    def refused():
        with transaction.atomic():
            add_payer()
            raise WrongState("Not now.", fields={"a": ["b"]}, extra={"actions": ["c"]})

    for _ in range(2):
        with pytest.raises(Exception, match="Not now") as refusal:
            say_once(user=user, key="k", digest="d", act=refused)
        said = refusal.value
        assert (said.status, said.code, said.fields, said.extra) == (
            409,
            "wrong_state",
            {"a": ["b"]},
            {"actions": ["c"]},
        )
    assert Payer.objects.count() == 0


@pytest.mark.django_db
def test_a_fault_leaves_the_key_unused():
    user = UserFactory()

    def broken():
        add_payer()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        say_once(user=user, key="k", digest="d", act=broken)

    assert (Payer.objects.count(), IdempotencyKey.objects.count()) == (0, 0)
    assert say_once(user=user, key="k", digest="d", act=add_payer).status == 201


@pytest.mark.parametrize("key", ["", "x" * 201, "a\nb", "ä"])
def test_a_strange_key_is_refused_before_anything(key):
    with pytest.raises(BadInput):
        say_once(user=User(), key=key, digest="d", act=add_payer)


@pytest.fixture
def person(transactional_db):
    """A person whom other connections see."""
    return UserFactory()


def both(user, act, *, digests=("d", "d")):
    """Ask twice at once; return answers and refusals in the order they came."""
    found, inside = [], threading.Event()

    def ask(digest):
        try:
            found.append(say_once(user=user, key="k", digest=digest, act=slow))
        except KeyReused as refusal:
            found.append(refusal.code)
        finally:
            connection.close()

    def slow():
        inside.set()
        waited.wait(1)
        return act()

    waited = threading.Event()
    first, second = (threading.Thread(target=ask, args=[d]) for d in digests)
    first.start()
    assert inside.wait(10)
    second.start()
    first.join()
    second.join()
    return found


def test_two_at_once_act_once(person):
    answers = both(person, add_payer)

    assert answers == [Answer(201, {"payer": "one"}, {"X-Made": "yes"})] * 2
    assert Payer.objects.count() == 1


def test_two_at_once_with_different_bodies(person):
    answers = both(person, add_payer, digests=("d", "other"))

    assert [getattr(a, "status", a) for a in answers] == [201, "key_reused"]


def test_the_second_does_not_wait_for_ever(person, monkeypatch):
    monkeypatch.setattr(idempotency, "LONGEST_WAIT", "50ms")

    answers = both(person, add_payer)

    assert sorted(str(getattr(a, "status", a)) for a in answers) == [
        "201",
        "key_reused",
    ]
    assert Payer.objects.count() == 1


def test_an_outage_is_not_taken_for_a_first_request_at_work(person):
    inside, over = threading.Event(), threading.Event()

    def slow():
        inside.set()
        over.wait(20)
        return add_payer()

    def ask():
        try:
            say_once(user=person, key="k", digest="d", act=slow)
        finally:
            connection.close()

    def in_a_hurry():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout TO '100ms'")
            say_once(user=person, key="k", digest="d", act=add_payer)

    first = threading.Thread(target=ask)
    first.start()
    assert inside.wait(10)
    try:
        with pytest.raises(OperationalError, match="statement timeout"):
            in_a_hurry()
    finally:
        over.set()
        first.join()

    assert Payer.objects.count() == 1
