"""Sessions in Valkey that an outage of Valkey does not end."""

from typing import Any

from django.contrib.sessions.backends import cache
from django.core.cache import cache as sessions


class SessionStore(cache.SessionStore):
    """Django's store in the cache, but a cache that does not answer is an error.

    Django takes it for an unknown session and has the browser forget its cookie, so
    whoever asks in that moment is logged off although the session is still there.
    """

    def load(self) -> dict[str, Any]:
        """Return what the session holds; raise ``RedisError`` where nobody knows."""
        found: dict[str, Any] | None = sessions.get(self.cache_key)
        if found is not None:
            return found
        self._session_key = None
        return {}
