"""Chromium for the tests, as a phone in somebody's hand, with its console watched.

What fails a test by itself: an error on the console (a breach of the content security policy is one), an
exception in a script, a file that is missing, an answer 5xx, a request to any other host.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from tests.timing import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A small phone of the attendees, in Spanish, on the wall clock of the venue.
PHONE: dict[str, Any] = {
    "viewport": {"width": 375, "height": 812},
    "has_touch": True,
    "is_mobile": True,
    "locale": "es-MX",
    "timezone_id": "America/Los_Angeles",
    "reduced_motion": "reduce",
}
AXE = Axe().axe_script
# One page waits less long than a whole program, so that a broken page does not fail for hours.
MILLISECONDS = 1000 * PATIENCE // 4
# Without what is right with the page, which would be most of the answer and most of the time.
VIOLATIONS = "async () => (await axe.run({resultTypes: ['violations']})).violations"
ASSETS = {"stylesheet", "script", "image", "font", "manifest"}
# Chromium reports every answer 4xx so; forms are answered 422 and refusals 403 or 409 on purpose.
REFUSAL = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@contextmanager
def chromium(executable: str, *arguments: str) -> Iterator[Browser]:
    """Launch the Chromium at `executable`, with further command line arguments where a test needs them."""
    expect.set_options(timeout=MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=[*ARGUMENTS, *arguments])
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Pages:
    """Opens pages in contexts of their own (one a person) and notes what goes wrong in them."""

    browser: Browser
    address: str
    problems: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, *, javascript: bool = True, width: int = 375, **options: Any) -> Page:
        """Open an empty page; `options` are those of Playwright's `new_context` (locale, color_scheme …)."""
        viewport = {"width": width, "height": 812}
        settings = (
            PHONE | {"viewport": viewport, "is_mobile": width < 800, "has_touch": width < 800} | options
        )
        context = self.browser.new_context(base_url=self.address, java_script_enabled=javascript, **settings)
        context.set_default_timeout(MILLISECONDS)
        self.contexts.append(context)
        self.watch(context)
        return context.new_page()

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of a context, those that it opens later included."""
        context.on("console", self.note_console)
        context.on("weberror", lambda error: self.problems.append(f"exception: {error.error}"))
        context.on("request", self.note_request)
        context.on("response", self.note_response)

    def note_console(self, message: ConsoleMessage) -> None:
        """Note errors and everything that speaks of the content security policy."""
        if REFUSAL.match(message.text):
            return
        if message.type == "error" or "Content Security Policy" in message.text:
            self.problems.append(f"console: {message.text} ({message.location.get('url', '')})")

    def note_request(self, request: Request) -> None:
        """Note what leaves the house."""
        if request.url.startswith("http") and not request.url.startswith(f"{self.address}/"):
            self.problems.append(f"request to another host: {request.url}")

    def note_response(self, response: Response) -> None:
        """Note failures of the server and files that are not there."""
        missing = response.status >= 400 and response.request.resource_type in ASSETS
        if response.status >= 500 or missing:
            self.problems.append(f"{response.status}: {response.url}")

    def close(self) -> list[str]:
        """Close every page and return what went wrong in them."""
        for context in self.contexts:
            context.close()
        return self.problems


def is_whole(page: Page) -> None:
    """Wait until a page that a click opened has come: the click waits for its first byte only."""
    page.wait_for_load_state()


def accessibility_faults(page: Page) -> list[str]:
    """Return what axe finds wrong with a page: the rule, and the elements that break it."""
    is_whole(page)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return [
        f"{violation['id']}: {violation['help']}: {[node['target'] for node in violation['nodes']]}"
        for violation in page.evaluate(VIOLATIONS)
    ]


def sideways_scroll(page: Page) -> int:
    """Return by how many pixels a page is wider than its window."""
    is_whole(page)
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
