"""A compiled statement answers as its queryset does, with the values of each call."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.transaction import TransactionManagementError

from tests.factories import QueueFactory, TeamFactory
from worklists.models import Queue, Team
from worklists.statements import Change, IsAny, Slot, Statement

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


def _teams() -> dict[str, int]:
    return {name: TeamFactory(name=name).pk for name in "abc"}


def _named() -> Statement[Team]:
    return Statement(
        lambda: Team.objects.filter(
            IsAny(F("pk"), Slot("ids")), name__lt=Slot("below")
        ).order_by("-name")
    )


def test_each_call_answers_for_its_own_values():
    ids, named = _teams(), _named()
    everyone = list(ids.values())
    assert [t.name for t in named.rows(ids=everyone, below="c")] == ["b", "a"]
    assert [t.pk for t in named.rows(ids=[ids["a"]], below="z")] == [ids["a"]]
    assert named.rows(ids=[], below="z") == []
    assert named.first(ids=everyone, below="z").name == "c"
    assert named.first(ids=everyone, below="a") is None


def test_one_query_a_call_and_the_same_text_each_time(django_assert_num_queries):
    ids, named = _teams(), _named()
    named.rows(ids=[], below="")
    with django_assert_num_queries(2) as asked:
        named.rows(ids=list(ids.values()), below="c")
        named.rows(ids=[ids["a"]], below="b")
    assert len({query["sql"].partition("WHERE")[0] for query in asked}) == 1
    assert "ANY(" in asked[0]["sql"]


def test_relations_and_tuples_come_as_from_the_queryset():
    queue = QueueFactory()
    related = Statement(
        lambda: Queue.objects.select_related("team__lead").filter(pk=Slot("pk"))
    )
    tuples = Statement(
        lambda: Queue.objects.filter(pk=Slot("pk")).values_list("slug", "purpose")
    )
    found = related.first(pk=queue.pk)
    assert found == queue
    assert Queue.team.is_cached(found)
    assert tuples.rows(pk=queue.pk) == [(queue.slug, queue.purpose)]


@pytest.mark.parametrize("values", [{}, {"ids": [1]}, {"ids": [], "below": "", "x": 1}])
def test_a_slot_left_out_or_unknown_is_refused(values, django_assert_num_queries):
    named = _named()
    with django_assert_num_queries(0), pytest.raises(TypeError, match="the slots are"):
        named.rows(**values)


def test_a_change_changes_what_its_values_say_and_counts_it():
    ids = _teams()
    rename = Change(
        lambda: (Team.objects.filter(pk=Slot("pk")), {"name": Slot("name")})
    )
    assert rename(pk=ids["a"], name="first") == 1
    assert rename(pk=ids["b"], name="second") == 1
    assert rename(pk=0, name="nobody") == 0
    assert set(Team.objects.values_list("name", flat=True)) == {"first", "second", "c"}


def test_a_row_that_must_be_there_is_missed():
    ids = _teams()
    rename = Change(
        lambda: (Team.objects.filter(pk=Slot("pk")), {"name": Slot("name")})
    )
    rename.one(pk=ids["a"], name="first")
    with pytest.raises(DatabaseError, match="0 rows changed where one had to"):
        rename.one(pk=0, name="nobody")
    assert set(Team.objects.values_list("name", flat=True)) == {"first", "b", "c"}


def test_none_finds_nothing():
    QueueFactory(clearance=None)
    asking = Statement(lambda: Queue.objects.filter(clearance=Slot("clearance")))
    assert Queue.objects.filter(clearance=None).exists()
    assert asking.rows(clearance=None) == []


def test_rows_can_be_locked():
    ids = _teams()
    locked = Statement(
        lambda: Team.objects.select_for_update().filter(pk=Slot("pk"))[:1]
    )
    with transaction.atomic():
        assert locked.first(pk=ids["a"]).name == "a"


@pytest.mark.django_db(transaction=True)
def test_a_lock_outside_a_transaction_is_refused_each_time():
    ids = _teams()
    locked = Statement(
        lambda: Team.objects.select_for_update().filter(pk=Slot("pk"))[:1]
    )
    with pytest.raises(TransactionManagementError):
        locked.first(pk=ids["a"])
    with transaction.atomic():
        assert locked.first(pk=ids["a"]).name == "a"
    with pytest.raises(TransactionManagementError):
        locked.first(pk=ids["a"])


@pytest.mark.django_db(transaction=True)
def test_threads_share_the_text_and_not_the_connection():
    ids, named = _teams(), _named()
    named.rows(ids=[], below="")
    seen = []

    def look() -> None:
        try:
            seen.extend(t.name for t in named.rows(ids=[ids["b"]], below="z"))
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == ["b"] * 4
