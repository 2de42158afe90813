"""From a diagram's process to specs that SpiffWorkflow executes, built once per version and frozen.

The specs are put together from our own records instead of by SpiffWorkflow's parser: that one recurses (a chain of 900
tasks overflows it), drops what it does not know without a word, and cannot tell two flows to one target apart."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.specs.WorkflowSpec import WorkflowSpec

from runner.bpmn.diagram import Process
from runner.engine.elements import SPECS
from runner.engine.elements.element import ElementSpec
from runner.errors import EngineError


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process without the helper specs ("Start", "End", "Root") whose names would clash with element ids."""

    def __init__(self, process: Process) -> None:
        WorkflowSpec.__init__(self, name=process.key)
        self.description = process.name
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}
        self.bpmn_start_events: list[Any] = []


class Executable:
    """One version of a process, ready to run: the diagram's records and the specs built from them."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.spec = ProcessSpec(process)
        specs: dict[str, ElementSpec] = {}
        for element in process.elements.values():
            if element.type not in SPECS:
                raise EngineError(
                    f"Expected an element that this engine executes, but '{element.id}' (line {element.line}) is a "
                    f"{element.type}."
                )
            specs[element.id] = SPECS[element.type](self.spec, element)
        for spec in specs.values():
            spec.link([process.flows[flow] for flow in spec.element.outgoing], specs)
        self.starts = [spec for spec in specs.values() if spec.element.type == "startEvent"]
        self.error_boundaries: dict[str, list[ElementSpec]] = {}
        for spec in specs.values():
            if spec.element.attached_to is not None:
                self.error_boundaries.setdefault(spec.element.attached_to, []).append(spec)
