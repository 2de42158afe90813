"""The three dialects side by side: which one a file is in, and what all of them together say about an element.

A file is in one dialect, but each attribute is read by its own namespace, whatever the file's dialect is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from runner.bpmn.diagram import Dialect
from runner.bpmn.dialects import camunda7, camunda8, plain
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
    does the work. `consequences` say what the others come to.
    """

    platform: str
    namespaces: tuple[str, ...]
    honoured: Mapping[str, frozenset[str]]
    for_handlers: frozenset[str]
    consequences: Mapping[str, Consequence]
    read_extension: Callable[[etree._Element, Report], Extension]


# In the order in which their topics are looked for.
READERS: Mapping[Dialect, DialectReader] = {
    dialect: DialectReader(
        module.PLATFORM,
        module.NAMESPACES,
        module.HONOURED,
        module.FOR_HANDLERS,
        module.CONSEQUENCES,
        module.read_extension,
    )
    for dialect, module in (
        (Dialect.CAMUNDA8, camunda8),
        (Dialect.CAMUNDA7, camunda7),
        (Dialect.PLAIN, plain),
    )
}
_BY_NAMESPACE = {namespace: reader for reader in READERS.values() for namespace in reader.namespaces}
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


def report_unread(node: etree._Element, report: Report, *, has_handler: bool = True) -> None:
    """Say of each vendor attribute and element that is not honoured on this element what that comes to.

    `has_handler` False: nothing that is meant for a handler has an effect here.
    """
    tag = task_tag(name_of(node)[1])
    for name in node.attrib:
        namespace, local = split(str(name))
        if namespace and namespace not in _NEUTRAL:
            _report_one(node, (namespace, local), tag=tag, report=report, has_handler=has_handler)
    for container in children(node, BPMN, local="extensionElements"):
        for extension in container.iterchildren(etree.Element):
            _report_one(extension, name_of(extension), tag=tag, report=report, has_handler=has_handler)


def _report_one(node: etree._Element, name: tuple[str, str], *, tag: str, report: Report, has_handler: bool) -> None:
    namespace, local = name
    reader = _BY_NAMESPACE.get(namespace)
    served = reader is not None and (has_handler or local not in reader.for_handlers)
    if reader is not None and served and tag in reader.honoured.get(local, ()):
        return
    consequence = reader.consequences.get(local) if reader else None
    prefix = next((known for known, uri in node.nsmap.items() if known and uri == namespace), None)
    label = f"{prefix}:{local}" if prefix else f"{local} ({namespace})" if namespace else local
    if namespace == plain.NAMESPACE and consequence is None:
        hint = near_hint(local, plain.HONOURED)
        report.refuse(
            node, "attribute_unknown", message=f"Expected one of our own attributes, but got '{label}'.{hint}"
        )
    elif consequence is None:
        report.documentation(node, f"'{label}' has no effect on execution: it is read as documentation.")
    elif consequence.verdict == "refused":
        report.refuse(
            node,
            "not_honoured",
            message=f"Expected no '{label}' on this element, but it has one: {consequence.message}.",
        )
    elif consequence.verdict == "warning":
        report.warn(node, "not_honoured", message=f"'{label}' is not honoured: {consequence.message}.")
    else:
        report.documentation(node, f"'{label}' has no effect: {consequence.message}.")


def read_version_tag(process: etree._Element) -> str | None:
    """Read the version tag that people gave a process, in any dialect's way; None if there is none."""
    tags = [attribute(process, "versionTag", *namespaces) for namespaces in (camunda7.NAMESPACES, plain.NAMESPACES)]
    parts = extensions(process, *camunda8.NAMESPACES)
    tags += [(part.get("value") or "").strip() for part in parts if name_of(part)[1] == "versionTag"]
    return next((tag for tag in tags if tag), None)


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
