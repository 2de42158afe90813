"""Who a user task is for, until when, and its form, in three dialects."""

from __future__ import annotations

import pytest
from bpmn.drawn import CAMUNDA7, CAMUNDA8, around, drawn, it, refused, task, warned

from runner.bpmn.diagram import WorkForPeople
from runner.expressions.language import Expression, Language

PLAIN = ""


def text(value: str) -> Expression:
    return Expression(value, Language.TEXT, 1)


def people(xml: str, *, file: str = PLAIN, roots: str = "") -> WorkForPeople:
    found = it(around(xml, file=file, roots=roots)).people
    assert found is not None
    return found


CAMUNDA8_TASK = task(
    '<zeebe:assignmentDefinition assignee="ash" candidateUsers="brock, misty" candidateGroups="gym"/>'
    '<zeebe:taskSchedule dueDate="2026-01-01" followUpDate="2025-12-01"/><zeebe:priorityDefinition priority="70"/>'
    '<zeebe:formDefinition formId="form"/><zeebe:userTask/>',
    tag="userTask",
)


def attributes(prefix: str, form: str) -> str:
    said = {
        "assignee": "ash",
        "candidateUsers": "brock, misty",
        "candidateGroups": "gym",
        "dueDate": "2026-01-01",
        "followUpDate": "2025-12-01",
        "priority": "70",
        form: "form",
    }
    return "".join(f' {prefix}:{name}="{value}"' for name, value in said.items())


@pytest.mark.parametrize(
    ("file", "xml"),
    [
        (CAMUNDA8, CAMUNDA8_TASK),
        (CAMUNDA7, f'<userTask id="it" {attributes("camunda", "formKey")}/>'),
        (PLAIN, f'<userTask id="it" {attributes("runner", "form")}/>'),
    ],
)
def test_assignment_dates_and_form_read_the_same_in_three_dialects(file: str, xml: str) -> None:
    assert people(xml, file=file) == WorkForPeople(
        assignee=text("ash"),
        candidate_users=(text("brock, misty"),),
        candidate_groups=(text("gym"),),
        due=text("2026-01-01"),
        follow_up=text("2025-12-01"),
        priority=text("70"),
    )
    assert (refused(around(xml, file=file)), warned(around(xml, file=file))) == ([], [])


@pytest.mark.parametrize(
    ("file", "xml", "expected"),
    [
        (
            CAMUNDA8,
            task('<zeebe:assignmentDefinition assignee="=who"/>', tag="userTask"),
            Expression("who", Language.FEEL, 1),
        ),
        (CAMUNDA7, '<userTask id="it" camunda:assignee="${who}"/>', Expression("${who}", Language.JUEL, 1)),
        (PLAIN, '<userTask id="it" runner:assignee="=who"/>', Expression("who", Language.FEEL, 1)),
    ],
)
def test_assignee_may_be_an_expression(file: str, xml: str, expected: Expression) -> None:
    assert people(xml, file=file).assignee == expected


def role(tag: str, inside: str) -> str:
    assigned = (
        f"<resourceAssignmentExpression><formalExpression>{inside}</formalExpression></resourceAssignmentExpression>"
    )
    return f'<userTask id="it"><{tag}>{assigned}</{tag}></userTask>'


def test_potential_owners_are_users_and_groups() -> None:
    found = people(role("potentialOwner", "user(ash), group(gym), rangers"))
    assert (found.candidate_users, found.candidate_groups) == ((text("ash"),), (text("gym"), text("rangers")))


def test_human_performer_is_the_assignee() -> None:
    assert people(role("humanPerformer", "ash")).assignee == text("ash")


def test_potential_owner_may_be_an_expression_or_a_resource() -> None:
    expression = people(role("potentialOwner", "${groups}"), file=CAMUNDA7)
    assert expression.candidate_groups == (Expression("${groups}", Language.JUEL, 1),)
    xml = '<userTask id="it"><potentialOwner><resourceRef>r</resourceRef></potentialOwner></userTask>'
    assert people(xml, roots='<resource id="r" name="Gym"/>').candidate_groups == (text("Gym"),)


def test_user_task_without_a_word_about_people_is_for_anybody() -> None:
    assert people('<userTask id="it"/>') == WorkForPeople()


def test_assignment_on_another_task_has_no_effect_and_that_is_said() -> None:
    assert ("not_honoured", "it") in refused(around('<serviceTask id="it" runner:assignee="ash"/>'))


LANES = (
    '<laneSet id="ls"><lane id="l1" name="Shop"><flowNodeRef>a</flowNodeRef><flowNodeRef>sub</flowNodeRef>'
    "<childLaneSet "
    'id="cl"><lane id="l2" name="Till"><flowNodeRef>a</flowNodeRef></lane></childLaneSet></lane></laneSet>'
)


def test_innermost_lane_counts_also_inside_a_sub_process() -> None:
    inside = '<userTask id="a"/><subProcess id="sub"><userTask id="b"/></subProcess><userTask id="c"/>'
    elements = drawn(LANES + inside).processes[0].elements
    assert {id: elements[id].lane for id in ("a", "sub", "b", "c")} == {
        "a": "Till",
        "sub": "Shop",
        "b": "Shop",
        "c": None,
    }
