"""What runs as it is drawn, but may not be what its author or its readers expect: each a warning, or a note.

Source of what is usual: BPMN 2.0.2 §8.4.13, §10.5.2, §10.5.3, §10.6."""

from __future__ import annotations

import re
from collections.abc import Iterator

from runner.bpmn.diagram import Element, Flow, Process
from runner.bpmn.findings import note, warning
from runner.bpmn.verdicts import ACTIVITIES
from runner.errors import Finding

_DECIDING = frozenset({"exclusiveGateway", "inclusiveGateway"})
# A single comparison, and the pairs of operators of which one holds if the other does not.
_COMPARISON = re.compile(r"([^=<>!&|]+?) ?(==?|!=|>=|<=|>|<) ?([^=<>!&|]+)")
_OPPOSITE = ({"==", "!="}, {"=", "!="}, {">", "<="}, {"<", ">="})
_PLAIN = frozenset({"exclusiveGateway", "inclusiveGateway", "parallelGateway", "complexGateway"})


def check_unusual(process: Process) -> Iterator[Finding]:
    """Give what surprises about the flows and gateways of a process, and where its paths end."""
    for element in process.elements.values():
        outgoing = [process.flows[flow] for flow in element.outgoing]
        if element.type in _DECIDING and len(outgoing) > 1:
            yield from _deciding(element, outgoing)
        elif element.type in _PLAIN and len(outgoing) <= 1 and len(element.incoming) <= 1:
            message = f"Gateway '{_label(element)}' neither splits nor joins anything. Remove it."
            yield warning(element, "gateway_superfluous", message=message)
        elif not element.type.endswith("Gateway"):
            yield from _implicit(element, outgoing)
        if element.type in _PLAIN and len(outgoing) > 1 and len(element.incoming) > 1:
            message = f"Gateway '{_label(element)}' joins and splits at once, which is hard to read. Draw two."
            yield warning(element, "gateway_joins_and_splits", message=message)
        yield from _drawn_twice(outgoing)
    yield from _ends(process)
    yield from _starts(process)


def _deciding(element: Element, outgoing: list[Flow]) -> Iterator[Finding]:
    unnamed = [flow.id for flow in outgoing if not flow.name and flow.id != element.default_flow]
    if not element.name or unnamed:
        lacks = ["the gateway"] if not element.name else []
        lacks += [f"flow '{flow}'" for flow in unnamed]
        has = "has" if len(lacks) == 1 else "have"
        message = f"Nothing tells readers what '{_label(element)}' decides: {', '.join(lacks)} {has} no name."
        yield warning(element, "label_missing", message=message)
    conditions = [flow.condition.text for flow in outgoing if flow.condition is not None]
    if element.default_flow is None and len(conditions) == len(outgoing) and not _are_opposites(conditions):
        message = (
            f"No default flow leaves '{_label(element)}': when no condition holds the instance stops there with an "
            "incident. Mark one flow as the default."
        )
        yield warning(element, "default_missing", message=message)


def _are_opposites(conditions: list[str]) -> bool:
    """Say whether of two conditions one is plainly the negation of the other, so that one of them always holds."""
    if len(conditions) != 2:
        return False
    first, second = (" ".join(text.strip().lstrip("=").strip("#${} ").split()) for text in conditions)
    return _negates(first, second) or _negates(second, first)


def _negates(text: str, other: str) -> bool:
    simple = not any(sign in text for sign in (" ", "&", "|")) or other.endswith(f"({text})")
    if simple and other in (f"!{text}", f"not {text}", f"!({text})", f"not({text})", f"not ({text})"):
        return True
    left, right = _COMPARISON.fullmatch(text), _COMPARISON.fullmatch(other)
    if left is None or right is None or (left[1], left[3]) != (right[1], right[3]):
        return False
    return {left[2], right[2]} in _OPPOSITE


def _implicit(element: Element, outgoing: list[Flow]) -> Iterator[Finding]:
    free = [flow for flow in outgoing if flow.condition is None and flow.id != element.default_flow]
    if len(free) > 1:
        message = (
            f"{len(free)} flows without a condition leave '{_label(element)}': all are taken at once. Draw a parallel "
            "gateway, or an exclusive one if one of them is meant."
        )
        yield warning(element, "split_implicit", message=message)
    if len(element.incoming) > 1 and element.type in ACTIVITIES:
        message = f"{len(element.incoming)} flows lead to '{_label(element)}': it begins anew with each token."
        yield note(element, "merge_implicit", message=message)
    for flow in outgoing:
        if flow.condition is not None and not flow.name:
            message = f"Nothing tells readers when flow '{flow.id}' is taken: it has a condition and no name. Name it."
            yield warning(flow, "label_missing", message=message)


def _drawn_twice(outgoing: list[Flow]) -> Iterator[Finding]:
    seen: dict[tuple[str, str | None], Flow] = {}
    for flow in outgoing:
        first = seen.setdefault((flow.target, None if flow.condition is None else flow.condition.text), flow)
        if first is not flow:
            message = f"Flow '{flow.id}' leads the same way as '{first.id}': it is drawn twice. Remove one."
            yield warning(flow, "flow_duplicate", message=message)


def _ends(process: Process) -> Iterator[Finding]:
    """Source: BPMN 2.0.2 §10.5.3: where there is a start event there is an end event, and paths end at such."""
    inside: dict[str, list[Element]] = {}
    for element in process.elements.values():
        inside.setdefault(element.parent, []).append(element)
    for container, contents in inside.items():
        around = process.elements.get(container)
        if around is not None and around.type == "adHocSubProcess":
            continue
        starts = [each for each in contents if each.type == "startEvent"]
        ends = [each for each in contents if each.type == "endEvent"]
        open_ends = [each for each in contents if _ends_a_path(each)]
        if ends and not starts and not any(each.creates_instance for each in contents):
            message = f"There is an end event in '{container}', but no start event: it begins where no flow leads to."
            yield Finding("warning", "start_implicit", message, ends[0].id, ends[0].line)
        for each in open_ends if ends else ():
            message = f"A path ends at '{_label(each)}' without an end event. If it should not, draw what comes next."
            yield warning(each, "end_implicit", message=message)
        if starts and not ends and open_ends:
            message = f"There is a start event in '{container}', but no end event: it ends where no flow leads on."
            yield warning(starts[0], "end_missing", message=message)


def _ends_a_path(element: Element) -> bool:
    aside = element.event_subprocess or element.for_compensation or element.type in ("endEvent", "startEvent")
    leads_on = any(event.kind in ("link", "compensate") for event in element.events) and element.type != "endEvent"
    return not (element.outgoing or aside or leads_on or element.type == "boundaryEvent")


def _starts(process: Process) -> Iterator[Finding]:
    starts = [
        each
        for each in process.elements.values()
        if each.type == "startEvent" and each.parent == process.key and not each.events
    ]
    for second in starts[1:]:
        message = (
            f"'{_label(second)}' is a start event without a trigger beside '{_label(starts[0])}': an instance that is "
            "started by hand begins at all of them at once."
        )
        yield warning(second, "start_ambiguous", message=message)


def _label(element: Element) -> str:
    return element.name or element.id
