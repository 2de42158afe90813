"""All that the author of a handler needs: mark a function with a topic, read the `Job`, say how it ended; mark a model
as a form.

Marking changes nothing about a function, so a unit test calls it like any other. Finding the marked functions of a
module is `HandlerRegistry`'s; calling them is `runner/work/executor.py`'s."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
import pkgutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from runner.errors import HandlersInvalid, HandlersMissing, near_hint
from runner.retry import RetryPolicy

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
Function = TypeVar("Function", bound=Callable[..., Any])
Model = TypeVar("Model", bound=type)

DEFAULT_TIMEOUT = timedelta(seconds=10)
# How the modules are called that are made of lone files; the name of the file comes next.
FILE_MODULE = "runner_handlers_"
_MARK = "__runner_handler__"
_FORM_MARK = "__runner_forms__"


class BpmnError(Exception):
    """A business error, drawn in the diagram: caught by the error boundary event with this code.

    `variables` become variables of the scope that catches it. Without a catching event it is an incident
    (BPMN 2.0.2 §10.5.7, Error Event).
    """

    def __init__(self, code: str, message: str = "", variables: Mapping[str, JsonValue] | None = None) -> None:
        self.code, self.message, self.variables = code, message, dict(variables or {})
        super().__init__(f"{code}: {message}" if message else code)


class PermanentFailure(Exception):
    """A technical failure that no further attempt will cure: an incident at once."""


class Postpone(Exception):
    """Not now: the job is offered again after `delay`, without counting as a failed attempt."""

    def __init__(self, delay: timedelta, reason: str = "") -> None:
        self.delay, self.reason = delay, reason
        super().__init__(reason or f"postponed for {delay}")


@dataclass(frozen=True, slots=True)
class Job:
    """One visit of a service task, as its handler sees it.

    `id` is the idempotency key: the same for every attempt of this visit, different for each other visit. `attempt`
    counts from 1. `deadline` (UTC) is when the attempt counts as failed. `headers` are the diagram's task headers.
    `variables` are all that the element can see; take what you need as typed parameters instead. `event` says what a
    listener is called for ("start", "end", "take", …); None where the handler does an element's own work.
    """

    id: str
    topic: str
    attempt: int
    deadline: datetime
    instance_id: str
    business_key: str | None
    element_id: str
    headers: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, JsonValue] = field(default_factory=dict)
    logger: logging.Logger = field(default_factory=lambda: logging.getLogger("runner.handlers"))
    event: str | None = None


@dataclass(frozen=True, slots=True)
class Handler:
    """A function, the topic it serves and how it is to be run. The diagram's retry rule wins over `retry`."""

    topic: str
    function: Callable[..., Any]
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timeout: timedelta = DEFAULT_TIMEOUT

    @property
    def place(self) -> str:
        """Give `module.function`, or `file.function`, for messages; a callable without a name is shown as it is."""
        name = getattr(self.function, "__qualname__", None)
        return f"{self.module}.{name}" if name else repr(self.function)

    @property
    def module(self) -> str:
        """Give the name of the function's module, or of its file if it is a lone one."""
        name = self.function.__module__
        return name.removeprefix(FILE_MODULE).rpartition("_")[0] if name.startswith(FILE_MODULE) else name


def handler(
    topic: str, *, retry: RetryPolicy | None = None, timeout: timedelta = DEFAULT_TIMEOUT
) -> Callable[[Function], Function]:
    """Mark a function as the handler of `topic` and return it unchanged.

    Its positional parameters are variables of the process, by name, validated by their annotations; keyword-only
    parameters with a default are left alone (the seam for passing a fake in a test); a parameter annotated `Job`
    receives the job. A returned pydantic model, dataclass or dict becomes output variables by its field names.
    `timeout` bounds one attempt.
    """

    def mark(function: Function) -> Function:
        setattr(function, _MARK, Handler(topic, function, retry or RetryPolicy(), timeout))
        return function

    if not isinstance(topic, str) or not topic.strip():
        raise TypeError(f'Expected @handler("topic"), but got {topic!r} instead of a topic.')
    return mark


@dataclass(frozen=True, slots=True)
class FormModel:
    """A pydantic model, and the name of the form that it is."""

    name: str
    model: type[Any]


def form(name: str) -> Callable[[Model], Model]:
    """Mark a pydantic model as a form and return it unchanged.

    `name` is that of a form in the diagram, the id of a user task (with the key of its process and a dot before it, if
    that must be told apart), or the key of a process, whose start form it is.
    """

    def mark(model: Model) -> Model:
        if not callable(getattr(model, "model_validate", None)):
            raise TypeError(f'Expected @form("{name}") on a pydantic model, but got {model!r}.')
        setattr(model, _FORM_MARK, (*vars(model).get(_FORM_MARK, ()), FormModel(name, model)))
        return model

    if not isinstance(name, str) or not name.strip():
        raise TypeError(f'Expected @form("name"), but got {name!r} instead of a name.')
    return mark


class HandlerRegistry:
    """The handlers that one runner knows, by topic, and the models that are forms, by name."""

    def __init__(self, handlers: Iterable[Handler | FormModel] = ()) -> None:
        self._by_topic: dict[str, Handler] = {}
        self._forms: dict[str, FormModel] = {}
        for each in handlers:
            self.add(each)

    @classmethod
    def load(cls, sources: Iterable[HandlerSource], *, optional: bool = False) -> HandlerRegistry:
        """Collect the handlers of modules (objects, dotted names or .py files), functions and other registries.

        With `optional`, because nobody has named the sources, one that is not there or holds no handler is passed over:
        a process without service tasks needs none. Raises HandlersInvalid if a source cannot be loaded, holds no
        handler, or two functions claim one topic.
        """
        registry = cls()
        for source in sources:
            try:
                for found in _handlers_of(source):
                    registry.add(found)
            except HandlersMissing:
                if not optional:
                    raise
        return registry

    def add(self, found: Handler | FormModel) -> None:
        """Take one handler or form in; the same twice is fine, another one for its topic or name is not."""
        if isinstance(found, FormModel):
            form = self._forms.setdefault(found.name, found)
            if form.model is not found.model:
                places = f"{form.model.__module__}.{form.model.__qualname__} and {found.model.__module__}."
                raise HandlersInvalid(
                    f"Expected one model per form, but '{found.name}' is {places}{found.model.__qualname__}."
                )
            return
        known = self._by_topic.get(found.topic)
        if known is not None and known.function is not found.function:
            raise HandlersInvalid(
                f"Expected one handler per topic, but '{found.topic}' is claimed by {known.place} and {found.place}."
            )
        self._by_topic[found.topic] = found

    def get(self, topic: str) -> Handler | None:
        """Give the handler of `topic`, or None."""
        return self._by_topic.get(topic)

    def form(self, *names: str) -> type[Any] | None:
        """Give the model that is the form of the first of these names that has one, or None."""
        return next((self._forms[name].model for name in names if name in self._forms), None)

    @property
    def forms(self) -> tuple[FormModel, ...]:
        """Give every model that is a form."""
        return tuple(self._forms.values())

    @property
    def topics(self) -> frozenset[str]:
        """Give every topic that has a handler."""
        return frozenset(self._by_topic)

    def __iter__(self) -> Iterator[Handler]:
        return iter(self._by_topic.values())

    def __len__(self) -> int:
        return len(self._by_topic)


HandlerSource = str | Path | ModuleType | Callable[..., Any] | Handler | FormModel | HandlerRegistry


def _handlers_of(source: HandlerSource) -> Sequence[Handler | FormModel]:
    if isinstance(source, Handler | FormModel):
        return [source]
    if isinstance(source, HandlerRegistry):
        return [*source, *source.forms]
    if isinstance(source, type) and (forms := vars(source).get(_FORM_MARK)):
        return tuple(forms)
    if callable(source) and not isinstance(source, ModuleType):
        return [getattr(source, _MARK, None) or _unmarked(source)]
    module = source if isinstance(source, ModuleType) else _import(source)
    found = [each for part in _parts(module) for each in _marked(part)]
    if not found:
        raise HandlersMissing(
            f"Expected handlers in '{source if isinstance(source, str) else module.__name__}', but no function there "
            'is marked with @handler("topic"), and no model with @form("name").'
        )
    return found


def _unmarked(function: Callable[..., Any]) -> Handler:
    name = getattr(function, "__name__", None)
    if name is None:
        raise HandlersInvalid(
            f'Expected a function, whose name is its topic, but got {function!r}: say Handler("topic", …) of it.'
        )
    return Handler(name, function)


def _import(source: str | Path) -> ModuleType:
    text = str(source)
    try:
        return _import_file(Path(text)) if text.endswith(".py") else importlib.import_module(text)
    except ModuleNotFoundError as error:
        if error.name and (text == error.name or text.startswith(error.name + ".")):
            names = {info.name for info in pkgutil.iter_modules()} - sys.stdlib_module_names
            near = near_hint(text, sorted(names))
            raise HandlersMissing(
                f"Expected a module with handlers, but there is no module '{text}' on the Python path.{near}"
            ) from error
        raise HandlersInvalid(f"Expected to import handlers from '{text}', but it needs {error.name!r}.") from error
    except FileNotFoundError as error:
        raise HandlersInvalid(f"Expected a Python file with handlers, but there is no file '{text}'.") from error
    except (Exception, SystemExit) as error:  # a handler module is foreign code: whatever its import raises
        raise HandlersInvalid(
            f"Expected to import handlers from '{text}', but it raised {type(error).__name__}: {error}"
        ) from error


def _import_file(path: Path) -> ModuleType:
    resolved = path.resolve(strict=True)
    name = f"{FILE_MODULE}{resolved.stem}_{abs(hash(str(resolved))):x}"
    spec = importlib.util.spec_from_file_location(name, resolved)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    module = importlib.util.module_from_spec(spec)
    # Registered before it runs, as the import system does: annotations and dataclasses look their module up there.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _parts(module: ModuleType) -> Iterator[ModuleType]:
    yield module
    for info in pkgutil.walk_packages(getattr(module, "__path__", ()), module.__name__ + "."):
        if not info.name.endswith("__main__"):
            yield _import(info.name)


def _marked(module: ModuleType) -> list[Handler | FormModel]:
    found: list[Handler | FormModel] = []
    for _, value in inspect.getmembers(module, callable):
        # A class that inherits from a form is none itself.
        found += vars(value).get(_FORM_MARK, ()) if isinstance(value, type) else ()
        if isinstance(marked := getattr(value, _MARK, None), Handler):
            found.append(marked)
    return found
