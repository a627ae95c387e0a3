"""What every API view stands on: its policy, its parameters, its repeatable writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from django.conf import settings
from rest_framework import serializers
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder
from rest_framework.views import APIView

from worklists.errors import BadInput, NotPermitted, NotVisible
from worklists.filters import refuse_unknown
from worklists.policies import Access, Barred
from worklists.selectors.access import access_of, visible_to
from worklists.services.idempotency import Answer, is_answered, once

ViewPolicy = Callable[[Access], Barred | None]
KEY = "Idempotency-Key"


class TooLarge(APIException):
    """The body is larger than this address takes."""

    status_code = 413


class ApiView(APIView):
    """A view that says who may use it and which parameters its address takes.

    ``policy`` answers for the whole address; what may be done to one thing is for the
    service behind it. A view without a policy refuses everybody.
    """

    policy: ClassVar[ViewPolicy]
    takes: ClassVar[frozenset[str]] = frozenset()

    def largest_body(self) -> int:
        """Return how many bytes a request to this address may have."""
        return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Size, log-in, throttle, password, policy, parameters: in this order."""
        said = request.META.get("CONTENT_LENGTH") or "0"
        if said.isdecimal() and int(said) > self.largest_body():
            raise TooLarge
        super().initial(request, *args, **kwargs)
        if request.user.must_change_password:
            raise NotPermitted(
                "Change your password first; log in on the pages for that.",
                code="must_change_password",
            )
        barred = type(self).policy(access_of(request.user))
        if barred:
            raise barred.error()
        refuse_unknown(request.query_params, self.takes)
        _refuse_unreadable(request)

    def read_body(self, serializer: type[serializers.Serializer]) -> dict[str, Any]:
        """Return the body as the serializer reads it, or refuse it with all faults."""
        reader = serializer(data=self.request.data)
        reader.is_valid(raise_exception=True)
        return dict(reader.validated_data)

    def only_looks(self) -> bool:
        """Return whether a write is asked what it would do: ``?preview=1``."""
        said = self.request.query_params.getlist("preview") or ["0"]
        asked = said[0]
        if len(said) > 1 or asked not in {"0", "1"}:
            raise BadInput("preview is 1 or 0.", fields={"preview": ["1 or 0"]})
        return asked == "1"

    def write(
        self, act: Callable[[], Answer], *, before: Callable[[], None] | None = None
    ) -> Response:
        """Run a write, once for each ``Idempotency-Key`` where the caller sent one.

        ``before`` is what takes long and writes nothing: it runs in no transaction, and
        not at all where the key has an answer.
        """
        key = self.request.headers.get(KEY)
        if before and not (key and is_answered(self.request.user, key)):
            before()
        if key is None:
            return respond(act())
        answer = once(
            user=self.request.user,
            key=key,
            digest=digest_of(self.request),
            act=act,
            recheck=self._refuse_unseen,
        )
        return respond(answer)

    def _refuse_unseen(self, kept: Answer) -> None:
        """Refuse to show an item again to somebody who does not see it any more."""
        if kept.status == NotVisible.status:
            return
        items = kept.items
        if items is None:
            items = [self.kwargs["item_id"]] if "item_id" in self.kwargs else []
        seen = visible_to(self.request.user).filter(pk__in=items)
        if items and seen.count() < len(set(items)):
            raise NotVisible(
                "This was done under the same key before. What it answered is not "
                "open to you any more."
            )


def _refuse_unreadable(request: Request) -> None:
    """Refuse parameters with a character that the database does not take."""
    lists = request.query_params.lists()
    bad = [name for name, texts in lists if any("\0" in text for text in texts)]
    if bad:
        why = "This holds a character that cannot be read."
        raise BadInput(why, fields={name: [why] for name in bad})


def respond(answer: Answer) -> Response:
    """Return an answer as a response."""
    return Response(answer.body, status=answer.status, headers=dict(answer.headers))


def answered(
    status: int, data: Any = None, *, items: Sequence[int] | None = None, **headers: str
) -> Answer:
    """Return an answer in plain JSON values, so that it can be kept."""
    body = None if data is None else json.loads(json.dumps(data, cls=JSONEncoder))
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, body, named, items)


def digest_of(request: Request) -> str:
    """Return what stands for a whole write: method, address, values and files."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data, files = request.data, request.FILES
    if hasattr(data, "lists"):
        data = {name: data.getlist(name) for name in data if name not in files}
    digest.update(json.dumps(data, sort_keys=True).encode())
    for name in sorted(files):
        for file in files.getlist(name):
            digest.update(f"\n{name} {file.name}\n".encode())
            _add(digest.update, file.chunks())
            file.seek(0)
    return digest.hexdigest()


def _add(update: Callable[[bytes], None], chunks: Iterable[bytes]) -> None:
    for chunk in chunks:
        update(chunk)
