"""A process in words: for each element what it is called and says, which function does its work, with what, and how it
may fail. Printing is `cli_modeling.py`'s."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from runner.bpmn.diagram import Element, Process, VariableMapping
from runner.handling import Handler, HandlerRegistry
from runner.retry import RetryPolicy
from runner.templates.fields import HandlerField, read_fields


@dataclass(frozen=True, slots=True)
class Value:
    """A variable that an element takes or gives: `type` is what it must be (if a handler says so), `source` the
    expression of a mapping."""

    name: str
    type: str = ""
    required: bool = False
    source: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A BPMN error that an element may end with; `code` None stands for every error, `caught_by` is an event's id."""

    code: str | None
    caught_by: str | None


@dataclass(frozen=True, slots=True)
class ElementDescription:
    """One element. `handler` is "module.function", `file` and `line` (from 1) where that begins; `does` says in words
    what is done without a handler: what is called, evaluated or waited for."""

    id: str
    type: str
    label: str
    documentation: str
    does: str = ""
    topic: str | None = None
    handler: str | None = None
    file: str | None = None
    line: int | None = None
    inputs: tuple[Value, ...] = ()
    outputs: tuple[Value, ...] = ()
    retry: str = ""
    timeout: str = ""
    errors: tuple[ErrorCode, ...] = ()


def describe(
    process: Process, bindings: Mapping[str, str], handlers: HandlerRegistry
) -> tuple[ElementDescription, ...]:
    """Describe each element of a process, in document order. Raises InputInvalid if a handler cannot be read."""
    return tuple(
        _described(element, process, topic=topic, handler=None if topic is None else handlers.get(topic))
        for element in process.elements.values()
        for topic in (bindings.get(element.id),)
    )


def _described(element: Element, process: Process, *, topic: str | None, handler: Handler | None) -> ElementDescription:
    fields = None if handler is None else read_fields(handler)
    file, line = (None, None) if handler is None else _place(handler)
    said = element.service
    policy = None if handler is None else handler.retry.overridden_by(said.retry if said else None)
    timeout = None if handler is None else (said.timeout if said else None) or handler.timeout
    return ElementDescription(
        id=element.id,
        type=element.type,
        label=element.name or element.id,
        documentation=element.documentation,
        does="" if handler is not None else _does(element),
        topic=topic,
        handler=None if handler is None else handler.place,
        file=file,
        line=line,
        inputs=_inputs(element.inputs, fields.inputs if fields else ()),
        outputs=(*_outputs(element.outputs, fields.outputs if fields else ()), *_result(element)),
        retry="" if policy is None else _in_words(policy),
        timeout="" if timeout is None else _seconds(timeout),
        errors=_errors(element, process, handler),
    )


def _does(element: Element) -> str:
    """Say what an element does by itself; nothing for events and gateways, whose type says it."""
    called, people = element.called, element.people
    if called is not None:
        what = "decision" if element.type == "businessRuleTask" else "process"
        version = "newest version" if called.binding == "latest" else f"version by {_BINDINGS[called.binding]}"
        named = f" {called.version.text}" if called.version is not None else ""
        return f"calls {what} '{called.id.text}', {version}{named}"
    if element.script is not None:
        return f"evaluates {' '.join(element.script.expression.text.split())}"
    if people is None:
        return ""
    groups = ", ".join(each.text for each in (*people.candidate_users, *people.candidate_groups))
    whom = people.assignee.text if people.assignee is not None else f"one of {groups}" if groups else "anybody"
    return f"waits for a person: {whom}" + (f", with form '{element.form_link.name.text}'" if element.form_link else "")


_BINDINGS = {"deployment": "deployment", "version": "number", "versionTag": "tag"}


def _result(element: Element) -> tuple[Value, ...]:
    """Give the variable that takes a decision's or a script's result."""
    by_itself = element.called or element.script
    variable = None if by_itself is None else by_itself.result_variable
    return (Value(variable),) if variable else ()


def _inputs(mappings: tuple[VariableMapping, ...], fields: tuple[HandlerField, ...]) -> tuple[Value, ...]:
    sources = {mapping.target: mapping.source.text for mapping in mappings}
    taken = [_value(field, field.name, sources.pop(field.name, "")) for field in fields]
    return (*taken, *(Value(name, source=source) for name, source in sources.items()))


def _outputs(mappings: tuple[VariableMapping, ...], fields: tuple[HandlerField, ...]) -> tuple[Value, ...]:
    """With output mappings only what they name leaves an element."""
    if not mappings:
        return tuple(_value(field, field.name, "") for field in fields)
    by_name = {field.name: field for field in fields}
    given = []
    for mapping in mappings:
        source = mapping.source.text
        field = by_name.get(source.removeprefix("${").removesuffix("}").strip())
        given.append(Value(mapping.target, source=source) if field is None else _value(field, mapping.target, source))
    return tuple(given)


def _value(field: HandlerField, name: str, source: str) -> Value:
    return Value(name, _type(field), field.required, source, str(field.schema.get("description", "")).split("\n\n")[0])


def _type(field: HandlerField) -> str:
    schema = field.schema
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if "const" in schema:
        return str(schema["const"])
    if schema.get("type") == "object" and "properties" in schema:
        return str(schema.get("title", "object"))
    return str(schema.get("type", "anything"))


def _place(handler: Handler) -> tuple[str | None, int | None]:
    """Give file and line of a handler's function, the file seen from the working folder if it lies in there."""
    function = inspect.unwrap(handler.function)
    try:
        file, line = inspect.getsourcefile(function), inspect.getsourcelines(function)[1]
    except (OSError, TypeError):
        return None, None
    if file is None:
        return None, None
    path = Path(file)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path), line


def _errors(element: Element, process: Process, handler: Handler | None) -> tuple[ErrorCode, ...]:
    """Give what the error events on an element catch, and what its handler is seen to raise."""
    caught: dict[str | None, str] = {}
    for event in process.elements.values():
        if event.attached_to == element.id:
            caught |= {each.code: event.id for each in event.events if each.kind == "error"}
    thrown = () if handler is None else _raised(handler)
    codes = dict.fromkeys((*thrown, *caught))
    return tuple(ErrorCode(code, caught.get(code) or caught.get(None)) for code in codes)


def _raised(handler: Handler) -> tuple[str, ...]:
    """Give the codes of `BpmnError("…")` in a handler's own text; those in functions that it calls are not seen."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(handler.function))))
    except (OSError, TypeError, SyntaxError):
        return ()
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    named = [call for call in calls if ast.unparse(call.func).rpartition(".")[2] == "BpmnError"]
    codes = [call.args[0].value for call in named if isinstance(call.args[0], ast.Constant)]
    return tuple(dict.fromkeys(code for code in codes if isinstance(code, str)))


def _in_words(policy: RetryPolicy) -> str:
    attempts = "no limit" if policy.max_attempts is None else f"at most {policy.max_attempts} attempts"
    if policy.max_attempts == 1:
        return "a single attempt"
    if policy.intervals:
        pauses = ", ".join(_seconds(each) for each in policy.intervals) + ", the last one repeated"
    else:
        pauses = f"{_seconds(policy.initial)}, each {policy.factor:g} times as long, at most {_seconds(policy.cap)}"
    return f"{attempts}; pauses of {pauses}"


def _seconds(time: timedelta) -> str:
    return f"{time.total_seconds():g} s"
