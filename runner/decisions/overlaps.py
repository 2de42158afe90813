"""Finds rules that obviously match the same values although the hit policy wants them apart.

Looks at entries that are literals or equal texts; what only values could tell is found when a table is evaluated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import combinations

from runner.decisions import hit_policies
from runner.decisions.tables import Rule, Table

_MOST_RULES = 200
_MOST_FOUND = 20
_LITERAL = re.compile(r'"[^"\\,]*"|-?\d+(?:\.\d+)?|true|false|null')


def overlapping(table: Table) -> Iterator[tuple[Rule, Rule]]:
    """Give pairs of rules of a UNIQUE table, or of an ANY table with different outputs, that match the same values."""
    if table.policy not in (hit_policies.UNIQUE, hit_policies.ANY) or len(table.rules) > _MOST_RULES:
        return
    found = 0
    for one, other in combinations(table.rules, 2):
        if table.policy == hit_policies.ANY and one.texts[1] == other.texts[1]:
            continue
        if all(map(_meet, one.texts[0], other.texts[0])):
            yield one, other
            found += 1
            if found == _MOST_FOUND:
                return


def _meet(one: str, other: str) -> bool:
    """Tell whether two entries certainly let a common value pass."""
    if one in ("", "-") or other in ("", "-") or one == other:
        return True
    literals = _literals(one) & _literals(other)
    return bool(literals)


def _literals(text: str) -> frozenset[str]:
    parts = [part.strip() for part in text.split(",")]
    return frozenset(parts) if all(_LITERAL.fullmatch(part) for part in parts) else frozenset()
