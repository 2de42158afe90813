"""Whether what is referred to is there, and is of the kind that is meant: the table of all references of BPMN 2.0.2.

Where it must lie is told by the rules of each subject; what the drawing's part refers to is `drawing.py`'s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import etree

from runner.bpmn.diagram import Dialect
from runner.bpmn.rules.tree import Tree, tag_of
from runner.bpmn.verdicts import ACTIVITIES, EVENT_TAGS, FLOW_NODES
from runner.bpmn.xml import local_id, text_of
from runner.errors import Finding, near_hint

Kinds = frozenset[str]

GLOBAL_TASKS = frozenset(
    {"globalTask", *(f"global{kind}Task" for kind in ("User", "Manual", "Script", "BusinessRule"))}
)
EVENT_DEFINITIONS = frozenset(
    f"{kind}EventDefinition"
    for kind in (
        *("cancel", "compensate", "conditional", "error", "escalation", "link", "message", "signal", "terminate"),
        "timer",
    )
)
ITEM_AWARE = frozenset({"dataObject", "dataObjectReference", "dataStoreReference", "dataStore", "property"}) | {
    "dataInput",
    "dataOutput",
}
_CHOREOGRAPHY = frozenset({"choreographyTask", "subChoreography", "callChoreography"})
_COLLABORATIONS = frozenset({"collaboration", "choreography", "globalConversation"})
_CONVERSATIONS = frozenset({"conversation", "subConversation", "callConversation"})
_NODES = FLOW_NODES | _CHOREOGRAPHY
_ANY: Kinds = frozenset()


def _kinds(*tags: str) -> Kinds:
    return frozenset(tags)


# What an attribute refers to, wherever it stands; an empty set is any element with an id.
ATTRIBUTES: Mapping[str, Kinds] = {
    **{f"{kind}Ref": _kinds(kind) for kind in ("message", "signal", "error", "escalation", "operation", "process")},
    **{f"{kind}Ref": _kinds(kind) for kind in ("dataObject", "dataStore", "correlationKey", "correlationProperty")},
    **dict.fromkeys(("itemSubjectRef", "structureRef", "itemRef"), _kinds("itemDefinition")),
    **dict.fromkeys(("noneBehaviorEventRef", "oneBehaviorEventRef"), EVENT_DEFINITIONS),
    **dict.fromkeys(("attachedToRef", "activityRef"), ACTIVITIES),
    "default": _kinds("sequenceFlow"),
    "calledElement": _kinds("process") | GLOBAL_TASKS,
    "definitionalCollaborationRef": _COLLABORATIONS,
    "calledCollaborationRef": _COLLABORATIONS,
    "calledChoreographyRef": _kinds("choreography", "globalChoreographyTask"),
    "parameterRef": _kinds("resourceParameter"),
    "categoryValueRef": _kinds("categoryValue"),
    "inputDataRef": _kinds("inputSet"),
    "outputDataRef": _kinds("outputSet"),
    "initiatingParticipantRef": _kinds("participant"),
}
# The ends of what connects.
ENDS: Mapping[str, Kinds] = {
    "sequenceFlow": _NODES,
    "messageFlow": ACTIVITIES | EVENT_TAGS | _kinds("participant") | _CONVERSATIONS,
    "association": _ANY,
    "conversationLink": ACTIVITIES | EVENT_TAGS | _kinds("participant") | _CONVERSATIONS,
}
# What the text of an element refers to; ends of data associations are elements, too.
TEXTS: Mapping[str, Kinds] = {
    **dict.fromkeys(("incoming", "outgoing"), _kinds("sequenceFlow")),
    **dict.fromkeys(("inMessageRef", "outMessageRef"), _kinds("message")),
    **dict.fromkeys(("dataInputRefs", "optionalInputRefs", "whileExecutingInputRefs"), _kinds("dataInput")),
    **dict.fromkeys(("dataOutputRefs", "optionalOutputRefs", "whileExecutingOutputRefs"), _kinds("dataOutput")),
    **dict.fromkeys(("participantRef", "innerParticipantRef", "outerParticipantRef"), _kinds("participant")),
    **dict.fromkeys(("messageFlowRef", "innerMessageFlowRef", "outerMessageFlowRef"), _kinds("messageFlow")),
    **dict.fromkeys(("interfaceRef", "supportedInterfaceRef"), _kinds("interface")),
    **dict.fromkeys(("innerConversationNodeRef", "outerConversationNodeRef"), _CONVERSATIONS),
    **dict.fromkeys(("sourceRef", "targetRef", "loopDataInputRef", "loopDataOutputRef"), ITEM_AWARE),
    **{f"{tag}Ref": _kinds(tag) for tag in ("operation", "error", "resource", "correlationProperty", "endPoint")},
    "flowNodeRef": _NODES,
    "eventDefinitionRef": EVENT_DEFINITIONS,
    "inputSetRefs": _kinds("inputSet"),
    "outputSetRefs": _kinds("outputSet"),
    "categoryValueRef": _kinds("categoryValue"),
    "choreographyRef": _kinds("choreography"),
    "supports": _kinds("process"),
}
# Nothing that is executed depends on these: one that leads nowhere is a warning, one into another file is fine.
_INFORMING = frozenset(
    {
        *("itemSubjectRef", "structureRef", "itemRef", "definitionalCollaborationRef", "calledCollaborationRef"),
        *("categoryValueRef", "interfaceRef", "supportedInterfaceRef", "supports", "resourceRef", "parameterRef"),
        *("endPointRef", "calledChoreographyRef", "choreographyRef", "outMessageRef"),
    }
)
# Names of variables may stand there as well, and processes of other files.
_FREE = frozenset({"loopDataInputRef", "loopDataOutputRef", "calledElement"})
# Of more ids than these nobody is reminded: comparing takes its time.
_REMINDED = 50


def check_references(tree: Tree) -> Iterator[Finding]:
    """Give the references that lead nowhere, or to an element of the wrong kind."""
    for node in tree.nodes:
        tag = tag_of(node)
        for name in node.attrib:
            kinds = ENDS.get(tag, _ANY) if name in ("sourceRef", "targetRef") else ATTRIBUTES.get(str(name))
            if kinds is not None and not (tag == "itemDefinition" and name == "structureRef"):
                yield from _check(node, str(name), str(node.get(str(name))), tree=tree, kinds=kinds)
        if tag in TEXTS and len(node) == 0:
            yield from _check(node, tag, text_of(node), tree=tree, kinds=TEXTS[tag])


def _check(node: etree._Element, name: str, text: str, *, tree: Tree, kinds: Kinds) -> Iterator[Finding]:
    reference = local_id(text)
    if reference is None or (name in _INFORMING and _is_elsewhere(node, text, tree)):
        return
    target = tree.by_id.get(reference)
    place = f"{name} of <{tag_of(node)}>" if name in node.attrib else f"<{name}>"
    expected = " or ".join(f"<{kind}>" for kind in sorted(kinds)[:4]) if 0 < len(kinds) < 5 else _family(kinds)
    if target is None:
        if name in _FREE:
            return
        known = tree.ids(kinds)
        hint = near_hint(reference, known) if len(known) <= _REMINDED else ""
        message = f"Expected {place} to be the id of {expected}, but the file has none with the id '{reference}'.{hint}"
        yield tree.finding(node, "reference_dangling", message=message, verdict=_verdict(node, name, tree))
    elif kinds and tag_of(target) not in kinds:
        message = f"Expected {place} to be the id of {expected}, but '{reference}' is a <{tag_of(target)}>."
        yield tree.finding(node, "reference_wrong_kind", message=message, verdict=_verdict(node, name, tree))
    elif kinds == EVENT_DEFINITIONS and target.getparent() is not tree.root:
        message = (
            f"Expected {place} to be the id of an event definition beside the processes, but '{reference}' is in one."
        )
        yield tree.finding(node, "reference_wrong_kind", message=message)


def _verdict(node: etree._Element, name: str, tree: Tree) -> str:
    """Give the verdict; what no vendor's engine looks at, such as the ends of data associations, runs all the same."""
    unmoved = tree.dialect is not Dialect.PLAIN and tag_of(node) in ("sourceRef", "targetRef")
    return "warning" if name in _INFORMING or unmoved else "refused"


def _family(kinds: Kinds) -> str:
    families = {
        ACTIVITIES: "an activity",
        EVENT_DEFINITIONS: "an event definition",
        ITEM_AWARE: "a data object, data store, property, input or output",
        _NODES: "an event, activity or gateway",
        _kinds("process") | GLOBAL_TASKS: "a process or global task",
        ENDS["messageFlow"]: "a pool, a task or a message event",
    }
    return families.get(kinds, "an element")


def _is_elsewhere(node: etree._Element, text: str, tree: Tree) -> bool:
    """Say whether a name has a prefix of another namespace than the file's own."""
    prefix = text.strip().rpartition(":")[0]
    return bool(prefix) and node.nsmap.get(prefix) not in (None, tree.root.get("targetNamespace"))
