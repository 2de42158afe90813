"""What the reading of one element may look at beside itself: the file it stands in, and what its process names.

Filled by `read.py`, passed down to all readers; nothing here reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from runner.bpmn.diagram import Dialect, Flow
from runner.bpmn.xml import Document
from runner.expressions.language import Expression

# A number, or the expression that will be one; neither where nothing is said.
Priority = tuple[int | None, Expression | None]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The file, its dialect and expression language, and by id what elements refer to.

    `roots` are messages, errors, operations, event definitions, …; `names` the variable of each data object, data input
    or output and property; `stores` the variable of each data store reference. `message_paths` are (property id,
    messagePath) by message id, `data_paths` the dataPath of the process by property id. `priority` is what jobs have
    whose elements say none.
    """

    document: Document
    dialect: Dialect
    expression_language: str
    roots: Mapping[str, etree._Element]
    names: Mapping[str, str] = field(default_factory=dict)
    stores: Mapping[str, str] = field(default_factory=dict)
    message_paths: Mapping[str, Sequence[tuple[str, etree._Element]]] = field(default_factory=dict)
    data_paths: Mapping[str, etree._Element] = field(default_factory=dict)
    priority: Priority = (None, None)


@dataclass(frozen=True, slots=True)
class Connections:
    """The flows into and out of one element in document order, the innermost lane it lies in, and what undoes it."""

    incoming: tuple[Flow, ...] = ()
    outgoing: tuple[Flow, ...] = ()
    lane: str | None = None
    undone_by: str | None = None
