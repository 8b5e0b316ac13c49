"""Taking a step of a case as a person does: open it, fill it in, send it."""

from typing import Any

from playwright.sync_api import Locator, expect


def take(seen: Any, verb: str, **fields: Any) -> None:
    """Opens the step from the case page, fills it in and sends it; its form is checked as any page."""
    page = seen.page
    opener = page.locator(f"[href$='/do/{verb}/'], form[action$='/do/{verb}/']:not([enctype]) button")
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
