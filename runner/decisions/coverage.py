"""What the rules of a table leave out, take twice or never reach, as far as their texts tell.

Sound, and therefore silent about entries that only a program could understand: what is reported is so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice, product
from math import prod
from operator import and_, or_

from runner.decisions import hit_policies
from runner.decisions.entry_sets import Column

MOST_RULES = 500
_MOST_CELLS = 5_000
_MOST_WORK = 1_000_000
_MOST_FOUND = 20
_MOST_GAPS = 3

Cell = tuple[int, ...]


class Coverage:
    """The rules of one table over its columns, by label; `tests` and `results` are the entries as written."""

    def __init__(
        self,
        policy: str,
        columns: Mapping[str, Column],
        tests: Sequence[Sequence[str]],
        results: Sequence[Sequence[str]],
    ) -> None:
        self._policy, self._labels, self._columns = policy, tuple(columns), tuple(columns.values())
        self._tests = [[" ".join(text.split()) for text in row] for row in tests]
        self._results = results
        work = len(tests) * sum(len(column.samples) for column in self._columns)
        self._small = bool(columns) and len(tests) <= MOST_RULES and work <= _MOST_WORK
        self._left = 10 * _MOST_CELLS  # to be looked through, for all rules together
        self._passing = [_rules_passing(column) for column in self._columns] if self._small else []

    def overlaps(self) -> Iterator[tuple[int, int]]:
        """Give pairs of rules (from 0) that match the same values although the policy wants them apart."""
        if self._small and self._policy in (hit_policies.UNIQUE, hit_policies.ANY):
            yield from islice(self._clashes(), _MOST_FOUND)

    def _clashes(self) -> Iterator[tuple[int, int]]:
        meeting = [self._meeting(index) for index in range(len(self._columns))]
        for one in range(len(self._tests)):
            later = reduce(and_, (each[one] for each in meeting)) >> one + 1
            for distance in _bits(later):
                other = one + 1 + distance
                if self._policy != hit_policies.ANY or self._results[one] != self._results[other]:
                    yield one, other

    def _meeting(self, index: int) -> list[int]:
        """Give for each rule those that surely let some value of a column pass that it lets pass, as bits."""
        column, passing = self._columns[index], self._passing[index]
        some = _as_bits(mask != 0 for mask in column.masks)
        open_rules = _as_bits(mask == column.all for mask in column.masks)
        alike: dict[str, int] = {}
        for rule, row in enumerate(self._tests):
            alike[row[index]] = alike.get(row[index], 0) | 1 << rule
        found = []
        for row, mask in zip(self._tests, column.masks, strict=True):
            if mask is None:
                found.append(alike[row[index]] | open_rules)
            elif mask == column.all:
                found.append(some)
            else:
                found.append(reduce(or_, (passing[sample] for sample in _bits(mask)), 0))
        return found

    def unreachable(self) -> Iterator[tuple[int, str]]:
        """Give the rules (from 0) that nothing can reach, with the reason in words."""
        if not self._small:
            return
        for rule in range(len(self._tests)):
            empty = [index for index, column in enumerate(self._columns) if column.masks[rule] == 0]
            if empty:
                yield rule, f"no value that there can be passes input entry {empty[0] + 1}"
            elif self._policy == hit_policies.FIRST and rule and self._covered(rule):
                yield rule, "the rules before it take all that it would match (FIRST)"

    def _covered(self, rule: int) -> bool:
        """Tell whether the rules before it match all that a rule matches."""
        earlier = (1 << rule) - 1
        passing = []
        for index, column in enumerate(self._columns):
            own = column.masks[rule]
            samples = list(_bits(column.all if own is None else own))
            alike = sum(1 << n for n in range(rule) if self._tests[n][index] == self._tests[rule][index])
            passing.append([self._passing[index][n] & earlier | alike for n in samples])
        cells = prod(len(each) for each in passing)
        self._left -= cells
        if cells > _MOST_CELLS or self._left < 0:
            return False
        return all(reduce(and_, cell) for cell in product(*passing))

    def gaps(self) -> list[str]:
        """Give some combinations of values that no rule matches, in words: the first few, each as large as can be."""
        told = all(None not in column.masks and column.whole for column in self._columns)
        if not (self._small and told and prod(len(column.samples) for column in self._columns) <= _MOST_CELLS):
            return []
        open_cells = {
            cell
            for cell in product(*(range(len(column.samples)) for column in self._columns))
            if not reduce(and_, (self._passing[index][n] for index, n in enumerate(cell)))
        }
        found: list[str] = []
        left = set(open_cells)
        while left and len(found) < _MOST_GAPS:
            box = self._grown(min(left), open_cells)
            left.difference_update(product(*box))
            found.append(self._in_words(box))
        return found

    def _grown(self, cell: Cell, open_cells: set[Cell]) -> list[list[int]]:
        """Give the largest block around a cell that is open, a column after the other."""
        box = [[n] for n in cell]
        for index, column in enumerate(self._columns):
            fitting = [
                n
                for n in range(len(column.samples))
                if all(each in open_cells for each in product(*box[:index], [n], *box[index + 1 :]))
            ]
            box[index] = fitting
        return box

    def _in_words(self, box: list[list[int]]) -> str:
        parts = []
        for label, column, samples in zip(self._labels, self._columns, box, strict=True):
            if len(samples) < len(column.samples):
                parts.append(f"'{label}' is {_joined([column.samples[n] for n in samples])}")
        return " and ".join(parts) or "every value"


def _rules_passing(column: Column) -> list[int]:
    """Give for each sample the rules that surely let it pass, as bits."""
    found = [0] * len(column.samples)
    for rule, mask in enumerate(column.masks):
        for sample in _bits(mask or 0):
            found[sample] |= 1 << rule
    return found


def _bits(mask: int) -> Iterator[int]:
    """Give the numbers of the bits that are set."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _as_bits(flags: Iterable[bool]) -> int:
    return sum(1 << number for number, flag in enumerate(flags) if flag)


def _joined(names: list[str]) -> str:
    shown = names[:6]
    return " or ".join(shown) + (" or …" if len(names) > len(shown) else "")
