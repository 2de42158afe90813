"""Each element and attribute of the standard that is no flow node comes to what its row says, where it may stand."""

from __future__ import annotations

import pytest
from bpmn.drawn import around, task

from runner.bpmn.check import check_diagram
from runner.bpmn.listing import PARTS, list_parts
from runner.bpmn.parts import ATTRIBUTES, CHILDREN, ROOTS, is_listed
from runner.bpmn.verdicts import Outcome


@pytest.mark.parametrize("tag", PARTS)
def test_part_has_the_verdict_of_its_row(tag: str) -> None:
    drawn = f'<{tag} id="thing"/>'
    diagram = around(task(), roots=drawn) if tag in ROOTS else around(f'<serviceTask id="it">{drawn}</serviceTask>')
    found = [each for each in list_parts(diagram, ()) if each.element_id == "thing"]
    part = PARTS[tag]
    assert len(found) == is_listed(tag)
    assert all((each.outcome, each.reason) in _allowed(part) for each in found) or _is_begun(tag)


def _is_begun(tag: str) -> bool:
    """Say whether it is a process of its own; here, one that is not executable."""
    return tag == "process" or tag.startswith("global")


def _allowed(part: object) -> set[tuple[object, str]]:
    outcome, how, otherwise = (getattr(part, name) for name in ("outcome", "how", "otherwise"))
    return {(outcome, how), (Outcome.DOCUMENTATION, otherwise or how)}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_attribute_of_the_standard_is_no_surprise(name: str) -> None:
    diagram = around(f'<task id="it" {name}="1"/>' if name != "id" else '<task id="it"/>')
    assert [each.code for each in check_diagram(diagram, None) if each.code == "attribute_unknown"] == []


@pytest.mark.parametrize("tag", CHILDREN)
def test_child_that_is_known_is_not_refused_for_its_name(tag: str) -> None:
    diagram = around(f'<task id="it"><{tag} id="thing"/></task>')
    assert [each.code for each in check_diagram(diagram, None) if each.code == "element_unknown"] == []
