"""A person's own time on an item."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from worklists.api.base import ApiView, answered
from worklists.api.schema import described
from worklists.api.serializers.time_on_items import TimeBody, TimeSerializer
from worklists.models import User
from worklists.policies import may_read_items
from worklists.selectors.item import item_for
from worklists.services.idempotency import Answer
from worklists.services.time_on_items import correct_time


class ItemTime(ApiView):
    """Putting one's own time right; counting it is for the page alone."""

    policy = may_read_items

    @described(
        {200: TimeSerializer},
        request=TimeBody,
        refuses=(404, 409),
        writes=True,
        operation_id="correct_time",
    )
    def post(self, request: Request, item_id: int) -> Response:
        """Say how many minutes the person spent on the item, and why."""
        item_for(request.user, item_id)
        body = self.read_body(TimeBody)
        return self.write(lambda: self._correct(request.user, item_id, body))

    def _correct(self, user: User, item_id: int, body: dict[str, Any]) -> Answer:
        row = correct_time(item_id=item_id, actor=user, **body)
        return answered(200, {"my_minutes": row.minutes})
