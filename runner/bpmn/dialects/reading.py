"""The three dialects side by side: which one a file is in, and what all of them together say about an element.

A file is in one dialect, but each attribute is read by its own namespace, whatever the file's dialect is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from runner.bpmn.diagram import Dialect
from runner.bpmn.dialects import camunda7, camunda8, effects, plain
from runner.bpmn.dialects.vendor import Consequence, Extension, attribute, extensions
from runner.bpmn.findings import Report
from runner.bpmn.xml import BPMN, children, name_of, split
from runner.errors import near_hint

_MODELER = "http://camunda.org/schema/modeler/1.0"
_NEUTRAL = frozenset({"http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace", BPMN})


@dataclass(frozen=True, slots=True)
class DialectReader:
    """What one dialect module offers.

    `honoured` says on which BPMN tags each of its names has an effect; those in `for_handlers` only where a handler
    does the work; `effects` say which. `consequences` say what the others come to.
    """

    platform: str
    namespaces: tuple[str, ...]
    honoured: Mapping[str, frozenset[str]]
    for_handlers: frozenset[str]
    effects: Mapping[str, Consequence]
    consequences: Mapping[str, Consequence]
    read_extension: Callable[[etree._Element, Report], Extension]


# In the order in which their topics are looked for.
READERS: Mapping[Dialect, DialectReader] = {
    dialect: DialectReader(
        module.PLATFORM,
        module.NAMESPACES,
        module.HONOURED,
        module.FOR_HANDLERS,
        words,
        module.CONSEQUENCES,
        module.read_extension,
    )
    for dialect, module, words in (
        (Dialect.CAMUNDA8, camunda8, effects.CAMUNDA8),
        (Dialect.CAMUNDA7, camunda7, effects.CAMUNDA7),
        (Dialect.PLAIN, plain, effects.RUNNER),
    )
}
_BY_NAMESPACE = {namespace: reader for reader in READERS.values() for namespace in reader.namespaces}
_UNKNOWN = Consequence("note", "it is read as documentation")
_PLATFORM = Consequence("executed", "says which dialect the file is in")
# A global task is honoured what the task of its kind is.
_GLOBAL = {"globalTask": "task"} | {
    f"global{kind}Task": f"{kind[0].lower()}{kind[1:]}Task" for kind in ("User", "Manual", "Script", "BusinessRule")
}


def detect(root: etree._Element, report: Report) -> Dialect:
    """Tell a file's dialect by modeler:executionPlatform, else by the namespaces used in its processes."""
    platform = root.get(f"{{{_MODELER}}}executionPlatform") or ""
    used = _vendor_namespaces(root)
    platforms = {dialect: reader for dialect, reader in READERS.items() if reader.platform}
    vendors = [dialect for dialect, reader in platforms.items() if used.intersection(reader.namespaces)]
    named = next((dialect for dialect, reader in platforms.items() if reader.platform == platform), None)
    chosen = named or (vendors[0] if vendors else Dialect.PLAIN)
    strangers = [dialect for dialect in vendors if dialect is not chosen]
    if strangers:
        report.warn(
            root,
            "dialects_mixed",
            message=f"Expected attributes of one vendor, but the file is read as {chosen} and also has attributes for "
            f"{', '.join(strangers)}. Each is read by its own rules; expressions of flows are those of {chosen}.",
        )
    return chosen


def read_extensions(node: etree._Element, report: Report) -> Sequence[Extension]:
    """Read what each dialect says about a flow node, in the order in which their topics are looked for."""
    return [reader.read_extension(node, report) for reader in READERS.values()]


def task_tag(tag: str) -> str:
    """Give the tag of the task that a global task is, any other tag unchanged (BPMN 2.0.2 §10.3.4)."""
    return _GLOBAL.get(tag, tag)


@dataclass(frozen=True, slots=True)
class VendorPart:
    """A vendor's attribute or element on a part of a diagram, and what it comes to.

    `node` has the attribute, or is the element; `label` is its name as the file writes it.
    """

    node: etree._Element
    label: str
    consequence: Consequence


def vendor_parts(node: etree._Element, *, has_handler: bool = True) -> Iterator[VendorPart]:
    """Give each vendor attribute and element of a part of a diagram.

    `has_handler` False: nothing that is meant for a handler has an effect here.
    """
    tag = task_tag(name_of(node)[1])
    for name in node.attrib:
        namespace, local = split(str(name))
        if namespace and namespace not in _NEUTRAL:
            consequence = _consequence(namespace, local, tag=tag, has_handler=has_handler)
            yield VendorPart(node, _label(node, namespace, local), consequence)
    for container in children(node, BPMN, local="extensionElements"):
        for extension in container.iterchildren(etree.Element):
            namespace, local = name_of(extension)
            consequence = _consequence(namespace, local, tag=tag, has_handler=has_handler)
            yield VendorPart(extension, _label(extension, namespace, local), consequence)


def report_unread(node: etree._Element, report: Report, *, has_handler: bool = True) -> None:
    """Say of each vendor attribute and element that is not honoured on this element what that comes to."""
    for part in vendor_parts(node, has_handler=has_handler):
        label, comes_to = part.label, part.consequence
        if comes_to.verdict == "unknown":
            message = f"Expected one of our own attributes, but got '{label}'.{comes_to.message}"
            report.refuse(part.node, "attribute_unknown", message=message)
        elif comes_to.verdict == "refused":
            message = f"Expected no '{label}' on this element, but it has one: {comes_to.message}."
            report.refuse(part.node, "not_honoured", message=message)
        elif comes_to.verdict == "warning":
            report.warn(part.node, "not_honoured", message=f"'{label}' is not honoured: {comes_to.message}.")
        elif comes_to.verdict == "note":
            report.documentation(part.node, f"'{label}' has no effect: {comes_to.message}.")


def _consequence(namespace: str, local: str, *, tag: str, has_handler: bool) -> Consequence:
    reader = _BY_NAMESPACE.get(namespace)
    if reader is None:
        return _PLATFORM if (namespace, local) == (_MODELER, "executionPlatform") else _UNKNOWN
    if (has_handler or local not in reader.for_handlers) and tag in reader.honoured.get(local, ()):
        return reader.effects[local]
    if local in reader.consequences:
        return reader.consequences[local]
    return Consequence("unknown", near_hint(local, plain.HONOURED)) if namespace == plain.NAMESPACE else _UNKNOWN


def _label(node: etree._Element, namespace: str, local: str) -> str:
    prefix = next((known for known, uri in node.nsmap.items() if known and uri == namespace), None)
    return f"{prefix}:{local}" if prefix else f"{local} ({namespace})" if namespace else local


def read_version_tag(process: etree._Element) -> str | None:
    """Read the version tag that people gave a process, in any dialect's way; None if there is none."""
    tags = [attribute(process, "versionTag", *namespaces) for namespaces in (camunda7.NAMESPACES, plain.NAMESPACES)]
    parts = extensions(process, *camunda8.NAMESPACES)
    tags += [(part.get("value") or "").strip() for part in parts if name_of(part)[1] == "versionTag"]
    return next((tag for tag in tags if tag), None)


def read_initiator(start: etree._Element) -> str | None:
    """Read the variable that Camunda 7 names whoever starts an instance in; None if there is none."""
    return attribute(start, "initiator", *camunda7.NAMESPACES)


def _vendor_namespaces(root: etree._Element) -> set[str]:
    """Collect the namespaces used inside processes: on <definitions> a converter may have left others behind."""
    used: set[str] = set()
    for process in children(root, BPMN, local="process"):
        for node in process.iter(f"{{{BPMN}}}*"):
            used.update(split(str(name))[0] for name in node.attrib)
            used.update(name_of(extension)[0] for extension in extensions(node, *_BY_NAMESPACE))
    return used


def merged_headers(found: Iterable[Extension]) -> dict[str, str]:
    """Give the headers of all dialects together; the one read first wins."""
    headers: dict[str, str] = {}
    for extension in found:
        headers = {**extension.headers, **headers}
    return headers
