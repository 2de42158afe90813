"""Reads a DMN file, of version 1.1 to 1.5, into a compiled graph, and says what is wrong with it.

Boxed expressions are `boxed.py`'s, tables `table_reading.py`'s."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from runner.bpmn.findings import in_order
from runner.bpmn.xml import Document, Node, load_file, parse, tags
from runner.decisions.boxed import expression_in, function_parts
from runner.decisions.evaluation import Decisions
from runner.decisions.graph import Decision, Import, Input, KnowledgeModel, Reference, Service
from runner.decisions.imports import MOST_WAYS, Find, ImportRefused, Imports, Neighbour, beside, nothing
from runner.decisions.names import check_names
from runner.decisions.source import CAMUNDA7, ZEEBE, Source, is_dmn
from runner.decisions.texts import Place
from runner.decisions.types import Item
from runner.errors import DiagramUnreadable, near_hint
from runner.expressions.feel.program import KnownNames

# Types from XML schemas, and predictive models.
_NO_DECISIONS = re.compile(r"XMLSchema|PMML", re.IGNORECASE)
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


def load_decisions(path: str | Path) -> Decisions:
    """Read and compile a file; files that it imports are looked for beside it. Raises DiagramUnreadable."""
    return read_decisions(load_file(Path(path)), str(path), beside(Path(path)))


def read_decisions(xml: bytes, source: str, find: Find = nothing) -> Decisions:
    """Read and compile a file; `findings` of the result say what is wrong in it. `find` gives what it imports.

    Raises DiagramUnreadable for what is no DMN file or beyond the limits of `bpmn/xml.py`.
    """
    return _read(Neighbour(source, xml), Imports(find))


def _read(file: Neighbour, imports: Imports) -> Decisions:
    document = parse(file.xml, source=file.source)
    if not is_dmn(document.root):
        raise DiagramUnreadable(
            f"Expected a DMN file of version 1.1 or newer, but {file.source} has the root <{document.root.tag}>. "
            "Save it in a modeler for decisions."
        )
    found = Source(document)
    with imports.reading(found.target):
        imported = _read_imports(found, imports)
    names = _names_in(document).union(*(each.names for each in imported.values()))
    found.names = KnownNames.of(names)
    _read_types(found)
    for node in found.children(document.root):
        _read_element(node, found)
    _check_references(found)
    check_names(found)
    return Decisions(file.source, file.xml, found.graph, in_order(tuple(found.findings)), imported, names)


def _names_in(document: Document) -> frozenset[str]:
    """Give all names in the file, with single blanks: only that they are known makes names of many of them in FEEL."""
    return frozenset(" ".join((node.get("name") or "").split()) for node in tags(document.root, deep=True))


def _read_imports(source: Source, imports: Imports) -> dict[str, Decisions]:
    """Read the DMN files that a file imports, by namespace; other kinds of files are left alone."""
    found: dict[str, Decisions] = {}
    for node in source.children(source.document.root, "import"):
        namespace = (node.get("namespace") or "").strip()
        if _NO_DECISIONS.search(node.get("importType") or ""):
            continue
        if namespace in found:
            source.refuse(node, "import_twice", f"Expected one import of '{namespace}', but there are several.")
            continue
        try:
            read = imports.read(namespace, node.get("locationURI") or "", _read)
        except (ImportRefused, DiagramUnreadable) as error:
            source.refuse(node, "import_refused", str(error))
            continue
        if any(each.verdict == "refused" for each in read.findings):
            message = f"Expected a file without mistakes to import, but {read.source} is refused. Check that file."
            source.refuse(node, "import_refused", message)
        if sum(each.weight for each in found.values()) + read.weight > MOST_WAYS:
            source.refuse(
                node, "import_refused", f"Expected at most {MOST_WAYS} ways through imports, but here are more."
            )
            continue
        found[namespace] = read
        source.graph.imports[namespace] = Import(source.name(node), read.graph)
        source.types.imports.append((source.name(node), read.graph.types))
    return found


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
    written = node.get("typeRef") or ("" if base is None else str(base.xpath("string()")))
    allowed, constraint = source.first(node, "allowedValues"), source.first(node, "typeConstraint")
    place = _place(node, words, source)
    return Item(
        base=source.type_named(written, node),
        components={
            source.name(each): _item(each, source, f"{words}, component '{source.name(each)}'")
            for each in source.children(node, "itemComponent")
        },
        collection=(node.get("isCollection") or "").strip() in ("true", "1"),
        allowed=None if allowed is None else source.tests(allowed, place),
        function=source.first(node, "functionItem") is not None,
        constraint=None if constraint is None else source.tests(constraint, place),
        text="" if allowed is None else source.text(allowed),
    )


# -- what is drawn ----------------------------------------------------------------------------------------------------


def _read_element(node: Node, source: Source) -> None:
    local, id, graph = source.local(node), str(node.get("id") or ""), source.graph
    if local in ("decision", "businessKnowledgeModel", "inputData", "decisionService"):
        if not id:
            source.refuse(node, "id_missing", f"Expected an id for <{local}> '{source.name(node)}', but it has none.")
        elif any(id in known for known in (graph.decisions, graph.knowledge, graph.inputs, graph.services)):
            source.refuse(node, "id_twice", f"Expected different ids, but '{id}' is used twice.")
        elif local == "decision":
            source.owner = id
            graph.decisions[id] = _decision(node, id, source)
        elif local == "businessKnowledgeModel":
            source.owner = id
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
        knowledge=_knowledge_needed(node, source),
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
    item = source.types.find(signature.result) if signature.result else None
    if item is not None and item[1].function:
        signature = type(signature)(signature.parameters)
    return KnowledgeModel(id, name, signature, body, _knowledge_needed(node, source))


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


def _references(nodes: list[Node], local: str, source: Source) -> Iterator[Reference]:
    for node in nodes:
        for each in source.children(node, local):
            yield source.reference(each)


def _knowledge_needed(node: Node, source: Source) -> tuple[Reference, ...]:
    return tuple(_references(list(source.children(node, "knowledgeRequirement")), "requiredKnowledge", source))


def _place(node: Node, words: str, source: Source) -> Place:
    return Place(words, str(node.get("id") or ""), source.line(node))


# -- how it hangs together --------------------------------------------------------------------------------------------


def _check_references(source: Source) -> None:
    graph = source.graph
    for node in tags(source.document.root, deep=True):
        if source.local(node) in _REFERRED:
            _check_reference(node, source)
    try:
        local = {id: [each.id for each in found.decisions if not each.way] for id, found in graph.decisions.items()}
        TopologicalSorter(local).prepare()
    except CycleError as error:
        circle = " -> ".join(error.args[1])
        message = f"Expected decisions that do not require each other in a circle, but: {circle}."
        source.refuse(source.document.root, "decisions_circular", message)
    if not (graph.decisions or graph.services or graph.knowledge or graph.types.items):
        source.refuse(
            source.document.root, "no_decision", "Expected a decision in the file, but there is none. Draw one."
        )


# What a reference of a tag may name: kinds of elements in the graph.
_REFERRED = {
    "requiredDecision": ("decisions",),
    "requiredInput": ("inputs",),
    "outputDecision": ("decisions",),
    "encapsulatedDecision": ("decisions",),
    "inputDecision": ("decisions",),
    "requiredKnowledge": ("knowledge", "services"),
}


def _check_reference(node: Node, source: Source) -> None:
    reference = source.reference(node)
    target = source.graph.at(reference.way)
    known: Collection[str] = [id for kind in _REFERRED[source.local(node)] for id in getattr(target, kind)]
    if reference.id not in known:
        where = "the imported file" if reference.way else "the file"
        message = f"Expected <{source.local(node)}> to name an element of {where}, but there is no '{reference.id}'."
        source.refuse(node, "reference_unknown", message + near_hint(reference.id, known))
