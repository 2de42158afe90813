"""Reads data objects, properties, data stores and the associations that move data (BPMN 2.0.2 §10.4).

Each data object, data input or output and property is a variable: of its name if that can stand in an expression, else
of the name in snake case, else of its id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

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
            names[identity] = _variable(next((name for name in drawn if name and name.strip()), ""), identity)
    for target, nodes in references.items():
        for node in nodes:
            names[node.get("id") or ""] = names.get(target) or _variable(node.get("name") or "", node.get("id") or "")
    return names


def read_objects(nodes: Sequence[tuple[etree._Element, str]], names: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Give the variables of data objects and properties by the id of their container."""
    found: dict[str, list[str]] = {}
    for node, parent in nodes:
        if name_of(node)[1] in _SCOPED and (node.get("id") or "") in names:
            found.setdefault(parent, []).append(names[node.get("id") or ""])
    return {parent: tuple(dict.fromkeys(each)) for parent, each in found.items()}


def read_stores(container: etree._Element, roots: Mapping[str, etree._Element]) -> dict[str, DataStore]:
    """Give the data store references; references to one data store share its table."""
    stores = {}
    for node in container.iter(f"{{{BPMN}}}dataStoreReference"):
        identity, root = node.get("id") or "", roots.get(local_id(node.get("dataStoreRef")) or "")
        names = (None if root is None else root.get("name"), node.get("name"))
        stores[identity] = DataStore(identity, _variable(next((name for name in names if name), ""), identity))
    return stores


def read_moves(node: etree._Element, tag: str, around: Surroundings, *, report: Report) -> tuple[DataMove, ...]:
    """Read the data input or output associations of an element; `tag` says which.

    One that does not name both of its ends moves nothing, and in Camunda's dialects none does: people draw them there
    to be read (Camunda docs, Data objects and stores), and what a handler returns must not depend on them.
    """
    if around.dialect is not Dialect.PLAIN:
        return ()
    return tuple(move for each in children(node, BPMN, local=tag) for move in _moves(each, around, report=report))


def _moves(node: etree._Element, around: Surroundings, *, report: Report) -> Iterator[DataMove]:
    source_id, target_id = (_referred(node, name) for name in ("sourceRef", "targetRef"))
    target = around.names.get(target_id) or around.stores.get(target_id)
    source = around.names.get(source_id) or around.stores.get(source_id)
    store = next((each for each in (source_id, target_id) if each in around.stores), None)
    for assignment in children(node, BPMN, local="assignment"):
        value, to = first(assignment, BPMN, "from"), first(assignment, BPMN, "to")
        named = "" if to is None else _path(to)
        if value is not None and (named or target):
            read = read_expression(value, around, what="a value to assign", report=report)
            yield DataMove(named or target or "", read, store)
    transformation = first(node, BPMN, "transformation")
    if first(node, BPMN, "assignment") is not None or target is None:
        return
    if transformation is not None:
        yield DataMove(target, read_expression(transformation, around, what="a transformation", report=report), store)
    elif source is not None:
        yield DataMove(target, _of(source, report.line(node)), store)


def _referred(node: etree._Element, name: str) -> str:
    found = first(node, BPMN, name)
    return "" if found is None else local_id(text_of(found)) or ""


def _path(node: etree._Element) -> str:
    """Give the variable, or the path in one, that an assignment writes to, without the marks of an expression."""
    text = text_of(node)
    if text.startswith(("${", "#{")) and text.endswith("}"):
        return text[2:-1].strip()
    return text.removeprefix("=").strip()


def _of(name: str, line: int) -> Expression:
    """Read a variable that need not be there yet: in FEEL it is null then."""
    return read_variable(name, Dialect.CAMUNDA8, line=line)


def _variable(name: str, identity: str) -> str:
    """Give the variable's name; ids that are no names either lose what cannot stand in one."""
    drawn = " ".join(name.split())
    candidates = (drawn, snake_case(drawn), identity, snake_case(identity))
    return next((each for each in candidates if each.isidentifier()), f"data_{snake_case(identity)}")
