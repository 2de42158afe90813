"""Activities that contain elements: sub-processes, transactions, event and ad-hoc sub-processes; and call activities,
which contain another process (BPMN 2.0.2 §10.3.5, §10.3.6, §13.3.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from runner.bpmn.diagram import Element
from runner.engine.advance import OpenedCall
from runner.engine.elements.activities import Activity
from runner.engine.elements.element import ElementSpec, handed_over
from runner.engine.tasks import STARTED, WAITING, Task
from runner.engine.waits import WAITING as WAITING_KINDS
from runner.engine.waits import Waits
from runner.errors import ExpressionFailed
from runner.expressions import compile_expression


class Container:
    """What lies directly in a process or sub-process: where tokens begin, and the starts of its event sub-processes."""

    def __init__(self) -> None:
        self.starts: tuple[ElementSpec, ...] = ()
        self.event_starts: tuple[ElementSpec, ...] = ()
        self.data_objects: tuple[str, ...] = ()
        self.inside: tuple[ElementSpec, ...] = ()

    def wait(self, waits: Waits) -> None:
        """Wait for what starts its event sub-processes. Raises ExpressionFailed or ScheduleInvalid."""
        for start in self.event_starts:
            waits.add(start)

    @property
    def undoing(self) -> str | None:
        """Give the event sub-process that compensates the whole, if there is one."""
        for start in self.event_starts:
            if "compensate" in start.kinds:
                return str(start.element.parent)
        return None


class SubProcess(Activity):
    """A sub-process: its token stays while others move inside it, in its own scope."""

    def __init__(self, process_spec: Any, element: Element, *, repeated_by: Any = None) -> None:
        super().__init__(process_spec, element, repeated_by=repeated_by)
        self.scoped = True
        self.container = Container()

    def contain(self, container: Container) -> None:
        """Take what lies in it, once that is built."""
        self.container = container
        self.waits = self.waits or any(start.kinds & WAITING_KINDS for start in container.event_starts)

    def gather(self, task: Task) -> Waits:
        """Give what is to be waited for: by events on its border, and by those that start event sub-processes in it."""
        waits = super().gather(task)
        self.container.wait(waits)
        return waits

    def begin(self, task: Task) -> bool:
        """Let tokens begin inside."""
        assert task.own is not None
        for name in self.container.data_objects:
            task.own.variables.setdefault(name, None)
        return not self.let_begin(task)

    def let_begin(self, task: Task) -> bool:
        """Put the first tokens inside, and tell whether there are any."""
        for start in self.container.starts:
            task.workflow.add_task(start, task.own)
        return bool(self.container.starts)

    def emptied(self, task: Task) -> None:
        """End: the last token inside has left; unless what that one has written makes a condition happen."""
        workflow = task.workflow
        if workflow.conditions.watched and workflow.conditions.check(workflow):
            goes_on = task.own is not None and bool(task.own.tokens)
            if workflow.tasks.get(task.id) is not task or goes_on:
                return
        self.complete(task)

    def awaited(self, task: Task) -> Iterator[ElementSpec]:
        """Give the events on its border, and those that start event sub-processes in it."""
        yield from super().awaited(task)
        if task._state == STARTED and task.own is not None and not interrupted(task.own):
            yield from self.container.event_starts

    def undoing(self) -> str | None:
        """Give what undoes it: its compensation event sub-process, else the handler at its border."""
        return self.container.undoing or self.undone_by


def interrupted(scope: Any) -> bool:
    """Tell whether an interrupting event sub-process has taken the place of all else in a scope."""
    return any(each.internal_data.get("interrupted") for each in scope.tokens.values())


class EventSubProcess(SubProcess):
    """A sub-process that an event starts, beside or instead of what goes on around it (BPMN 2.0.2 §10.3.5)."""

    def start_in(
        self, workflow: Any, host: Task | None, start: ElementSpec, *, index: int, payload: Mapping[str, Any]
    ) -> None:
        """Begin in the scope that `host` has opened (None: in the process)."""
        scope = workflow.scopes[0] if host is None else host.own
        if start.element.interrupting:
            workflow.interrupt(scope)
        task = workflow.add_task(self, scope)
        task.remember(start=start.element.id, payload=dict(payload))
        if start.element.interrupting:
            task.remember(interrupted=True)

    def let_begin(self, task: Task) -> bool:
        """Begin at the start event that was triggered; undoing begins at the one for compensation."""
        starts = [each for each in self.container.starts if each.element.id == task.internal_data.get("start")]
        begun = task.workflow.add_task((starts or self.container.starts)[0], task.own)
        if task.internal_data.get("payload"):
            begun.remember(payload=task.internal_data["payload"])
        return True

    def undoing(self) -> str | None:
        """Give nothing: what an event sub-process did is not undone as a whole."""
        return self.undone_by


class AdHocSubProcess(SubProcess):
    """A sub-process whose elements need no order (BPMN 2.0.2 §10.3.5): all begin, or the chosen ones, or one by one.

    After each, the completion condition is looked at; then those still running are interrupted, or waited for.
    """

    def contain(self, container: Container) -> None:
        """Take what lies in it; what ends a way through it is collected."""
        super().contain(container)
        if self.element.ad_hoc is not None and self.element.ad_hoc.output_collection is not None:
            for spec in container.inside:
                if isinstance(spec, Activity) and not spec.element.outgoing:
                    spec.collected_by = self

    def collect(self, inner: Task) -> None:
        """Append what a way through it has given. Raises ExpressionFailed."""
        rule = self.element.ad_hoc
        assert rule is not None and rule.output_collection is not None and rule.output_item is not None
        value = compile_expression(rule.output_item).evaluate(inner.scope)
        inner.home.set(rule.output_collection, [*inner.home.variables[rule.output_collection], value])

    def complete(self, task: Task) -> None:
        """Hand what was collected over and move on; or judge again, when a person has mended its condition."""
        if task.internal_data.pop("undecided", False):
            self.one_left(task)
            return
        name = None if self.element.ad_hoc is None else self.element.ad_hoc.output_collection
        if name is not None and not self.outputs_mapping:
            task.home.propagate({name: task.scope.variables[name]})
        super().complete(task)

    def let_begin(self, task: Task) -> bool:
        """Put the first tokens inside."""
        self._prepare_collecting(task)
        chosen = self._chosen(task)
        if self._sequential and chosen:
            task.remember(waiting=[each.element.id for each in chosen[1:]])
            chosen = chosen[:1]
        for start in chosen:
            task.workflow.add_task(start, task.own)
        return bool(chosen)

    def finish(self, task: Task, variables: Mapping[str, Any]) -> None:
        """End as a whole with these results: a person skips what is left of it."""
        if task.internal_data.pop("undecided", False) and task.own is not None:
            task.workflow.cancel_scope(task.own)
        super().finish(task, variables)

    def _prepare_collecting(self, task: Task) -> None:
        rule, own = self.element.ad_hoc, task.own
        if rule is None or rule.output_collection is None or rule.output_item is None or own is None:
            return
        own.set(rule.output_collection, [])
        # What is collected must not leave it under the name that the elements give it, too.
        named = rule.output_item.text.partition(".")[0]
        if named.isidentifier() and named not in own.variables:
            own.set(named, None)

    @property
    def _sequential(self) -> bool:
        return self.element.ad_hoc is not None and self.element.ad_hoc.ordering == "sequential"

    def _chosen(self, task: Task) -> list[ElementSpec]:
        active = self.element.ad_hoc.active if self.element.ad_hoc else None
        if active is None:
            return list(self.container.starts)
        ids = compile_expression(active).evaluate(task.scope)
        inside = {
            id: spec for id, spec in task.workflow.spec.task_specs.items() if spec.element.parent == self.element.id
        }
        if not isinstance(ids, list) or not all(id in inside for id in ids):
            raise ExpressionFailed(
                f"Expected the elements to begin with to be a list of ids in '{self.element.id}' (line "
                f"{self.element.line}), but it is {ids!r}. There are {', '.join(sorted(inside))}."
            )
        return [inside[id] for id in ids]

    def one_left(self, task: Task) -> None:
        """Look at the completion condition, let the next element begin, or end."""
        rule, workflow, own = self.element.ad_hoc, task.workflow, task.own
        assert own is not None
        waiting: list[str] = task.internal_data.get("waiting", [])
        if task._state == WAITING:
            return  # its condition has failed, and waits for a person
        try:
            ended = self._is_complete(task)
        except ExpressionFailed as error:
            task.remember(undecided=True)
            workflow.park(task, phase="completing", error=error)
            return
        if ended:
            if rule is None or rule.cancel_remaining:
                workflow.cancel_scope(own)
            if waiting:
                task.remember(waiting=[])
        elif waiting and not own.tokens:
            task.remember(waiting=waiting[1:])
            workflow.add_task(workflow.spec.task_specs[waiting[0]], own)
        super().one_left(task)

    def _is_complete(self, task: Task) -> bool:
        completion = None if self.element.ad_hoc is None else self.element.ad_hoc.completion
        return completion is not None and compile_expression(completion).evaluate(task.scope) is True


class CallActivity(Activity):
    """A call activity: waits for an instance of another process (BPMN 2.0.2 §10.3.6)."""

    def begin(self, task: Task) -> bool:
        """Ask for the instance."""
        called, variables = self.element.called, task.scope
        assert called is not None
        key = compile_expression(called.id).evaluate(variables)
        if not isinstance(key, str) or not key:
            raise ExpressionFailed(
                f"Expected '{self.element.id}' (line {self.element.line}) to call a process by its id, but "
                f"`{called.id.text}` is {key!r}."
            )
        version = None if called.version is None else str(compile_expression(called.version).evaluate(variables))
        business_key = (
            None if called.business_key is None else compile_expression(called.business_key).evaluate(variables)
        )
        if called.all_inputs:
            handed = handed_over(task.workflow, task.scope)
        else:
            handed = dict(task.own.variables) if task.own else {}
        call = OpenedCall(task.id, self.element.id, key, called.binding, version, handed)
        text = None if business_key is None else str(business_key)
        task.workflow.advance.note("calls", call._replace(business_key=text))
        return False

    def take_in(self, task: Task, variables: Mapping[str, Any]) -> None:
        """Take over what the called process ended with: what is mapped, or all if all is handed over."""
        if self.keeps_results or (self.element.called is not None and self.element.called.all_outputs):
            super().take_in(task, variables)
