"""Whether a file is valid by BPMN's XML schema, in sentences: which element or attribute is not as it has to be.

A deviation that changes nothing in what is read (the order of elements, an attribute that has no effect, a name with a
wrong letter) is a warning: the file runs as it is drawn. One by which something would be lost or guessed is refused.
libxml2 has the last word: what it finds beyond that is passed on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import cast

from lxml import etree

from runner.bpmn.rules.schema_types import Schema, Type, read_schema, schema_file
from runner.bpmn.rules.schema_values import check_attributes, check_text
from runner.bpmn.rules.tree import Tree
from runner.bpmn.xml import BPMN, name_of, split
from runner.errors import Finding, near_hint

_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_OMG = "http://www.omg.org/spec/"
# Definitions are base elements by the standard's model (§8.2.1), and some modelers write these there.
_INHERITED = frozenset({"documentation", "extensionElements"})


def check_schema(tree: Tree) -> Iterator[Finding]:
    """Give what is not as the schema has it, in document order."""
    schema = read_schema()
    found = list(_validate(tree, schema))
    yield from found
    if not found:
        yield from _beyond(tree)


def _validate(tree: Tree, schema: Schema) -> Iterator[Finding]:
    waiting = [(tree.root, schema.elements[str(tree.root.tag)])]
    while waiting:
        node, name = waiting.pop()
        yield from _declared(node, name, tree, schema=schema)
        type = schema.types[_actual(node, name, schema)]
        yield from check_attributes(node, type, tree)
        yield from check_text(node, type, tree)
        yield from _children(node, type, tree)
        known = {child: inner for particle in type.particles for child, inner in particle.types.items()}
        inside = [child for child in node.iterchildren(etree.Element) if str(child.tag) in known]
        waiting += [(child, known[str(child.tag)]) for child in reversed(inside)]


def _actual(node: etree._Element, name: str, schema: Schema) -> str:
    """Give the type that xsi:type names, if it is one that may stand for the declared one."""
    written = _written(node)
    return written if written in schema.types and schema.is_kind_of(written, name) else name


def _written(node: etree._Element) -> str:
    prefix, _, local = (node.get(_TYPE) or "").strip().rpartition(":")
    return f"{{{node.nsmap.get(prefix or None) or ''}}}{local}"


def _declared(node: etree._Element, name: str, tree: Tree, *, schema: Schema) -> Iterator[Finding]:
    actual = _actual(node, name, schema)
    if node.get(_TYPE) is not None and _written(node) != actual:
        message = (
            f"Expected xsi:type of <{_local(node)}> to name a type of BPMN that may stand there, but "
            f"'{node.get(_TYPE)}' is none: it has no effect. Write bpmn:tFormalExpression, or leave "
            "it out."
        )
        yield tree.finding(node, "schema_type", message=message)
    elif schema.types[actual].abstract:
        message = (
            f"Expected an element that can be drawn, but <{_local(node)}> is only the name of a family of elements."
        )
        yield tree.finding(node, "element_unknown", message=message)


def _children(node: etree._Element, type: Type, tree: Tree) -> Iterator[Finding]:
    places = {name: place for place, particle in enumerate(type.particles) for name in particle.types}
    counts = [0] * len(type.particles)
    latest: etree._Element | None = None
    ordered = True
    for child in node.iterchildren(etree.Element):
        place = places.get(str(child.tag))
        if place is None:
            yield from _stranger(child, node, type, tree=tree)
            continue
        counts[place] += 1
        if counts[place] == (type.particles[place].most or 0) + 1 and type.particles[place].most:
            yield tree.finding(child, "schema_repeated", message=_repeated(child, node))
        if latest is not None and ordered and place < places[str(latest.tag)]:
            ordered = False
            message = (
                f"Expected <{_local(child)}> before <{_local(latest)}> in <{_local(node)}>, as the schema orders them, "
                "but it stands behind it. It is read all the same."
            )
            yield tree.finding(child, "schema_order", message=message)
        latest = child
    for particle, count in zip(type.particles, counts, strict=True):
        if count < particle.least:
            names = " or ".join(f"<{split(name)[1]}>" for name in sorted(particle.types))
            some = "" if particle.least == 1 else f"{particle.least} times "
            message = (
                f"Expected {names} {some}in <{_local(node)}>, but {'it has none' if not count else 'it has fewer'}."
            )
            harmless = not str(node.tag).startswith(f"{{{BPMN}}}")
            yield tree.finding(node, "schema_missing", message=message, verdict="warning" if harmless else "refused")


def _repeated(child: etree._Element, node: etree._Element) -> str:
    return f"Expected one <{_local(child)}> in <{_local(node)}>, but this is another. Keep one."


def _stranger(child: etree._Element, node: etree._Element, type: Type, *, tree: Tree) -> Iterator[Finding]:
    """Say what a child is that the schema does not have there."""
    space, local = name_of(child)
    own = space == BPMN
    if type.open or (type.foreign and space != name_of(node)[0]):
        return
    schema = read_schema()
    if not own:
        omg = space.startswith(_OMG)
        what = "what belongs there" if omg else "elements of vendors in <extensionElements> only"
        name = f"<{local}>" if omg or not space else f"<{local}> of {space}"
        message = f"Expected {what}, but {name} stands directly in <{_local(node)}>: it is not read."
        yield tree.finding(child, "schema_foreign", message=message)
        return
    known = {split(name)[1] for each in schema.types.values() for place in each.particles for name in place.types}
    if local not in known:
        allowed = (split(name)[1] for particle in type.particles for name in particle.types)
        message = f"Expected an element of BPMN 2.0, but there is no <{local}>.{near_hint(local, set(allowed))}"
        yield tree.finding(child, "element_unknown", message=message)
        return
    if _local(node) == "definitions" and local in _INHERITED:
        message = (
            f"The schema has no <{local}> in <definitions>, though the standard lets it stand there. It is not read."
        )
        yield tree.finding(child, "schema_foreign", message=message)
        return
    message = f"Expected what BPMN has in <{_local(node)}>, but <{local}> may not stand there, so it would be ignored."
    yield tree.finding(child, "element_misplaced", message=message)


def _beyond(tree: Tree) -> Iterator[Finding]:
    """Give what libxml2 finds where nothing was found here, in its own words without its names for things."""
    schema = etree.XMLSchema(file=str(schema_file()))
    schema.validate(tree.root)
    # Ids that are given twice, and names that are expressions, have been judged elsewhere.
    entries = cast("Iterable[etree._LogEntry]", schema.error_log)
    errors = [each for each in entries if "'xs:ID'" not in each.message and "'xs:QName'" not in each.message]
    if not errors:
        return
    error = errors[0]
    words = re.sub(r"\{[^}]*\}", "", error.message)
    message = f"Expected a file that is valid by BPMN's XML schema, but it is not: {words}"
    yield Finding("warning", "schema_invalid", message, line=error.line)


def _local(node: etree._Element) -> str:
    return name_of(node)[1]
