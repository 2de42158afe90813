"""An element that was drawn with an older version of its handler's template is warned about, in both dialects."""

from __future__ import annotations

import pytest

from runner import Runner, handler
from runner.bpmn.check import check_diagram
from runner.bpmn.read import read_diagram
from runner.commands import definitions
from runner.errors import Finding
from runner.handling import HandlerRegistry
from runner.templates.fields import GENERATION, read_fields

NAMESPACES = {
    "zeebe": "http://camunda.org/schema/zeebe/1.0",
    "camunda": "http://camunda.org/schema/1.0/bpmn",
}


@handler("work")
def work(n: int) -> None:
    """Work."""


NOW = GENERATION + next(read_fields(each).fingerprint for each in HandlerRegistry.load([work]))


def diagram(prefix: str, attributes: str) -> bytes:
    return f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:{prefix}="{NAMESPACES[prefix]}"
  targetNamespace="t"><process id="p" isExecutable="true"><startEvent id="s"/><sequenceFlow id="f" sourceRef="s"
  targetRef="work"/><serviceTask id="work" name="Work" {attributes}/><sequenceFlow id="g" sourceRef="work"
  targetRef="e"/><endEvent id="e"/></process></definitions>""".encode()


def warnings(prefix: str, version: int | str, id: str = "bpmn-runner.work") -> list[Finding]:
    attributes = f'{prefix}:modelerTemplate="{id}" {prefix}:modelerTemplateVersion="{version}"'
    read = read_diagram(diagram(prefix, attributes), source="p.bpmn")
    with Runner("sqlite://", [work], work=False) as opened:
        found = check_diagram(read, ["work"], template_fits=opened.runtime.template_fits)
    return [each for each in found if each.code == "template_old"]


@pytest.mark.parametrize("prefix", NAMESPACES)
def test_an_older_version_is_warned_about_where_it_is_drawn(prefix: str) -> None:
    (found,) = warnings(prefix, NOW - 1)
    assert (found.verdict, found.element_id, found.line) == ("warning", "work", 3)
    assert "runner templates build" in found.message


@pytest.mark.parametrize("prefix", NAMESPACES)
def test_the_present_version_is_fine(prefix: str) -> None:
    assert warnings(prefix, NOW) == []


@pytest.mark.parametrize("version", ["", "x", "9" * 400])
def test_a_version_that_is_no_number_is_an_older_one(version: str) -> None:
    assert len(warnings("zeebe", version)) == 1


def test_a_template_of_others_is_their_business() -> None:
    assert warnings("zeebe", 1, id="org.example.work") == []


def test_deploying_says_it_and_stores_the_version() -> None:
    xml = diagram("zeebe", 'zeebe:modelerTemplate="bpmn-runner.work" zeebe:modelerTemplateVersion="1"')
    with Runner("sqlite://", [work], work=False) as opened:
        (deployed,) = definitions.deploy(opened.runtime, xml, source="p.bpmn")
    assert deployed.created and any("element template" in each for each in deployed.warnings)
