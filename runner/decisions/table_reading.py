"""Reads decision tables: from the tags of a file to a compiled table, and what is wrong with it (DMN 1.3 §8.3)."""

from __future__ import annotations

from runner.bpmn.xml import Node
from runner.decisions import hit_policies
from runner.decisions.coverage import MOST_RULES, Coverage
from runner.decisions.entry_sets import Column, read_column, read_entry
from runner.decisions.source import CAMUNDA7, Source
from runner.decisions.tables import InputClause, OutputClause, Rule, Table
from runner.decisions.texts import Place
from runner.errors import near_hint
from runner.expressions.language import Language

_MOST_ENTRIES = 20_000  # of a file, to be compared with each other


def read_table(node: Node, source: Source, place: Place) -> Table:
    """Read a <decisionTable>; what cannot be read is reported, and fails when it is evaluated."""
    policy = (node.get("hitPolicy") or hit_policies.UNIQUE).strip()
    aggregation = (node.get("aggregation") or "").strip() or None
    outputs = tuple(source.children(node, "output"))
    inputs = tuple(_input(each, source, place) for each in source.children(node, "input"))
    with source.binding("?", "cellInput", *(each.variable for each in inputs)):
        rules = tuple(_rules(node, source, place))
    table = Table(
        place=place,
        policy=policy,
        aggregation=aggregation if policy == hit_policies.COLLECT else None,
        inputs=inputs,
        outputs=tuple(_output(each, source, place, alone=len(outputs) == 1) for each in outputs),
        rules=rules,
        types=source.types,
    )
    _check_policy(node, table, aggregation, source)
    _check_rules(node, table, source)
    _check_outputs(node, table, source)
    return table


def _input(node: Node, source: Source, place: Place) -> InputClause:
    expression = source.first(node, "inputExpression")
    text = "" if expression is None else source.text(expression)
    label = " ".join((node.get("label") or text or node.get("id") or "").split())
    inside = place.inside(f"input '{label}'", source.line(node))
    values = source.first(node, "inputValues")
    with source.binding("?"):
        allowed = None if values is None else source.tests(values, inside, default=Language.FEEL)
    return InputClause(
        label=label,
        expression=source.missing(node, inside, what="an input expression")
        if expression is None or not text
        else source.expression(expression, inside),
        type=None if expression is None else source.type_of(expression),
        variable=(node.get(f"{{{CAMUNDA7}}}inputVariable") or "").strip(),
        allowed=allowed,
    )


def _output(node: Node, source: Source, place: Place, *, alone: bool) -> OutputClause:
    name = source.name(node)
    if not name and not alone:
        source.refuse(node, "output_unnamed", f"Expected a name for each of several outputs of {place.words}. Name it.")
    name = name or (" ".join((node.get("label") or "").split()) if alone else str(node.get("id") or "")) or "result"
    inside = place.inside(f"output '{name}'", source.line(node))
    values, default = source.first(node, "outputValues"), source.first(node, "defaultOutputEntry")
    ref = source.type_of(node)
    return OutputClause(
        name=name,
        type=ref,
        values=source.item_values.get(ref or "") if values is None else source.values(values, inside),
        default=None if default is None or not source.text(default) else source.expression(default, inside),
    )


def _rules(node: Node, source: Source, place: Place) -> list[Rule]:
    widths = tuple(len(list(source.children(node, each))) for each in ("input", "output"))
    rules = []
    for number, rule in enumerate(source.children(node, "rule"), 1):
        inside = place.inside(f"rule {number}", source.line(rule))
        tests, outputs = list(source.children(rule, "inputEntry")), list(source.children(rule, "outputEntry"))
        if (len(tests), len(outputs)) != widths:
            message = (
                f"Expected {widths[0]} input and {widths[1]} output entries in {inside.words}, "
                f"but it has {len(tests)} and {len(outputs)}."
            )
            source.refuse(rule, "rule_incomplete", message)
            continue
        rules.append(_rule(number, (rule, tests, outputs), source, inside))
    return rules


def _rule(number: int, parts: tuple[Node, list[Node], list[Node]], source: Source, place: Place) -> Rule:
    node, tests, outputs = parts
    if not all(source.text(each) for each in outputs):
        source.warn(node, "output_missing", f"Expected an output in {place.words}, but an entry is empty: it is null.")
    return Rule(
        number=number,
        id=str(node.get("id") or ""),
        tests=tuple(
            source.tests(each, place.inside(f"input entry {index}", source.line(each)), default=Language.FEEL)
            for index, each in enumerate(tests, 1)
        ),
        outputs=tuple(
            source.expression(each, place.inside(f"output entry {index}", source.line(each)))
            for index, each in enumerate(outputs, 1)
        ),
        texts=(tuple(map(source.text, tests)), tuple(map(source.text, outputs))),
        line=place.line,
    )


def _check_policy(node: Node, table: Table, aggregation: str | None, source: Source) -> None:
    where, policy = table.place.words, table.policy
    if policy not in hit_policies.POLICIES:
        hint = near_hint(policy, hit_policies.POLICIES)
        source.refuse(
            node, "hit_policy_unknown", f"Expected a hit policy of DMN in {where}, but it is '{policy}'.{hint}"
        )
    if aggregation and policy != hit_policies.COLLECT:
        source.warn(node, "aggregation_unused", f"Expected no aggregation in {where}: only COLLECT has one.")
    elif aggregation and aggregation not in hit_policies.AGGREGATIONS:
        message = f"Expected SUM, MIN, MAX or COUNT to aggregate in {where}, but it is '{aggregation}'."
        source.refuse(node, "aggregation_unknown", message)
    elif aggregation and len(table.outputs) > 1:
        source.refuse(
            node, "aggregation_ambiguous", f"Expected one output to aggregate in {where}, but there are several."
        )
    if policy in (hit_policies.PRIORITY, hit_policies.OUTPUT_ORDER) and not any(each.values for each in table.outputs):
        message = f"Expected output values, best first, in {where}: {policy} goes by their order. List them."
        source.refuse(node, "output_values_missing", message)
    if not table.outputs:
        source.refuse(node, "output_missing", f"Expected an output column in {where}, but there is none.")


# -- what rules leave out, take twice or never reach ------------------------------------------------------------------


def _check_rules(node: Node, table: Table, source: Source) -> None:
    """Say which rules overlap, which none can reach, and which cases have none; of huge tables and files, nothing."""
    drawn = list(source.children(node, "rule"))
    source.entries += len(drawn) * len(table.inputs)
    if len(drawn) > MOST_RULES or len(drawn) > len(table.rules) or source.entries > _MOST_ENTRIES:
        return
    tests, results = ([rule.texts[part] for rule in table.rules] for part in (0, 1))
    columns: dict[str, Column] = {}
    for index, input in enumerate(source.children(node, "input")):
        label = table.inputs[index].label
        columns[label if label not in columns else f"{label} ({index + 1})"] = _column(
            input, table.inputs[index].type, [row[index] for row in tests], source
        )
    coverage = Coverage(table.policy, columns, tests, results)
    where = table.place.words
    for one, other in coverage.overlaps():
        rules = f"{table.rules[one].number} and {table.rules[other].number}"
        message = (
            f"Expected at most one rule of {where} to match ({table.policy}), but rules {rules} match the same values."
        )
        source.warn(drawn[table.rules[other].number - 1], "rules_overlap", message)
    for rule, reason in coverage.unreachable():
        number = table.rules[rule].number
        message = f"Expected rule {number} of {where} to match some values, but {reason}."
        source.warn(drawn[number - 1], "rule_unreachable", message)
    if table.policy not in hit_policies.LISTS and not any(each.default for each in table.outputs):
        gaps = coverage.gaps()
        if gaps:
            cases = "; or ".join(gaps)
            message = f"Expected a rule of {where} for every case, but none matches where {cases}: the result is null."
            source.note(node, "rules_incomplete", message)


def _column(node: Node, type: str | None, texts: list[str], source: Source) -> Column:
    values = source.first(node, "inputValues")
    base, allowed = source.restrictions(type)
    if values is not None and source.text(values):
        allowed = source.text(values)
    return read_column(texts, allowed, base)


def _check_outputs(node: Node, table: Table, source: Source) -> None:
    """Say which written outputs are none of their column's allowed values."""
    drawn = list(source.children(node, "rule"))
    for index, output in enumerate(source.children(node, "output")):
        values = source.first(output, "outputValues")
        text = source.restrictions(table.outputs[index].type)[1] if values is None else source.text(values)
        allowed = read_entry(text)
        for rule in table.rules if allowed else ():
            entry = read_entry(rule.texts[1][index])
            if (
                allowed
                and entry
                and len(entry.written) == 1
                and not (entry.kind == allowed.kind and allowed.mask(entry.written))
            ):
                message = (
                    f"Expected output '{table.outputs[index].name}' of rule {rule.number} in {table.place.words} to be "
                    f"one of its allowed values, {_short(text)}, but it is {_short(rule.texts[1][index])}."
                )
                source.warn(drawn[rule.number - 1], "output_not_allowed", message)


def _short(text: str) -> str:
    return text if len(text) <= 100 else text[:99] + "…"
