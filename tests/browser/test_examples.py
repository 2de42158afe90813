"""The example diagrams in bpmn-js, as a modeler shows them: they open without a warning, with all that is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

pytestmark = pytest.mark.browser

playwright_api = pytest.importorskip("playwright.sync_api", reason="the browser tests need playwright")

ROOT = Path(__file__).parents[2]
FOLDERS = ("processes", "tests/diagrams", "examples/patterns")
DIAGRAMS = [path for folder in FOLDERS for path in sorted((ROOT / folder).glob("*.bpmn"))]
VIEWER = ROOT / "web" / "static" / "vendor" / "bpmn-navigated-viewer.min.js"
OPEN = """async (xml) => {
  const viewer = new BpmnJS({container: '#drawing'});
  const {warnings} = await viewer.importXML(xml);
  return [warnings.map(String), viewer.get('elementRegistry').getAll().map((each) => each.businessObject.id)];
}"""


@pytest.mark.parametrize("path", DIAGRAMS, ids=lambda path: path.name)
def test_a_diagram_opens_without_warnings_and_whole(path: Path, chromium: playwright_api.Browser) -> None:
    page = chromium.new_page()
    page.set_content('<div id="drawing" style="height: 600px"></div>')
    page.add_script_tag(path=VIEWER)
    warnings, shown = page.evaluate(OPEN, path.read_text("utf-8"))
    page.close()
    drawn = {each.get("bpmnElement") for each in etree.parse(path).iter("{*}BPMNShape", "{*}BPMNEdge")}
    assert (warnings, drawn - set(shown)) == ([], set())
