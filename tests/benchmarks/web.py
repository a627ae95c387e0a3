"""The product's own web process, asked over HTTP as browsers ask it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

START_SECONDS = 60


def cookie_of(username: str) -> str:
    """Log a person in and return the cookie of the session."""
    from django.conf import settings
    from django.test import Client

    from worklists.models import User

    client = Client()
    client.force_login(User.objects.get(username=username))
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


def get(
    link: http.client.HTTPConnection, address: str, cookie: str
) -> tuple[float, str]:
    """Ask for a page; return its milliseconds and text. Raises where it is no page."""
    began = time.perf_counter()
    link.request("GET", address, headers={"Cookie": cookie})
    answer = link.getresponse()
    text = answer.read().decode()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 200, (address, answer.status)
    return took, text


@contextmanager
def running(**settings: str) -> Iterator[int]:
    """Run the product's own web process and yield its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    line = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn_settings.py"]
    environment = os.environ | {"PORT": str(port), "LOG_LEVEL": "WARNING"} | settings
    web = subprocess.Popen([*line, "config.wsgi:application"], env=environment)
    try:
        _wait(port)
        yield port
    finally:
        web.terminate()
        web.wait(timeout=60)


def _wait(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            link.request("GET", "/health/live")
            if link.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.3)
    raise TimeoutError("the web process did not answer")
