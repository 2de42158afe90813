"""Reads a DMN file, of version 1.1 to 1.5, into a compiled graph, and says what is wrong with it.

Boxed expressions are `boxed.py`'s, tables `table_reading.py`'s."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from runner.bpmn.findings import in_order
from runner.bpmn.xml import Document, Node, parse, tags
from runner.decisions.boxed import expression_in, function_parts
from runner.decisions.evaluation import Decisions
from runner.decisions.graph import Decision, Graph, Input, KnowledgeModel, Service
from runner.decisions.source import CAMUNDA7, ZEEBE, Source, is_dmn
from runner.decisions.texts import Place
from runner.decisions.types import Item
from runner.errors import DiagramUnreadable, near_hint
from runner.expressions.feel.scanner import KEYWORDS

_PLAIN_NAME = re.compile(r"[\w$ ]+")
_EXTRAS = re.compile(r"(?:DMNDI|.*Requirement|association|textAnnotation|group|artifact|.*[Cc]ollection)")
_KNOWN = frozenset(
    {
        *("decision", "inputData", "businessKnowledgeModel", "decisionService", "itemDefinition", "import"),
        *("knowledgeSource", "extensionElements", "description", "performanceIndicator", "organizationUnit"),
    }
)


def is_decision_file(path: Path) -> bool:
    """Tell by its name whether a file holds decisions."""
    return path.suffix.lower() == ".dmn"


def read_decisions(xml: bytes, source: str) -> Decisions:
    """Read and compile a file; `findings` of the result say what is wrong in it.

    Raises DiagramUnreadable for what is no DMN file or beyond the limits of `bpmn/xml.py`.
    """
    document = parse(xml, source=source)
    if not is_dmn(document.root):
        raise DiagramUnreadable(
            f"Expected a DMN file of version 1.1 or newer, but {source} has the root <{document.root.tag}>. "
            "Save it in a modeler for decisions."
        )
    found = Source(document, _special_names(document))
    graph = Graph(found.types, camunda7=found.camunda7)
    _read_types(found)
    for node in found.children(document.root):
        _read_element(node, found, graph)
    _check_references(found, graph)
    return Decisions(source, xml, graph, in_order(tuple(found.findings)))


def _special_names(document: Document) -> frozenset[str]:
    """Give the names in the file that words alone do not make: only that they are known makes them names in FEEL."""
    names = {" ".join((node.get("name") or "").split()) for node in tags(document.root, deep=True)}
    return frozenset(
        name for name in names if name and (not _PLAIN_NAME.fullmatch(name) or not KEYWORDS.isdisjoint(name.split(" ")))
    )


# -- item definitions -------------------------------------------------------------------------------------------------


def _read_types(source: Source) -> None:
    nodes = {source.name(node): node for node in source.children(source.document.root, "itemDefinition")}
    # First the names, so that they may refer to each other in any order.
    source.types.items.update(dict.fromkeys(nodes, Item(None, {}, collection=False)))
    for name, node in nodes.items():
        source.types.items[name] = _item(node, source, f"type '{name}'")
        allowed = source.first(node, "allowedValues")
        values = None if allowed is None else source.values(allowed, _place(node, f"type '{name}'", source))
        if values is not None:
            source.item_values[name] = values


def _item(node: Node, source: Source, words: str) -> Item:
    base = source.first(node, "typeRef")
    ref = (node.get("typeRef") or ("" if base is None else str(base.xpath("string()")))).strip() or None
    if not source.types.knows(ref):
        message = f"Expected a type that the file defines in {words}, but there is no type '{ref}': any value is taken."
        source.warn(node, "type_unknown", message)
        ref = None
    allowed = source.first(node, "allowedValues")
    place = _place(node, words, source)
    return Item(
        base=ref,
        components={
            source.name(each): _item(each, source, f"{words}, component '{source.name(each)}'")
            for each in source.children(node, "itemComponent")
        },
        collection=(node.get("isCollection") or "").strip() in ("true", "1"),
        allowed=None if allowed is None else source.tests(allowed, place),
        function=source.first(node, "functionItem") is not None,
    )


# -- what is drawn ----------------------------------------------------------------------------------------------------


def _read_element(node: Node, source: Source, graph: Graph) -> None:
    local, id = source.local(node), str(node.get("id") or "")
    if local == "import" and "XMLSchema" not in (node.get("importType") or ""):
        message = (
            "Expected one file with all that is needed, but it imports another. Copy what it needs into this file."
        )
        source.refuse(node, "import_refused", message)
    elif local in ("decision", "businessKnowledgeModel", "inputData", "decisionService"):
        if not id:
            source.refuse(node, "id_missing", f"Expected an id for <{local}> '{source.name(node)}', but it has none.")
        elif id in {*graph.decisions, *graph.knowledge, *graph.inputs, *graph.services}:
            source.refuse(node, "id_twice", f"Expected different ids, but '{id}' is used twice.")
        elif local == "decision":
            graph.decisions[id] = _decision(node, id, source)
        elif local == "businessKnowledgeModel":
            graph.knowledge[id] = _knowledge(node, id, source)
        elif local == "inputData":
            graph.inputs[id] = Input(id, _variable(node, source), _variable_type(node, source))
        else:
            graph.services[id] = _service(node, id, source)
    elif local not in _KNOWN and not _EXTRAS.fullmatch(local):
        source.warn(node, "element_unread", f"Expected an element of DMN, but <{local}> is not known: it is not read.")


def _decision(node: Node, id: str, source: Source) -> Decision:
    place = _place(node, f"decision '{id}'", source)
    logic = expression_in(node, source, place)
    needs = list(source.children(node, "informationRequirement"))
    return Decision(
        id=id,
        name=source.name(node) or id,
        variable=_variable(node, source) or id,
        type=_variable_type(node, source),
        logic=logic or source.missing(node, place, what="a table or another expression"),
        place=place,
        decisions=tuple(_references(needs, "requiredDecision", source)),
        inputs=tuple(_references(needs, "requiredInput", source)),
        version_tag=_version_tag(node, source),
    )


def _version_tag(node: Node, source: Source) -> str | None:
    """Give the version tag of Camunda 7 (an attribute) or Camunda 8 (an extension element)."""
    extension = source.first(node, "extensionElements")
    zeebe = None if extension is None else extension.find(f"{{{ZEEBE}}}versionTag")
    return node.get(f"{{{CAMUNDA7}}}versionTag") or (None if zeebe is None else zeebe.get("value")) or None


def _knowledge(node: Node, id: str, source: Source) -> KnowledgeModel:
    place = _place(node, f"business knowledge model '{id}'", source)
    logic = source.first(node, "encapsulatedLogic")
    name, result = _variable(node, source), _variable_type(node, source)
    if logic is None:
        signature, body = function_parts(node, source, place, result=result)
    else:
        signature, body = function_parts(logic, source, place, result=logic.get("typeRef") or result)
    # The type of the model's variable may be that of the function instead of its result.
    if signature.result in source.types.items and source.types.items[signature.result].function:
        signature = type(signature)(signature.parameters)
    return KnowledgeModel(id, name, signature, body)


def _service(node: Node, id: str, source: Source) -> Service:
    return Service(
        id=id,
        name=_variable(node, source) or id,
        outputs=tuple(_references([node], "outputDecision", source)),
        input_decisions=tuple(_references([node], "inputDecision", source)),
        inputs=tuple(_references([node], "inputData", source)),
        type=_variable_type(node, source),
    )


def _variable(node: Node, source: Source) -> str:
    """Give the name under which others see an element: that of its variable, else its own."""
    variable = source.first(node, "variable")
    return ("" if variable is None else source.name(variable)) or source.name(node)


def _variable_type(node: Node, source: Source) -> str | None:
    variable = source.first(node, "variable")
    return None if variable is None else source.type_of(variable)


def _references(nodes: list[Node], local: str, source: Source) -> Iterator[str]:
    for node in nodes:
        for each in source.children(node, local):
            yield (each.get("href") or "").rpartition("#")[2]


def _place(node: Node, words: str, source: Source) -> Place:
    return Place(words, str(node.get("id") or ""), source.line(node))


# -- how it hangs together --------------------------------------------------------------------------------------------


def _check_references(source: Source, graph: Graph) -> None:
    kinds: dict[str, Collection[str]] = {
        "requiredDecision": graph.decisions,
        "requiredInput": graph.inputs,
        "outputDecision": graph.decisions,
        "encapsulatedDecision": graph.decisions,
        "inputDecision": graph.decisions,
        "requiredKnowledge": {**graph.knowledge, **graph.services},
    }
    for node in tags(source.document.root, deep=True):
        known = kinds.get(source.local(node))
        if known is None:
            continue
        id = (node.get("href") or "").rpartition("#")[2]
        if id not in known:
            message = f"Expected <{source.local(node)}> to name an element of the file, but there is no '{id}'."
            source.refuse(node, "reference_unknown", message + near_hint(id, known))
    try:
        TopologicalSorter({id: each.decisions for id, each in graph.decisions.items()}).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        message = f"Expected decisions that do not require each other in a circle, but: {circle}."
        source.refuse(source.document.root, "decisions_circular", message)
    if not graph.decisions and not graph.services:
        source.refuse(
            source.document.root, "no_decision", "Expected a decision in the file, but there is none. Draw one."
        )
