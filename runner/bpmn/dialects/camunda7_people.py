"""How Camunda 7 assigns a user task and dates it (`camunda:assignee`, `camunda:dueDate`, …).

Source: Camunda 7 docs, Reference > BPMN 2.0 > Tasks > User Task."""

from __future__ import annotations

from lxml import etree

from runner.bpmn.diagram import WorkForPeople
from runner.bpmn.dialects.texts import juel_value
from runner.bpmn.dialects.vendor import attribute
from runner.bpmn.findings import Report
from runner.expressions.language import Expression


def read_people(node: etree._Element, *, namespaces: tuple[str, ...], report: Report) -> WorkForPeople | None:
    """Read a user task's attributes; None if there are none."""

    def value(name: str) -> Expression | None:
        text = attribute(node, name, *namespaces)
        return None if text is None else juel_value(text, report.line(node))

    def values(name: str) -> tuple[Expression, ...]:
        found = value(name)
        return () if found is None else (found,)

    people = WorkForPeople(
        assignee=value("assignee"),
        candidate_users=values("candidateUsers"),
        candidate_groups=values("candidateGroups"),
        due=value("dueDate"),
        follow_up=value("followUpDate"),
        priority=value("priority"),
    )
    return None if people == WorkForPeople() else people
