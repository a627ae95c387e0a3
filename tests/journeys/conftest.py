"""A real browser on the real pages: the system's Chromium, driven by Playwright.

Every page is watched: a message about the content security policy, a script error or
a request to another host fails the journey that caused it.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

# Playwright's loop lives in the test's thread; the ORM is used beside it, not in it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def _missing(reason: str) -> None:
    """Skip by name on a machine without a browser; on CI that is a failure."""
    if os.environ.get("CI", "").lower() == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


@pytest.fixture(scope="session", autouse=True)
def _kept_by_browsers() -> Iterator[None]:
    """Scripts and styles are asked for once a journey, as with the real server.

    The test server says nothing of caching, and twenty files came with every page.
    """
    serve = StaticFilesHandler.serve

    def kept(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        answer = serve(self, request)
        answer["Cache-Control"] = "max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFilesHandler, "serve", kept)
        yield


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser process for the whole run."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        _missing(f"no browser on PATH: install one of {', '.join(NAMES)}")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield chromium
        chromium.close()


class Watch:
    """What went wrong in a browser context, message by message."""

    def __init__(self, own_host: str) -> None:
        self.own_host = own_host
        self.faults: list[str] = []

    def on_console(self, message: Any) -> None:
        # A refusal (4xx) is an answer of ours; the browser and htmx call it an error.
        refusal = ("Failed to load resource", "Response Status Error Code 4")
        if message.type == "error" and not message.text.startswith(refusal):
            self.faults.append(f"console: {message.text}")

    def on_error(self, error: Any) -> None:
        self.faults.append(f"script: {error}")

    def on_request(self, request: Any) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https"} and address.netloc != self.own_host:
            self.faults.append(f"request to another host: {request.url}")


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    """A fresh browser profile; `context.watch.faults` must be empty at the end."""
    fresh = browser.new_context(
        base_url=live_server.url, viewport={"width": 1280, "height": 800}
    )
    fresh.set_default_timeout(10_000)
    watch = Watch(urlsplit(live_server.url).netloc)
    fresh.on("console", watch.on_console)
    fresh.on("weberror", lambda error: watch.on_error(error.error))
    fresh.on("request", watch.on_request)
    fresh.watch = watch
    yield fresh
    fresh.close()
    assert watch.faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page of that profile."""
    return context.new_page()


@pytest.fixture
def signed_in(context: BrowserContext, live_server: Any) -> Callable[[Any], Page]:
    """Call with a person: a page on which that person is logged in."""

    def sign_in(person: Any) -> Page:
        client = Client()
        client.force_login(person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        context.clear_cookies()
        context.add_cookies(
            [{"name": cookie.key, "value": cookie.value, "url": live_server.url}]
        )
        return context.new_page()

    return sign_in
