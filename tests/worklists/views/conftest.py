"""A small site, and browsers without script: Django's test client, one a person."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.factories import Site, make_site, open_item, take
from worklists.models import User, WorkItem
from worklists.services.perform import perform


@pytest.fixture
def site(db) -> Site:
    """A small site: one queue and a person of each role."""
    return make_site()


@pytest.fixture
def as_person() -> Callable[[User], Client]:
    """Return a client on which a person is logged in."""

    def client(user: User | None = None, **more) -> Client:
        made = Client(**more)
        if user is not None:
            made.force_login(User.objects.get(pk=user.pk))
        return made

    return client


@pytest.fixture
def held(site: Site) -> WorkItem:
    """An item that the coder holds."""
    item = open_item(site.queue, site.facility)
    take(item, site.coder)
    return fresh(item)


def fresh(item: WorkItem) -> WorkItem:
    """Return an item as it stands in the database now."""
    return WorkItem.objects.select_related("queue", "facility").get(pk=item.pk)


def text_of(answer) -> str:
    """Return a page as text, each run of white space as one blank."""
    return " ".join(answer.content.decode().split())


GOOD = {"decision": "accept", "why": "The note supports it on page 3."}


def submit(
    site: Site, item: WorkItem, *, by: User | None = None, **answers: str
) -> WorkItem:
    """Let somebody take and submit an item; an apprentice's goes to a senior."""
    actor = by or site.apprentice
    if fresh(item).assignee_id != actor.pk:
        take(item, actor)
    return perform(
        item_id=item.pk,
        action="submit",
        actor=actor,
        expected_version=fresh(item).version,
        evidence=GOOD | answers,
    )


def give_back(site: Site, item: WorkItem) -> WorkItem:
    """Let an apprentice submit an item and a senior return it."""
    submit(site, item)
    return perform(
        item_id=item.pk,
        action="return",
        actor=site.reviewer,
        expected_version=fresh(item).version,
        reason="Say on which page.",
        options={"reason_code": "evidence_not_specific"},
    )


HTMX = {"HTTP_HX_REQUEST": "true"}
