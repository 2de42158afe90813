"""Reads which of several equal messages is meant: the correlation key of a message (BPMN 2.0.2 §8.4.2).

Camunda 8 and our own attribute give the message one expression; the standard gives each message a way to a property,
and a process another way to the value it expects. Matching is the commands' work."""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from runner.bpmn.dialects.reading import read_extensions
from runner.bpmn.dialects.texts import read_expression
from runner.bpmn.findings import Report
from runner.bpmn.surroundings import Surroundings
from runner.bpmn.xml import BPMN, children, first, local_id, name_of, text_of
from runner.expressions.language import Expression


def read_correlation_key(
    message: etree._Element, around: Surroundings, *, throws: bool, report: Report
) -> Expression | None:
    """Read a message's key as it is evaluated where the message is thrown or waited for; None if it has none."""
    found = (each.correlation_key for each in read_extensions(message, report))
    own = next((key for key in found if key is not None), None)
    return own or _standard(message, around, throws=throws, report=report)


def read_message_paths(roots: Mapping[str, etree._Element]) -> dict[str, list[tuple[str, etree._Element]]]:
    """Give (property id, messagePath) for each correlation property that reads a message, by message id."""
    paths: dict[str, list[tuple[str, etree._Element]]] = {}
    for identity, root in roots.items():
        if name_of(root)[1] != "correlationProperty":
            continue
        for retrieval in children(root, BPMN, local="correlationPropertyRetrievalExpression"):
            path, message = first(retrieval, BPMN, "messagePath"), local_id(retrieval.get("messageRef"))
            if path is not None and message is not None:
                paths.setdefault(message, []).append((identity, path))
    return paths


def read_data_paths(process: etree._Element) -> dict[str, etree._Element]:
    """Give the dataPath that a process binds each correlation property to, by property id."""
    paths: dict[str, etree._Element] = {}
    for binding in process.iter(f"{{{BPMN}}}correlationPropertyBinding"):
        path, prop = first(binding, BPMN, "dataPath"), local_id(binding.get("correlationPropertyRef"))
        if path is not None and text_of(path) and prop is not None:
            paths.setdefault(prop, path)
    return paths


def _standard(message: etree._Element, around: Surroundings, *, throws: bool, report: Report) -> Expression | None:
    """Read the key from correlation properties: the sender finds it by messagePath, the receiver by its dataPath.

    A receiver whose process binds the property to nothing has the key in its variables where the message has it.
    """
    paths = around.message_paths.get(message.get("id") or "", ())
    if not paths:
        return None
    if len(paths) > 1:
        report.refuse(
            message,
            "correlation_ambiguous",
            message=f"Expected one correlation property for message '{message.get('name') or message.get('id')}', but "
            f"{len(paths)} are drawn. Keep the one that tells instances apart.",
        )
        return None
    (prop, path) = paths[0]
    bound = None if throws else around.data_paths.get(prop)
    chosen = path if bound is None else bound
    return read_expression(chosen, around, what="a correlation key", report=report)
