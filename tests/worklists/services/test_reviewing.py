"""The random share: exact, secret, one position a submission."""

import pytest

from tests.factories import make_site
from worklists.models import ReviewBlock
from worklists.services.reviewing import draw

pytestmark = [pytest.mark.integration, pytest.mark.django_db]


@pytest.mark.parametrize("share", [0, 1, 3, 20])
def test_exactly_the_share_of_every_twenty_is_picked(share) -> None:
    site = make_site()
    for _ in range(3):
        picked = [draw(site.coder, site.queue, share) for _ in range(20)]
        assert sum(picked) == share
    blocks = ReviewBlock.objects.filter(coder=site.coder).order_by("number")
    assert [(b.number, b.used, len(b.picks)) for b in blocks] == [
        (1, 20, share),
        (2, 20, share),
        (3, 20, share),
    ]


def test_each_coder_and_queue_has_blocks_of_its_own() -> None:
    site = make_site()
    draw(site.coder, site.queue, 1)
    draw(site.other_coder, site.queue, 1)
    assert ReviewBlock.objects.count() == 2


def test_the_place_of_the_pick_is_not_foreseeable() -> None:
    site = make_site()
    for _ in range(20 * 40):
        draw(site.coder, site.queue, 1)
    places = {tuple(b.picks) for b in ReviewBlock.objects.all()}
    assert len(places) > 8
