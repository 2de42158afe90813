"""Forms in a browser: everybody can use them, with scripts and without, by keyboard, on a phone, in both themes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from arena import OpenTab, Site
from builders import bpmn
from commands.drawings import ZEEBE
from every_field import EVERYTHING, VARIABLES
from unit.forms.filling_in import field, source

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

playwright_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
axe_api = pytest.importorskip("axe_playwright_python.sync_playwright", reason="they need axe-playwright-python")
expect = playwright_api.expect

WCAG = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}}
START = [
    field("textfield", "trainer", validate={"required": True}),
    field("checkbox", "badge"),
    field("number", "level", conditional={"hide": "=badge != true"}),
    field("radio", "kind", validate={"required": True}, values=[{"label": "Fire", "value": "fire"}]),
    field(
        "checklist", "likes", description="Some.", validate={"required": True}, values=[{"label": "Tea", "value": "t"}]
    ),
]


def drawn() -> bytes:
    """Give a process with a form at its start and one at its user task."""
    nodes = {"s": "startEvent", "u": "userTask", "e": "endEvent"}
    link = "<extensionElements><zeebe:formDefinition {} formId='{}'/></extensionElements>"
    inner = {"s": link.format(ZEEBE, "begin"), "u": link.format(ZEEBE, "f"), "e": ""}
    return bpmn([(id, tag, inner[id]) for id, tag in nodes.items()], [("s", "u"), ("u", "e")], key="forms")


@pytest.fixture
def task(site: Site, tmp_path: Path) -> str:
    """Give the address of a user task with a form of everything."""
    for name, content in {
        "f.form": source(*EVERYTHING),
        "begin.form": source(*START, id="begin"),
        "p.bpmn": drawn(),
    }.items():
        (tmp_path / name).write_bytes(content)
        site.runner.deploy(tmp_path / name)
    site.runner.start("forms", VARIABLES)
    return f"/tasks/{site.runner.user_tasks()[0].id}"


def show(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.wait_for_selector("html[data-ready='1']")


def violations(tab: Page) -> dict[str, list[str]]:
    found = axe_api.Axe().run(tab, options=WCAG).response["violations"]
    return {each["id"]: [node["html"][:200] for node in each["nodes"]] for each in found}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_forms_and_what_is_wrong_with_them_violate_no_rule(
    task: str, chromium: Browser, site: Site, scheme: str
) -> None:
    context = chromium.new_context(base_url=site.address, color_scheme=scheme, reduced_motion="reduce")
    tab = context.new_page()
    show(tab, task)
    found = [violations(tab)]
    tab.get_by_role("button", name="Complete").click()
    expect(tab.locator("#flaws")).to_be_focused()
    found.append(violations(tab))
    show(tab, "/processes/forms")
    tab.get_by_role("button", name="Start").click()
    expect(tab.locator("#flaws li")).to_have_count(3)
    found.append(violations(tab))
    context.close()
    assert found == [{}, {}, {}]


def test_forms_fit_a_phone(task: str, open_tab: OpenTab) -> None:
    tab = open_tab(viewport={"width": 360, "height": 740})
    for address in (task, "/processes/forms"):
        show(tab, address)
        assert tab.evaluate("document.documentElement.scrollWidth") == 360


def test_fields_come_and_go_with_what_is_filled_in(task: str, tab: Page) -> None:
    show(tab, "/processes/forms")
    expect(tab.get_by_label("LEVEL")).to_have_count(0)
    tab.get_by_label("TRAINER").fill("Ash")
    tab.get_by_label("BADGE").check()
    tab.get_by_label("LEVEL").fill("5")
    expect(tab.get_by_label("TRAINER")).to_have_value("Ash")
    expect(tab.get_by_role("button", name="Show what follows")).to_have_count(0)
    tab.get_by_label("BADGE").uncheck()
    expect(tab.get_by_label("LEVEL")).to_have_count(0)


def test_rows_are_added_and_removed_in_place_and_the_keyboard_goes_along(task: str, tab: Page) -> None:
    show(tab, task)
    tab.get_by_role("button", name="Add to Moves").press("Enter")
    second = tab.get_by_role("group", name="Moves 2").get_by_label("NAME")
    expect(second).to_be_focused()
    tab.keyboard.type("Fly")
    tab.get_by_role("button", name="Remove Moves 1").press("Enter")
    expect(tab.get_by_role("group", name="Moves 2")).to_have_count(0)
    expect(tab.get_by_role("group", name="Moves 1").get_by_label("NAME")).to_have_value("Fly")
    expect(tab.get_by_role("button", name="Add to Moves")).to_be_focused()


def test_a_form_is_filled_in_by_keyboard(task: str, site: Site, tab: Page) -> None:
    show(tab, "/processes/forms")
    tab.get_by_label("TRAINER").fill("Ash")
    tab.keyboard.press("Tab")
    tab.keyboard.press("Space")
    tab.get_by_label("LEVEL").fill("7")
    for key in ("Tab", "Space", "Tab", "Space", "Enter"):
        tab.keyboard.press(key)
    tab.wait_for_url("**/instances/*")
    view = site.runner.instance(tab.url.split("/")[-1].split("#")[0]).view()
    assert view.variables == {"trainer": "Ash", "badge": True, "level": 7, "kind": "fire", "likes": ["t"]}


def test_forms_work_without_scripts(task: str, site: Site, open_tab: OpenTab) -> None:
    tab = open_tab(java_script_enabled=False)
    tab.goto(task)
    tab.get_by_role("button", name="Add to Moves").click()
    tab.get_by_role("group", name="Moves 2").get_by_label("NAME").fill("Fly")
    tab.get_by_role("textbox", name="NAME (needed)").fill("Mew")
    tab.get_by_label("TAME").check()
    tab.get_by_role("button", name="Show what follows").click()
    expect(tab.get_by_label("WHY")).to_have_count(0)
    tab.get_by_role("button", name="Complete").click()
    expect(tab.get_by_text("Check it is done.").or_(tab.get_by_text("u is done."))).to_be_visible()
    instance = site.runner.instance(tab.url.split("/")[-1])
    assert (instance.variables["moves"], instance.variables["tame"]) == ([{"name": "Cut"}, {"name": "Fly"}], True)
