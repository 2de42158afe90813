"""Whether the attributes and texts of one element are those that BPMN's XML schema has for it.

Which elements may stand where is `schema.py`'s."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from runner.bpmn.rules.schema_types import Attribute, Type
from runner.bpmn.rules.tree import Tree
from runner.bpmn.xml import BPMN, name_of, split, text_of
from runner.errors import Finding, near_hint

_INSTANCE, _XML = "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace"
_NAME = r"[^\W\d][\w.\-·]*"
# How values of a type look, and what they are called.
_KINDS = {
    "boolean": (re.compile("true|false|1|0"), "true or false"),
    "integer": (re.compile(r"[+-]?\d+", re.ASCII), "a whole number"),
    "int": (re.compile(r"[+-]?\d+", re.ASCII), "a whole number"),
    "double": (re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|-?INF|NaN", re.ASCII), "a number"),
    "ID": (re.compile(_NAME), "an id: a letter or _, then letters, digits, '.', '-' and '_'"),
    "IDREF": (re.compile(_NAME), "the id of an element"),
    "QName": (re.compile(rf"({_NAME}:)?{_NAME}"), "the id of an element"),
}
_NAMES = frozenset({"ID", "IDREF", "QName"})
# These have rules of their own, with more to say.
_RULED = frozenset({"startQuantity", "completionQuantity", "loopMaximum", "behavior"})
# Whatever they say, it is read by people only.
_INFORMING = frozenset(
    {
        *("gatewayDirection", "processType", "associationDirection", "itemKind", "isClosed", "isCollection"),
        *("isUnlimited", "capacity", "isReference", "direction", "choreographyLoopType"),
    }
)
# These may be an expression, where the schema has a reference.
_COMPUTED = frozenset({"calledElement", "loopDataInputRef", "loopDataOutputRef"})
_MARKS = ("${", "#{", "=")


def check_attributes(node: etree._Element, type: Type, tree: Tree) -> Iterator[Finding]:
    """Give the attributes that are missing, unknown or of the wrong kind."""
    tag, semantic = name_of(node)[1], name_of(node)[0] == BPMN
    for name, attribute in type.attributes.items():
        if attribute.required and node.get(name) is None:
            harmless = not semantic or tag == "definitions"
            message = f"Expected the attribute '{name}' on <{tag}>, but it has none."
            yield tree.finding(node, "attribute_missing", message=message, verdict="warning" if harmless else "refused")
    for written, value in node.attrib.items():
        space, name = split(str(written))
        if space:
            yield from _prefixed(node, (space, name), type, tree=tree)
        elif name not in type.attributes:
            hint = near_hint(name, type.attributes)
            message = (
                f"Expected attributes that BPMN has on <{tag}>, but '{name}' is not one: it has no effect.{hint} If it "
                "is a vendor's, write its prefix before it."
            )
            yield tree.finding(node, "attribute_unknown", message=message, verdict="warning")
        elif name not in _RULED and (fault := _fault(node, name, str(value), type.attributes[name])):
            yield _wrong(node, (f"{name} of <{tag}>", name), type.attributes[name], fault=fault, tree=tree)


def check_text(node: etree._Element, type: Type, tree: Tree) -> Iterator[Finding]:
    """Give a text that is of the wrong kind, or stands where none may."""
    tag = name_of(node)[1]
    if type.text is not None:
        if fault := _fault(node, tag, text_of(node), type.text):
            yield _wrong(node, (f"the text of <{tag}>", ""), type.text, fault=fault, tree=tree)
    elif not type.mixed:
        parts = (str(part).strip() for part in (node.text, *(child.tail for child in node)) if part)
        text = next((part for part in parts if part), "")
        if text:
            message = f"Expected elements only in <{tag}>, but it says '{text[:60]}': nobody reads that."
            yield tree.finding(node, "schema_text", message=message)


def _prefixed(node: etree._Element, name: tuple[str, str], type: Type, *, tree: Tree) -> Iterator[Finding]:
    space, local = name
    tag = name_of(node)[1]
    if space == name_of(node)[0]:
        message = (
            f"Expected '{local}' of <{tag}> without a prefix, but it has BPMN's: it has no effect. Remove the prefix."
        )
        yield tree.finding(node, "attribute_unknown", message=message, verdict="warning")
    elif not type.vendors and space not in (_INSTANCE, _XML):
        message = (
            f"Expected no vendor's attribute on <{tag}>, where the schema has no room, but '{local}' is {space}'s."
        )
        yield tree.finding(node, "schema_foreign", message=message)


def _fault(node: etree._Element, name: str, text: str, attribute: Attribute) -> str:
    """Say what a value should be, "" if it is that."""
    value = " ".join(text.split())
    if attribute.values:
        return "" if text in attribute.values else " or ".join(attribute.values)
    if attribute.type not in _KINDS or (name in _COMPUTED and value.startswith(_MARKS)):
        return ""
    pattern, words = _KINDS[attribute.type]
    if pattern.fullmatch(value) is None:
        return words
    prefix = value.rpartition(":")[0]
    return f"a name with a prefix that is declared (not '{prefix}')" if prefix and prefix not in node.nsmap else ""


def _wrong(node: etree._Element, place: tuple[str, str], attribute: Attribute, *, fault: str, tree: Tree) -> Finding:
    what, name = place
    value = node.get(name) if name else text_of(node)
    message = f"Expected {what} to be {fault}, but it is '{value}'."
    if attribute.type in _NAMES:
        return tree.finding(node, "name_invalid", message=message)
    harmless = name in _INFORMING or name_of(node)[0] != BPMN
    return tree.finding(node, "value_invalid", message=message, verdict="warning" if harmless else "refused")
