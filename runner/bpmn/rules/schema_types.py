"""The XML schema of BPMN 2.0 as records: what may stand in each element, in which order, and which attributes it has.

The schema is the OMG's (BPMN20.xsd, Semantic.xsd, BPMNDI.xsd, DI.xsd, DC.xsd), as SpiffWorkflow brings it along: files,
and nothing of that package is imported. What is made of them is `schema.py`'s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import distribution
from pathlib import Path

from lxml import etree

from runner.bpmn.xml import split

_XSD = "http://www.w3.org/2001/XMLSchema"
_LOCATION = "SpiffWorkflow/bpmn/parser/schema/BPMN20.xsd"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute: the type of its value ("boolean", "ID", "QName", …), or the values it may have."""

    type: str
    values: tuple[str, ...] = ()
    required: bool = False


@dataclass(frozen=True, slots=True)
class Particle:
    """One place in the order of children: the type of each element that may stand there, and how many may."""

    types: Mapping[str, str]
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Type:
    """What an element of this type may hold. `text` is the type of its text if it holds nothing else.

    `foreign` allows elements of other namespaces, `open` any element at all, and `vendors` allows attributes of other
    namespaces. Nothing is of an `abstract` type.
    """

    particles: tuple[Particle, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    text: Attribute | None = None
    mixed: bool = False
    foreign: bool = False
    open: bool = False
    vendors: bool = False
    abstract: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """All types by name, and the type of each element that may be the outermost. Names are "{namespace}local"."""

    types: Mapping[str, Type]
    elements: Mapping[str, str]
    bases: Mapping[str, str]

    def is_kind_of(self, type: str, base: str) -> bool:
        """Say whether one type is another, or an extension of it."""
        found: str | None = type
        while found is not None and found != base:
            found = self.bases.get(found)
        return found is not None


def schema_file() -> Path:
    """Give the place of BPMN20.xsd."""
    return Path(str(distribution("SpiffWorkflow").locate_file(_LOCATION)))


@lru_cache(maxsize=1)
def read_schema() -> Schema:
    """Read the schema's files once per process."""
    reader = _Reader(schema_file().parent)
    return reader.schema()


class _Reader:
    """The definitions in the schema's files, by name; BPMN's uses a small part of what XML Schema offers."""

    def __init__(self, folder: Path) -> None:
        self._types: dict[str, etree._Element] = {}
        self._elements: dict[str, etree._Element] = {}
        self._members: dict[str, list[str]] = {}
        for path in sorted(folder.glob("*.xsd")):
            root = etree.parse(path).getroot()
            space = root.get("targetNamespace") or ""
            for node in root.iterchildren(f"{{{_XSD}}}complexType", f"{{{_XSD}}}simpleType"):
                self._types[f"{{{space}}}{node.get('name')}"] = node
            for node in root.iterchildren(f"{{{_XSD}}}element"):
                name = f"{{{space}}}{node.get('name')}"
                self._elements[name] = node
                if node.get("substitutionGroup"):
                    self._members.setdefault(_resolve(node, node.get("substitutionGroup") or ""), []).append(name)
        self._read: dict[str, Type] = {}

    def schema(self) -> Schema:
        """Give everything that is defined."""
        for name, node in list(self._types.items()):
            if _local(node) == "complexType":
                self._type(name, node)
        for node in self._elements.values():
            self._named(node)
        elements = {name: self._named(node) for name, node in self._elements.items()}
        return Schema(dict(self._read), elements, {name: base for name, base in self._bases()})

    def _bases(self) -> Iterator[tuple[str, str]]:
        for name, node in self._types.items():
            for extension in node.iter(f"{{{_XSD}}}extension"):
                yield name, _resolve(extension, extension.get("base") or "")

    def _named(self, element: etree._Element) -> str:
        """Give the name of an element's type, one made up if it is defined in place."""
        if element.get("type"):
            name = _resolve(element, element.get("type") or "")
            if name not in self._read and _local(self._types.get(name, element)) != "complexType":
                self._read[name] = Type(text=self._value(element, name))
            return name
        name = f"{_space(element)}{element.get('name')} in place"
        self._type(name, element[0])
        return name

    def _type(self, name: str, node: etree._Element) -> Type:
        if name in self._read:
            return self._read[name]
        extension = next(node.iter(f"{{{_XSD}}}extension"), None)
        inherited = Type()
        if extension is not None:
            base = _resolve(extension, extension.get("base") or "")
            inherited = self._type(base, self._types[base])
        own = node if extension is None else extension
        particles = tuple(each for child in own for each in self._particles(child))
        made = replace(
            inherited,
            particles=(*inherited.particles, *particles),
            attributes={**inherited.attributes, **dict(self._attributes(own))},
            mixed=inherited.mixed or node.get("mixed") == "true",
            foreign=inherited.foreign or _wildcard(own, "##other"),
            open=inherited.open or _wildcard(own, "##any"),
            vendors=inherited.vendors or any(_local(child) == "anyAttribute" for child in own),
            abstract=node.get("abstract") == "true",
        )
        self._read[name] = made
        return made

    def _particles(self, node: etree._Element, *, chosen: bool = False) -> Iterator[Particle]:
        if _local(node) in ("sequence", "choice"):
            for child in node:
                yield from self._particles(child, chosen=chosen or _local(node) == "choice")
        elif _local(node) == "element":
            least = 0 if chosen else int(node.get("minOccurs") or 1)
            most = None if node.get("maxOccurs") == "unbounded" else int(node.get("maxOccurs") or 1)
            yield Particle(dict(self._alternatives(node)), least, most)

    def _alternatives(self, node: etree._Element) -> Iterator[tuple[str, str]]:
        """Give the elements that may stand at a place with their types: one, or those of a substitution group."""
        if not node.get("ref"):
            yield f"{_space(node)}{node.get('name')}", self._named(node)
            return
        waiting = [_resolve(node, node.get("ref") or "")]
        while waiting:
            name = waiting.pop()
            waiting += self._members.get(name, ())
            yield name, self._named(self._elements[name])

    def _attributes(self, node: etree._Element) -> Iterator[tuple[str, Attribute]]:
        for child in node.iterchildren(f"{{{_XSD}}}attribute"):
            value = self._value(child, _resolve(child, child.get("type") or ""))
            yield child.get("name") or "", replace(value, required=child.get("use") == "required")

    def _value(self, node: etree._Element, name: str) -> Attribute:
        space, local = split(name)
        if space == _XSD:
            return Attribute(local)
        defined = self._types[name]
        if next(defined.iter(f"{{{_XSD}}}union"), None) is not None:
            return Attribute("anyURI")
        values = (str(each.get("value")) for each in defined.iter(f"{{{_XSD}}}enumeration"))
        return Attribute("string", tuple(values))


def _local(node: etree._Element) -> str:
    return split(str(node.tag))[1]


def _space(node: etree._Element) -> str:
    return f"{{{node.getroottree().getroot().get('targetNamespace') or ''}}}"


def _resolve(node: etree._Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{node.nsmap.get(prefix or None) or ''}}}{local}"


def _wildcard(node: etree._Element, namespace: str) -> bool:
    groups = (child for child in node if _local(child) == "sequence")
    return any(each.get("namespace") == namespace for group in groups for each in group if _local(each) == "any")
