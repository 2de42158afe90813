"""Compares the names that texts use with what their decision requires: what is drawn is to be true (DMN 1.3 §6.3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from runner.decisions.graph import Decision, Reference
from runner.decisions.source import Source, Use
from runner.errors import near_hint
from runner.expressions.faults import pointer


def check_names(source: Source) -> None:
    """Warn of names that are drawn and not required, or not known at all, each once for each decision."""
    if any(not name for name, _ in source.graph.imports.values()):
        return  # what stands in an import without a name could be meant anywhere
    told: set[tuple[str, str]] = set()
    for use in source.uses:
        if (use.owner, use.name) not in told:
            told.add((use.owner, use.name))
            _check(use, source)


def _check(use: Use, source: Source) -> None:
    graph = source.graph
    decision = graph.decisions.get(use.owner)
    known = set(_required(decision, source)) if decision else set()
    if use.name in known or use.name in {name for name, _ in graph.imports.values()}:
        return
    knowledge = decision.knowledge if decision else graph.knowledge[use.owner].knowledge
    functions = {model.name: id for id, model in graph.knowledge.items()}
    functions |= {service.name: id for id, service in graph.services.items()}
    if use.name in functions:
        id = functions[use.name]
        if Reference((), id) not in knowledge and id != use.owner:
            _warn(
                use, source, "requirement_missing", f"Expected {_owner(use)} to require '{use.name}', which it calls."
            )
        return
    drawn = set(_drawn(source))
    if decision is None:
        seen = "a business knowledge model sees its parameters only"
        _warn(use, source, "name_unknown", f"Expected a parameter of {_owner(use)}, but '{use.name}' is none: {seen}.")
    elif use.name in drawn:
        _warn(use, source, "requirement_missing", f"Expected {_owner(use)} to require '{use.name}', which it uses.")
    elif source.types.strict and decision.inputs:
        near = near_hint(use.name, {*known, *drawn})
        message = f"Expected a name that {_owner(use)} requires, but nothing drawn is called '{use.name}'.{near}"
        _warn(use, source, "name_unknown", message)


def _warn(use: Use, source: Source, code: str, message: str) -> None:
    text = source.text(use.node)
    source.warn(use.node, code, f"{message}\n{pointer(text, use.at)}")


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
