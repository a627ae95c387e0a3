"""What requests carry. Shape only: what is legal is for the services."""

from __future__ import annotations

from rest_framework import serializers

from worklists.api.serializers.fields import AnyField, Strict
from worklists.selectors.search import LONGEST, SHORTEST
from worklists.services.attachments import LONGEST_PAGE, LONGEST_SOURCE
from worklists.services.bulk_rows import MOST

LONGEST_WORD = 120
MOST_FIELDS = 400


class VersionField(serializers.IntegerField):
    """The version of the item that the caller read."""

    def __init__(self, **more: object) -> None:
        super().__init__(min_value=1, max_value=2**31 - 1, **more)


class AnswersField(serializers.DictField):
    """Values by field name."""

    child = AnyField()


def _word(help_text: str) -> serializers.CharField:
    return serializers.CharField(
        required=False, max_length=LONGEST_WORD, help_text=help_text
    )


OPTIONS = (
    *("to", "even_away", "queue", "until", "reason_code", "tell", "escalation"),
    *("outcome", "level", "flag", "points_at", "guidance"),
)


class ActBody(Strict):
    """One act on an item: the version read, words, evidence, what the action needs."""

    version = VersionField()
    reason = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    evidence = AnswersField(required=False)
    to = _word("assign: a username or pool")
    even_away = _word("assign: any word, to give it to somebody who is away")
    queue = _word("reroute: slug of the other queue")
    until = _word("pend: a date or a time with offset")
    reason_code = _word("pend, return, cancel: a code")
    tell = _word("escalate: lead, supervisor or manager")
    escalation = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=2**63 - 1,
        help_text="acknowledge_escalation: its id; else the one that waits longest",
    )
    outcome = _word("acknowledge_escalation: what was done")
    level = _word("prioritize: raised, normal or lowered")
    flag = _word("flag, unflag: the code of a flag that people set")
    points_at = serializers.ListField(
        child=serializers.CharField(max_length=80),
        required=False,
        max_length=MOST_FIELDS,
        help_text="return: names of the answers to look at again",
    )
    guidance = _word("return: the guidance it rests on, as source or source@version")


class ManyBody(Strict):
    """Which items, by id or by the filters of a list, and why."""

    items = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1),
        required=False,
        min_length=1,
        max_length=MOST,
    )
    filter = serializers.DictField(child=AnyField(), required=False)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=4000)


class ReassignBody(ManyBody):
    """Which items, and who gets them."""

    to = AnyField(help_text='A username, pool, or {"round_robin": [usernames]}.')
    even_away = serializers.BooleanField(
        required=False, help_text="Give them to somebody who is away today as well."
    )


class DeferBody(ManyBody):
    """Which items, until when they rest, and what they wait for."""

    until = serializers.CharField(
        max_length=LONGEST_WORD, help_text="A date or a time with offset."
    )
    reason_code = serializers.CharField(max_length=LONGEST_WORD)


class PrioritizeBody(ManyBody):
    """Which items, and whether they are raised, lowered or neither."""

    level = serializers.CharField(
        max_length=LONGEST_WORD, help_text="raised, normal or lowered"
    )


class DraftBody(Strict):
    """What a person typed and does not save yet."""

    answers = AnswersField()


class SearchBody(Strict):
    """An item, claim or account number, or the beginning of one."""

    text = serializers.CharField(min_length=SHORTEST, max_length=LONGEST)


class OpenBody(Strict):
    """An item opened by hand: its kind, the claim's id, what failed in codes and words."""

    kind = serializers.CharField(max_length=32)
    claim = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    reason_code = serializers.CharField(max_length=80)
    reason_label = serializers.CharField(max_length=160)


class AttachmentBody(Strict):
    """A file of evidence: what it shows, where it comes from, its date and page."""

    file = serializers.FileField(allow_empty_file=True)
    field = serializers.CharField(max_length=80)
    source = serializers.CharField(max_length=LONGEST_SOURCE)
    date = serializers.DateField(required=False, allow_null=True)
    page = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_PAGE
    )
    version = VersionField(required=False)


class UploadBody(Strict):
    """A file to bring in: X12, several in one file, up to 1 GB."""

    file = serializers.FileField(allow_empty_file=True)


class VersionBody(Strict):
    """The version of the item that the caller read."""

    version = VersionField()


class EmptyBody(Strict):
    """Nothing."""
