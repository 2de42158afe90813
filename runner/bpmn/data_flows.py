"""Reads data objects, properties, data stores and the associations that move data (BPMN 2.0.2 §10.4).

Each data object, data input or output and property is a variable: of its name if that can stand in an expression, else
of the name in snake case, else of its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from runner.bpmn.bindings import snake_case
from runner.bpmn.diagram import DataMove, DataStore, Dialect
from runner.bpmn.dialects.texts import read_expression, read_variable
from runner.bpmn.findings import Report
from runner.bpmn.surroundings import Surroundings
from runner.bpmn.xml import BPMN, children, first, local_id, name_of, text_of
from runner.expressions.language import Expression

_NAMED = frozenset({"dataObject", "property", "dataInput", "dataOutput"})
_SCOPED = frozenset({"dataObject", "property"})
# What Camunda's modelers draw as the target of an association that moves nothing.
_PLACEHOLDER = "__targetRef_placeholder"


def read_names(container: etree._Element) -> dict[str, str]:
    """Give the variable of each data object, reference, data input or output and property by its id.

    A data object without a name has that of its first reference that has one.
    """
    names: dict[str, str] = {}
    references: dict[str, list[etree._Element]] = {}
    for node in container.iter(f"{{{BPMN}}}dataObjectReference"):
        references.setdefault(local_id(node.get("dataObjectRef")) or "", []).append(node)
    for node in container.iter(f"{{{BPMN}}}*"):
        identity = node.get("id")
        if identity and name_of(node)[1] in _NAMED and (node.get("name") or "") != _PLACEHOLDER:
            drawn = (node.get("name"), *(each.get("name") for each in references.get(identity, ())))
            names[identity] = variable_name(next((name for name in drawn if name and name.strip()), ""), identity)
    for target, nodes in references.items():
        for node in nodes:
            names[node.get("id") or ""] = names.get(target) or variable_name(
                node.get("name") or "", node.get("id") or ""
            )
    return names


def read_objects(nodes: Sequence[tuple[etree._Element, str]], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Give the variables of data objects and properties by the id of what they belong to: a container, or a task."""
    found: dict[str, list[str]] = {}
    owned = [(each, node.get("id") or "") for node, _ in nodes for each in children(node, BPMN, local="property")]
    for node, parent in dict.fromkeys((*nodes, *owned)):
        if name_of(node)[1] in _SCOPED and (node.get("id") or "") in names:
            found.setdefault(parent, []).append(names[node.get("id") or ""])
    return {parent: tuple(dict.fromkeys(each)) for parent, each in found.items()}


def read_stores(container: etree._Element, roots: Mapping[str, etree._Element]) -> dict[str, DataStore]:
    """Give the data store references; references to one data store share its table."""
    stores = {}
    for node in container.iter(f"{{{BPMN}}}dataStoreReference"):
        identity, root = node.get("id") or "", roots.get(local_id(node.get("dataStoreRef")) or "")
        names = (None if root is None else root.get("name"), node.get("name"))
        stores[identity] = DataStore(identity, variable_name(next((name for name in names if name), ""), identity))
    return stores


def read_moves(node: etree._Element, tag: str, around: Surroundings, *, report: Report) -> tuple[DataMove, ...]:
    """Read the data input or output associations of an element; `tag` says which.

    One that does not name both of its ends moves nothing, and in Camunda's dialects none does: people draw them there
    to be read (Camunda docs, Data objects and stores), and what a handler returns must not depend on them.
    """
    if around.dialect is not Dialect.PLAIN:
        return ()
    return tuple(
        move
        for each in children(node, BPMN, local=tag)
        for move in _moves(each, _Ends.of(each, around, is_input=tag == "dataInputAssociation"), around, report=report)
    )


@dataclass(frozen=True, slots=True)
class _Ends:
    """The variables at the ends of an association ("" if there is none), and the data store at one of them."""

    source: str
    target: str
    store: str | None = None
    implied: bool = False

    @classmethod
    def of(cls, node: etree._Element, around: Surroundings, *, is_input: bool) -> _Ends:
        """Read the ends; where only a data store is named, the other end is a variable of its name."""
        sources, targets = _referred(node, "sourceRef"), _referred(node, "targetRef")
        source, target = (around.names.get(ids[0], "") if ids else "" for ids in (sources, targets))
        store = next(
            (around.stores[each] for each in (sources if is_input else targets) if each in around.stores), None
        )
        if store is None:
            return cls(source, target)
        if is_input:
            return cls(source or store, target or store, store, not target)
        return cls(source or store, store, store, not source)


def _moves(node: etree._Element, ends: _Ends, around: Surroundings, *, report: Report) -> Iterator[DataMove]:
    is_output = name_of(node)[1] == "dataOutputAssociation"
    for assignment in children(node, BPMN, local="assignment"):
        value, to = first(assignment, BPMN, "from"), first(assignment, BPMN, "to")
        target = ("" if to is None else _path(to)) or ends.target
        if value is not None and target:
            read = read_expression(value, around, what="a value to assign", report=report)
            beside = is_output and target.partition(".")[0] != ends.store
            yield DataMove(target, read, None if beside else ends.store, implied=ends.implied and not beside)
    transformation = first(node, BPMN, "transformation")
    if first(node, BPMN, "assignment") is not None or not ends.target:
        return
    if transformation is not None:
        read = read_expression(transformation, around, what="a transformation", report=report)
        yield DataMove(ends.target, read, ends.store, implied=ends.implied)
    elif ends.source:
        yield DataMove(ends.target, _of(ends.source, report.line(node)), ends.store, implied=ends.implied)


def _referred(node: etree._Element, name: str) -> list[str]:
    return [local_id(text_of(each)) or "" for each in children(node, BPMN, local=name)]


def _path(node: etree._Element) -> str:
    """Give the variable, or the path in one, that an assignment writes to, without the marks of an expression."""
    text = text_of(node)
    if text.startswith(("${", "#{")) and text.endswith("}"):
        return text[2:-1].strip()
    return text.removeprefix("=").strip()


def _of(name: str, line: int) -> Expression:
    """Read a variable that need not be there yet: in FEEL it is null then."""
    return read_variable(name, Dialect.CAMUNDA8, line=line)


def variable_name(name: str, identity: str) -> str:
    """Give the variable of what bears a name and an id; an id that cannot stand in an expression is made to fit."""
    drawn = " ".join(name.split())
    candidates = (drawn, snake_case(drawn), identity, snake_case(identity))
    return next((each for each in candidates if each.isidentifier()), f"data_{snake_case(identity)}")
