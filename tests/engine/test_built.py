"""What was built is what was drawn, or nothing is stored: whatever the readers or the engine might lose is noticed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from builders import bpmn

from runner import HandlerRegistry, Runner
from runner.bpmn.drawn import shapes
from runner.bpmn.read import read_diagram, read_file
from runner.commands.building import check_built
from runner.commands.definitions import deploy, list_definitions
from runner.engine.build import Executable
from runner.engine.built import shape_of
from runner.engine.elements import SPECS
from runner.engine.elements.activities import ServiceTask
from runner.errors import DiagramRefused
from runner.handling import Handler

PROCESSES = sorted((Path(__file__).parents[2] / "processes").glob("*.bpmn"))
UNDO = "<compensateEventDefinition/>"
MANY = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
NODES = [
    ("s", "startEvent"),
    ("a", "serviceTask", MANY),
    ("late", 'boundaryEvent attachedToRef="a"', TIMER),
    ("undo", 'boundaryEvent attachedToRef="a"', UNDO),
    ("undone", 'task isForCompensation="true"'),
    ("e", "endEvent"),
]
EXTRA = '<association id="x" sourceRef="undo" targetRef="undone"/>'
XML = bpmn(NODES, [("s", "a"), ("a", "e"), ("late", "e")]).replace(b"</process>", EXTRA.encode() + b"</process>")


@pytest.mark.parametrize("path", PROCESSES, ids=lambda path: path.stem)
def test_nothing_differs_in_what_is_built_of_our_processes(path: Path) -> None:
    assert check_built(read_file(path)) == ()


def lost(**changes: Mapping[str, Any]) -> dict[str, str]:
    """Build the process of the records with changed elements or flows (None: without it), and give what differs."""
    diagram = read_diagram(XML, source="p.bpmn")
    process = diagram.processes[0]
    kept = {
        name: {id: each for id, each in {**getattr(process, name), **changed}.items() if each is not None}
        for name, changed in changes.items()
    }
    shape = shapes(diagram)[0]["p"]
    return shape.differences(shape_of(Executable(replace(process, **kept))))


def element(id: str, **changed: Any) -> dict[str, Any]:
    """Give an element with other fields."""
    return {id: replace(read_diagram(XML, source="p.bpmn").processes[0].elements[id], **changed)}


def test_nothing_differs_where_nothing_is_lost() -> None:
    assert lost(elements={}) == {}


def test_a_lost_element_is_noticed() -> None:
    assert lost(elements={"undone": None}) == {"undone": "'undone' is drawn as an element in p, and not built"}


def test_a_lost_flow_is_noticed() -> None:
    assert lost(elements=element("a", outgoing=())) == {"f1": "'f1' is drawn as a flow a -> e, and not built"}


def test_a_lost_trigger_is_noticed() -> None:
    found = lost(elements=element("late", events=()))
    assert found == {"late": "'late' is drawn as an event of kind timer, and built as an event of kind none"}


def test_a_lost_border_is_noticed() -> None:
    found = lost(elements=element("late", attached_to=None))
    assert found == {"late": "'late' is drawn as an event attached to a, and not built"}


def test_a_lost_undo_is_noticed() -> None:
    diagram = read_diagram(XML, source="p.bpmn")
    built = Executable(diagram.processes[0])
    built.repeated("a").undone_by = None
    assert list(shapes(diagram)[0]["p"].differences(shape_of(built))) == ["undo"]


class Forgetful(ServiceTask):
    """A service task that loses its last flow when it is built."""

    def link(self, flows: Any, *others: Any) -> None:
        """Forget one."""
        super().link(flows[:-1], *others)


PLAIN = bpmn([("s", "startEvent"), ("a", "serviceTask"), ("e", "endEvent")], [("s", "a"), ("a", "e")])


def test_a_build_that_loses_a_flow_is_refused_with_its_id_and_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPECS, "serviceTask", Forgetful)
    (finding,) = check_built(read_diagram(PLAIN, source="p.bpmn"))
    assert (finding.verdict, finding.code, finding.element_id, finding.line) == ("refused", "built_differs", "f1", 9)
    assert "'f1' is drawn as a flow a -> e, and not built" in finding.message


def test_what_is_not_built_as_drawn_is_not_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SPECS, "serviceTask", Forgetful)
    with Runner("sqlite://", HandlerRegistry([Handler("a", print)]), work=False) as runner:
        with pytest.raises(DiagramRefused, match="built_differs"):
            deploy(runner.runtime, PLAIN, source="p.bpmn")
        assert list_definitions(runner.runtime) == ()
