"""One JSON object per log line, with the request it belongs to.

No patient data: messages name things by kind and number, and an access line has no
query string. What a library logs passes through the same formatter.
"""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
FORMS = ("json", "text")

request_id: ContextVar[str] = ContextVar("request_id", default="")
# What the logging module itself puts on a record; everything else was passed as extra.
STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
# Django attaches these to its request log; they could carry form values.
QUOTES = ("DETAIL:", "CONTEXT:")
NEVER = frozenset({"request", "server_time", "sql", "params", "data", "args"})
# What the lock-out's tables never keep of a form; “password” they leave out anyway.
NEVER_KEPT = [
    *("username", "ip_address"),
    *("old_password", "new_password1", "new_password2"),
]


class DiscreetFormatter(logging.Formatter):
    """Tracebacks without the rows that PostgreSQL quotes: they hold patient data."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Return the traceback, its DETAIL and CONTEXT lines left out."""
        lines = super().formatException(ei).split("\n")
        return "\n".join(
            f"{line.split(':')[0]}: left out" if line.startswith(QUOTES) else line
            for line in lines
        )


class JsonFormatter(DiscreetFormatter):
    """A record as one line of JSON: time, level, logger, message, request, extras."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line. Values JSON does not know are written as text."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {
            name: value
            for name, value in vars(record).items()
            if name not in STANDARD | NEVER
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def settings(*, level: str, form: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, in the form asked for."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": JsonFormatter},
            "text": {
                "()": DiscreetFormatter,
                "fmt": "%(levelname)s %(name)s: %(message)s",
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": form}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django's own line has the query string; `config.access` writes ours.
            "django.server": {"handlers": [], "propagate": False},
            "django": {"handlers": [], "level": level, "propagate": True},
            # Our trail records who logged in; its lines would only repeat it.
            "axes": {"level": "WARNING"},
        },
    }
