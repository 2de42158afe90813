"""Everybody can use the pages: WCAG A and AA in both themes, on a phone, by keyboard; the watermark stays in sight."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from arena import POKEMON, OpenTab, Site
from waiting import until

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

playwright_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="they need axe-playwright-python")
expect = playwright_api.expect

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
PAGES = ["processes", "process", "instances", "filtered", "completed", "incident", "active", "missing"]
DIAGRAMS = ("process", "completed", "incident", "active")


@pytest.fixture
def addresses(site: Site) -> dict[str, str]:
    """Give an address of every kind of page, with an instance in every kind of state behind it."""
    trainer = {"id": 1, "name": "Sacha", "pokemons": []}
    active = site.runner.start("capture", {"trainer": trainer, "pokemon": POKEMON})
    incident = site.runner.start("capture", {"trainer": trainer})
    completed = site.runner.start("helloworld", business_key="a run that was canceled")
    completed.cancel()
    assert incident.wait_until_settled(timeout=20)
    until(lambda: [token.element_id for token in active.tokens] == ["attack"])
    return {
        "processes": "/processes",
        "process": "/processes/capture",
        "instances": "/instances",
        "filtered": "/instances?state=suspended",
        "completed": f"/instances/{completed.id}",
        "incident": f"/instances/{incident.id}",
        "active": f"/instances/{active.id}",
        "missing": "/processes/captur",
    }


def show(tab: Page, addresses: dict[str, str], name: str) -> None:
    tab.goto(addresses[name])
    tab.wait_for_selector("html[data-ready='1']")
    if name in DIAGRAMS:
        tab.wait_for_selector("html[data-diagram='shown']")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_violates_wcag_aa(addresses: dict[str, str], chromium: Browser, site: Site, scheme: str) -> None:
    context = chromium.new_context(base_url=site.address, color_scheme=scheme, reduced_motion="reduce")
    tab, found = context.new_page(), {}
    for name in PAGES:
        show(tab, addresses, name)
        for violation in axe_api.Axe().run(tab, options=WCAG).response["violations"]:
            found[f"{name}: {violation['id']}"] = [node["html"][:200] for node in violation["nodes"]]
    context.close()
    assert not found


def test_no_page_scrolls_sideways_on_a_phone(addresses: dict[str, str], chromium: Browser, site: Site) -> None:
    context = chromium.new_context(base_url=site.address, viewport={"width": 360, "height": 740})
    tab, widths = context.new_page(), {}
    for name in PAGES:
        show(tab, addresses, name)
        widths[name] = tab.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert widths == dict.fromkeys(PAGES, 360)


def test_tab_key_goes_along_the_flow_and_enter_selects(addresses: dict[str, str], tab: Page) -> None:
    show(tab, addresses, "active")
    tab.locator(".djs-element[data-element-id=pokemon_encountered]").focus()
    focused = tab.locator(".djs-element:focus")
    for label in ("Paralyze: done", "Undo the paralysis", "Cure", "Attack: active, 1 token"):
        tab.keyboard.press("Tab")
        expect(focused).to_have_attribute("aria-label", label)
    tab.keyboard.press("Enter")
    expect(tab.locator("#history tr.is-selected")).to_contain_text("Attack")
    expect(focused).to_have_class("djs-element djs-shape is-active is-selected")


def test_form_is_sent_by_keyboard(addresses: dict[str, str], tab: Page) -> None:
    show(tab, addresses, "process")
    tab.get_by_label("Business key").focus()
    tab.keyboard.type("by hand")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("heading", level=1)).to_have_text("by hand")


def test_first_tab_stop_skips_to_the_content(addresses: dict[str, str], tab: Page) -> None:
    show(tab, addresses, "instances")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    expect(tab.locator("#content")).to_be_focused()


@pytest.mark.parametrize("width", [1280, 360])
def test_watermark_is_in_sight_and_on_top(addresses: dict[str, str], open_tab: OpenTab, width: int) -> None:
    tab = open_tab(viewport={"width": width, "height": 800})
    show(tab, addresses, "incident")
    mark = tab.locator(".bjs-powered-by")
    mark.scroll_into_view_if_needed()
    expect(mark).to_be_in_viewport(ratio=1)
    on_top = "(mark) => { const box = mark.getBoundingClientRect(); const at = (x, y) => mark.contains("
    on_top += (
        "document.elementFromPoint(x, y)); return at(box.left + 3, box.top + 3) && at(box.right - 3, box.bottom - 3); }"
    )
    assert mark.evaluate(on_top)


def test_wheel_scrolls_the_page_and_not_the_diagram(addresses: dict[str, str], open_tab: OpenTab) -> None:
    tab = open_tab(viewport={"width": 900, "height": 400})
    show(tab, addresses, "process")
    tab.locator(".diagram").hover()
    tab.mouse.wheel(0, 300)
    until(lambda: tab.evaluate("scrollY") > 100)
