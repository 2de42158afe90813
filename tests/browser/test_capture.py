"""The way of a first visitor: start a capture by clicking, see the token, see Mewtwo captured."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from arena import POKEMON, OpenTab, Site
from builders import chain

from runner.commands import definitions

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

playwright_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")
expect = playwright_api.expect

CAPTURED = ".djs-element.is-done[data-element-id=pokemon_captured]"
TOKEN_ON_ATTACK = ".djs-element.is-active[data-element-id=attack]"


def start_capture(tab: Page) -> None:
    tab.goto("/")
    tab.get_by_role("link", name="Start… Capture a Pokémon").click()
    tab.get_by_role("button", name="Start", exact=True).click()


def test_visitor_sees_the_token_on_attack_and_then_mewtwo_captured(site: Site, tab: Page) -> None:
    start_capture(tab)
    expect(tab.locator(TOKEN_ON_ATTACK)).to_be_visible()
    expect(tab.locator("#headline")).to_contain_text("The token is on Attack.")
    site.arena.may_attack.set()
    expect(tab.locator("#headline")).to_contain_text("Ended: The Pokémon is captured.")
    expect(tab.locator("#variables")).to_contain_text('"name": "Mewtwo"')
    expect(tab.locator("#variables")).to_contain_text('"trainer_name": "Sacha"')
    expect(tab.locator(CAPTURED)).to_be_visible()


def test_keyboard_begins_at_the_top_of_what_was_started(tab: Page) -> None:
    start_capture(tab)
    expect(tab.locator(TOKEN_ON_ATTACK)).to_be_visible()
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_token_walks_and_walks_again_for_those_who_like_motion(site: Site, open_tab: OpenTab) -> None:
    site.arena.may_attack.set()
    tab = open_tab(reduced_motion="no-preference")
    start_capture(tab)
    expect(tab.locator("circle.mover")).to_be_visible()
    expect(tab.locator(CAPTURED)).to_be_visible()
    expect(tab.locator("#replay-words")).to_contain_text("the real total was")
    tab.get_by_role("button", name="Replay").click()
    expect(tab.locator(CAPTURED)).to_have_count(0)
    expect(tab.locator("circle.mover")).to_be_visible()


def test_incident_is_on_the_element_and_retry_ends_it(site: Site, tab: Page) -> None:
    site.arena.refused.set()
    site.arena.may_attack.set()
    start_capture(tab)
    expect(tab.locator(".bubble--failed")).to_contain_text("This Pokémon is protected.")
    expect(tab.locator("#headline")).to_contain_text("Attack needs a person.")
    site.arena.refused.clear()
    tab.get_by_role("button", name="Retry now").click()
    expect(tab.locator("#headline")).to_contain_text("Ended: The Pokémon is captured.")
    expect(tab.locator(".bubble--failed")).to_have_count(0)


def test_canceling_is_confirmed_first(tab: Page) -> None:
    start_capture(tab)
    expect(tab.locator(TOKEN_ON_ATTACK)).to_be_visible()
    tab.get_by_text("Cancel…").click()
    tab.get_by_role("button", name="Cancel the instance").click()
    expect(tab.locator("#headline")).to_contain_text("Canceled")
    expect(tab.get_by_text("The instance is canceled.")).to_be_visible()


def test_second_tab_follows_the_same_stream(site: Site, open_tab: OpenTab) -> None:
    tab = open_tab()
    start_capture(tab)
    other = tab.context.new_page()
    other.goto(tab.url)
    expect(other.locator("#connection")).to_have_attribute("data-state", "live")
    expect(other.locator(TOKEN_ON_ATTACK)).to_be_visible()
    site.arena.may_attack.set()
    expect(other.locator("#headline")).to_contain_text("Ended: The Pokémon is captured.")


def test_list_shows_an_instance_that_somebody_else_starts(site: Site, tab: Page) -> None:
    tab.goto("/instances")
    expect(tab.locator("#connection")).to_have_attribute("data-state", "live")
    instance = site.runner.start("helloworld", business_key="from elsewhere")
    expect(tab.locator("#found")).to_contain_text("from elsewhere")
    instance.cancel()
    expect(tab.locator("#found")).to_contain_text("Canceled")


def test_visitor_without_scripts_starts_and_finishes(site: Site, open_tab: OpenTab) -> None:
    site.arena.may_attack.set()
    tab = open_tab(java_script_enabled=False)
    start_capture(tab)
    identifier = tab.url.rpartition("/")[2].partition("#")[0]
    assert site.runner.instance(identifier).wait(timeout=20)
    tab.get_by_role("link", name="show the newest").click()
    expect(tab.locator("#headline")).to_contain_text("Ended: The Pokémon is captured.")
    expect(tab.locator(".diagram__picture [data-element-id=attack].is-done")).to_be_visible()
    expect(tab.locator("#variables")).to_contain_text("Mewtwo")


def test_diagram_without_layout_is_followed_as_a_picture(site: Site, tab: Page) -> None:
    definitions.deploy(site.runner.runtime, chain(["attack"], key="bare"), source="bare.bpmn")
    instance = site.runner.start("bare", {"pokemon": POKEMON})
    tab.goto(f"/instances/{instance.id}")
    expect(tab.locator(".diagram__picture [data-element-id=attack].is-active")).to_be_visible()
    expect(tab.locator("#connection")).to_have_attribute("data-state", "live")
    site.arena.may_attack.set()
    expect(tab.locator(".diagram__picture [data-element-id=attack].is-done")).to_be_visible()


def test_theme_is_kept(tab: Page) -> None:
    tab.goto("/processes")
    tab.get_by_label("Theme").select_option("dark")
    tab.goto("/instances")
    expect(tab.locator("html")).to_have_attribute("data-theme", "dark")
    expect(tab.get_by_label("Theme")).to_have_value("dark")


def deploy_renamed(site: Site) -> None:
    xml = Path("processes/helloworld.bpmn").read_bytes().replace(b'name="Hello world"', b'name="Hello again"')
    definitions.deploy(site.runner.runtime, xml, source="helloworld.bpmn")


def test_element_that_the_file_does_not_draw_is_in_the_picture(site: Site, tab: Page) -> None:
    xml = Path("processes/helloworld.bpmn").read_text("utf-8")
    shape = re.search(r'<bpmndi:BPMNShape [^>]*bpmnElement="hello_pokemon".*?</bpmndi:BPMNShape>', xml, re.DOTALL)
    assert shape
    flows = r'<bpmndi:BPMNEdge [^>]*bpmnElement="to_hello_(pokemon|professor_oak)".*?</bpmndi:BPMNEdge>'
    xml = re.sub(flows, "", xml.replace(shape[0], ""), flags=re.DOTALL)
    definitions.deploy(site.runner.runtime, xml.encode(), source="helloworld.bpmn")
    tab.goto("/processes/helloworld")
    expect(tab.locator("html")).to_have_attribute("data-diagram", "picture")
    expect(tab.locator("#picture [data-element-id=hello_pokemon]")).to_be_visible()


def test_page_of_a_process_becomes_that_of_its_new_version(site: Site, tab: Page) -> None:
    tab.goto("/processes/helloworld")
    expect(tab.locator("#connection")).to_have_attribute("data-state", "live")
    deploy_renamed(site)
    expect(tab.locator("h1")).to_have_text("Hello again")


def test_form_that_is_being_filled_in_outlives_a_new_version(site: Site, tab: Page) -> None:
    tab.goto("/processes/helloworld")
    expect(tab.locator("#connection")).to_have_attribute("data-state", "live")
    tab.get_by_label("Business key").fill("order 7")
    deploy_renamed(site)
    expect(tab.locator("#outdated")).to_contain_text("A newer version is deployed.")
    expect(tab.get_by_label("Business key")).to_have_value("order 7")


def test_replay_of_a_capture_at_its_own_pace_tells_no_total(site: Site, open_tab: OpenTab) -> None:
    tab = open_tab(reduced_motion="no-preference")
    start_capture(tab)
    expect(tab.locator(TOKEN_ON_ATTACK)).to_be_visible()
    expect(tab.locator("html")).to_have_attribute("data-diagram", "shown")
    expect(tab.locator("#replay-words")).to_be_empty()
