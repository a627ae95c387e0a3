"""What a returned item owes its reviewer: another answer or file, or words why it stands.

A senior returns an item with a reason and points at answers. What is submitted next
either differs from what the senior saw, or says why it does not: an item that comes
back untouched and without a word would only go round. The words are one more field of
the form, one for each return, kept in versions as any answer is.

Source: domain 2.1, step 6 ("agree or rebut with a comment"); R2, R5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import field as default

from worklists.evidence.fields import Answers, Field, Gap, Validator
from worklists.evidence.shapes import is_empty, same
from worklists.plain_text import as_read

REPLY = "return_reply"
LABEL = "Answer to the return"
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Return:
    """The return that an item's next submission answers.

    ``points_at`` are the names of the answers the senior wants looked at again,
    ``before`` the answers they saw, ``files`` the fields whose files are others since.
    ``form`` are the names of the form they saw, where the item has another one now:
    what only the new one asks is no answer to them.
    """

    round: int
    by: str = ""
    points_at: frozenset[str] = frozenset()
    before: Answers = default(default_factory=dict)
    files: frozenset[str] = frozenset()
    form: frozenset[str] | None = None

    @property
    def field(self) -> Field:
        """Return the field that takes the words."""
        reader = self.by or "The senior"
        return reply_field(
            f"{REPLY}.{self.round}",
            f"Needed where you change nothing: say why it stands. {reader} reads it.",
        )

    def touched(self, answers: Answers) -> frozenset[str]:
        """Return the fields that are others now than the senior saw them.

        A blank more, or a sign that nobody sees, is no other answer.
        """
        names = {
            name
            for name in {*answers, *self.before}
            if not same(as_read(answers.get(name)), as_read(self.before.get(name)))
        }
        return frozenset(name for name in names | self.files if self._was_asked(name))

    def _was_asked(self, name: str) -> bool:
        base, _, part = name.partition(".")
        parts = {known.partition(".")[2] for known in self.before}
        if part and part not in parts:  # joined the item since it was returned
            return False
        return base != REPLY and (self.form is None or base in self.form)

    def gap(self, answers: Answers) -> Gap | None:
        """Return what is missing: nothing is changed and nothing is said."""
        field = self.field
        if self.touched(answers) or not is_empty(answers.get(field.name)):
            return None
        return Gap(
            field.name,
            "missing",
            "Nothing differs from what was returned: change an answer or a file, or "
            "say here why it stands.",
            field.label,
        )


def is_reply(name: str) -> bool:
    """Return whether a field holds the answer to a return."""
    return name.partition(".")[0] == REPLY


def reply_field(name: str, help_text: str = "") -> Field:
    """Return the field of the answer to one return, by its name."""
    longest = Validator("max_length", LONGEST)
    return Field(name, LABEL, "text", validators=(longest,), help=help_text)


def reply_fields(answers: Iterable[str], back: Return | None) -> list[Field]:
    """Return the answers to earlier returns, and the field of the one that waits."""
    due = back.field if back else None
    names = {name for name in answers if is_reply(name)} - {due.name if due else ""}
    earlier = [reply_field(name) for name in sorted(names, key=_round)]
    return [*earlier, due] if due else earlier


def _round(name: str) -> int:
    return int(name.partition(".")[2])
