"""Our task specs, one file per BPMN family. `SPECS` is the index: BPMN tag -> the class that executes it."""

from __future__ import annotations

from runner.engine.elements.activities import PassingTask, ReceiveTask, ScriptTask, SendTask, ServiceTask
from runner.engine.elements.decisions import BusinessRuleTask
from runner.engine.elements.element import ElementSpec
from runner.engine.elements.events import BoundaryEvent, CatchEvent, EndEvent, StartEvent, ThrowEvent
from runner.engine.elements.gateways import EventBasedGateway, ExclusiveGateway, ParallelGateway
from runner.engine.elements.joins import ComplexGateway, InclusiveGateway
from runner.engine.elements.people import UserTask
from runner.engine.elements.subprocesses import AdHocSubProcess, CallActivity, SubProcess

SPECS: dict[str, type[ElementSpec]] = {
    "startEvent": StartEvent,
    "endEvent": EndEvent,
    "boundaryEvent": BoundaryEvent,
    "intermediateThrowEvent": ThrowEvent,
    "intermediateCatchEvent": CatchEvent,
    "task": PassingTask,
    "manualTask": PassingTask,
    "serviceTask": ServiceTask,
    "sendTask": SendTask,
    "receiveTask": ReceiveTask,
    "userTask": UserTask,
    "scriptTask": ScriptTask,
    "businessRuleTask": BusinessRuleTask,
    "callActivity": CallActivity,
    "subProcess": SubProcess,
    "transaction": SubProcess,
    "adHocSubProcess": AdHocSubProcess,
    "exclusiveGateway": ExclusiveGateway,
    "parallelGateway": ParallelGateway,
    "inclusiveGateway": InclusiveGateway,
    "complexGateway": ComplexGateway,
    "eventBasedGateway": EventBasedGateway,
}
