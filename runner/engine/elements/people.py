"""User tasks: work for a person, with whom it is for and until when (BPMN 2.0.2 §10.3.4.1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from runner.bpmn.durations import parse_duration
from runner.engine.advance import OpenedUserTask
from runner.engine.elements.activities import Activity
from runner.engine.scopes import Scope
from runner.engine.tasks import Task
from runner.errors import ExpressionFailed, ExpressionInvalid
from runner.expressions import compile_expression
from runner.expressions.language import Expression

DEFAULT_PRIORITY = 50


class UserTask(Activity):
    """A task that a person does; without any assignment it is for the group that its lane names."""

    # The first listeners of its assignment and of its interruption; see `listening.py`.
    assigning: Any = None
    canceling: Any = None

    def begin(self, task: Task) -> bool:
        """Put it on the task list. Raises ExpressionFailed."""
        people, scope = self.element.people, task.scope
        link = self.element.form_link
        form = None if link is None else self._value(link.name, scope)
        opened = OpenedUserTask(task.id, self.element.id, form=None if form is None else str(form))
        if people is not None:
            assignees = _names((people.assignee,) if people.assignee else (), scope)
            priority = None if people.priority is None else self._value(people.priority, scope)
            opened = opened._replace(
                assignee=assignees[0] if assignees else None,
                candidate_users=_names(people.candidate_users, scope),
                candidate_groups=_names(people.candidate_groups, scope),
                due_at=self._time(people.due, scope),
                follow_up_at=self._time(people.follow_up, scope),
                priority=DEFAULT_PRIORITY if priority is None else self._whole(priority),
            )
        if self.element.lane and not (opened.assignee or opened.candidate_users or opened.candidate_groups):
            opened = opened._replace(candidate_groups=(self.element.lane,))
        task.workflow.advance.note("user_tasks", opened)
        if opened.assignee:
            self.assigned(task, opened.assignee)
        return False

    def assigned(self, task: Task, assignee: str | None) -> None:
        """Call the listeners of its assignment, with the variable `assignee`."""
        if self.assigning is not None:
            self.assigning.begin_beside(task.workflow, task.own, {"assignee": assignee})

    def complete(self, task: Task) -> None:
        """End; not before a listener that is told of an assignment has answered."""
        if self.assigning is not None and task.own is not None and task.own.tokens:
            task.remember(listening="assigning")
        else:
            super().complete(task)

    def heard(self, task: Task, stage: str) -> None:
        """Go on, unless a person still has to."""
        if stage != "assigning":
            super().heard(task, stage)
        elif task.internal_data.pop("listening", None) is not None and task.own is not None and not task.own.tokens:
            self.complete(task)

    def canceled(self, task: Task) -> None:
        """Call the listeners of its interruption, beside all else: they see what could be seen here."""
        workflow = task.workflow
        if self.canceling is not None and task.internal_data.get("listening") != "before" and not workflow.ended:
            self.canceling.begin_beside(workflow, workflow.scopes[0], task.scope.visible())

    def _value(self, expression: Expression, scope: Scope) -> Any:
        return compile_expression(expression).evaluate(scope)

    def _whole(self, value: Any) -> int:
        try:
            return int(value)
        except (TypeError, ValueError) as error:
            raise ExpressionFailed(
                f"Expected the priority of '{self.element.id}' (line {self.element.line}) to be a whole number, but it "
                f"is {value!r}."
            ) from error

    def _time(self, expression: Expression | None, scope: Scope) -> datetime | None:
        value = None if expression is None else self._value(expression, scope)
        if value is None or value == "":
            return None
        try:
            if str(value).startswith("P"):  # from now on, as Camunda 7 has it
                return scope.moment.now() + parse_duration(str(value))
            moment = datetime.fromisoformat(str(value).partition("[")[0])
        except (ValueError, ExpressionInvalid) as error:
            raise ExpressionFailed(
                f"Expected a date of '{self.element.id}' (line {self.element.line}) to be one like "
                f"2026-11-24T09:00:00Z, or a duration like P1D, but it is {value!r}."
            ) from error
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _names(expressions: Iterable[Expression], scope: Scope) -> tuple[str, ...]:
    """Give names from expressions that are each a text with commas or a list of texts. Raises ExpressionFailed."""
    found: list[str] = []
    for expression in expressions:
        value = compile_expression(expression).evaluate(scope)
        parts = value.split(",") if isinstance(value, str) else value if isinstance(value, list) else [value]
        for part in parts:
            if part is not None and not isinstance(part, str | int):
                raise ExpressionFailed(f"Expected `{expression.text}` to name people or groups, but it is {value!r}.")
            if part is not None and str(part).strip():
                found.append(str(part).strip())
    return tuple(dict.fromkeys(found))
