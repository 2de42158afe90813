"""How Camunda 7 assigns a user task, dates it and draws its form (`camunda:assignee`, `camunda:formData`, …).

Source: Camunda 7 docs, Reference > BPMN 2.0 > Tasks > User Task; User Guide > User Task Forms."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from runner.bpmn.diagram import FormField, WorkForPeople
from runner.bpmn.dialects.texts import juel_value
from runner.bpmn.dialects.vendor import attribute
from runner.bpmn.findings import Report
from runner.bpmn.xml import children, is_true, name_of
from runner.expressions.language import Expression


def read_people(
    node: etree._Element, form: etree._Element | None, *, namespaces: tuple[str, ...], report: Report
) -> WorkForPeople | None:
    """Read a user task's attributes and its camunda:formData `form`; None if there are none."""

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
        form=attribute(node, "formKey", *namespaces) or attribute(node, "formRef", *namespaces),
        fields=() if form is None else tuple(_fields(form, report)),
    )
    return None if people == WorkForPeople() else people


def _fields(form: etree._Element, report: Report) -> Iterator[FormField]:
    namespace = name_of(form)[0]
    for node in children(form, namespace, local="formField"):
        field_id = (node.get("id") or "").strip()
        if not field_id:
            report.refuse(node, "id_missing", message="Expected a form field with an id, but it has none. Give it one.")
            continue
        default = node.get("defaultValue")
        yield FormField(
            id=field_id,
            label=node.get("label") or "",
            type=node.get("type") or "string",
            default=None if default is None else juel_value(default, report.line(node)),
            required=any(_required(each) for each in children(node, namespace, local="validation")),
            values={
                str(each.get("id") or ""): str(each.get("name") or each.get("id") or "")
                for each in children(node, namespace, local="value")
            },
        )


def _required(validation: etree._Element) -> bool:
    constraints = children(validation, name_of(validation)[0], local="constraint")
    return any(each.get("name") == "required" and is_true(each.get("config"), default=True) for each in constraints)
