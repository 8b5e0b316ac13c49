"""What a person does on the pages: signing in with name and password, taking a step of a case."""

import re
from typing import Any

from django.urls import reverse
from playwright.sync_api import Locator, expect

from tests.factories.accounts import PASSWORD


def sign_in(seen: Any, user: Any, name: str) -> Any:
    """Opens that page, is asked who one is, says it, and lands where one wanted to go."""
    page = seen.go(name).page
    wanted = f"{seen.base}{reverse(name)}"
    expect(page).not_to_have_url(wanted)
    seen.check()
    page.fill("[name=username]", user.username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    expect(page).to_have_url(re.compile(f"^{re.escape(wanted)}"))
    return seen


def take(seen: Any, verb: str, **fields: Any) -> None:
    """Opens the step from the case page, fills it in and sends it; its form is checked as any page."""
    page = seen.page
    opener = page.locator(f"[href*='/do/{verb}/'], form[action$='/do/{verb}/']:not([enctype]) button")
    if fields:
        opener.click()
        form = page.locator(f"form[action$='/do/{verb}/'][enctype]")
        expect(form).to_be_visible()
        for name, value in fields.items():
            fill(form, name, value)
        seen.check()
        opener = form.locator("button[type=submit]")
    with page.expect_navigation():
        opener.click()
    expect(page.locator(".alert-success")).to_be_visible()


def fill(form: Locator, name: str, value: Any) -> None:
    """One input of whatever kind it is; several values tick several boxes."""
    control = form.locator(f"[name='{name}']")
    kind = control.first.get_attribute("type")
    if name == "photos":
        control.set_input_files(value)
    elif kind in ("radio", "checkbox"):
        for one in value if isinstance(value, list) else [value]:
            form.locator(f"[name='{name}'][value='{one}']").check()
    elif control.evaluate("e => e.tagName") == "SELECT":
        control.select_option(value)
    else:
        control.fill(value)
