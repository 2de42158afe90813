"""Our task specs, one file per BPMN family. `SPECS` is the index: BPMN tag -> the class that executes it."""

from __future__ import annotations

from runner.engine.elements.activities import PassThrough, ServiceTask
from runner.engine.elements.element import ElementSpec
from runner.engine.elements.events import EndEvent
from runner.engine.elements.gateways import ExclusiveGateway, ParallelGateway

SPECS: dict[str, type[ElementSpec]] = {
    "startEvent": PassThrough,
    "endEvent": EndEvent,
    "boundaryEvent": PassThrough,
    "intermediateThrowEvent": PassThrough,
    "task": PassThrough,
    "manualTask": PassThrough,
    "serviceTask": ServiceTask,
    "sendTask": ServiceTask,
    "businessRuleTask": ServiceTask,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
}
