"""Reads who a user task is for as the standard says it: performers and potential owners (BPMN 2.0.2 §10.3.4.1).

What vendors say beside it is `dialects/`'s; it comes first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from lxml import etree

from runner.bpmn.diagram import WorkForPeople
from runner.bpmn.dialects.texts import read_value
from runner.bpmn.dialects.vendor import Extension
from runner.bpmn.findings import Report
from runner.bpmn.surroundings import Surroundings
from runner.bpmn.xml import BPMN, children, first, local_id, name_of, text_of
from runner.expressions.language import Expression, Language

_ONE = frozenset({"humanPerformer", "performer"})
ROLES = _ONE | {"potentialOwner"}
# Camunda 7 docs, User Task > User assignment using BPMN standard: "user(kermit), group(management)".
_NAMED = re.compile(r"\s*(user|group)\(\s*(.*?)\s*\)\s*", re.DOTALL)


def read_people(
    node: etree._Element, around: Surroundings, *, found: Sequence[Extension], report: Report
) -> WorkForPeople:
    """Read a user task's assignment; the first vendor that has one wins, the standard's roles are added to it."""
    people = next((each.people for each in found if each.people is not None), WorkForPeople())
    for role in children(node, BPMN):
        tag = name_of(role)[1]
        if tag not in ROLES:
            continue
        parts = list(_assigned(role, around, report=report))
        if tag in _ONE:
            people = replace(people, assignee=people.assignee or next((value for _, value in parts), None))
        else:
            people = replace(
                people,
                candidate_users=(*people.candidate_users, *_of("user", parts)),
                candidate_groups=(*people.candidate_groups, *_of("group", parts)),
            )
    return people


def _of(kind: str, parts: Iterable[tuple[str, Expression]]) -> tuple[Expression, ...]:
    return tuple(value for found, value in parts if found == kind)


def _assigned(role: etree._Element, around: Surroundings, *, report: Report) -> Iterator[tuple[str, Expression]]:
    """Give ("user" or "group", value) for each that a role names; a bare name is a group, and so is a resource."""
    line = report.line(role)
    assignment, resource = (first(role, BPMN, name) for name in ("resourceAssignmentExpression", "resourceRef"))
    formal = None if assignment is None else next(children(assignment, BPMN), None)
    text = "" if formal is None else text_of(formal)
    value = read_value(text, around, line=line)
    if text and value.language is not Language.TEXT and _NAMED.match(text) is None:
        yield "group", value
    elif text:
        for part in _split(text):
            named = _NAMED.fullmatch(part)
            kind, name = (named[1], named[2]) if named else ("group", part.strip())
            if name:
                yield kind, read_value(name, around, line=line)
    elif resource is not None:
        root = around.roots.get(local_id(text_of(resource)) or "")
        name = "" if root is None else (root.get("name") or "").strip()
        if name:
            yield "group", Expression(name, Language.TEXT, line)


def _split(text: str) -> list[str]:
    """Split at commas, but not at those in parentheses or braces."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter in "({") - (letter in ")}")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return parts
