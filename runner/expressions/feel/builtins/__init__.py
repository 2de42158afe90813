"""The built-in functions of FEEL (DMN 1.3 §10.3.4) and Camunda's own (Camunda 8 docs, FEEL built-in functions)."""

from __future__ import annotations

from runner.expressions.feel.builtins import (
    connectors,
    contexts,
    conversion,
    dates,
    lists,
    logic,
    numeric,
    range_texts,
    ranges,
    sets,
    strings,
)
from runner.expressions.feel.functions import Builtin

BUILTINS: dict[str, Builtin] = {
    name: function
    for module in (logic, conversion, strings, numeric, lists, sets, contexts, dates, ranges, range_texts, connectors)
    for name, function in module.LIBRARY.functions.items()
}
