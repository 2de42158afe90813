"""What BPMN's elements come to that are no flow nodes, and its attributes: executed, emulated or documentation only.

Flow nodes and events are `verdicts.py`'s, vendors' attributes `dialects/`'s. The sentences are the reasons that
`runner check` gives, and what `docs/bpmn-coverage.md` says. Source of the names: BPMN 2.0.2, `Semantic.xsd`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runner.bpmn.verdicts import Outcome


@dataclass(frozen=True, slots=True)
class Part:
    """One row: `how` says what is done with it, `section` where BPMN 2.0.2 has it.

    `otherwise` is what to say where such an element has no effect: then it is documentation. `note` is for those from
    which people may expect an effect.
    """

    outcome: Outcome
    how: str
    section: str
    otherwise: str = ""
    note: str = ""


def _executed(how: str, section: str, *, otherwise: str = "", note: str = "") -> Part:
    return Part(Outcome.EXECUTED, how, section, otherwise, note)


def _emulated(how: str, section: str, *, otherwise: str = "", note: str = "") -> Part:
    return Part(Outcome.EMULATED, how, section, otherwise, note)


def _drawn(how: str, section: str, *, note: str = "") -> Part:
    return Part(Outcome.DOCUMENTATION, how, section, note=note)


_UNMOVED = "moves no data: as in Camunda, or because an end is missing"
_MOVED = "moves a value between a data object, or a variable, and the activity's own variables"
_NOT_WORK = "assigns nobody: only user tasks are work for people"
_VARIABLE = "is a variable of its process, sub-process or activity, by name"
_LANE_NOTE = "A lane: it is the candidate group of the user tasks in it, and decides nothing else."
_UNMOVED_NOTE = (
    "A data association: it is documentation and moves no data, as in Camunda, or because an end is missing."
)
_ROLE_NOTE = "A resource role: it is documentation: only user tasks are work for people."

# Directly in a process or a flow node: tag -> what it comes to.
CHILDREN: Mapping[str, Part] = {
    "documentation": _drawn("is text for people", "8.3.2"),
    "textAnnotation": _drawn("is text for people", "8.4.1"),
    "group": _drawn("is drawn around elements for people", "8.4.1"),
    "artifact": _drawn("is drawn for people", "8.4.1"),
    "categoryValueRef": _drawn("is for people", "8.4.1"),
    "association": _executed(
        "leads from a compensation event to the activity that undoes", "8.4.1", otherwise="is a line for people"
    ),
    "auditing": _drawn("defines nothing in BPMN itself; the history has every step", "10.10"),
    "monitoring": _drawn("defines nothing in BPMN itself; the history has every step", "10.11"),
    "supportedInterfaceRef": _drawn("says what a process offers; nothing looks at it", "10.2"),
    "supports": _drawn("says which process a process stands for; nothing looks at it", "10.9"),
    "extensionElements": _drawn("holds what vendors say, which is judged by itself", "8.3.3"),
    "incoming": _executed("names a flow, which says the same", "8.4.13"),
    "outgoing": _executed("names a flow, which says the same", "8.4.13"),
    "flowNodeRef": _emulated("puts an element into a lane", "10.8"),
    "laneSet": _emulated("holds lanes", "10.8", note=_LANE_NOTE),
    "dataObject": _executed(_VARIABLE, "10.4.1"),
    "dataObjectReference": _executed("stands for its data object, and so for that variable", "10.4.1"),
    "dataStoreReference": _executed(
        "stands for its store, and so for that value", "10.4.1", otherwise="is neither read nor written"
    ),
    "property": _executed(_VARIABLE, "10.4.1"),
    "ioSpecification": _emulated("holds inputs and outputs, which are variables of the activity", "10.4.1"),
    "dataInput": _emulated(_VARIABLE, "10.4.1"),
    "dataOutput": _emulated(_VARIABLE, "10.4.1"),
    "inputSet": _drawn("is not waited for: an activity begins when its token arrives", "10.4.1"),
    "outputSet": _drawn("is not chosen from: what was returned is taken", "10.4.1"),
    "ioBinding": _drawn("ties a called process to an operation; nothing looks at it", "10.3.6"),
    "dataInputAssociation": _executed(_MOVED, "10.4.1", otherwise=_UNMOVED, note=_UNMOVED_NOTE),
    "dataOutputAssociation": _executed(_MOVED, "10.4.1", otherwise=_UNMOVED, note=_UNMOVED_NOTE),
    "rendering": _drawn("is not drawn: a user task shows its form or its variables", "10.3.4"),
    "resourceRole": _executed("is a candidate group", "10.3.1", otherwise=_NOT_WORK, note=_ROLE_NOTE),
    "performer": _executed("is who a user task is assigned to", "10.3.2", otherwise=_NOT_WORK, note=_ROLE_NOTE),
    "humanPerformer": _executed("is who a user task is assigned to", "10.3.4", otherwise=_NOT_WORK, note=_ROLE_NOTE),
    "potentialOwner": _executed("is a candidate user or group", "10.3.4", otherwise=_NOT_WORK, note=_ROLE_NOTE),
    "multiInstanceLoopCharacteristics": _executed("runs the activity once for each item or number", "10.3.8"),
    "standardLoopCharacteristics": _executed("runs the activity again while its condition holds", "10.3.8"),
    "completionCondition": _executed("is evaluated when an instance, or an inner activity, has ended", "10.3.8"),
    "activationCondition": _executed("says when a complex gateway goes on", "10.6.5"),
    "script": _executed("is evaluated if it is in one of our languages, else a handler's work", "10.3.3"),
    "correlationSubscription": _executed("says which key the process waits with", "8.4.2"),
}

# Deeper inside: tag -> what it comes to.
NESTED: Mapping[str, Part] = {
    "text": _drawn("is text for people", "8.4.1"),
    "lane": _emulated("is the candidate group of the user tasks in it, and decides nothing else", "10.8"),
    "childLaneSet": _emulated("holds lanes inside a lane; the innermost counts", "10.8"),
    "partitionElement": _drawn("says what a lane stands for", "10.8"),
    "dataState": _drawn("says in which state a data object is meant to be", "10.4.1"),
    "assignment": _executed("says what a data association moves", "10.4.1", otherwise=_UNMOVED),
    "transformation": _executed("says what a data association moves", "10.4.1", otherwise=_UNMOVED),
    "from": _executed("is evaluated", "10.4.1", otherwise=_UNMOVED),
    "to": _executed("names the variable that takes the value", "10.4.1", otherwise=_UNMOVED),
    "resourceAssignmentExpression": _executed("names people or groups", "10.3.1", otherwise=_NOT_WORK),
    "resourceParameterBinding": _drawn("asks a directory of people; there is none", "10.3.1"),
    "formalExpression": _executed("is compiled, and evaluated where it stands", "8.4.6"),
    "expression": _drawn("is text for people", "8.4.6"),
    "sequenceFlow": _executed("is the way of a token", "8.4.13"),
    "conditionExpression": _executed("is evaluated when a token leaves", "8.4.13"),
    "loopCardinality": _executed("says how many instances there are", "10.3.8"),
    "loopCondition": _executed("is tested before or after each run", "10.3.8"),
    "inputDataItem": _executed("names the variable that has the item", "10.3.8"),
    "outputDataItem": _executed("names the variable whose values are collected", "10.3.8"),
    "complexBehaviorDefinition": _executed("throws its event when its condition holds", "10.3.8"),
    "implicitThrowEvent": _executed("is thrown by a multi-instance", "10.3.8"),
    "event": _executed("is thrown by a multi-instance", "10.3.8"),
    "condition": _executed("is looked at whenever a variable in its scope changes", "10.5.5"),
    "timeDate": _executed("is read as a date and time", "10.5.5"),
    "timeDuration": _executed("is read as a duration", "10.5.5"),
    "timeCycle": _executed("is read as a repeating interval or cron", "10.5.5"),
    "correlationPropertyBinding": _executed("binds a property to the process's variables", "8.4.2"),
    "dataPath": _executed("is evaluated where somebody waits", "8.4.2"),
}

# Beside processes: tag -> what it comes to.
ROOTS: Mapping[str, Part] = {
    "process": _executed("can be started", "10.2"),
    "collaboration": _emulated("holds pools, each of which is a process of its own", "9.2"),
    "participant": _emulated("gives its process a name", "9.3", otherwise="is a pool of somebody else"),
    "participantMultiplicity": _drawn("says how many there may be; any number may", "9.3"),
    "messageFlow": _emulated(
        "is how a message goes that its sender throws: whoever waits for that name and key gets it", "9.4"
    ),
    "message": _executed("is found by name and key", "8.4.11"),
    "signal": _executed("reaches all who wait for its name", "10.5.5"),
    "error": _executed("is caught by its code", "8.4.3"),
    "escalation": _executed("is caught by its code", "8.4.4"),
    "correlationKey": _executed("holds the properties of a key", "8.4.2"),
    "correlationProperty": _executed("is the key of its messages", "8.4.2"),
    "correlationPropertyRetrievalExpression": _executed("says where a message has the key", "8.4.2"),
    "messagePath": _executed("is evaluated where the message is sent", "8.4.2"),
    "interface": _emulated("holds operations", "8.5"),
    "operation": _emulated("is the name of a handler, or names a message", "8.5"),
    "resource": _executed("is a candidate group, by name", "8.4.12"),
    "resourceParameter": _drawn("asks a directory of people; there is none", "8.4.12"),
    "itemDefinition": _drawn("is the type of a value; a handler's parameters are checked instead", "8.4.10"),
    "import": _drawn("names types from another file; nothing is fetched", "8.2.2"),
    "dataStore": _executed(
        "keeps one value outside of all instances, by name", "10.4.1", otherwise="is neither read nor written"
    ),
    "category": _drawn("is for people", "8.4.1"),
    "categoryValue": _drawn("is for people", "8.4.1"),
    "extension": _drawn("says whose extensions a file has", "8.3.3"),
    "relationship": _drawn("leads to something outside of the file", "8.3.4"),
    "endPoint": _drawn("is an address; a handler knows its own", "8.5"),
    "partnerRole": _drawn("says who somebody is", "9.3"),
    "partnerEntity": _drawn("says who somebody is", "9.3"),
    "participantAssociation": _drawn("says which pools are the same", "9.3"),
    "messageFlowAssociation": _drawn("says which message flows are the same", "9.4"),
    "conversation": _drawn("says how pools talk, not what they do", "9.5"),
    "conversationNode": _drawn("says how pools talk, not what they do", "9.5"),
    "conversationLink": _drawn("says how pools talk, not what they do", "9.5"),
    "conversationAssociation": _drawn("says how pools talk, not what they do", "9.5"),
    "subConversation": _drawn("says how pools talk, not what they do", "9.5"),
    "callConversation": _drawn("says how pools talk, not what they do", "9.5"),
    "globalConversation": _drawn("says how pools talk, not what they do", "9.5"),
    "choreography": _drawn("says how pools talk, not what they do", "11"),
    "choreographyTask": _drawn("says how pools talk, not what they do", "11"),
    "subChoreography": _drawn("says how pools talk, not what they do", "11"),
    "callChoreography": _drawn("says how pools talk, not what they do", "11"),
    "globalChoreographyTask": _drawn("says how pools talk, not what they do", "11"),
    **{
        tag: _emulated("is a process with that one task, if a call activity of the file calls it", "10.3.7")
        for tag in ("globalTask", "globalUserTask", "globalManualTask", "globalScriptTask", "globalBusinessRuleTask")
    },
}

# Attributes of the standard, by name.
ATTRIBUTES: Mapping[str, Part] = {
    "id": _executed("is how everything else refers to the element; a handler may have its name", "8.3.1"),
    "name": _executed("is shown; a handler may have it, in snake case", "8.3.1"),
    "isExecutable": _executed("false, or without a value: the process is documentation only", "10.2"),
    "processType": _drawn("Private or Public: nothing follows from it", "10.2"),
    "isClosed": _drawn("says whether others may talk to the process; any message may arrive", "10.2"),
    "definitionalCollaborationRef": _drawn("names the collaboration that the process is drawn in", "10.2"),
    "sourceRef": _executed("is where a flow begins", "8.4.13"),
    "targetRef": _executed("is where a flow ends", "8.4.13"),
    "isImmediate": _drawn("a flow is always followed at once", "8.4.13"),
    "default": _executed("is the flow that is taken if no condition holds", "8.4.13"),
    "gatewayDirection": _drawn("is what the flows say anyway", "10.6"),
    "instantiate": _executed("true: the element's message starts an instance", "10.3.3"),
    "eventGatewayType": _executed("Exclusive: the first event decides; Parallel: all have to happen", "10.6.6"),
    "parallelMultiple": _executed("true: all triggers have to happen, else one of them", "10.5.5"),
    "attachedToRef": _executed("is the activity that a boundary event belongs to", "10.5.3"),
    "cancelActivity": _executed("true: the activity is canceled; false: it goes on, as often as it happens", "10.5.3"),
    "isInterrupting": _executed("true: the process around is interrupted; false: it goes on", "10.5.2"),
    "triggeredByEvent": _executed("true: an event sub-process", "10.3.5"),
    "isForCompensation": _executed("true: runs only to undo what it is associated with", "10.7.1"),
    "startQuantity": _executed("so many tokens begin one run", "10.3"),
    "completionQuantity": _executed("so many tokens leave", "10.3"),
    "implementation": _emulated("is the name of a handler, unless it is a default", "10.3.3"),
    "operationRef": _emulated("its operation's name is that of a handler; its message is sent or waited for", "10.3.3"),
    "messageRef": _executed("is the message that is sent or waited for", "10.3.3"),
    "calledElement": _executed("is the process or global task that is called", "10.3.6"),
    "scriptFormat": _executed("is the script's language", "10.3.3"),
    "scriptLanguage": _drawn("is scriptFormat's name in BPMN 2.0's beta; nothing reads it", "10.3.3"),
    "method": _emulated("a transaction that is canceled is compensated, whichever is named", "10.3.5"),
    "ordering": _executed("Parallel or Sequential: how many inner activities of an ad-hoc sub-process run", "10.3.5"),
    "cancelRemainingInstances": _executed("whether what still runs is canceled when an ad-hoc one is over", "10.3.5"),
    "expressionLanguage": _executed("is the language of expressions that name none", "8.2.1"),
    "language": _executed("is the language of this expression", "8.4.6"),
    "mustUnderstand": _executed("true: the file is refused, because foreign rules are not known", "8.3.3"),
    "errorRef": _executed("is the error that is thrown or caught", "10.5.5"),
    "errorCode": _executed("is what an error is caught by", "8.4.3"),
    "escalationRef": _executed("is the escalation that is thrown or caught", "10.5.5"),
    "escalationCode": _executed("is what an escalation is caught by", "8.4.4"),
    "signalRef": _executed("is the signal that is thrown or waited for", "10.5.5"),
    "activityRef": _executed("is the activity that is undone; without it, all of the scope", "10.5.5"),
    "waitForCompletion": _executed("false: the token goes on while it is undone", "10.5.5"),
    "isSequential": _executed("true: one instance after the other", "10.3.8"),
    "behavior": _executed("says when a multi-instance throws its events", "10.3.8"),
    "oneBehaviorEventRef": _executed("is thrown when the first instance has ended", "10.3.8"),
    "noneBehaviorEventRef": _executed("is thrown when an instance has ended", "10.3.8"),
    "testBefore": _executed("true: the condition is looked at before the first run", "10.3.8"),
    "loopMaximum": _executed("is how often a loop runs at most", "10.3.8"),
    "processRef": _executed("is the process that has the pool's name", "9.3"),
    "dataObjectRef": _executed("is the data object that a reference stands for", "10.4.1"),
    "dataStoreRef": _executed("is the data store that a reference stands for", "10.4.1"),
    "correlationPropertyRef": _executed("is the property that is bound", "8.4.2"),
    "correlationKeyRef": _drawn(
        "a process waits with the properties that it binds, whichever key they are in", "8.4.2"
    ),
    "implementationRef": _drawn("a handler is found by its topic", "8.5"),
    "type": _drawn("is the type of a value; a handler's parameters are checked instead", "8.4.10"),
    **dict.fromkeys(
        ("itemSubjectRef", "structureRef", "itemRef", "itemKind", "isCollection", "evaluatesToTypeRef", "typeLanguage"),
        _drawn("is the type of a value; a handler's parameters are checked instead", "8.4.10"),
    ),
    **dict.fromkeys(
        ("namespace", "location", "importType"), _drawn("names types from another file; nothing is fetched", "8.2.2")
    ),
    **dict.fromkeys(("targetNamespace", "exporter", "exporterVersion"), _drawn("says where a file is from", "8.2.1")),
    **dict.fromkeys(("capacity", "isUnlimited"), _drawn("a data store has room for what is put there", "10.4.1")),
    **dict.fromkeys(
        ("inputDataRef", "outputDataRef"),
        _drawn("ties a called process to an operation; nothing looks at it", "10.3.6"),
    ),
    **dict.fromkeys(("parameterRef", "isRequired"), _drawn("asks a directory of people; there is none", "10.3.1")),
    **dict.fromkeys(("minimum", "maximum"), _drawn("how many participants there may be: any number may", "9.3")),
    **dict.fromkeys(
        ("innerMessageFlowRef", "outerMessageFlowRef"), _drawn("says which message flows are the same", "9.4")
    ),
    **dict.fromkeys(
        ("innerConversationNodeRef", "outerConversationNodeRef", "calledCollaborationRef"),
        _drawn("says how pools talk, not what they do", "9.5"),
    ),
    **dict.fromkeys(
        ("initiatingParticipantRef", "loopType", "calledChoreographyRef"),
        _drawn("says how pools talk, not what they do", "11"),
    ),
    **dict.fromkeys(
        ("associationDirection", "textFormat", "categoryValueRef", "value"), _drawn("is for people", "8.4.1")
    ),
    "partitionElementRef": _drawn("says what a lane stands for", "10.8"),
    "definition": _drawn("names an extension", "8.3.3"),
    "direction": _drawn("leads to something outside of the file", "8.3.4"),
}

# What belongs to the element around it, and is told with that: its texts, references and extensions.
_BELONGING = frozenset({"documentation", "text", "incoming", "outgoing", "source", "target", "extensionElements"})


def is_listed(tag: str) -> bool:
    """Say whether an element stands for itself: a text or reference (`incoming`, `errorRef`, …) does not."""
    return tag not in _BELONGING and not tag.endswith(("Ref", "Refs"))
