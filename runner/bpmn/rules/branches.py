"""Whether branches are joined as they were split: tokens that come twice, and joins that wait for ever.

Two ways from a split to a join that share nothing between are a pair that has to fit: what a parallel split has doubled
an exclusive gateway does not make one again, and of what an exclusive gateway has chosen from one way only comes to a
parallel join. Source: BPMN 2.0.2 §10.6.2, §10.6.4, §13.4."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from runner.bpmn.diagram import Element, Process
from runner.bpmn.findings import warning
from runner.bpmn.rules.sub_processes import begins
from runner.bpmn.verdicts import ACTIVITIES
from runner.errors import Finding

Ways = Mapping[str, list[str]]

# Beyond that (a thousand splits among two thousand flows, in one scope) a drawing is not looked at.
_MOST = 2_000_000
_CHOOSING = frozenset({"exclusiveGateway", "eventBasedGateway"})
_PASSING = ACTIVITIES | {"intermediateThrowEvent", "intermediateCatchEvent"}


def check_branches(process: Process) -> Iterator[Finding]:
    """Give the joins that do not fit their split, each with one split."""
    inside: dict[str, list[Element]] = {}
    for element in process.elements.values():
        inside.setdefault(element.parent, []).append(element)
    for contents in inside.values():
        splits = [each for each in contents if _splits(each, process)]
        if len(splits) * sum(len(each.outgoing) for each in contents) <= _MOST:
            yield from _in_scope(contents, splits, process)


def _in_scope(contents: list[Element], splits: list[Element], process: Process) -> Iterator[Finding]:
    ways = _ways(contents, process)
    joins = [each for each in contents if len(each.incoming) > 1]
    entered = [each.id for each in begins(contents)]
    said: set[str] = set()
    for split in splits:
        own = {**ways, split.id: [process.flows[flow].target for flow in split.outgoing]}
        chooses = split.type in _CHOOSING and not split.all_events
        above = _dominators(own, split.id)
        for join in joins:
            if join.id in said or above.get(join.id) != split.id or not _misfits(join, process, chooses=chooses):
                continue
            arriving = _arriving(join, process, above)
            if chooses:
                beside = _reached(ways, entered, without=split.id)
                arriving = [each for each in arriving if each not in beside]
            if len(arriving) > 1:
                said.add(join.id)
                yield _waits(join, split) if chooses else _twice(join, split)


def _splits(element: Element, process: Process) -> bool:
    """Say whether an element chooses one of several flows, or may take several at once."""
    if len(element.outgoing) < 2:
        return False
    if element.type in _CHOOSING or element.type in ("parallelGateway", "inclusiveGateway"):
        return True
    free = [flow for flow in element.outgoing if process.flows[flow].condition is None]
    return element.type != "complexGateway" and len(free) > 1


def _misfits(join: Element, process: Process, *, chooses: bool) -> bool:
    if chooses:
        return join.type == "parallelGateway"
    targets = [process.elements.get(process.flows[flow].target) for flow in join.outgoing]
    ends = all(target is not None and target.type == "endEvent" and not target.events for target in targets)
    if join.type == "exclusiveGateway":
        return not ends
    return join.type in _PASSING and join.start_quantity == 1


def _ways(contents: list[Element], process: Process) -> dict[str, list[str]]:
    """Give where a token may go from each element: along flows and links, and to the events at its border."""
    caught = {event.name: each.id for each in contents for event in each.events if _is_link(each, "Catch", event.kind)}
    ways: dict[str, list[str]] = {}
    for each in contents:
        targets = ways.setdefault(each.id, [])
        targets += [process.flows[flow].target for flow in each.outgoing]
        thrown = [event.name for event in each.events if _is_link(each, "Throw", event.kind)]
        targets += [caught[name] for name in thrown if name in caught]
        if each.attached_to:
            ways.setdefault(each.attached_to, []).append(each.id)
    return ways


def _is_link(element: Element, side: str, kind: str) -> bool:
    return kind == "link" and element.type == f"intermediate{side}Event"


def _arriving(join: Element, process: Process, above: Mapping[str, str]) -> list[str]:
    """Give the elements from which a flow leads to a join, except those that come after it."""
    sources = (process.flows[flow].source for flow in join.incoming)
    return [each for each in sources if each in above and join.id not in _chain(each, above)]


def _chain(element: str, above: Mapping[str, str]) -> Iterator[str]:
    while above[element] != element:
        yield element
        element = above[element]


def _reached(ways: Ways, begin: list[str], *, without: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(begin)
    while waiting:
        each = waiting.pop()
        if each not in reached and each != without:
            reached.add(each)
            waiting += ways.get(each, ())
    return reached


def _dominators(ways: Ways, root: str) -> dict[str, str]:
    """Give for each element behind `root` the last one that every way from there to it passes; its own is `root`'s.

    After Cooper, Harvey and Kennedy, A Simple, Fast Dominance Algorithm (2001).
    """
    order = _outward(ways, root)
    place = {each: number for number, each in enumerate(order)}
    before: dict[str, list[str]] = {each: [] for each in order}
    for each in order:
        for target in ways.get(each, ()):
            before[target].append(each)
    above = {root: root}
    changed = True
    while changed:
        changed = False
        for each in order[1:]:
            known = [source for source in before[each] if source in above]
            nearest = known[0]
            for source in known[1:]:
                nearest = _common(nearest, source, above, place=place)
            changed = changed or above.get(each) != nearest
            above[each] = nearest
    return above


def _common(left: str, right: str, above: Mapping[str, str], *, place: Mapping[str, int]) -> str:
    while left != right:
        while place[left] > place[right]:
            left = above[left]
        while place[right] > place[left]:
            right = above[right]
    return left


def _outward(ways: Ways, root: str) -> list[str]:
    """Give all that is reached from `root`, each after everything that leads to it except along circles."""
    done: list[str] = []
    seen = {root}
    stack = [(root, iter(ways.get(root, ())))]
    while stack:
        each, rest = stack[-1]
        target = next((one for one in rest if one not in seen), None)
        if target is None:
            done.append(each)
            stack.pop()
        else:
            seen.add(target)
            stack.append((target, iter(ways.get(target, ()))))
    return done[::-1]


def _twice(join: Element, split: Element) -> Finding:
    does = "may take" if split.type == "inclusiveGateway" else "takes"
    again = "lets each token pass by itself" if join.type.endswith("Gateway") else "begins anew with each token"
    message = (
        f"'{_label(split)}' {does} several ways at once that meet again at '{_label(join)}', which {again}: what "
        f"follows happens more than once. Join them with {'an inclusive' if 'may' in does else 'a parallel'} gateway."
    )
    return warning(join, "tokens_multiply", message=message)


def _waits(join: Element, split: Element) -> Finding:
    message = (
        f"'{_label(split)}' chooses one of several ways that meet again at '{_label(join)}', which waits for all of "
        "them, for ever. Join them with an exclusive gateway."
    )
    return warning(join, "join_waits_forever", message=message)


def _label(element: Element) -> str:
    return element.name or element.id
