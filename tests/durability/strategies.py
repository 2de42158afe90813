"""Random blocks for hypothesis: the one place where new kinds of elements join.

A kind that stands by itself is a line in `ALONE`; one that has blocks inside or behind it is a line in `AROUND`, a
function from the strategy of such blocks to its own. What stock SpiffWorkflow does right has a list of its own."""

from __future__ import annotations

from collections.abc import Callable

from durability.blocks import Choice, Fork, Guarded, Jump, Loop, Pass, Row, Service, Split, Stop
from durability.models import MODULUS, VARIABLES, Block, Dialect
from durability.waiting_blocks import (
    TRIGGERS,
    AnyOrder,
    Bordered,
    Call,
    Catch,
    Enough,
    First,
    Inside,
    Leap,
    Listened,
    Person,
    Repeated,
    Some,
    Throw,
    Trade,
    Undone,
)
from hypothesis import strategies as st

Blocks = st.SearchStrategy[Block]
Branches = st.SearchStrategy[tuple[tuple[str, Block], ...]]

dialects = st.sampled_from(Dialect)
_names = st.sampled_from(sorted(VARIABLES))
_conditions = st.builds("{} {} {}".format, _names, st.sampled_from("<>"), st.integers(0, MODULUS - 1))
_keys = st.sampled_from(["typename", "", "a.b", "größe", "__class__"]) | st.text(max_size=3)
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=4,
)
_gifts = st.lists(st.tuples(_names | _keys, _values), min_size=1, max_size=2).map(tuple)
_own_services = st.builds(Service)
_counting = st.builds(Service, _names)
_throws = st.just(Pass("intermediateThrowEvent"))
_stops = st.builds(Stop, st.sampled_from(["", "terminate", "error", "task"]))


def rows(blocks: Blocks, *, at_least: int = 0) -> Blocks:
    """Give several blocks one after the other."""
    return st.builds(Row, st.lists(blocks, min_size=at_least, max_size=3).map(tuple))


def _conditional(blocks: Blocks, *also: str) -> Branches:
    conditions = _conditions | st.sampled_from(also) if also else _conditions
    return st.lists(st.tuples(conditions, blocks), min_size=2, max_size=3).map(tuple)


def _choices(blocks: Blocks) -> Blocks:
    return st.builds(Choice, _conditional(blocks), st.booleans(), st.booleans())


def _plain_choices(blocks: Blocks) -> Blocks:
    return st.builds(Choice, _conditional(blocks))


def _merging(blocks: Blocks) -> Blocks:
    return st.builds(Choice, _conditional(blocks), st.just(True), st.just(False))


def _splits(blocks: Blocks) -> Blocks:
    return st.builds(Split, _conditional(blocks, ""), st.booleans(), st.booleans())


def _forks(blocks: Blocks) -> Blocks:
    return st.builds(Fork, st.lists(blocks, min_size=2, max_size=3).map(tuple))


def _loops(blocks: Blocks) -> Blocks:
    return st.builds(Loop, blocks, st.integers(2, 3))


def _guarded(rescues: Blocks) -> Blocks:
    catches = st.sampled_from(["code", "own code", "all", "another"])
    return st.builds(Guarded, rescues, st.integers(0, 2), catches, st.just("") | _names)


def _ending(blocks: Blocks) -> Blocks:
    return st.builds(lambda block, stop: Row((block, stop)), blocks, _stops)


ALONE: tuple[Blocks, ...] = (
    _own_services,
    _counting,
    st.builds(Service, _names, st.just(True)),
    st.builds(Service, st.just("") | _names, st.booleans(), _gifts),
    st.builds(Pass, st.sampled_from(["task", "manualTask", "intermediateThrowEvent"])),
    st.builds(Jump, st.integers(0, 30)),
)
AROUND: tuple[Callable[[Blocks], Blocks], ...] = (rows, _choices, _splits, _forks, _loops, _guarded, _ending)


def plain_work() -> Blocks:
    """Give processes of tasks, gateways and errors, some of which get stuck with an incident."""
    return rows(st.recursive(st.one_of(ALONE), _around, max_leaves=6), at_least=2)


def _around(blocks: Blocks) -> Blocks:
    return st.one_of([each(blocks) for each in AROUND])


_triggers = st.sampled_from(sorted(TRIGGERS))
_events = st.sampled_from(sorted(set(TRIGGERS) - {"condition"}))
_AROUND_WORK = ("start", "end")
_AROUND_PEOPLE = ("creating", "completing", "canceling")

ALONE_OF_ALL: tuple[Blocks, ...] = (
    st.builds(Person),
    st.builds(Call),
    st.builds(Leap),
    st.builds(Catch, st.lists(_triggers, min_size=1, max_size=2).map(tuple), st.booleans()),
    st.builds(Throw, st.sampled_from(["compensate", "escalation", "signal"]), st.booleans()),
    st.builds(Undone),
    st.deferred(lambda: st.builds(Listened, st.none(), _heard(_AROUND_WORK + _AROUND_PEOPLE), st.just(True))),
)
AROUND_OF_ALL: tuple[Callable[[Blocks], Blocks], ...] = (
    lambda blocks: st.builds(Inside, blocks, st.just("") | _triggers, st.booleans(), st.booleans()),
    lambda blocks: st.builds(Some, _conditional(blocks)),
    lambda blocks: st.builds(First, st.lists(st.tuples(_events, blocks), min_size=2, max_size=3).map(tuple)),
    lambda blocks: st.builds(Bordered, blocks, _triggers, st.booleans(), st.none() | blocks),
    lambda blocks: st.builds(
        Repeated, st.sampled_from(["parallel", "sequential", "loop"]), st.integers(0, 3), st.none() | blocks
    ),
    lambda blocks: st.builds(Trade, blocks, st.booleans()),
    lambda blocks: st.builds(AnyOrder, st.lists(_unordered(blocks), max_size=2).map(tuple), st.booleans()),
    lambda blocks: st.builds(Enough, st.lists(blocks, min_size=2, max_size=3).map(tuple), st.integers(1, 3)),
    lambda blocks: st.builds(_saga, st.none() | blocks, blocks, st.booleans()),
    lambda blocks: st.builds(_watched, blocks),
    lambda blocks: st.builds(Listened, st.none() | blocks, _heard(_AROUND_WORK)),
)


def _unordered(blocks: Blocks) -> Blocks:
    """Give what may lie in an ad-hoc sub-process, where nothing starts or ends but in a sub-process."""
    inside = st.builds(Inside, blocks, st.just("") | _triggers, st.booleans(), st.booleans())
    return _own_services | st.builds(Person) | st.builds(Call) | inside


def _heard(events: tuple[str, ...]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(events), min_size=1, max_size=3).map(tuple)


def _saga(done: Block | None, between: Block, ends: bool) -> Block:
    return Row((Undone(done), between, Throw("compensate", ends)))


def _watched(block: Block) -> Block:
    return Fork((Catch(("condition",)), Row((block, Service("a")))))


def all_kinds() -> Blocks:
    """Give processes of all kinds of elements and events."""
    alone = st.one_of(st.one_of(ALONE), st.one_of(ALONE_OF_ALL))
    around = (*AROUND, *AROUND_OF_ALL, *AROUND_OF_ALL)
    return rows(
        st.recursive(alone, lambda blocks: st.one_of([each(blocks) for each in around]), max_leaves=6), at_least=2
    )


def what_stock_does_right() -> Blocks:
    """Give processes that stock SpiffWorkflow executes by the standard, which leaves out:

    - tasks that are no service tasks (it waits for a person) and several flows out of a task (refused, or conditions
      ignored);
    - a variable that one of several branches changes and others have, too: each has a copy, and where they meet the
      last one wins;
    - a fork in a loop: the second time, its branches begin with copies of variables that others change;
    - two flows from one element to another, as an empty branch makes them: it takes them for one;
    - an error code that two events catch: it is offered to events of neighbours, too;
    - an exclusive gateway that finds no way out: it raises, and no token is left to go on with;
    - a terminate end beside branches that are not waiting: it runs tokens that were canceled.
    """
    branch = st.recursive(_simple(_own_services | _throws), _stock_branches, max_leaves=3)
    whole = _simple(_own_services | _counting | _throws) | _forks(branch)
    return rows(whole | _plain_choices(whole), at_least=2)


def _simple(alone: Blocks) -> Blocks:
    """Give blocks in which one token is on its way."""
    return st.recursive(
        alone,
        lambda blocks: st.one_of(
            rows(blocks, at_least=1), _plain_choices(blocks), _merging(blocks), _loops(blocks), _own_guarded(blocks)
        ),
        max_leaves=2,
    )


def _stock_branches(blocks: Blocks) -> Blocks:
    stopping = st.builds(lambda stop: Row((Service(), stop)), st.builds(Stop, st.sampled_from(["", "terminate"])))
    return st.one_of(
        rows(blocks, at_least=1), _plain_choices(blocks | stopping), _merging(blocks), _forks(blocks | stopping)
    )


def _own_guarded(rescues: Blocks) -> Blocks:
    return st.builds(Guarded, rescues, st.integers(0, 2), st.just("own code"))
