"""A real browser in front of a real server: what chromium says about broken scripts or the CSP fails the test."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from arena import Arena, OpenTab, Site
from werkzeug.serving import make_server

import handlers.combat
import handlers.greetings
import handlers.pokeball
import handlers.status
import handlers.transfer
from runner import Runner
from web import create_app

playwright_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
REPORT = """
document.addEventListener('securitypolicyviolation', (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """Serve all example processes on a free port, with an attack that waits for the test."""
    monkeypatch.chdir(ROOT)
    arena, stopping = Arena(), threading.Event()
    ready = [handlers.status, handlers.combat.heal, handlers.pokeball, handlers.greetings, handlers.transfer]
    sources = [arena.handler(), *ready]
    with Runner(database="sqlite://", handlers=sources) as runner:
        runner.deploy(*sorted((ROOT / "processes").glob("*.bpmn")))
        server = make_server("127.0.0.1", 0, create_app(runner.runtime, stopping=stopping), threaded=True)
        thread = threading.Thread(target=server.serve_forever, name="site")
        thread.start()
        yield Site(f"http://127.0.0.1:{server.server_port}", runner, arena)
        arena.may_attack.set()
        stopping.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[playwright_api.Browser]:
    """Start the browser once a file: while it is open its event loop runs, and other tests want one of their own."""
    if CHROMIUM is None:
        pytest.skip("the browser tests need chromium: apt-get install chromium")
    with playwright_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_tab(chromium: playwright_api.Browser, site: Site) -> Iterator[OpenTab]:
    """Give a function that opens a tab in a browser of its own; whatever the tabs complain about fails the test."""
    complaints: list[str] = []
    contexts: list[playwright_api.BrowserContext] = []

    def open_one(**options: object) -> playwright_api.Page:
        context = chromium.new_context(base_url=site.address, **{"reduced_motion": "reduce", **options})
        context.set_default_timeout(15_000)
        context.add_init_script(REPORT)
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: message.type == "error" and complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        return tab

    yield open_one
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def tab(open_tab: OpenTab) -> playwright_api.Page:
    """Give a tab of a browser that wants no motion, so that states are shown at once."""
    return open_tab()
