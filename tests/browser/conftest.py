"""A real Chromium against the live server; console errors, failed requests and CSP refusals fail the test."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

# Playwright keeps an event loop in this thread; the tests themselves stay synchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
SIZES = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in str(item.path):
            item.add_marker(pytest.mark.browser)
            # The categories and parameters of the migrations stand again after the tables were emptied.
            item.add_marker(pytest.mark.django_db(transaction=True, serialized_rollback=True))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {
        **browser_type_launch_args,
        "executable_path": os.environ.get("CHROMIUM", "/usr/bin/chromium"),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                 "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
    }  # fmt: skip


@dataclass
class Visit:
    """One signed-in person at one screen; `page` is Playwright's."""

    page: Page
    base: str
    troubles: list[str] = field(default_factory=list)
    expected: tuple[int, ...] = ()

    def go(self, name: str, **kwargs: Any) -> "Visit":
        self.page.goto(self.base + reverse(name, kwargs=kwargs or None))
        return self

    def check(self, *, width: bool = True) -> None:
        """No serious axe finding, nothing wider than the screen, no trouble so far."""
        # Without preloading: axe would copy imported style sheets into the page, which the policy refuses.
        asked = {"preload": False, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=asked).response["violations"]
        serious = [
            f"{v['id']}: {v['help']} {[n['html'][:160] for n in v['nodes'][:3]]}"
            for v in found
            if v["impact"] in ("serious", "critical")
        ]
        assert serious == []
        if width:
            overflow = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
            assert overflow <= 1, f"{self.page.url} is {overflow} px wider than the screen"
        assert self.troubles == []

    def note_console(self, message: ConsoleMessage) -> None:
        # Chromium repeats an answer such as 409, which the response handler judges.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.troubles.append(f"console {message.type}: {message.text}")

    def note_failure(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":
            self.troubles.append(f"failed: {request.url} {request.failure}")

    def note_response(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.troubles.append(f"{response.status}: {response.url}")


@pytest.fixture(params=list(SIZES))
def screen(request: pytest.FixtureRequest) -> str:
    """Runs the test at 1280 and at 390 px."""
    return str(request.param)


@pytest.fixture
def visit(browser: Browser, live_server: Any) -> Iterator[Callable[..., Visit]]:
    """`visit(user, screen)` opens a window of its own, the person signed in; nobody opens the sign-in page."""
    opened: list[Visit] = []

    def open_window(user: Any, screen: str = "desk", **options: Any) -> Visit:
        phone = {"has_touch": True, "is_mobile": True} if screen == "phone" else {}
        context = browser.new_context(
            viewport=SIZES[screen], locale="zh-CN", timezone_id="Asia/Shanghai", **phone, **options
        )
        seen = Visit(page=context.new_page(), base=live_server.url)
        seen.page.on("console", seen.note_console)
        seen.page.on("requestfailed", seen.note_failure)
        seen.page.on("response", seen.note_response)
        seen.page.on("pageerror", lambda error: seen.troubles.append(f"page error: {error}"))
        opened.append(seen)
        if user is not None:
            client = Client()
            client.force_login(user, backend="accounts.backends.RoleBackend")
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": seen.base, "httpOnly": True}])
        return seen

    yield open_window
    for seen in opened:
        seen.page.context.close()
    for seen in opened:
        assert seen.troubles == []
