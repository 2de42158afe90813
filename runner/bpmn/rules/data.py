"""Where data may be defined, and from where it may be referred to (BPMN 2.0.2 §10.4.1)."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from runner.bpmn.rules.tree import Tree, container_of, tag_of
from runner.bpmn.verdicts import CONTAINERS
from runner.bpmn.xml import BPMN, children, local_id, text_of
from runner.errors import Finding

_SETS = {"dataInput": ("inputSet", "dataInputRefs"), "dataOutput": ("outputSet", "dataOutputRefs")}


def check_data(tree: Tree) -> Iterator[Finding]:
    """Give data objects that are referred to from outside, and inputs and outputs that belong nowhere."""
    for node in tree.nodes:
        tag = tag_of(node)
        if tag == "dataObjectReference":
            yield from _scope(node, tree)
        elif tag == "ioSpecification":
            yield from _sets(node, tree)
            yield from _owner(node, tree)


def _scope(reference: etree._Element, tree: Tree) -> Iterator[Finding]:
    """A data object is seen in the process or sub-process that it is drawn in, and in all that lies in there."""
    target = tree.by_id.get(local_id(reference.get("dataObjectRef")) or "")
    if target is None or tag_of(target) != "dataObject":
        return
    home = container_of(target)
    if home is not None and home not in list(reference.iterancestors()):
        message = (
            f"Expected '{reference.get('name') or reference.get('id')}' to stand where its data object "
            f"'{target.get('id')}' is seen, but that is drawn in '{home.get('id')}'. Draw the data object further out."
        )
        yield tree.finding(reference, "data_out_of_scope", message=message)


def _sets(specification: etree._Element, tree: Tree) -> Iterator[Finding]:
    """Each input is in a set of inputs, each output in a set of outputs."""
    for tag, (family, member) in _SETS.items():
        listed = {
            local_id(text_of(each))
            for group in children(specification, BPMN, local=family)
            for each in children(group, BPMN, local=member)
        }
        for node in children(specification, BPMN, local=tag):
            if node.get("id") not in listed:
                message = (
                    f"Expected '{node.get('name') or node.get('id') or tag}' in <{member}> of an <{family}>, but it "
                    "is in none. List it."
                )
                yield tree.finding(node, "data_outside_sets", message=message)


def _owner(specification: etree._Element, tree: Tree) -> Iterator[Finding]:
    owner = specification.getparent()
    if owner is not None and tag_of(owner) in CONTAINERS:
        message = (
            f"Expected no inputs and outputs of sub-process '{owner.get('name') or owner.get('id')}' itself, but it "
            "has an <ioSpecification>. What is in it sees the data around it; draw data objects."
        )
        yield tree.finding(specification, "data_of_sub_process", message=message)
