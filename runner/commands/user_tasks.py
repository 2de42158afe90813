"""User tasks: finding them, claiming and assigning them, and the ways in which a person ends one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from runner.commands.advance import apply_advance, catcher_above, hold, resolve_incident_of
from runner.commands.calls import throw_upward
from runner.commands.forms import form_of
from runner.engine.advance import Happening, Thrown
from runner.engine.engine import Execution
from runner.engine.faults import ErrorUncaught
from runner.engine.state import checked_variables
from runner.errors import Invalid, UserTaskNotFound, UserTaskOver, UserTaskTaken
from runner.forms.filling import Filled, fill
from runner.forms.submitting import accepted
from runner.model import UserTask, UserTaskFilter, UserTaskState
from runner.runtime import LiveInstance, Runtime
from runner.store import instances, user_tasks
from runner.store.transactions import Transaction

_LONGEST = 255
_ENDED = (UserTaskState.COMPLETED, UserTaskState.ERROR_THROWN, UserTaskState.CANCELED)


@dataclass(frozen=True, slots=True)
class UserTaskForm:
    """A user task, and its form as it stands; None if it has none that can be shown.

    `problem` and `address` are those of `FoundForm`.
    """

    task: UserTask
    filled: Filled | None = None
    problem: str = ""
    address: str = ""


# What a person does with a task that is open: given its instance and its row.
_Action = Callable[[Transaction, LiveInstance, Any], None]


# -- asking -------------------------------------------------------------------------------------------------------


def list_user_tasks(
    runtime: Runtime, wanted: UserTaskFilter | None = None, *, limit: int = 100, offset: int = 0
) -> tuple[UserTask, ...]:
    """Give open user tasks, those of the highest priority first, then the oldest."""
    with runtime.database.read() as connection:
        return user_tasks.list_open(connection, wanted or UserTaskFilter(), limit=limit, offset=offset)


def find_user_task(runtime: Runtime, id: str) -> UserTask:
    """Give a user task by its id, or an open one by the beginning of it.

    Raises UserTaskNotFound, or Invalid if several begin so.
    """
    with runtime.database.read() as connection:
        found = user_tasks.find(connection, id)
        if found is None and id:
            ids = user_tasks.find_by_prefix(connection, id)
            if len(ids) > 1:
                raise Invalid(
                    f"Expected the beginning of one user task's id, but '{id}' begins several: {', '.join(ids)}."
                )
            found = user_tasks.find(connection, ids[0]) if ids else None
        if found is None:
            raise UserTaskNotFound(id)
    return found


def user_task_form(runtime: Runtime, id: str, given: Mapping[str, Any] | None = None) -> UserTaskForm:
    """Give a user task and its form with what was given, else with the variables that it sees.

    Raises as `find_user_task`.
    """
    task = find_user_task(runtime, id)
    if task.state in _ENDED:
        return UserTaskForm(task)
    with runtime.database.read() as connection:
        instance = instances.find(connection, task.instance_id)
        assert instance is not None
        deployed = runtime.definitions.get(instance.definition_id)
        element = deployed.process.elements[task.element_id]
        names = (f"{deployed.process.key}.{element.id}", element.id)
        if element.form is None and element.form_link is None and runtime.handlers.form(*names) is None:
            return UserTaskForm(task)
        snapshot, deltas = instances.read_log(connection, task.instance_id)
    token_id = int(task.id.rpartition("-")[2])
    variables = Execution.restore(deployed.executable, snapshot, deltas).variables_at(token_id)
    found = form_of(runtime, element, names, variables, definition_id=instance.definition_id)
    filled = None if found.form is None else fill(found.form, variables, given, clock=runtime.clock)
    return UserTaskForm(task, filled, found.problem, found.address)


# -- claiming -----------------------------------------------------------------------------------------------------


def claim_user_task(runtime: Runtime, id: str, user: str) -> UserTask:
    """Take a user task for oneself; one that is one's own already stays so.

    Raises UserTaskNotFound, UserTaskOver, or UserTaskTaken if somebody else has it.
    """
    claimer = _checked_name(user)

    def claim(transaction: Transaction, live: LiveInstance, row: Any) -> None:
        if row.assignee is not None and row.assignee != claimer:
            raise UserTaskTaken(row.id, row.assignee)
        if row.assignee is None:
            _give(runtime, transaction, live, row, ("user_task_claimed", claimer))

    return _change(runtime, id, claim)


def unclaim_user_task(runtime: Runtime, id: str) -> UserTask:
    """Give a user task back to those who may claim it. Raises UserTaskNotFound or UserTaskOver."""

    def unclaim(transaction: Transaction, live: LiveInstance, row: Any) -> None:
        if row.assignee is not None:
            _give(runtime, transaction, live, row, ("user_task_unclaimed", None))

    return _change(runtime, id, unclaim)


def assign_user_task(runtime: Runtime, id: str, user: str) -> UserTask:
    """Give a user task to somebody, whoever has it now. Raises UserTaskNotFound or UserTaskOver."""
    assignee = _checked_name(user)

    def assign(transaction: Transaction, live: LiveInstance, row: Any) -> None:
        if row.assignee != assignee:
            _give(runtime, transaction, live, row, ("user_task_assigned", assignee))

    return _change(runtime, id, assign)


def _give(
    runtime: Runtime, transaction: Transaction, live: LiveInstance, row: Any, what: tuple[str, str | None]
) -> None:
    event, assignee = what
    user_tasks.assign(transaction, row.id, assignee)
    advance = live.execution.assigned(row.token_id, assignee)
    advance.happenings.insert(0, Happening(row.element_id, "userTask", event, {"user": assignee or row.assignee}))
    apply_advance(runtime, transaction, live, advance, command=event)


# -- ending -------------------------------------------------------------------------------------------------------


def complete_user_task(
    runtime: Runtime, id: str, variables: Mapping[str, Any] | None = None, *, user: str | None = None
) -> UserTask:
    """Complete a user task with these results, and move its token on; `user` is who did it, if that is to be kept.

    Raises FormInvalid if the task has a form and they do not satisfy it, VariablesInvalid, UserTaskNotFound,
    UserTaskOver, or UserTaskTaken if `user` is not the one who has it; then nothing is changed.
    """
    given, by = checked_variables(dict(variables or {})), _optional_name(user)
    # A form's model is foreign code: it judges before the transaction is open.
    filled = user_task_form(runtime, id, given).filled
    results = given if filled is None else checked_variables(accepted(filled, given, clock=runtime.clock))

    def complete(transaction: Transaction, live: LiveInstance, row: Any) -> None:
        _expect_own(row, by)
        user_tasks.end(transaction, row, UserTaskState.COMPLETED, by=by)
        advance = live.execution.complete(row.token_id, results)
        advance.happenings.insert(0, Happening(row.element_id, "userTask", "user_task_completed", {"user": by}))
        resolve_incident_of(transaction, live, row.token_id, advance)
        apply_advance(runtime, transaction, live, advance, command="complete_user_task")

    return _change(runtime, id, complete)


def throw_user_task_error(
    runtime: Runtime, id: str, code: str, variables: Mapping[str, Any] | None = None, *, user: str | None = None
) -> UserTask:
    """End a user task with a BPMN error, which the diagram, or that of a calling process, catches.

    Raises ErrorUncaught if none does, and as `complete_user_task`; then nothing is changed.
    """
    results, by = checked_variables(dict(variables or {})), _optional_name(user)

    def throw(transaction: Transaction, live: LiveInstance, row: Any) -> None:
        _expect_own(row, by)
        thrown = Thrown("error", row.token_id, row.element_id, code, results)
        if not live.execution.catches(row.token_id, "error", code):
            if catcher_above(runtime, transaction, live, thrown) is None:
                raise ErrorUncaught(row.element_id, code)
            user_tasks.end(transaction, row, UserTaskState.ERROR_THROWN, by=by)
            throw_upward(runtime, transaction, live, thrown, command="throw_user_task_error")
            return
        user_tasks.end(transaction, row, UserTaskState.ERROR_THROWN, by=by)
        advance = live.execution.throw_error(row.token_id, code, results)
        apply_advance(runtime, transaction, live, advance, command="throw_user_task_error")

    return _change(runtime, id, throw)


def throw_user_task_escalation(
    runtime: Runtime, id: str, code: str, variables: Mapping[str, Any] | None = None, *, user: str | None = None
) -> UserTask:
    """Throw an escalation out of a user task, which stays open unless the event that catches it interrupts.

    Raises as `complete_user_task`; one that nothing catches comes to nothing.
    """
    results, by = checked_variables(dict(variables or {})), _optional_name(user)

    def throw(transaction: Transaction, live: LiveInstance, row: Any) -> None:
        _expect_own(row, by)
        advance = live.execution.throw_escalation(row.token_id, code, results)
        apply_advance(runtime, transaction, live, advance, command="throw_user_task_escalation")

    return _change(runtime, id, throw)


def _expect_own(row: Any, user: str | None) -> None:
    if user is not None and row.assignee is not None and row.assignee != user:
        raise UserTaskTaken(row.id, row.assignee)


def _change(runtime: Runtime, id: str, action: _Action) -> UserTask:
    """Run a command on an open user task, and give it as it is then."""
    known = find_user_task(runtime, id).id

    def change(transaction: Transaction) -> None:
        row = user_tasks.take(transaction, known)
        if row is None:
            raise UserTaskNotFound(known)
        if row.ended_at is not None:
            raise UserTaskOver(known, row.state)
        live = hold(runtime, transaction, row.instance_id)
        action(transaction, live, row)

    runtime.database.write(change)
    with runtime.database.read() as connection:
        return user_tasks.find(connection, known) or _gone(known)


def _gone(id: str) -> UserTask:
    raise UserTaskNotFound(id)


def _checked_name(user: str) -> str:
    name = user.strip()
    if not name or len(name) > _LONGEST or not name.isprintable():
        raise Invalid(f"Expected a user's name of 1 to {_LONGEST} printable characters, but got {name[:60]!r}.")
    return name


def _optional_name(user: str | None) -> str | None:
    return None if user is None else _checked_name(user)
