"""Diagrams as text for the tests of reading and checking, and short forms of what was found."""

from __future__ import annotations

from runner.bpmn.check import check_diagram
from runner.bpmn.diagram import Diagram, Element
from runner.bpmn.read import read_diagram
from runner.bpmn.rules.table import RULES
from runner.errors import Finding

NAMESPACES = (
    'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" '
    'xmlns:activiti="http://activiti.org/bpmn" '
    'xmlns:modeler="http://camunda.org/schema/modeler/1.0" '
    'xmlns:runner="urn:bpmn-runner:1.0" targetNamespace="test"'
)
# What drawings of tests leave out, or order as reads best; `codes` tells of it, too.
LOOSE = frozenset(
    {
        *("schema_order", "flow_missing", "end_implicit", "end_missing", "start_implicit", "label_missing"),
        *(
            "default_missing",
            "gateway_joins_and_splits",
            "gateway_superfluous",
            "split_implicit",
            "correlation_missing",
        ),
    }
)
CAMUNDA8 = 'modeler:executionPlatform="Camunda Cloud"'
CAMUNDA7 = 'modeler:executionPlatform="Camunda Platform"'


def drawn(inside: str, *, file: str = "", process: str = 'id="p" isExecutable="true"', roots: str = "") -> Diagram:
    """Read a file with one process; `inside` is its content, `file` attributes of <definitions>, `roots` siblings."""
    xml = f"<definitions {NAMESPACES} {file}>{roots}<process {process}>{inside}</process></definitions>"
    return read_diagram(xml.encode(), source="test.bpmn")


def around(element: str, *, file: str = "", roots: str = "") -> Diagram:
    """Read a process with a start, the one given element (its id is "it"), and an end."""
    flows = flow("s", "it") + flow("it", "e")
    return drawn(f'<startEvent id="s"/>{element}<endEvent id="e"/>{flows}', file=file, roots=roots)


def task(inside: str = "", attributes: str = "", tag: str = "serviceTask") -> str:
    """Give a service task (or another tag) with the id "it" and these extension elements."""
    return f'<{tag} id="it" {attributes}><extensionElements>{inside}</extensionElements></{tag}>'


def flow(source: str, target: str, condition: str = "", *, id: str = "") -> str:
    """Give a sequence flow; its id is "source-target" unless given."""
    inner = f"<conditionExpression><![CDATA[{condition}]]></conditionExpression>" if condition else ""
    attributes = f'id="{id or f"{source}-{target}"}" sourceRef="{source}" targetRef="{target}"'
    return f"<sequenceFlow {attributes}>{inner}</sequenceFlow>"


def it(diagram: Diagram) -> Element:
    """Give the element with the id "it"."""
    return diagram.processes[0].elements["it"]


def findings(diagram: Diagram, verdict: str, topics: frozenset[str] | None = None) -> list[Finding]:
    """Give the findings with one verdict; each that a test meets has to have a rule with that verdict, or is milder."""
    found = check_diagram(diagram, topics)
    ruled = [each for each in found if each.source and each.verdict in (*RULES[each.code].verdict.split(), "warning")]
    assert ruled == list(found)
    return [each for each in found if each.verdict == verdict]


def refused(diagram: Diagram, topics: frozenset[str] | None = None) -> list[tuple[str, str]]:
    """Give (code, element id) of each refusal, except about loose ends."""
    return [(each.code, each.element_id) for each in findings(diagram, "refused", topics) if each.code not in LOOSE]


def warned(diagram: Diagram) -> list[tuple[str, str]]:
    """Give (code, element id) of each warning, except about loose ends."""
    return [(each.code, each.element_id) for each in findings(diagram, "warning") if each.code not in LOOSE]


def codes(diagram: Diagram) -> set[tuple[str, str]]:
    """Give (code, element id) of everything that is refused or warned of."""
    return {(each.code, each.element_id) for each in check_diagram(diagram, None) if each.verdict != "note"}
