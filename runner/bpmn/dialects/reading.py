"""The three dialects side by side: which one a file is in, and what all of them together say about an element.

A file is in one dialect, but each attribute is read by its own namespace, whatever the file's dialect is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from runner.bpmn.diagram import Dialect
from runner.bpmn.dialects import camunda7, camunda8, plain
from runner.bpmn.dialects.vendor import Consequence, Extension, extensions
from runner.bpmn.findings import Report
from runner.bpmn.xml import BPMN, children, name_of, split
from runner.errors import ExpressionInvalid, near_hint
from runner.expressions.language import Expression, Language

_MODELER = "http://camunda.org/schema/modeler/1.0"
_NEUTRAL = frozenset({"http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace", BPMN})


@dataclass(frozen=True, slots=True)
class DialectReader:
    """What one dialect module offers: its names, and its two functions."""

    platform: str
    namespaces: tuple[str, ...]
    honoured: frozenset[str]
    consequences: Mapping[str, Consequence]
    read_extension: Callable[[etree._Element, Report], Extension]
    read_condition: Callable[[str, int], Expression]


# In the order in which their topics are looked for.
READERS: Mapping[Dialect, DialectReader] = {
    dialect: DialectReader(
        module.PLATFORM,
        module.NAMESPACES,
        module.HONOURED,
        module.CONSEQUENCES,
        module.read_extension,
        module.read_condition,
    )
    for dialect, module in (
        (Dialect.CAMUNDA8, camunda8),
        (Dialect.CAMUNDA7, camunda7),
        (Dialect.PLAIN, plain),
    )
}
_BY_NAMESPACE = {namespace: reader for reader in READERS.values() for namespace in reader.namespaces}
_LANGUAGES = {"feel": Language.FEEL, "juel": Language.JUEL, "python": Language.PYTHON}


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


def read_condition(node: etree._Element, dialect: Dialect, *, default_language: str, report: Report) -> Expression:
    """Read the expression of a flow's <conditionExpression>; what cannot be one is refused in the report.

    `default_language` is the file's expressionLanguage: it counts if it names a language we read.
    """
    text, line = str(node.xpath("string()")).strip(), report.line(node)
    own = (node.get("language") or "").strip()
    language = _language(own) or (None if own else _language(default_language))
    try:
        if own and language is None:
            raise ExpressionInvalid(f"Expected a condition in FEEL, JUEL or plain Python, but its language is '{own}'.")
        if not text:
            raise ExpressionInvalid("Expected a condition, but it is empty. Write one, or remove it.")
        if language is not None:
            return Expression(text.removeprefix("=").strip() if language is Language.FEEL else text, language, line)
        return READERS[dialect].read_condition(text, line)
    except ExpressionInvalid as error:
        report.refuse(node, "condition_invalid", message=str(error))
        # A text compiles in any case: what is wrong has been said, and need not be said again in other words.
        return Expression(text, Language.TEXT, line)


def report_unread(node: etree._Element, report: Report, *, has_handler: bool = False) -> None:
    """Say of each vendor attribute and element that is not honoured on this element what that comes to."""
    for name in node.attrib:
        namespace, local = split(str(name))
        if namespace and namespace not in _NEUTRAL:
            _report_one(node, (namespace, local), report=report, has_handler=has_handler)
    for container in children(node, BPMN, local="extensionElements"):
        for extension in container.iterchildren(etree.Element):
            _report_one(extension, name_of(extension), report=report, has_handler=has_handler)


def _report_one(node: etree._Element, name: tuple[str, str], *, report: Report, has_handler: bool) -> None:
    namespace, local = name
    reader = _BY_NAMESPACE.get(namespace)
    if reader is not None and has_handler and local in reader.honoured:
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


def _language(name: str) -> Language | None:
    return next((language for word, language in _LANGUAGES.items() if word in name.lower()), None)


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
