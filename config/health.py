"""`/health/live`: the process answers. `/health/ready`: so does all it stands on."""

import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import Error as DatabaseError
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.tasks import BEAT_KEY


@require_safe
@never_cache
def live(_request: HttpRequest) -> JsonResponse:
    """Answer 200 as long as this process can answer at all; asks nobody else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(_request: HttpRequest) -> JsonResponse:
    """Answer 200 when database and Redis answer and beat is not silent, else 503."""
    found = {name: check() for name, check in CHECKS.items()}
    ok = all(state == "ok" for state in found.values())
    body = {"status": "ok" if ok else "failing", "checks": found}
    return JsonResponse(body, status=200 if ok else 503)


def database() -> str:
    """Whether the database answers a query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "no answer"
    return "ok"


def broker() -> str:
    """Whether the broker answers."""
    try:
        with redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=2, retry=Retry(NoBackoff(), 0)
        ) as client:
            client.ping()
    except redis.RedisError:
        return "no answer"
    return "ok"


def beat() -> str:
    """Whether a beat task ran lately: beat, broker and a worker are all alive."""
    try:
        seen = cache.get(BEAT_KEY)
    except redis.RedisError:
        return "unknown: the broker does not answer"
    if seen is None:
        return "never seen"
    age = time.time() - seen
    return "ok" if age <= settings.BEAT_SILENT_SECONDS else f"silent for {age:.0f} s"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "redis": broker,
    "beat": beat,
}
