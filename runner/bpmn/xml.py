"""Hardened reading of XML: bounded size, depth and number of elements; no DTD, no entity, no network.

What the elements mean is `read.py`'s; here they only get a tree with exact line numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from xml.parsers import expat

from lxml import etree

from runner.errors import DiagramUnreadable

# A tag, for rooms that read other files than diagrams.
Node = etree._Element

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
MAX_BYTES = 5 * 1024 * 1024
MAX_DEPTH = 256
MAX_ELEMENTS = 50_000
# Of BPMN's own, without drawing and vendors: some 3,000 tasks and flows, which take about a second to read and check.
MAX_BPMN_ELEMENTS = 15_000
MAX_ATTRIBUTES = 1_000
_CHUNK = 64 * 1024

# White space, declarations and comments may stand before a DOCTYPE. Possessive: no text makes it backtrack.
_BEFORE = rb"(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?+(?>\s++|<\?.*?\?>|<!--.*?-->)*+"
_DOCTYPE = re.compile(_BEFORE + rb"<!DOCTYPE", re.DOTALL | re.IGNORECASE)


class Document:
    """A parsed file: its root element and, for each element, the line its tag begins in."""

    def __init__(self, source: str, root: etree._Element, *, lines: dict[etree._Element, int]) -> None:
        self.source, self.root, self._lines = source, root, lines

    def line(self, node: etree._Element) -> int:
        """Give the line of a tag, from 1. Where only the parser's own count is known it stops at 65,535."""
        return self._lines.get(node) or _line(node)


def _line(node: etree._Element) -> int:
    return cast("int | None", node.sourceline) or 0


def load_file(path: Path) -> bytes:
    """Read a diagram file, refusing it by its size before a byte is read. Raises DiagramUnreadable."""
    try:
        if path.is_dir():
            raise DiagramUnreadable(f"Expected a BPMN, DMN or form file, but {path} is a directory. Name a file in it.")
        if not path.is_file():
            raise DiagramUnreadable(f"Expected a BPMN, DMN or form file, but {path} does not exist or is not a file.")
        _check_size(path.stat().st_size, str(path))
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise DiagramUnreadable(
            f"Expected a readable BPMN, DMN or form file, but {path} cannot be read: {error.strerror or error}."
        ) from error


def parse(xml: bytes, *, source: str) -> Document:
    """Parse a file into a tree. Raises DiagramUnreadable, naming what is wrong and where."""
    _check_size(len(xml), source)
    if not xml.strip():
        raise DiagramUnreadable(f"Expected a BPMN or DMN file, but {source} is empty. Save the diagram again.")
    # In UTF-16 every second byte of an ASCII letter is NUL; the prolog is matched without them.
    if _DOCTYPE.match(xml.replace(b"\0", b"")):
        raise _doctype(source)
    root = _tree(xml, source)
    _name_flows(root)
    return Document(source, root, lines=_tag_lines(xml, root))


def _check_size(size: int, source: str) -> None:
    if size > MAX_BYTES:
        raise DiagramUnreadable(
            f"Expected a file of at most {MAX_BYTES // 1024 // 1024} MB, but {source} has "
            f"{size / 1024 / 1024:.1f} MB. Split the process into several files."
        )


def _doctype(source: str) -> DiagramUnreadable:
    return DiagramUnreadable(
        f"Expected a file without a document type, but {source} has a DOCTYPE, which could define entities. "
        "Remove the DOCTYPE; modelers never write one."
    )


def _tree(xml: bytes, source: str) -> etree._Element:
    """Parse chunk by chunk, so that a file beyond a limit is dropped when it passes it, not when it is in memory."""
    parser = etree.XMLPullParser(
        events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    count = depth = 0
    try:
        for start in range(0, len(xml), _CHUNK):
            parser.feed(xml[start : start + _CHUNK])
            for event, node in parser.read_events():
                count, depth = (count + 1, depth + 1) if event == "start" else (count, depth - 1)
                _check_shape(count, depth, cast(etree._Element, node), source)
        root = parser.close()
    except etree.XMLSyntaxError as error:
        raise _not_xml(error, source) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype(source)
    return root


def _name_flows(root: etree._Element) -> None:
    """Give each sequence flow an id that has none: it needs none if nothing refers to it (BPMN 2.0.2 §8.3.1)."""
    nameless = [flow for flow in root.iter(f"{{{BPMN}}}sequenceFlow") if not flow.get("id")]
    if not nameless:
        return
    taken = {node.get("id") for node in root.iter(etree.Element)}
    used = Counter[str]()
    for flow in nameless:
        name = ends = "_to_".join(local_id(flow.get(end)) or "nothing" for end in ("sourceRef", "targetRef"))
        while name in taken:
            used[ends] += 1
            name = f"{ends}_{used[ends] + 1}"
        taken.add(name)
        flow.set("id", name)


def _check_shape(count: int, depth: int, node: etree._Element, source: str) -> None:
    if count > MAX_ELEMENTS:
        place = f"{source}:{_line(node)}"
        raise DiagramUnreadable(f"Expected at most {MAX_ELEMENTS:,} XML elements, but {place} is beyond that.")
    if depth > MAX_DEPTH:
        raise _too_deep(f"{source}:{_line(node)}")
    if len(node.attrib) > MAX_ATTRIBUTES:
        raise DiagramUnreadable(
            f"Expected elements of at most {MAX_ATTRIBUTES:,} attributes, but one in {source}:{_line(node)} has more."
        )


def _too_deep(place: str) -> DiagramUnreadable:
    return DiagramUnreadable(f"Expected XML nested at most {MAX_DEPTH} deep, but {place} is deeper than that.")


def _not_xml(error: etree.XMLSyntaxError, source: str) -> DiagramUnreadable:
    line, column = error.position
    place = f"{source}:{line}:{column}"
    if "Excessive depth" in str(error.msg):
        return _too_deep(place)
    reason = re.sub(r", line \d+, column \d+$", "", str(error.msg or "the file ends too early"))
    return DiagramUnreadable(f"Expected XML, but {place} is not: {reason}. Save the diagram again.")


def _tag_lines(xml: bytes, root: etree._Element) -> dict[etree._Element, int]:
    """Find where each tag begins: lxml counts to 65,535 only, and gives the line in which a tag ends.

    Expat knows fewer encodings; where it cannot read the file, lxml's lines have to do.
    """
    lines: list[int] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda name, attributes: lines.append(parser.CurrentLineNumber)
    try:
        parser.Parse(xml, True)
    except (expat.ExpatError, ValueError, LookupError):
        return {}
    return dict(zip(root.iter(etree.Element), lines, strict=True))


# -- reading a tree -------------------------------------------------------------------------------------------------


def expect_bpmn(document: Document) -> etree._Element:
    """Give the root element of a BPMN 2.0 file. Raises DiagramUnreadable if it is another file."""
    namespace, tag = name_of(document.root)
    if (namespace, tag) != (BPMN, "definitions"):
        raise DiagramUnreadable(
            f"Expected BPMN 2.0 with the root element <definitions> in the namespace {BPMN}, but "
            f"{document.source}:{document.line(document.root)} begins with <{tag}> in "
            f"{'the namespace ' + namespace if namespace else 'no namespace'}. Export the diagram as BPMN 2.0 XML."
        )
    if sum(1 for _ in document.root.iter(f"{{{BPMN}}}*")) > MAX_BPMN_ELEMENTS:
        raise DiagramUnreadable(
            f"Expected at most {MAX_BPMN_ELEMENTS:,} elements of BPMN, but {document.source} has more. "
            "Split the process into several files."
        )
    return document.root


def name_of(node: etree._Element) -> tuple[str, str]:
    """Give an element's namespace ("" for none) and local name."""
    return split(str(node.tag))


def split(name: str) -> tuple[str, str]:
    """Split "{namespace}local" into its two parts; the namespace is "" where there is none."""
    namespace, _, local = name.rpartition("}")
    return namespace.removeprefix("{"), local


def children(node: etree._Element, namespace: str, *, local: str | None = None) -> Iterator[etree._Element]:
    """Give the child elements in a namespace, without comments; `local` narrows them to one name."""
    for child in node.iterchildren(etree.Element):
        found, name = name_of(child)
        if found == namespace and local in (None, name):
            yield child


def tags(node: Node, *, deep: bool = False) -> Iterator[Node]:
    """Give the child elements of a tag, or with `deep` itself and all inside, without comments."""
    return node.iter(etree.Element) if deep else node.iterchildren(etree.Element)


def local_id(reference: str | None) -> str | None:
    """Give the id in a reference, which may carry a namespace prefix (QName, BPMN 2.0.2 §8.1.3); None if empty."""
    return (reference or "").strip().rpartition(":")[2] or None


def is_true(text: str | None, *, default: bool) -> bool:
    """Read an xsd:boolean attribute."""
    return default if text is None else text.strip() in ("true", "1")


def first(node: etree._Element, namespace: str, local: str) -> etree._Element | None:
    """Give the first child element of that name, or None."""
    return next(children(node, namespace, local=local), None)


def text_of(node: etree._Element) -> str:
    """Give all text inside an element, CDATA included, without the white space around it."""
    return str(node.xpath("string()")).strip()
