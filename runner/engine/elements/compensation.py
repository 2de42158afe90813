"""Compensation: undoing what has completed, newest first, one after the other (BPMN 2.0.2 §10.7, §13.5.5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from runner.bpmn.diagram import Element
from runner.engine.definitions import Definition
from runner.engine.elements.activities import Activity
from runner.engine.scopes import Scope
from runner.engine.tasks import STARTED, Task
from runner.engine.throwing import find_catch
from runner.engine.undo import Entry
from runner.errors import Conflict


class Compensating(Activity):
    """An event that throws compensation, or cancels its transaction: its token stays until all is undone.

    While a handler runs, the token remembers the number of its entry as "undoing".
    """

    def compensate(self, task: Task) -> bool:
        """Plan what to undo and begin with it; tell whether there is anything to wait for."""
        if any(each.kind == "compensate" and not each.event.waits for each in self.definitions):
            self._undo_beside(task)
            return False
        for definition in self.definitions:
            if definition.kind == "compensate":
                _plan(task, definition)
            elif definition.kind == "cancel":
                self._cancel_transaction(task)
        return self._undo_next(task)

    def _cancel_transaction(self, task: Task) -> None:
        """Interrupt the transaction, and plan to undo all that has completed in it, also where tokens still move."""
        workflow = task.workflow
        transaction = transaction_of(workflow, task)
        assert transaction.own is not None
        scopes, tokens = _inside(transaction.own)
        entries = workflow.undo.take_all(scopes, tokens - {task.id})
        _leave_alone(workflow, transaction, task)
        self._take_over(task, entries)

    def _take_over(self, task: Task, entries: Iterable[Entry]) -> None:
        for entry in entries:
            task.workflow.undo.add(task.workflow.new_id(), [-task.id, *entry[1:]])

    def _undo_beside(self, task: Task) -> None:
        """Let another token undo, while this one goes on (`waitForCompletion` is false)."""
        beside = task.workflow.add_task(self, task.home)
        task.workflow.ready.remove(beside)
        beside._set_state(STARTED)
        beside.remember(beside=True)
        for definition in self.definitions:
            if definition.kind == "compensate":
                _plan(beside, definition)
        if not self._undo_next(beside):
            task.workflow.remove_task(beside)

    def complete(self, task: Task) -> None:
        """Move on; a token that undoes beside another just ends."""
        if "beside" in task.internal_data:
            task.workflow.remove_task(task)
            task.workflow.left(task.home)
        else:
            super().complete(task)

    def go_on(self, task: Task) -> None:
        """Take note that what was being undone is undone; do the next, or move on."""
        number = task.internal_data.pop("undoing")
        task.workflow.undo.done(number)
        if not self._undo_next(task):
            self.complete(task)

    def _undo_next(self, task: Task) -> bool:
        found = task.workflow.undo.next(task.id)
        if found is None:
            return False
        number, entry = found
        task.remember(undoing=number)
        handler = task.workflow.spec.task_specs[entry.handler]
        undoing = task.workflow.add_task(handler, task.home)
        undoing.remember(undoes=task.id, **({"inside": entry.inside} if entry.inside is not None else {}))
        if task.internal_data.get("interrupted"):
            undoing.remember(interrupted=True)
        task.workflow.open_scope(undoing, dict(entry.variables)).past = True
        return True

    def _on_complete(self, task: Task) -> None:
        if "cancel" not in self.kinds:
            super()._on_complete(task)
            return
        workflow = task.workflow
        transaction = transaction_of(workflow, task)
        workflow.advance.happenings.append(self.completed)
        workflow.remove_task(task)
        catch = find_catch(workflow, transaction, "cancel", None)
        if catch is not None and catch.host is transaction:
            catch.spec.triggered(workflow, transaction, catch.index, {})
        else:
            workflow.left(task.home)


# Stands for no element of a diagram: no id in a file can read like this.
UNDO_ALL = Element(id="(compensate)", type="intermediateThrowEvent", name="Compensate and cancel", line=0, parent="")


class UndoAll(Compensating):
    """What a person throws to undo a whole instance: its token stays in the process until all is undone, then all is
    over. It has taken the place of all else, as an interrupting event sub-process does."""

    def __init__(self, process_spec: Any) -> None:
        super().__init__(process_spec, UNDO_ALL)

    def begin_in(self, workflow: Any) -> None:
        """Interrupt all, and begin to undo what has completed. Raises Conflict if that goes on already."""
        root = workflow.scopes[0]
        if any(each.task_spec is self for each in root.tokens.values()):
            raise Conflict("Expected an instance that is not being compensated yet, but it is.")
        entries = workflow.undo.take_all(workflow.scopes, workflow.tasks)
        workflow.interrupt(root)
        task = workflow.add_task(self, root)
        workflow.ready.remove(task)
        task._set_state(STARTED)
        task.remember(interrupted=True)
        self._take_over(task, entries)
        if not self._undo_next(task):
            self.complete(task)

    def _on_complete(self, task: Task) -> None:
        task.workflow.remove_task(task)
        task.workflow.advance.terminated = True
        task.workflow.ended = True  # by a person: no listener of its end is called


def _plan(task: Task, definition: Definition) -> None:
    """Give a token what a thrown compensation undoes."""
    workflow = task.workflow
    for place in _places(workflow, task.home):
        workflow.undo.plan(task.id, place, workflow.new_id, element_id=definition.event.activity)


def transaction_of(workflow: Any, task: Task) -> Task:
    """Give the token of the transaction around a token; deployment makes sure that there is one."""
    owner: Task | None = workflow.owner_of(task.home)
    while owner is not None and owner.task_spec.element.type != "transaction":
        owner = workflow.owner_of(owner.home)
    assert owner is not None, f"{task.task_spec.element.id} is not inside a transaction"
    return owner


def _inside(scope: Scope) -> tuple[set[int], set[int]]:
    """Give the ids of a scope and of all scopes in it, and of the tokens that move there."""
    scopes, tokens = {scope.id}, set(scope.tokens)
    for inner in scope.inner.values():
        more_scopes, more_tokens = _inside(inner)
        scopes |= more_scopes
        tokens |= more_tokens
    return scopes, tokens


def _leave_alone(workflow: Any, transaction: Task, task: Task) -> None:
    """Interrupt all tokens of a transaction but the one that cancels it, and those it is in."""
    inside: set[int] = {task.id}
    owner = workflow.owner_of(task.home)
    while owner is not transaction:
        inside.add(owner.id)
        owner = workflow.owner_of(owner.home)
    assert transaction.own is not None
    workflow.cancel_tokens([each for each in transaction.own.tokens.values() if each.id not in inside])
    workflow.drop_joins(transaction.own)


def _places(workflow: Any, home: Scope) -> list[int]:
    """Give where a thrown compensation looks: its scope; in an event sub-process, also what that one stands in for."""
    places = [home.id]
    owner = workflow.owner_of(home)
    while owner is not None and owner.task_spec.element.event_subprocess:
        inside = owner.internal_data.get("inside")
        if inside is not None:
            return [*places, inside]
        places.append(owner.home.id)
        owner = workflow.owner_of(owner.home)
    return places
