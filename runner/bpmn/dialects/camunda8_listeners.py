"""Camunda 8's listeners: `zeebe:executionListeners` around an element or process, `zeebe:taskListeners` around the work
of a person.

Source: Camunda 8 docs, Concepts > Execution listeners; Concepts > User task listeners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from lxml import etree

from runner.bpmn.diagram import Dialect, Listener, ServiceBinding
from runner.bpmn.dialects.texts import feel_value, topics_of
from runner.bpmn.dialects.vendor import whole_number
from runner.bpmn.findings import Report
from runner.bpmn.xml import name_of
from runner.errors import ExpressionInvalid
from runner.expressions.language import Language
from runner.retry import RetryRule

_EVENTS = {
    "executionListeners": ("start", "end"),
    "taskListeners": ("creating", "assigning", "completing", "canceling"),
}
_UNCALLED = {
    "updating": "nothing changes a user task here but its assignment, for which there is 'assigning'",
    "beforeAll": "it would be called before a repetition as a whole; put it on an element before that",
}
# As they were called in the first version of task listeners.
_FORMER = {"create": "creating", "assignment": "assigning", "complete": "completing", "cancel": "canceling"}


def read_listeners(parts: Iterable[etree._Element], headers: Mapping[str, str], report: Report) -> tuple[Listener, ...]:
    """Read the listeners among extension elements, in the order drawn; each is given the element's headers."""
    return tuple(
        listener for part in parts if name_of(part)[1] in _EVENTS for listener in _listeners(part, headers, report)
    )


def _listeners(container: etree._Element, headers: Mapping[str, str], report: Report) -> Iterator[Listener]:
    events = _EVENTS[name_of(container)[1]]
    for node in container.iterchildren(etree.Element):
        written = (node.get("eventType") or "").strip()
        event, topic = _FORMER.get(written, written), (node.get("type") or "").strip()
        if event in _UNCALLED:
            report.warn(node, "not_honoured", message=f"A listener of '{event}' is not called: {_UNCALLED[event]}.")
        elif event not in events:
            message = (
                f"Expected the event of a listener to be {' or '.join(events)}, but it is '{written}'. Choose one."
            )
            report.refuse(node, "listener_invalid", message=message)
        elif not topic:
            message = f"Expected a job type for the {event} listener, but it has none. Write one."
            report.refuse(node, "listener_invalid", message=message)
        else:
            yield Listener(event, Dialect.CAMUNDA8, _service(node, topic, headers, report), line=report.line(node))


def _service(node: etree._Element, topic: str, headers: Mapping[str, str], report: Report) -> ServiceBinding:
    line = report.line(node)
    topics, computed = topics_of(feel_value(topic, line))
    attempts, retry = feel_value((node.get("retries") or "").strip(), line), None
    if attempts.language is Language.TEXT and attempts.text:
        try:
            retry = RetryRule(max_attempts=whole_number(attempts.text, low=1))
        except ExpressionInvalid as error:
            report.refuse(node, "retry_invalid", message=f"In the retries of a listener: {error}")
    return ServiceBinding(
        topics,
        headers=headers,
        retry=retry,
        attempts=None if attempts.language is Language.TEXT else attempts,
        computed_topic=computed,
    )
