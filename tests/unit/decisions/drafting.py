"""Decision files for tests, written in a line or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from runner.decisions import DecisionResult, Decisions, read_decisions

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
CAMUNDA = (
    'xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:modeler="http://camunda.org/schema/modeler/1.0" '
    'modeler:executionPlatform="Camunda Platform"'
)
CAMUNDA8 = 'xmlns:modeler="http://camunda.org/schema/modeler/1.0" modeler:executionPlatform="Camunda Cloud"'
Row = Sequence[str]


def file(*parts: str, namespace: str = DMN, attributes: str = "") -> bytes:
    """Give a DMN file with these elements."""
    root = f'<definitions xmlns="{namespace}" id="d" name="d" namespace="n" {attributes}>'
    return f"{root}{''.join(parts)}</definitions>".encode()


def literal(text: str, attributes: str = "") -> str:
    """Give a literal expression."""
    return f"<literalExpression {attributes}><text>{escape(text)}</text></literalExpression>"


def table(inputs: Row, outputs: Sequence[str], rows: Sequence[tuple[Row, Row]], attributes: str = "") -> str:
    """Give a table: inputs are expressions, outputs tags (or names), rows (input entries, output entries)."""
    columns = [
        f'<input label="{escape(each)}"><inputExpression><text>{escape(each)}</text></inputExpression></input>'
        for each in inputs
    ]
    columns += [each if each.startswith("<") else f'<output name="{each}"/>' for each in outputs]
    rules = [
        f'<rule id="r{number}">{_entries("inputEntry", tests)}{_entries("outputEntry", results)}</rule>'
        for number, (tests, results) in enumerate(rows, 1)
    ]
    return f"<decisionTable {attributes}>{''.join(columns)}{''.join(rules)}</decisionTable>"


def _entries(tag: str, texts: Row) -> str:
    return "".join(f"<{tag}><text>{escape(text)}</text></{tag}>" for text in texts)


def knowledge(name: str, logic: str) -> str:
    """Give a business knowledge model without parameters."""
    inside = f"<encapsulatedLogic>{logic}</encapsulatedLogic>"
    return f'<businessKnowledgeModel id="k" name="{name}">{inside}</businessKnowledgeModel>'


def output(name: str, values: str = "", default: str = "", attributes: str = "") -> str:
    """Give an output column with its allowed values, best first, and its default."""
    allowed = f"<outputValues><text>{escape(values)}</text></outputValues>" if values else ""
    otherwise = f"<defaultOutputEntry><text>{escape(default)}</text></defaultOutputEntry>" if default else ""
    return f'<output name="{name}" {attributes}>{allowed}{otherwise}</output>'


def decision(id: str, logic: str, *, needs: str = "", type: str = "", name: str = "") -> str:
    """Give a decision; `needs` names the decisions and, with a "$", input data that it requires."""
    required = "".join(
        f'<informationRequirement><required{"Input" if each[0] == "$" else "Decision"} href="#{each.lstrip("$")}"/>'
        "</informationRequirement>"
        for each in needs.split()
    )
    ref = f' typeRef="{type}"' if type else ""
    name = name or id
    return f'<decision id="{id}" name="{name}"><variable name="{name}"{ref}/>{required}{logic}</decision>'


def input_data(id: str, type: str = "", name: str = "") -> str:
    """Give input data."""
    ref = f' typeRef="{type}"' if type else ""
    return f'<inputData id="{id}" name="{name or id}"><variable name="{name or id}"{ref}/></inputData>'


def read(*parts: str, attributes: str = "", namespace: str = DMN) -> Decisions:
    """Read a file of these elements."""
    return read_decisions(file(*parts, attributes=attributes, namespace=namespace), "test.dmn")


def result(logic: str, /, **variables: Any) -> DecisionResult:
    """Evaluate one decision with this logic."""
    return read(decision("d", logic)).evaluate("d", variables)


def value(logic: str, /, **variables: Any) -> Any:
    """Give the value of one decision with this logic."""
    return result(logic, **variables).value


def codes(*parts: str, attributes: str = "") -> list[tuple[str, str]]:
    """Give what is found in a file of these elements: (verdict, code)."""
    return [(each.verdict, each.code) for each in read(*parts, attributes=attributes).findings]
