"""Compares the names that texts use with what their decision requires: what is drawn is to be true (DMN 1.3 §6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.decisions.graph import Decision, Reference
from runner.decisions.source import Source, Use
from runner.expressions.faults import hint, pointer

_MOST_FOUND = 50


def check_names(source: Source) -> None:
    """Warn of names that are drawn and not required, or not known at all, each once for each decision."""
    if any(not name for name, _ in source.graph.imports.values()):
        return  # what stands in an import without a name could be meant anywhere
    checks, told = _Names(source), set()
    for use in source.uses:
        if (use.owner, use.name) not in told and checks.found < _MOST_FOUND:
            told.add((use.owner, use.name))
            checks.check(use)


class _Names:
    """The names of all that is drawn, and of what each decision requires; `found` counts what was warned of."""

    def __init__(self, source: Source) -> None:
        self._source, self._graph = source, source.graph
        self._drawn = set(_drawn(source))
        self._imports = {name for name, _ in source.graph.imports.values()}
        self._functions = {model.name: id for id, model in source.graph.knowledge.items()}
        self._functions |= {service.name: id for id, service in source.graph.services.items()}
        self._required: dict[str, set[str]] = {}
        self.found = 0

    def check(self, use: Use) -> None:
        """Warn if a name is not one that its decision or knowledge model knows."""
        decision = self._graph.decisions.get(use.owner)
        known = self._known(use.owner, decision)
        if use.name in known or use.name in self._imports:
            return
        if use.name in self._functions:
            self._check_call(use, (decision or self._graph.knowledge[use.owner]).knowledge)
        elif decision is None:
            seen = "a business knowledge model sees its parameters only"
            message = f"Expected a parameter of {_owner(use)}, but '{use.name}' is none: {seen}."
            self._warn(use, "name_unknown", message)
        elif use.name in self._drawn:
            self._warn(use, "requirement_missing", f"Expected {_owner(use)} to require '{use.name}', which it uses.")
        elif self._source.types.strict and decision.inputs:
            near = hint(use.name, {*known, *self._drawn})
            message = f"Expected a name that {_owner(use)} requires, but nothing drawn is called '{use.name}'.{near}"
            self._warn(use, "name_unknown", message)

    def _known(self, owner: str, decision: Decision | None) -> set[str]:
        if owner not in self._required:
            self._required[owner] = set() if decision is None else set(_required(decision, self._source))
        return self._required[owner]

    def _check_call(self, use: Use, knowledge: tuple[Reference, ...]) -> None:
        id = self._functions[use.name]
        if id != use.owner and Reference((), id) not in knowledge:
            self._warn(use, "requirement_missing", f"Expected {_owner(use)} to require '{use.name}', which it calls.")

    def _warn(self, use: Use, code: str, message: str) -> None:
        self.found += 1
        self._source.warn(use.node, code, f"{message}\n{pointer(self._source.text(use.node), use.at)}")


def _owner(use: Use) -> str:
    return use.place.words.partition(",")[0]


def _required(decision: Decision, source: Source) -> Iterator[str]:
    """Give the names by which a decision sees what it requires."""
    for way, id in decision.inputs:
        data = source.graph.at(way).inputs.get(id)
        if data is not None:
            yield data.name
    for way, id in decision.decisions:
        required = source.graph.at(way).decisions.get(id)
        if required is not None:
            yield from _names_of(required, with_outputs=source.camunda7)


def _names_of(decision: Decision, *, with_outputs: bool) -> Iterable[str]:
    return (decision.variable, decision.name, decision.id, *(decision.outputs if with_outputs else ()))


def _drawn(source: Source) -> Iterator[str]:
    """Give the names of all that is drawn in the file."""
    yield from (data.name for data in source.graph.inputs.values())
    for decision in source.graph.decisions.values():
        yield from _names_of(decision, with_outputs=False)
