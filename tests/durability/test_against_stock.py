"""Where stock SpiffWorkflow executes by the standard, ours completes the same elements in the same order, but for
what is concurrent, and ends with the same variables. What is left out, and why, is said in `variables_are_whole` and in
`strategies.what_stock_does_right`."""

from __future__ import annotations

import pytest
from durability.courses import Course, Ending, InEngine, play
from durability.models import Block, Dialect, Model, model, sketch
from durability.stock import InStock
from durability.strategies import what_stock_does_right
from durability.test_random_models import examples, schedules
from hypothesis import given, note

ENOUGH = 10_000
SCHEDULES = ([0], [1], [2, 1, 0], [0, 1], [3, 0, 2])

# Kinds of diagrams that SpiffWorkflow's own public tests draw, drawn anew.
LIKE_STOCKS_OWN = {
    "branches of one task each": "start > p1; p1 > a; p1 > b; p1 > c; p1 > d; a > p2; b > p2; c > p2; d > p2; p2 > end",
    "forks after forks, joined at once": "start > p1; p1 > p2; p1 > p3; p2 > a; p2 > b; p3 > c; p3 > d; "
    "a > p4; b > p4; c > p4; d > p4; p4 > last; last > end",
    "forks after forks, joined in turn": "start > p1; p1 > p2; p1 > c; p2 > a; p2 > b; a > p3; b > p3; "
    "p3 > p4; c > p4; "
    "p4 > last; last > end",
    "a long branch beside short ones": "start > p1; p1 > a; p1 > b; b > c; c > d; d > e; a > p2; e > p2; p2 > end",
    "a fork, then a choice in a branch": "start > p1; p1 > a; p1 > x1; x1 > b if b > 0; x1 > c otherwise; b > x2; "
    "c > x2; x2 > p2; a > p2; p2 > last; last > end",
    "a choice whose branch forks": "start > first; first > x1; x1 > p1 if FIRST > 0; x1 > c otherwise; p1 > a; p1 > b; "
    "a > p2; b > p2; p2 > x2; c > x2; x2 > end",
    "branches that go through the same task": "start > p1; p1 > a; p1 > b; a > same; b > same; same > after; "
    "after > end",
    "many tokens at the same place": "start > p1; p1 > a; p1 > b; p1 > c; p1 > d; a > same; b > same; c > same; "
    "d > same; same > end",
    "a branch that ends early": "start > p1; p1 > a; p1 > b; p1 > c; a > end1; b > p2; c > p2; p2 > end2",
    "a join that waits for a branch that ended": "start > p1; p1 > a; p1 > x1; x1 > b if b > 5; x1 > end1 otherwise; "
    "b > p2; a > p2; p2 > end2",
    "two joins, one after the other": "start > p1; p1 > a; p1 > b; p1 > c; a > p2; b > p2; p2 > d; d > p3; c > p3; "
    "p3 > end",
    "a loop of tasks": "start > x1; x1 > a; a > b; b > x2; x2 > x1 if A < 4; x2 > end otherwise",
    "a loop through one gateway": "start > a; a > x1; x1 > a if A < 3; x1 > b otherwise; b > end",
    "loops side by side": "start > p1; p1 > a; a > x1; x1 > a if A < 3; x1 > p2 otherwise; p1 > d; d > x2; "
    "x2 > d if D < 2; x2 > p2 otherwise; p2 > end",
    "two choices, one after the other": "start > x1; x1 > a if c > 1; x1 > b otherwise; a > x2; b > x2; "
    "x2 > d if A > 0; "
    "x2 > e otherwise; d > end1; e > end2",
    "leaps over what follows": "start > x1; x1 > d if b > 1; x1 > a otherwise; a > x2; x2 > d if A > 0; "
    "x2 > e otherwise; "
    "e > d; d > end",
    "back to the beginning": "start > a; a > x1; x1 > b if A > 1; x1 > a otherwise; b > x2; x2 > a if B < 3; "
    "x2 > end otherwise",
    "the first one ends it all": "start > p1; p1 > a; p1 > b; p1 > c; a > terminate1; b > terminate1; c > d; d > end",
    "a choice that ends it all": "start > p1; p1 > a; p1 > b; a > x1; x1 > terminate1 if A > 0; x1 > p2 otherwise; "
    "b > p2; p2 > end",
}


@examples(150)
@given(what_stock_does_right(), schedules)
def test_ours_and_stock_complete_the_same_elements_and_end_the_same(block: Block, schedule: list[int]) -> None:
    drawn = model(block, Dialect.PYTHON)
    note(drawn.drawing.outline())
    compare(drawn, schedule)


@pytest.mark.parametrize("flows", LIKE_STOCKS_OWN.values(), ids=LIKE_STOCKS_OWN)
def test_diagrams_like_those_of_stocks_own_tests_run_alike(flows: str) -> None:
    for schedule in SCHEDULES:
        compare(sketch(flows), schedule)


def compare(drawn: Model, schedule: list[int]) -> None:
    """Run a model in both."""
    ours, stock = finish(InEngine(drawn), schedule), finish(InStock(drawn), schedule)
    assert ours.state == stock.state
    if done(ours) != done(stock):
        assert orders(drawn, ours) == orders(drawn, stock)
    if variables_are_whole(drawn, ours):
        assert ours.variables[-1] == stock.variables[-1]


def finish(course: Course, schedule: list[int]) -> Ending:
    """Run to the end, without anybody's help."""
    return play(course, schedule, turns=ENOUGH, patience=0)


def done(ending: Ending) -> list[str]:
    """Give the elements in the order in which they were completed, without the process itself."""
    return [element for element, event, _ in ending.history if event == "completed" and element != "p"]


def orders(drawn: Model, ending: Ending) -> dict[tuple[str, str], list[str]]:
    """Give, for each two elements of which one may follow the other, the order in which they were completed.

    Two histories that agree in this differ at most in the order of what is concurrent.
    """
    history, following = done(ending), successors(drawn)
    pairs = [(first, second) for first in following for second in {*following[first], first}]
    return {pair: [element for element in history if element in pair] for pair in pairs}


def successors(drawn: Model) -> dict[str, set[str]]:
    """Give the elements that can be reached from each."""
    ways = drawn.drawing.ways()
    direct = {id: [target for source, target in ways if source == id] for id in drawn.drawing.ids()}
    return {id: _reached(direct, id) for id in direct}


def _reached(direct: dict[str, list[str]], start: str) -> set[str]:
    reached, open_ends = set[str](), list(direct[start])
    while open_ends:
        element = open_ends.pop()
        if element not in reached:
            reached.add(element)
            open_ends += direct[element]
    return reached


def variables_are_whole(drawn: Model, ending: Ending) -> bool:
    """Say whether stock's variables can be compared.

    It gives a process the variables of each branch that ends, one over the other, and nothing of the branches that a
    terminate end takes away, or while the process has not ended. Where a loop leads through a join again, it gives the
    branches' old values precedence over new ones.
    """
    drawing = drawn.drawing
    ends = {node[0] for node in drawing.nodes if node[1] == "endEvent"}
    terminates = any("terminate" in "".join(node) for node in drawing.nodes)
    following = successors(drawn)
    forks_again = any(node[1] == "parallelGateway" and node[0] in following[node[0]] for node in drawing.nodes)
    reached = sum(element in ends for element in done(ending))
    return ending.state == "completed" and reached == 1 and not terminates and not forks_again
